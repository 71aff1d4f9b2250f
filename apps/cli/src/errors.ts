// How the command line ends: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

/** A mistake in what was typed: the message names the option, what is wrong with it and what would be right. */
export class UsageError extends Error {
  readonly code = 'usage';
}

/** Prints why a command ended and gives its exit code. Errors of ours carry a code and a full sentence; others are our bugs and show their stack. */
export function reportError(error: unknown, json: boolean): number {
  const { code, message } = describe(error);
  if (json) console.log(JSON.stringify({ error: { code, message } }));
  console.error(`rnt: ${message}`);
  return error instanceof UsageError ? 2 : 1;
}

function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: 'unknown', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null) return { code: 'internal', message: error.stack ?? error.message };
  return {
    code,
    message: code.startsWith('E') && code === code.toUpperCase() ? systemMessage(code, error) : error.message,
  };
}

/** Node's own errors name the call; people need to know the file and what to do. */
function systemMessage(code: string, error: Error): string {
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  switch (code) {
    case 'ENOENT':
      return `${path} does not exist. Check the path.`;
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be opened by this account. Check its permissions, or choose another place.`;
    case 'EISDIR':
      return `${path} is a folder; a file is needed here.`;
    case 'ENOSPC':
      return `The disk is full (while writing ${path}). Make room and run the same command again.`;
    case 'EROFS':
      return `${path} is on a read-only file system. Choose another place.`;
    default:
      return error.message;
  }
}

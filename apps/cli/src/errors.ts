// How the command line ends: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

import { WriteFileError } from '@resonancenet/training/write-file';

/** A mistake in what was typed: the message names the option, what is wrong with it and what would be right. */
export class UsageError extends Error {
  readonly code = 'usage';
}

/** The user, or the reader of the output, wanted no more. */
export class Interrupted extends Error {
  readonly code = 'interrupted';
}

/** Prints why a command ended and gives its exit code. Errors of ours carry a code and a full sentence; others are our bugs and show their stack. */
export function reportError(error: unknown, json: boolean): number {
  if (error instanceof Interrupted) {
    if (error.message !== '') console.error(`rnt: ${error.message}`);
    return 130;
  }
  const { code, message } = describe(error);
  // The reader of the output is gone: nobody is there to be told.
  if (code === 'EPIPE') return 130;
  if (json) console.log(JSON.stringify({ error: { code, message } }));
  console.error(`rnt: ${message}`);
  return error instanceof UsageError || code === 'config' ? 2 : 1;
}

interface Described {
  /** Text, or the number of a JSON-RPC error. */
  readonly code: string | number;
  readonly message: string;
}

function describe(error: unknown): Described {
  if (!(error instanceof Error)) return { code: 'unknown', message: String(error) };
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : null;
  if (code === null && isOutOfMemory(error))
    return {
      code: 'out-of-memory',
      message: `The model needs more memory than this program gets (${error.message}). Use a smaller one, or a smaller batch or window.`,
    };
  if (code === null) return { code: 'internal', message: error.stack ?? error.message };
  return { code, message: systemMessage(code, error) ?? error.message };
}

/** The engine has no code for it: an array that the machine refuses, or one longer than arrays can be. */
function isOutOfMemory(error: Error): boolean {
  return (
    error instanceof RangeError && /^(Array buffer allocation failed|Invalid typed array length)/.test(error.message)
  );
}

/** Node's own errors name the call; people need to know the file and what to do. null for an error that says so itself. */
function systemMessage(code: string | number, error: Error): string | null {
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  switch (code) {
    case 'ENOENT':
      if (error instanceof WriteFileError)
        return `The folder of ${path} does not exist. Make it, or choose another place.`;
      return `${path} does not exist. Check the path.`;
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be opened by this account. Check its permissions, or choose another place.`;
    case 'EISDIR':
      return `${path} is a folder; a file is needed here.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path} cannot be a folder: a part of this path is a file. Choose another place.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk is full (while writing ${path}). Make room and run the same command again.`;
    case 'EFBIG':
    case 'ERR_FS_FILE_TOO_LARGE':
      return `${error.message}. Give a smaller file.`;
    case 'EROFS':
      return `${path} is on a read-only file system. Choose another place.`;
    case 'EMFILE':
    case 'ENFILE':
      return `Too many files are open on this system. Close other programs, or raise the limit (ulimit -n).`;
    default:
      return null;
  }
}

// What to type when a node does not start with the data that it finds.

import { ChainError } from '@resonancenet/chain/chain-error';

/** The command that was typed, with one more flag, as a shell takes it. `typed`: everything after `rnt`. */
export function commandWith(flag: string, typed: readonly string[]): string {
  return ['npx', 'rnt', ...typed, flag].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The error with the exact command that helps, where there is one. */
export function adviseOnStart(error: unknown, typed: readonly string[]): unknown {
  if (!(error instanceof ChainError) || error.code !== 'chain-reindex') return error;
  const message = `${error.message} The command is: ${commandWith('--reindex', typed)}`;
  return new ChainError(error.code, message, { cause: error });
}

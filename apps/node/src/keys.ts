// The node's own keys: one that signs the blocks it mines and receives their reward, one that names it to peers. 32 random bytes each, in
// files that only the node's account can read.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { replaceSecretFile } from './secret-file.ts';

export class KeyFileError extends Error {
  readonly code = 'key-file';
}

/**
 * The key in a file, made on first use. Never replaced: rewards may depend on it.
 * @throws KeyFileError if the file is not a key
 */
export function loadOrCreateKey(path: string): Uint8Array {
  if (!existsSync(path)) replaceSecretFile(path, `${randomBytes(32).toString('hex')}\n`);
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  const text = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new KeyFileError(`${path} is not a key (64 hex digits). Restore it from a backup; coins may depend on it.`);
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

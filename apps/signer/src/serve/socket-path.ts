// Where an unlocked wallet's signer is reached: a socket in the wallet's folder, which only the owner can enter; on Windows a named pipe.

import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Bytes of a socket's path that every system takes (sun_path has 104 on macOS, with its end). */
export const MAX_SOCKET_PATH = 103;

export function socketPath(walletFolder: string): string {
  const folder = resolve(walletFolder);
  if (process.platform !== 'win32') return join(folder, 'signer.sock');
  const id = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32);
  return `\\\\.\\pipe\\resonancenet-signer-${id}`;
}

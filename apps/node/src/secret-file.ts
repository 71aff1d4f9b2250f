// Secrets on disk: readable by their owner alone from the first byte on, and never half written.

import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';

export function replaceSecretFile(path: string, content: string): void {
  const partial = `${path}.partial`;
  const file = openSync(partial, 'w', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}

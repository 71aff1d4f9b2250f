// Folders of a test file, removed when it ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

const folders: string[] = [];

after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

/** A new empty folder; gone after the last test of the file. */
export function tempFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `rnt-${name}-`));
  folders.push(folder);
  return folder;
}

// `--out`: seen to before the work begins, so that hours of it are not lost to a wrong path.

import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from './errors.ts';

/**
 * Makes the folder of the file to be written.
 * @throws UsageError if there is a folder where the file should be; what the file system throws
 */
export function prepareOut(out: string): void {
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new UsageError(
      `--out ${out} is a folder. Give the name of a file, for example ${join(out, 'm.safetensors')}.`,
    );
  mkdirSync(dirname(out), { recursive: true });
}

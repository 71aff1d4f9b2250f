// Partially signed transactions as files: their text in base64.

import { replaceFile } from '@resonancenet/training/write-file';

export interface RntpResult {
  readonly rntp: string;
}

/** Writes it to the file, if there is one; says so in `written`. */
export function writeResult<T extends RntpResult>(
  result: T,
  file: string | undefined,
): T & { readonly written?: string } {
  if (file === undefined) return result;
  replaceFile(file, [Buffer.from(`${result.rntp}\n`)]);
  return { ...result, written: file };
}

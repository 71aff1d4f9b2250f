// The whole table, read from the text files beside this one.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutant, parseMutants } from './mutant.ts';

const folder = import.meta.dirname;

export const allMutants: readonly Mutant[] = ['header', 'body', 'choice', 'ledger', 'rotation'].flatMap((name) =>
  parseMutants(readFileSync(join(folder, `${name}.txt`), 'utf8')),
);

/** Tables in the folder: one that is not read would be noticed. */
export const tableFiles: readonly string[] = readdirSync(folder).filter((name) => name.endsWith('.txt'));

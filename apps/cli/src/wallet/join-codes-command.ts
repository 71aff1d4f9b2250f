// `rnt wallet join-codes`: the parts of a backup's QR codes back to its file. They hold no secret without the backup's passphrase.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { QrCollector } from '@resonancenet/keys/qr-parts';
import { MAX_SEALED_LENGTH } from '@resonancenet/keys/sealed-file';
import { replaceFile } from '@resonancenet/training/write-file';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';

const help = `
Each code is a text that begins with RNTQ1. They may come in any order and more than once, in files or, without a file, line by line on standard input,
where it says which are missing until all are there. Then: rnt wallet restore NAME --backup FILE.

Examples:
  $ rnt wallet join-codes --out main.backup                         paste what a scanner gives, a line each
  $ rnt wallet join-codes --out main.backup photo1.txt photo2.txt
  $ zbarcam --raw | rnt wallet join-codes --out main.backup`;

interface Options {
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function addJoinCodesCommand(wallet: Command): void {
  wallet
    .command('join-codes')
    .description('Make the file of a backup again from its QR codes')
    .argument('[files...]', 'with the texts of the codes; none: standard input')
    .requiredOption('--out <file>', 'file to write')
    .option('--force', 'replace a file of this name')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (files: readonly string[], { out, force = false, json = false }: Options) => {
      if (!force && existsSync(out))
        throw new UsageError(`${out} is there already. Choose another name, or --force to replace it.`);
      const collector = new QrCollector();
      if (files.length > 0) for (const file of files) addText(collector, textOf(file), file);
      else await addInput(collector);
      const { bytes, missing } = collector;
      if (bytes === null) throw new UsageError(missingText(missing));
      replaceFile(out, [bytes]);
      if (json) console.log(JSON.stringify({ file: out, bytes: bytes.length }));
      else console.log(`${out}: ${bytes.length} bytes. Restore it: rnt wallet restore NAME --backup ${out}`);
    });
}

function textOf(file: string): string {
  const { size } = statSync(file);
  if (size > 2 * MAX_SEALED_LENGTH) throw new UsageError(`${file} has ${size} bytes: these are no codes of a backup.`);
  return readFileSync(file, 'latin1');
}

function addText(collector: QrCollector, text: string, where: string): void {
  for (const word of text.split(/\s+/)) {
    const verdict = word === '' ? null : collector.add(word);
    if (verdict?.ok === false) throw new UsageError(`${where}: ${word.slice(0, 20)}...: ${verdict.detail}.`);
  }
}

/** What is wrong can be scanned again: it is told, and reading goes on. */
async function addInput(collector: QrCollector): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  if (process.stdin.isTTY) console.error('Type or paste the codes, a line each; Ctrl-D ends.');
  for await (const line of lines) {
    for (const word of line.split(/\s+/).filter((part) => part !== '')) {
      const verdict = collector.add(word);
      if (!verdict.ok) console.error(`rnt: ${verdict.detail}.`);
      else if (collector.bytes === null) console.error(missingText(collector.missing));
    }
    if (collector.bytes !== null) break;
  }
  lines.close();
}

function missingText(missing: readonly number[]): string {
  return missing.length === 0 ? 'No code was given.' : `These codes are missing: ${missing.join(', ')}.`;
}

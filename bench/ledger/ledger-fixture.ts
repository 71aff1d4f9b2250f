// What the benchmarks of the ledger share: a store with a million coins on the disk, and blocks that spend from it. Made once in a run, with a
// small copy on which a wrong block is tried first.

import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encode } from '@resonancenet/bytes/encode';
import { regtest } from '@resonancenet/params/regtest';
import { makeCoinSet } from './coin-set.ts';
import { blocksCodec, makeSpendingBlocks, type SpendingBlocks } from './spending-blocks.ts';

export const COINS = 1_000_000;

/** Blocks of as many transactions as fit. */
const FULL_BLOCKS = 8;

export interface LedgerFixture {
  /** Free for copies; all of it goes at the end of the run. */
  readonly folder: string;
  readonly blocks: SpendingBlocks;
  readonly blocksFile: string;
  /** A fresh copy of the store under this name, nothing of it in the page cache if that is permitted. */
  freshStore(name: string): string;
}

const here = dirname(fileURLToPath(import.meta.url));
const bootstrap: unknown = await import(new URL('../../bootstrap/pinned-node.mjs', import.meta.url).href);

interface Bootstrap {
  readonly nodeFlags: readonly string[];
  readonly nodeEnvironment: Readonly<Record<string, string>>;
}

/** With these `rnt` starts its Node. */
export const nodeFlags: readonly string[] = (bootstrap as Bootstrap).nodeFlags;
export const nodeEnvironment: Readonly<Record<string, string>> = (bootstrap as Bootstrap).nodeEnvironment;

/** A program of this folder in a process of its own, run as a node is. */
export async function runChild(program: string, args: readonly (string | number)[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...nodeFlags, join(here, program), ...args.map(String)],
    { env: { ...process.env, ...nodeEnvironment }, maxBuffer: 2 ** 24 },
  );
  return stdout;
}

let made: Promise<LedgerFixture> | null = null;

export function ledgerFixture(say: (line: string) => void): Promise<LedgerFixture> {
  made ??= makeFixture(say);
  return made;
}

async function makeFixture(say: (line: string) => void): Promise<LedgerFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'rnt-bench-ledger-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await refuseBadSignature(folder);
  say(`ledger: making ${COINS} coins and ${FULL_BLOCKS} full blocks that spend some of them`);
  const blocks = makeSpendingBlocks({ full: FULL_BLOCKS }, regtest);
  const blocksFile = join(folder, 'blocks');
  writeFileSync(blocksFile, encode(blocksCodec, blocks.blocks));
  const set = join(folder, 'set');
  await makeCoinSet(set, { coins: COINS, owned: 2 * blocks.transactions }, regtest);
  const freshStore = (name: string): string => {
    const copy = join(folder, name);
    rmSync(copy, { recursive: true, force: true });
    cpSync(set, copy, { recursive: true });
    const isCold = forgetPages(join(copy, 'data.mdb'));
    say(`ledger: the store's file is ${isCold ? 'not' : 'still'} in the page cache`);
    return copy;
  };
  return { folder, blocks, blocksFile, freshStore };
}

/** What is timed must refuse a block with one bad signature among its twenty. */
async function refuseBadSignature(folder: string): Promise<void> {
  const plan = { full: 1, transactions: 10, spoiled: true };
  const { blocks, transactions } = makeSpendingBlocks(plan, regtest);
  const store = join(folder, 'small');
  const file = join(folder, 'spoiled');
  await makeCoinSet(store, { coins: 2 * transactions, owned: 2 * transactions }, regtest);
  writeFileSync(file, encode(blocksCodec, blocks));
  const outcome = await runChild('connect-child.ts', [store, file, 1, 2]).then(
    () => 'the block is connected',
    (error: unknown) => String(error),
  );
  if (!outcome.includes('is refused: tx-signature'))
    throw new Error(`The benchmark does not time what it claims: a block with a bad signature: ${outcome}`);
}

/** Asks the system to drop a file from its page cache, which needs no rights; false where there is no such way. */
function forgetPages(file: string): boolean {
  const args = [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'];
  return process.platform === 'linux' && spawnSync('dd', args).status === 0;
}

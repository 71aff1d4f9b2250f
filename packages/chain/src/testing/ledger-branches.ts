// Random lives of a chain with a ledger: branches that overtake each other, blocks that the ledger refuses, signatures that come late or are bad,
// the operator's commands, restarts. After every step the tables are what the active chain gives, byte for byte.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { CHAIN_TABLES, type ChainTable, type Hex32 } from '../events.ts';
import type { ChainStore } from '../ports.ts';
import { MachineDriver } from './machine-driver.ts';
import { type SampleBlock, sampleBlock, sampleParams } from './sample-blocks.ts';
import { ledgerTables, TestLedger, tablesAfter } from './test-ledger.ts';

const key = new Uint8Array(32).fill(9);

function makeCheck(text: number, good: boolean): SignatureCheck {
  const message = new Uint8Array(32).fill(text);
  return { publicKey: publicKey(key), message, signature: sign(good ? message : message.with(1, text + 1), key) };
}

const goodChecks: readonly SignatureCheck[] = Array.from({ length: 8 }, (_, text) => makeCheck(text, true));
const badCheck: SignatureCheck = makeCheck(99, false);

/** One tree for all lives: making blocks takes longer than living with them. */
export function makeTree(size: number): SampleBlock[] {
  const random = seededRandom(77);
  const blocks: SampleBlock[] = [];
  while (blocks.length < size) {
    const recent = blocks.slice(-5);
    const parent = random() < 0.05 ? undefined : recent[Math.floor(random() * recent.length)];
    const options = { seed: blocks.length, gain: 100 + Math.floor(random() * 9_000) };
    blocks.push(sampleBlock(parent?.header ?? genesisHeader(sampleParams), sampleParams, options));
  }
  return blocks;
}

/** Everything that a move of the tip may change and must change back. */
function movingTables(store: ChainStore): string[] {
  const tables: readonly ChainTable[] = CHAIN_TABLES.filter(
    (table) => !['headers', 'bodies', 'live', 'meta'].includes(table),
  );
  return tables.flatMap((table) =>
    [...store.entries(table)]
      // Evaluations are facts about files, not about the chain.
      .filter(([id]) => table !== 'roots' || id[0] === 0)
      .map(([id, value]) => `${table} ${toHex(id)}=${toHex(value)}`),
  );
}

/** Lives one life with a ledger that follows from ids. */
export function liveWithBranches(tree: readonly SampleBlock[], seed: number, steps: number): Reorganisations {
  const random = seededRandom(seed);
  const ledger = new TestLedger();
  const limits = random() < 0.5 ? { triedBlocks: 0 } : {};
  const options = { transactionIndex: random() < 0.5 };
  const node = new MachineDriver({ params: sampleParams, ledger, limits, options, inSync: random() < 0.8 });
  for (const { id } of tree) {
    if (random() < 0.05) ledger.refused.add(id);
    const checks = goodChecks.filter(() => random() < 0.2);
    ledger.signatures.set(id, random() < 0.04 ? [...checks, badCheck] : checks);
  }
  return live({ node, tree, random, steps, expected: tablesAfter, name: `seed ${seed}` });
}

export interface Life {
  readonly node: MachineDriver;
  /** Parents before their children. */
  readonly tree: readonly SampleBlock[];
  readonly random: () => number;
  readonly steps: number;
  /** The ledger's tables after these blocks. */
  readonly expected: (ids: readonly Hex32[]) => readonly string[];
  readonly name: string;
}

/** Moves of the tip that took blocks back: how many took so many. */
export type Reorganisations = ReadonlyMap<number, number>;

export function live({ node, tree, random, steps, expected, name }: Life): Reorganisations {
  node.autoVerify = random() < 0.5;
  node.believe(...tree);
  // No block of the tree is ahead of time.
  node.wait(200_000);
  let next = 0;
  const seen = new Map<string, string[]>();
  for (let step = 0; step < steps; step++) {
    const dice = random();
    const block = tree[Math.floor(random() * Math.min(tree.length, next + 1))]!;
    if (dice < 0.45 && next < tree.length) node.deliver(tree[next++]!);
    else if (dice < 0.55) node.deliver(block);
    else if (dice < 0.7 && node.signatureJobs.length > 0)
      node.answerSignatures(node.signatureJobs[Math.floor(random() * node.signatureJobs.length)]!);
    else if (dice < 0.78) node.step({ type: 'invalidate', blockId: block.id });
    else if (dice < 0.88) node.step({ type: 'reconsider', blockId: block.id });
    else if (dice < 0.9) node.restart(1_000, random() < 0.8);
    else node.wait(Math.floor(random() * 20_000));
    const ids = Array.from({ length: node.height }, (_, index) => node.machine.activeChainAt(index + 1)!);
    checkSame(ledgerTables(node.store), expected(ids), `${name}, step ${step}`);
    // Whatever led to a tip, the store is the same to the byte.
    const tables = movingTables(node.store);
    checkSame(tables, seen.get(node.tip) ?? tables, `${name}, step ${step}: the same tip as before`);
    seen.set(node.tip, tables);
  }
  const depths = new Map<number, number>();
  for (const { disconnected } of node.all('tip'))
    if (disconnected > 0) depths.set(disconnected, (depths.get(disconnected) ?? 0) + 1);
  return depths;
}

/** Adds those of a life to those of others. */
export class ReorganisationTally {
  readonly depths: Map<number, number> = new Map();

  add(reorganisations: Reorganisations): void {
    for (const [depth, count] of reorganisations) this.depths.set(depth, (this.depths.get(depth) ?? 0) + count);
  }

  get total(): number {
    return [...this.depths.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The deepest of all. */
  get deepest(): number {
    return Math.max(0, ...this.depths.keys());
  }

  /** For people. */
  toString(): string {
    const parts = [...this.depths].sort(([a], [b]) => a - b).map(([depth, count]) => `${count} of ${depth} blocks`);
    return `${this.total} reorganisations: ${parts.join(', ')}`;
  }
}

function checkSame(found: readonly string[], expected: readonly string[], where: string): void {
  const difference = [...found, ...expected].find((line) => found.includes(line) !== expected.includes(line));
  assert(difference === undefined && found.length === expected.length, `${where}: the tables differ in ${difference}`);
}

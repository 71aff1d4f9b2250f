// A partition in which both sides grow by as many blocks as one likes, the weaker one up to finality's depth, and what becomes of its transactions
// when it is over.

import { assert } from '@resonancenet/bytes/assert';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { nameOf } from '../payments.ts';
import type { SimNode } from '../sim-node.ts';
import type { LedgerRun } from './ledger-run.ts';
import { transactionsOf } from './replay.ts';

export interface Division {
  /** Ids of transactions of the weaker branch that the pools of its nodes had again. */
  readonly returned: readonly string[];
}

/** Improvements of blocks, micro-nats: one block of the stronger side is worth more than six of the weaker. */
const WEAK = [10, 60] as const;
const STRONG = [1_500, 2_500] as const;

/** `depth`: blocks of the weaker side. Fails if the stronger side does not win, or a pool forgets what could still be confirmed. */
export function divide(run: LedgerRun, depth: number): Division {
  run.settle();
  const { world, up } = run;
  const { random, network } = world;
  const fork = up[0]!.height;
  // A node alone may not mine.
  const shuffled = shuffle(up, () => random.fraction());
  const size = random.integer(2, up.length - 2);
  const [weak, strong] = [shuffled.slice(0, size), shuffled.slice(size)];
  network.partition([weak, strong].map((side) => side.map(({ name }) => name)));
  network.resetAcrossGroups();
  run.poll(4);
  const strongBlocks = random.integer(1, world.params.finalityDepth);
  const order = shuffle(
    Array.from({ length: depth + strongBlocks }, (_, block) => (block < depth ? weak : strong)),
    () => random.fraction(),
  );
  for (const side of order) growBy(run, side, side === weak ? WEAK : STRONG);
  assert(
    weak.every(({ height }) => height === fork + depth),
    'the weaker side has its blocks',
  );
  const lost = branchOf(weak[0]!, fork);
  const { tip } = strong[0]!;
  run.refusals.clear();
  network.heal();
  world.waitFor('all follow the stronger side', () => up.every((node) => node.tip === tip), 120);
  // What comes back does so in slices.
  world.run(2);
  const kept = new Set(branchOf(strong[0]!, fork).map(nameOf));
  const returned = lost.filter((transaction) => !kept.has(nameOf(transaction)));
  for (const node of weak) for (const transaction of returned) checkReturned(run, node, transaction);
  // For blocks that came while they were out of contact, nobody is late.
  run.poll(4);
  return { returned: returned.map(nameOf).filter((id) => weak.some(({ pool }) => pool.get(id) !== null)) };
}

/** One more block that all nodes of a side have. */
function growBy(run: LedgerRun, side: readonly SimNode[], gain: readonly [number, number]): void {
  const { world } = run;
  const height = side[0]!.height + 1;
  for (let poll = 0; !run.mine(side, gain); poll += 1) {
    assert(poll < 120, 'nobody of a side may mine');
    run.poll();
  }
  run.poll();
  world.waitFor('a side has its block', () => world.agree(side) && side[0]!.height === height, 60);
}

/** All transactions but the coinbases of the blocks above a height. */
function branchOf(node: SimNode, fork: number): Transaction[] {
  const ids = Array.from({ length: node.height - fork }, (_, place) => node.chain.activeChainAt(fork + 1 + place)!);
  return ids.flatMap((id) => transactionsOf(node, id).slice(1));
}

/** A transaction of a block that was taken back is in the pool, unless it would be refused if it came now, or another one there does the same. */
function checkReturned(run: LedgerRun, { name, pool }: SimNode, transaction: Transaction): void {
  const id = nameOf(transaction);
  if (pool.get(id) !== null || isReplaced(run, name, transaction)) return;
  const plan = pool.preview([encode(transactionCodec, transaction)], run.world.network.now(name));
  const why = run.refusals.get(`${name} ${id}`) ?? 'nothing was said';
  assert(!plan.ok, `${name} forgot transaction ${id} of a block that was taken back: ${why}`);
}

/** Whether a node's pool had another one that does the same as this transaction or as one that it spends. */
function isReplaced({ refusals }: LedgerRun, name: string, transaction: Transaction): boolean {
  const ids = [nameOf(transaction), ...transaction.inputs.map(({ outpoint }) => toHex(outpoint.txid))];
  return ids.some((id) => /^replacement-/.test(refusals.get(`${name} ${id}`) ?? ''));
}

function shuffle<T>(items: readonly T[], fraction: () => number): T[] {
  const shuffled = [...items];
  for (let left = shuffled.length; left > 1; left -= 1) {
    const taken = Math.floor(fraction() * left);
    [shuffled[left - 1], shuffled[taken]] = [shuffled[taken]!, shuffled[left - 1]!];
  }
  return shuffled;
}

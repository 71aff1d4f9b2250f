// Trees of verified blocks for tests of fork choice.

import type { ForkBlock } from '../fork-tree.ts';

/** A block under construction; tests change times before they use it. */
export type TestBlock = { -readonly [K in keyof ForkBlock]: K extends 'parent' ? TestBlock | null : ForkBlock[K] };

/** The last final block, height 100, 5 nats. */
export function rootBlock(): TestBlock {
  return { id: 'root', height: 100, parent: null, valLoss: 5_000_000, parentLoss: 5_000_000, seenAt: 0, revealedAt: 0 };
}

/** A child that improves on its parent by `gain`; `rebased` is the parent's loss on a new D_val. */
export function child(parent: TestBlock, id: string, gain: number, rebased: number = parent.valLoss): TestBlock {
  return {
    id,
    height: parent.height + 1,
    parent,
    valLoss: rebased - gain,
    parentLoss: rebased,
    seenAt: 0,
    revealedAt: Infinity,
  };
}

/** A branch with these gains; `times` gives when each header counts as seen and when each block is revealed. */
export function branchOf(
  from: TestBlock,
  name: string,
  gains: readonly number[],
  times: (index: number) => readonly [seenAt: number, revealedAt: number] = () => [0, Infinity],
): TestBlock[] {
  const blocks: TestBlock[] = [];
  let parent = from;
  for (const [i, gain] of gains.entries()) {
    const block = child(parent, `${name}${i + 1}`, gain);
    [block.seenAt, block.revealedAt] = times(i);
    blocks.push(block);
    parent = block;
  }
  return blocks;
}

/** A tree of `size` blocks on a root: gains of few values, so that ties are common, some of them 0, some blocks on a new D_val. */
export function randomTree(random: () => number, size: number): TestBlock[] {
  const blocks = [rootBlock()];
  const pick = (count: number): number => Math.floor(random() * count);
  while (blocks.length <= size) {
    // Mostly on recent blocks, so that branches grow long.
    const parent = random() < 0.7 ? blocks[Math.max(0, blocks.length - 1 - pick(3))]! : blocks[pick(blocks.length)]!;
    const rebased = random() < 0.1 ? parent.valLoss + pick(2001) - 1000 : parent.valLoss;
    blocks.push(child(parent, `b${blocks.length}`, pick(4) * 500, rebased));
  }
  return blocks;
}

/** Blocks without children. */
export function tipsOf<T extends ForkBlock>(blocks: readonly T[]): T[] {
  const parents = new Set<ForkBlock | null>(blocks.map((block) => block.parent));
  return blocks.filter((block) => !parents.has(block));
}

/** The blocks in a random order in which every parent comes before its children. */
export function arrivalOrder<T extends ForkBlock>(blocks: readonly T[], random: () => number): T[] {
  const waiting = [...blocks];
  const arrived: T[] = [];
  const there = new Set<ForkBlock>();
  while (waiting.length > 0) {
    const ready = waiting.filter((block) => block.parent === null || there.has(block.parent));
    const next = ready[Math.floor(random() * ready.length)]!;
    waiting.splice(waiting.indexOf(next), 1);
    there.add(next);
    arrived.push(next);
  }
  return arrived;
}

// Rotation of the validation set through the whole chain machine: headers, bodies, evaluations, connecting, reorganising (CON-10, CON-23, LED-24 to LED-28).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { sumsFor } from '@resonancenet/consensus/testing/sample-chain';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import { regtest } from '@resonancenet/params/regtest';
import { keyDestination } from '@resonancenet/primitives/destination';
import type { Hex32 } from './events.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { proposedSet, type RotationBlock, rotationBlock, type RotationWishes } from './testing/rotation-chain.ts';
import { ledgerTables } from './testing/test-ledger.ts';

const { lockIn, notice, delay } = regtest.rotation;
const reserves = requireGenesis(regtest).dvalIds;
const [first, second] = reserves as [Hex32, Hex32];
const set = proposedSet(5);
const LOSS = requireGenesis(regtest).valLoss;
/** Seconds after which a block is stalled. */
const STALL = 240;
const refund = keyDestination(new Uint8Array(32).fill(3), regtest.recovery);

/** A chain of blocks, grown with wishes. */
class Branch {
  readonly blocks: RotationBlock[];

  constructor(blocks: readonly RotationBlock[] = []) {
    this.blocks = [...blocks];
  }

  get height(): number {
    return this.blocks.length;
  }

  at(height: number): RotationBlock {
    return this.blocks[height - 1]!;
  }

  add(wishes: RotationWishes = {}): RotationBlock {
    const block = rotationBlock(this.blocks.at(-1) ?? null, wishes);
    this.blocks.push(block);
    return block;
  }

  growTo(height: number, wishes: RotationWishes = {}): this {
    while (this.height < height) this.add(wishes);
    return this;
  }

  /** Another branch that leaves this one above a height. */
  fork(height: number): Branch {
    return new Branch(this.blocks.slice(0, height));
  }
}

const PROPOSED = 8;
const LOCKED_IN = PROPOSED + lockIn;
const ACTIVATION = LOCKED_IN + delay;
const REVEALED = ACTIVATION - notice;
const voteFor: RotationWishes = { vote: { kind: 'for', proposal: set.proposal } };

/** Up to and with the block of a height: proposed, locked in, revealed as late as possible. */
function history(height: number, revealed = REVEALED): Branch {
  const branch = new Branch().growTo(PROPOSED - 1);
  const paidBy = [1, 2].map((at) => branch.at(at));
  branch.add({ action: { kind: 'propose', proposal: set.proposal, refund }, paidBy });
  branch.growTo(LOCKED_IN, voteFor).growTo(revealed - 1);
  branch.add({ action: { kind: 'reveal', salt: set.salt, shard: set.shard }, paidBy: [branch.at(3)] });
  branch.growTo(Math.min(height, ACTIVATION - 1));
  if (height >= ACTIVATION) branch.add({ dvalId: set.id, parentLoss: LOSS + 1_000 });
  return branch.growTo(height);
}

const whole = history(ACTIVATION + 3);

interface Options {
  readonly inSync?: boolean;
  /** Loss of every checkpoint on the proposed set. */
  readonly onSet?: number;
}

function nodeOn(
  blocks: readonly RotationBlock[],
  { inSync = true, onSet = LOSS + 1_000 }: Options = {},
): MachineDriver {
  const node = new MachineDriver({ params: regtest, inSync, startMs: 1_000_000 });
  deliver(node, blocks, onSet);
  return node;
}

/** Delivers blocks with the truth about them, headers first. */
function deliver(node: MachineDriver, blocks: readonly RotationBlock[], onSet = LOSS + 1_000): string[] {
  for (const block of blocks) teach(node, block, onSet);
  const headers = blocks.flatMap((block) => node.header(block));
  return node.refusals([...headers, ...blocks.flatMap((block) => [...node.body(block), ...node.chunks(block)])]);
}

/** The block's loss is the same on all reserve sets. */
function teach(node: MachineDriver, { file, header }: RotationBlock, onSet: number): void {
  for (const reserve of reserves) node.setTruth(file.root, reserve, sumsFor(header.valLoss, regtest));
  node.setTruth(file.root, set.id, sumsFor(onSet, regtest));
}

function nextAt(node: MachineDriver, seconds = 1): ReturnType<MachineDriver['machine']['expectedChild']> {
  return node.machine.expectedChild(node.machine.tip().header.timestamp + BigInt(seconds));
}

test('a set is proposed, locked in, revealed, comes into force at its height, is mined on, and gives way after a stall', () => {
  const node = nodeOn(whole.blocks.slice(0, ACTIVATION - 2));
  assert.equal(node.height, ACTIVATION - 2);
  assert.equal(nextAt(node).dvalId, first);
  assert.equal(nextAt(node, STALL).dvalId, set.id);
  assert.deepEqual(node.machine.revealedDval(set.id), set.shard);
  deliver(node, [whole.at(ACTIVATION - 1)]);
  const next = nextAt(node);
  assert.deepEqual([next.height, next.dvalId, next.parentLoss], [ACTIVATION, set.id, LOSS + 1_000]);
  assert.deepEqual(deliver(node, whole.blocks.slice(ACTIVATION - 1)), []);
  assert.equal(node.height, ACTIVATION + 3);
  assert.equal(toHex(node.machine.tip().header.dvalId), set.id);
  // Mined on to finality, and over a stall.
  const longer = new Branch(whole.blocks).growTo(ACTIVATION + 9);
  assert.deepEqual(deliver(node, longer.blocks.slice(ACTIVATION + 3)), []);
  assert.ok(node.machine.finalizedHeight() > ACTIVATION);
  assert.deepEqual([nextAt(node, STALL - 1).dvalId, nextAt(node, STALL).dvalId], [set.id, second]);
  const stalled = longer.add({ seconds: STALL, dvalId: second, parentLoss: LOSS + 1_000 });
  longer.add();
  assert.deepEqual(deliver(node, [stalled, longer.blocks.at(-1)!]), []);
  assert.equal(toHex(node.machine.tip().header.dvalId), second);
});

test('a new node comes to the same state: with headers first, without evaluating what lies far below the tip, and after a restart', () => {
  const branch = new Branch(whole.blocks).growTo(ACTIVATION + 8);
  const live = nodeOn(branch.blocks);
  const late = new MachineDriver({ params: regtest, inSync: false, startMs: 1_000_000 });
  for (const block of branch.blocks) {
    late.believe(block);
    assert.deepEqual(late.refusals(late.header(block)), []);
  }
  for (const [index, block] of branch.blocks.entries()) {
    late.body(block);
    if (index === ACTIVATION) late.restart(1_000, false);
  }
  for (const block of branch.blocks.slice(-6)) late.chunks(block);
  assert.equal(late.tip, live.tip);
  assert.deepEqual(ledgerTables(late.store), ledgerTables(live.store));
});

test('headers that claim another set are refused at once where nothing is due, and nothing is fetched for them', () => {
  const node = nodeOn(whole.blocks.slice(0, ACTIVATION - 2));
  const trunk = whole.fork(ACTIVATION - 2);
  const unknown = proposedSet(6).id;
  for (const [wishes, code] of [
    // One block before the activation.
    [{ dvalId: set.id }, 'header-dval'],
    [{ dvalId: unknown }, 'header-dval'],
    [{ dvalId: unknown, seconds: STALL }, 'header-dval'],
    [{ dvalId: second }, 'header-dval'],
    [{ dvalId: first, seconds: STALL }, 'header-dval'],
    [{ dvalId: set.id, seconds: STALL, parentLoss: 2 * LOSS + 1 }, 'header-dval-bounds'],
  ] as const) {
    const block = trunk.fork(ACTIVATION - 2).add({ ...wishes, seed: 7 });
    const actions = node.header(block);
    assert.deepEqual(node.refusals(actions), [code], JSON.stringify(wishes));
    assert.deepEqual(node.all('want-body', actions), []);
  }
  // On a branch of which nothing is known the body is fetched, but no chunk.
  const side = trunk.fork(ACTIVATION - 3).growTo(ACTIVATION - 2, { seed: 8 });
  const parent = side.at(ACTIVATION - 2);
  const junk = side.add({ dvalId: unknown, seed: 8, seconds: STALL });
  node.header(parent);
  assert.deepEqual(node.refusals(node.header(junk)), []);
  const wanted = node.body(junk);
  assert.deepEqual(node.all('want-chunks', wanted), []);
  teach(node, parent, LOSS);
  const actions = [...node.body(parent), ...node.chunks(parent)];
  assert.deepEqual(node.refusals(actions), ['header-dval']);
  assert.ok(!node.all('want-chunks').some(({ root }) => root === junk.file.root));
});

test('a block that keeps the old set at activation is judged by the parent’s loss on the new one', () => {
  const keeps = whole.fork(ACTIVATION - 1).add({ seed: 1 });
  const node = nodeOn(whole.blocks.slice(0, ACTIVATION - 1));
  assert.deepEqual(deliver(node, [keeps]), ['header-dval']);
  // The evaluation is asked for once, and the block waits for it.
  const slow = new MachineDriver({ params: regtest, startMs: 1_000_000 });
  deliver(slow, whole.blocks.slice(0, ACTIVATION - 2));
  slow.autoEvaluate = false;
  const parent = whole.at(ACTIVATION - 1);
  deliver(slow, [parent]);
  slow.answer(slow.jobs[0]!);
  const [job] = slow.jobs;
  assert.deepEqual([slow.jobs.length, job!.root, job!.dvalId, job!.claimed], [1, parent.file.root, set.id, null]);
  assert.deepEqual(deliver(slow, [keeps]), []);
  assert.deepEqual(slow.refusals(slow.answer(job!)), ['header-dval']);
});

test('where the loss is out of bounds the old set stays, and lies about it are refused', () => {
  const onSet = 2 * LOSS + 1;
  const node = nodeOn(whole.blocks.slice(0, ACTIVATION - 1), { onSet });
  assert.equal(nextAt(node).dvalId, first);
  const lie = whole.fork(ACTIVATION - 1).add({ dvalId: set.id, parentLoss: 2 * LOSS, seed: 2 });
  assert.deepEqual(deliver(node, [lie], onSet), ['evaluation-parent-loss']);
  const truth = whole.fork(ACTIVATION - 1).add({ dvalId: set.id, parentLoss: onSet, seed: 3 });
  assert.deepEqual(deliver(node, [truth], onSet), ['header-dval-bounds']);
  const keeps = whole.fork(ACTIVATION - 1).add({ seed: 4 });
  assert.deepEqual(deliver(node, [keeps], onSet), []);
  assert.equal(node.tip, keeps.id);
  // A parent without any loss on the set makes it void too.
  const dumb = nodeOn(whole.blocks.slice(0, ACTIVATION - 2));
  const parent = whole.at(ACTIVATION - 1);
  dumb.setTruth(parent.file.root, set.id, { kind: 'invalid', code: 'evaluation-non-finite', detail: 'window 0' });
  dumb.deliver(parent);
  assert.equal(nextAt(dumb).dvalId, first);
  assert.deepEqual(dumb.refusals(dumb.deliver(lie)), ['header-dval-bounds']);
  dumb.deliver(keeps);
  assert.equal(dumb.tip, keeps.id);
});

test('a tip without a loss on the next reserve does not end the chain: it counts as twice its own', () => {
  const branch = new Branch().growTo(3);
  const node = new MachineDriver({ params: regtest, startMs: 1_000_000 });
  for (const block of branch.blocks) {
    node.setTruth(block.file.root, second, { kind: 'invalid', code: 'evaluation-non-finite', detail: 'window 0' });
    node.deliver(block);
  }
  const next = nextAt(node, STALL);
  assert.deepEqual([next.dvalId, next.parentLoss], [second, 2 * LOSS]);
  const wrong = branch.fork(3).add({ seconds: STALL, dvalId: second, parentLoss: 2 * LOSS - 1, seed: 1 });
  assert.deepEqual(node.refusals(node.deliver(wrong)), ['evaluation-parent-loss']);
  assert.deepEqual(nextAt(node, STALL - 1).parentLoss, LOSS);
  const right = branch.fork(3).add({ seconds: STALL, dvalId: second, parentLoss: 2 * LOSS, seed: 2 });
  teach(node, right, LOSS);
  assert.deepEqual(node.refusals(node.deliver(right)), []);
  assert.equal(node.tip, right.id);
});

/** Goes to the first branch, over to the second and back; after each move the state is what the branch alone gives. */
function goBetween(trunk: number, one: Branch, other: Branch): void {
  const blocks = (branch: Branch): RotationBlock[] => branch.blocks.slice(trunk);
  const node = nodeOn(one.blocks);
  assert.equal(node.tip, one.blocks.at(-1)!.id);
  assert.deepEqual(deliver(node, blocks(other)), []);
  assert.equal(node.tip, other.blocks.at(-1)!.id, 'the longer branch is followed');
  assert.deepEqual(ledgerTables(node.store), ledgerTables(nodeOn(other.blocks).store));
  const back = new Branch(one.blocks).growTo(other.height + 1);
  assert.deepEqual(deliver(node, back.blocks.slice(one.height)), []);
  assert.equal(node.tip, back.blocks.at(-1)!.id, 'and left again');
  assert.deepEqual(ledgerTables(node.store), ledgerTables(nodeOn(back.blocks).store));
}

test('reorganisations across proposal, lock-in and reveal leave what the branch alone gives', () => {
  for (const height of [PROPOSED, LOCKED_IN, REVEALED]) {
    const one = whole.fork(height + 1);
    // Without that block's action or vote.
    const other = whole.fork(height - 1).growTo(height + 2, { seed: 1 });
    goBetween(height - 1, one, other);
  }
});

test('reorganisations across an activation, one that a stall brought earlier, and one that came to nothing', () => {
  const early = whole.fork(ACTIVATION - 3);
  early.add({ seconds: STALL, dvalId: set.id, parentLoss: LOSS + 1_000, seed: 1 });
  goBetween(ACTIVATION - 3, whole.fork(ACTIVATION), early.growTo(ACTIVATION + 1, { seed: 1 }));
  goBetween(ACTIVATION - 3, early.fork(ACTIVATION - 1), whole.fork(ACTIVATION));
  // Voted down on the other branch.
  const against: RotationWishes = { vote: { kind: 'against', proposal: set.proposal }, seed: 2 };
  const cancelled = whole.fork(ACTIVATION - 5).growTo(ACTIVATION - 1, against);
  goBetween(ACTIVATION - 5, whole.fork(ACTIVATION), cancelled.growTo(ACTIVATION + 1, { seed: 2 }));
});

test('a set that only the other branch reveals is evaluated and comes into force there', () => {
  const one = history(REVEALED - 2, REVEALED - 5)
    .fork(REVEALED - 6)
    .growTo(REVEALED - 4, { seed: 1 });
  const other = history(REVEALED - 5, REVEALED - 5);
  other.add({ seconds: STALL, dvalId: set.id, parentLoss: LOSS + 1_000 });
  other.growTo(REVEALED - 3);
  const node = nodeOn(one.blocks);
  assert.equal(node.machine.revealedDval(set.id), null);
  node.autoEvaluate = false;
  for (const block of other.blocks.slice(REVEALED - 6)) {
    teach(node, block, LOSS + 1_000);
    node.header(block);
  }
  for (const block of other.blocks.slice(REVEALED - 6)) {
    node.body(block);
    node.chunks(block);
  }
  let asked = 0;
  while (node.jobs.length > 0) {
    const job = node.jobs[0]!;
    // Its bytes are found in the body of a block that is not active.
    if (job.dvalId === set.id && node.tip === one.blocks.at(-1)!.id) {
      asked += 1;
      assert.deepEqual(node.machine.revealedDval(set.id), set.shard);
    }
    const wanted = node.all('want-chunks', node.answer(job)).map(({ root }) => root);
    for (const block of other.blocks) if (wanted.includes(block.file.root)) node.chunks(block);
  }
  assert.ok(asked >= 2, 'the parent and the block are evaluated on it before the tip moves');
  assert.equal(node.tip, other.blocks.at(-1)!.id);
  assert.deepEqual(ledgerTables(node.store), ledgerTables(nodeOn(other.blocks).store));
});

// Moves of the tip with a ledger that refuses blocks, waits for signatures and for losses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { Hex32 } from './events.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { type SampleBlock, sampleBlock, sampleChain, sampleParams } from './testing/sample-blocks.ts';
import { ledgerTables, TestLedger, tablesAfter } from './testing/test-ledger.ts';

interface Scene {
  readonly node: MachineDriver;
  readonly ledger: TestLedger;
}

function scene(options: { readonly inSync?: boolean; readonly triedBlocks?: number } = {}): Scene {
  const { inSync = true, triedBlocks } = options;
  const ledger = new TestLedger();
  const limits = triedBlocks === undefined ? {} : { triedBlocks };
  const node = new MachineDriver({ params: sampleParams, ledger, inSync, limits });
  node.wait(inSync ? 20_000 : 2_000_000);
  return { node, ledger };
}

/** The active chain's ids above genesis. */
function activeIds({ machine }: MachineDriver): Hex32[] {
  return Array.from({ length: machine.tip().height }, (_, index) => machine.activeChainAt(index + 1)!);
}

/** The store holds what connecting the active chain gives, and undoes exactly its blocks. */
function checkTables(node: MachineDriver): void {
  const ids = activeIds(node);
  assert.deepEqual(ledgerTables(node.store), tablesAfter(ids));
  const undo = [...node.store.entries('undo')].map(([key]) => Buffer.from(key).toString('hex'));
  assert.deepEqual(undo, ids.toSorted());
}

const seed = new Uint8Array(32).fill(5);

function signatureOver(text: number, good = true): SignatureCheck {
  const message = new Uint8Array(32).fill(text);
  const signature = sign(good ? message : message.with(0, text + 1), seed);
  return { publicKey: publicKey(seed), message, signature };
}

/** Headers first, then the bodies that the node asked for. */
function catchUp(node: MachineDriver, blocks: readonly SampleBlock[]): void {
  node.believe(...blocks);
  for (const block of blocks) node.header(block);
  for (const block of blocks) node.body(block);
}

test('a reorganisation leaves exactly what connecting the other branch gives', () => {
  const { node } = scene();
  const trunk = sampleChain(node.genesis, sampleParams, 2);
  node.grow(trunk);
  const first = sampleChain(trunk[1]!.header, sampleParams, 3, { seed: 1, gain: 1_000 });
  node.grow(first);
  checkTables(node);
  const second = sampleChain(trunk[1]!.header, sampleParams, 3, { seed: 2, gain: 9_000 });
  node.grow(second);
  assert.equal(node.tip, second[2]!.id);
  checkTables(node);
});

test('a block that the ledger refuses is condemned with its code and both numbers before anything is evaluated', () => {
  const { node, ledger } = scene();
  const [good, bad, child] = sampleChain(node.genesis, sampleParams, 3) as [SampleBlock, SampleBlock, SampleBlock];
  ledger.refused.add(bad.id);
  node.grow([good]);
  const tables = ledgerTables(node.store);
  const evaluations = node.all('evaluate').length;
  node.believe(bad);
  node.header(bad);
  node.header(child);
  node.body(bad);
  const actions = node.chunks(bad, 'liar');
  assert.equal(node.all('evaluate').length, evaluations);
  const refusal = node.all('refused', actions).find(({ blockId }) => blockId === bad.id)!;
  assert.equal(refusal.code, 'body-coinbase-amount');
  assert.match(refusal.detail, /51.*50/);
  assert.deepEqual([refusal.peer, refusal.peerFault], ['liar', true]);
  assert.equal(node.machine.status(bad.id)?.status, 'invalid');
  assert.equal(node.machine.status(child.id)?.reason?.code, 'header-invalid-parent');
  assert.equal(node.tip, good.id);
  assert.deepEqual(ledgerTables(node.store), tables);
});

/** Three blocks of which only the last makes the branch better than three steady ones. */
function lateWinner(parent: SampleBlock, seedOf: number, gain: number): SampleBlock[] {
  const blocks: SampleBlock[] = [];
  for (const each of [100, 100, gain])
    blocks.push(sampleBlock((blocks.at(-1) ?? parent).header, sampleParams, { seed: seedOf, gain: each }));
  return blocks;
}

/** Headers first: only together are they worth fetching. */
function deliverTogether(node: MachineDriver, blocks: readonly SampleBlock[]): void {
  node.believe(...blocks);
  for (const block of blocks) node.header(block, 'other');
  for (const block of blocks) node.body(block, 'other');
  for (const block of blocks) node.chunks(block, 'other');
}

test('a block off the active chain is tried on its own branch, and nothing of that is left', () => {
  const { node, ledger } = scene();
  const [root] = sampleChain(node.genesis, sampleParams, 1) as [SampleBlock];
  node.grow([root]);
  node.grow(sampleChain(root.header, sampleParams, 3, { seed: 1, gain: 2_000 }));
  const branch = lateWinner(root, 2, 30_000);
  const [, second, third] = branch;
  ledger.refused.add(third!.id);
  const { tip } = node;
  const before = ledgerTables(node.store);
  const evaluations = node.all('evaluate').length;
  deliverTogether(node, branch);
  assert.equal(node.machine.isVerified(second!.id), true);
  assert.equal(node.machine.status(third!.id)?.reason?.code, 'body-coinbase-amount');
  assert.equal(node.all('evaluate').length, evaluations + 2, 'the refused one is not evaluated');
  const refusal = node.all('refused').find(({ blockId }) => blockId === third!.id)!;
  assert.deepEqual([refusal.peer, refusal.peerFault], ['other', true]);
  node.wait(20_000);
  assert.equal(node.tip, tip);
  assert.deepEqual(ledgerTables(node.store), before);
  checkTables(node);
});

for (const rival of [false, true])
  test(`a block that fails in the middle of a reorganisation leaves ${rival ? 'the next best branch to be followed' : 'tip and tables as they were'}`, () => {
    // Nothing is tried beforehand, as where a branch leaves far below the tip.
    const { node, ledger } = scene({ triedBlocks: 0 });
    const [root] = sampleChain(node.genesis, sampleParams, 1) as [SampleBlock];
    node.grow([root]);
    const active = sampleChain(root.header, sampleParams, 3, { seed: 1, gain: 2_000 });
    node.grow(active);
    const best = lateWinner(root, 2, 30_000);
    const next = lateWinner(root, 3, 20_000);
    ledger.refused.add(best[1]!.id);
    const stored = (): unknown => [ledgerTables(node.store), [...node.store.entries('undo')]];
    const before = stored();
    deliverTogether(node, best);
    if (rival) deliverTogether(node, next);
    assert.equal(node.machine.isVerified(best[2]!.id), true);
    assert.equal(node.tip, active[2]!.id, 'not a candidate yet');
    const connected = ledger.connected.length;
    const actions = node.wait(10_000);
    assert.equal(ledger.connected[connected], best[0]!.id, 'the first of the branch was connected');
    assert.equal(node.machine.status(best[0]!.id)?.status, 'verified');
    assert.equal(node.machine.status(best[1]!.id)?.reason?.code, 'body-coinbase-amount');
    assert.equal(node.machine.status(best[2]!.id)?.reason?.code, 'header-invalid-parent');
    assert.equal(node.tip, rival ? next[2]!.id : active[2]!.id);
    assert.deepEqual(
      node.all('tip', actions).map(({ to, disconnected }) => [to, disconnected]),
      rival ? [[next[2]!.id, 3]] : [],
    );
    if (!rival) assert.deepEqual(stored(), before);
    checkTables(node);
  });

test('a block waits for its signatures, and becomes the tip with the answer', () => {
  const { node, ledger } = scene();
  node.autoVerify = false;
  const block = sampleBlock(node.genesis, sampleParams);
  ledger.signatures.set(block.id, [signatureOver(1), signatureOver(2)]);
  node.deliver(block);
  assert.equal(node.height, 0);
  assert.equal(node.signatureJobs.length, 1);
  assert.equal(node.signatureJobs[0]!.checks.length, 2);
  assert.equal(node.all('evaluate').length, 0, 'nothing is evaluated before');
  assert.deepEqual(ledgerTables(node.store), []);
  for (let tick = 0; tick < 5; tick++) node.wait(1_000);
  assert.equal(ledger.connected.length, 1, 'waiting costs nothing');
  node.answerSignatures(node.signatureJobs[0]!);
  assert.equal(node.tip, block.id);
  assert.equal(ledger.connected.length, 1, 'what it changes was kept');
  checkTables(node);
});

test('a bad signature condemns the block and whoever vouched for it; signatures known to be valid are not checked again', () => {
  const { node, ledger } = scene();
  const [first, bad, good] = [
    sampleBlock(node.genesis, sampleParams),
    sampleBlock(node.genesis, sampleParams, { seed: 1, gain: 8_000 }),
    sampleBlock(node.genesis, sampleParams, { seed: 2, gain: 9_000 }),
  ];
  ledger.signatures.set(first.id, [signatureOver(1)]);
  ledger.signatures.set(bad.id, [signatureOver(1), signatureOver(2, false)]);
  ledger.signatures.set(good.id, [signatureOver(1)]);
  node.deliver(first);
  const actions = node.deliver(bad, 'liar');
  assert.deepEqual(
    node.all('verify-signatures').map(({ checks }) => checks.length),
    [1, 1],
  );
  const refusal = node.all('refused', actions)[0]!;
  assert.deepEqual([refusal.code, refusal.peer, refusal.peerFault], ['tx-signature', 'liar', true]);
  node.deliver(good);
  assert.equal(node.all('verify-signatures').length, 2);
  assert.equal(node.tip, good.id);
  checkTables(node);
});

test('signatures that could not be checked are asked for again, and blame nobody', () => {
  const { node, ledger } = scene();
  node.autoVerify = false;
  const block = sampleBlock(node.genesis, sampleParams);
  ledger.signatures.set(block.id, [signatureOver(1)]);
  node.deliver(block);
  const [job] = node.signatureJobs;
  const actions = node.answerSignatures(job!, { kind: 'failed', detail: 'a thread died' });
  assert.deepEqual(
    node.all('refused', actions).map(({ code, peerFault }) => [code, peerFault]),
    [['evaluation-unavailable', false]],
  );
  node.wait(4_900);
  assert.equal(node.signatureJobs.length, 0);
  node.wait(200);
  assert.equal(node.signatureJobs.length, 1);
  node.answerSignatures(node.signatureJobs[0]!);
  assert.equal(node.tip, block.id);
});

test('while catching up the signatures of several blocks are checked at once, and answers come in any order', () => {
  const { node, ledger } = scene({ inSync: false });
  node.autoVerify = false;
  const blocks = sampleChain(node.genesis, sampleParams, 20, { gain: 1_000 });
  for (const [index, block] of blocks.entries()) if (index > 1) ledger.signatures.set(block.id, [signatureOver(index)]);
  catchUp(node, blocks);
  assert.equal(node.height, 2, 'as far as nothing waits');
  assert.equal(node.signatureJobs.length, 12);
  checkTables(node);
  const [third, fourth, fifth, ...others] = [...node.signatureJobs];
  node.answerSignatures(fifth!);
  node.answerSignatures(fourth!);
  assert.equal(node.height, 2);
  node.answerSignatures(third!);
  assert.equal(node.height, 5);
  for (const job of others) node.answerSignatures(job);
  assert.equal(node.height, 14);
  assert.equal(ledger.connected.length, 14, 'each was connected once');
  checkTables(node);
});

test('no more signatures than the limit are being checked ahead, and a kept block may be lost', () => {
  const ledger = new TestLedger();
  const limits = { signaturesInFlight: 4, preparedChanges: 200 };
  const node = new MachineDriver({ params: sampleParams, ledger, inSync: false, limits });
  node.wait(2_000_000);
  node.autoVerify = false;
  const blocks = sampleChain(node.genesis, sampleParams, 20, { gain: 1_000 });
  for (const [index, block] of blocks.entries())
    ledger.signatures.set(block.id, [signatureOver(2 * index), signatureOver(2 * index + 1)]);
  catchUp(node, blocks);
  assert.equal(node.signatureJobs.length, 2);
  while (node.signatureJobs.length > 0) {
    assert.ok(node.signatureJobs.length <= 3);
    node.answerSignatures(node.signatureJobs.at(-1)!);
  }
  assert.equal(node.height, 14);
  checkTables(node);
});

test('full blocks are connected ahead as far as may be, each is computed once, and what holds is written before the next one is', () => {
  const ledger = new TestLedger();
  const chain = { params: sampleParams, ledger, inSync: false };
  // One or two blocks change so much.
  const node = new MachineDriver({ ...chain, limits: { changesAhead: 45, preparedChanges: 400 } });
  node.wait(2_000_000);
  node.autoVerify = false;
  const blocks = sampleChain(node.genesis, sampleParams, 20, { gain: 1_000 });
  for (const [index, block] of blocks.entries()) ledger.signatures.set(block.id, [signatureOver(index)]);
  catchUp(node, blocks);
  assert.equal(node.signatureJobs.length, 2);
  for (let height = 1; height <= 14; height++) {
    const [job, second] = node.signatureJobs;
    const actions = node.answerSignatures(job!);
    assert.equal(node.height, height);
    if (second !== undefined) assert.deepEqual(node.all('verify-signatures', actions), [], 'not in the same step');
    assert.equal(node.all('persist', actions).length, 1);
    node.wait(1);
    const waiting: number = node.signatureJobs.length;
    assert.ok(height === 14 ? waiting === 0 : waiting === 1 || waiting === 2, `${waiting} after block ${height}`);
  }
  assert.equal(ledger.connected.length, 14, 'each was connected once');
  checkTables(node);
});

test('a bad signature among many blocks being caught up condemns that block only', () => {
  const { node, ledger } = scene({ inSync: false });
  const blocks = sampleChain(node.genesis, sampleParams, 20, { gain: 1_000 });
  for (const [index, block] of blocks.entries()) ledger.signatures.set(block.id, [signatureOver(index, index !== 7)]);
  catchUp(node, blocks);
  assert.equal(node.height, 7);
  assert.equal(node.machine.status(blocks[7]!.id)?.reason?.code, 'tx-signature');
  assert.equal(node.machine.status(blocks[8]!.id)?.reason?.code, 'header-invalid-parent');
  checkTables(node);
});

test('a loss that the ledger asks for is computed on the parent’s checkpoint, and the move waits for it', () => {
  const { node, ledger } = scene();
  const [parent, block] = sampleChain(node.genesis, sampleParams, 2) as [SampleBlock, SampleBlock];
  const dvalId = sampleParams.genesis.constants!.dvalIds[2]!;
  ledger.asked.set(block.id, dvalId);
  node.grow([parent]);
  node.autoEvaluate = false;
  node.believe(block);
  node.header(block);
  node.body(block);
  node.chunks(block);
  const [job] = node.jobs;
  assert.deepEqual([job!.root, job!.dvalId, job!.claimed], [parent.file.root, dvalId, null]);
  assert.equal(node.jobs.length, 1);
  node.answer(job!, { kind: 'failed', detail: 'no memory' });
  assert.equal(node.jobs.length, 0);
  node.wait(5_100);
  assert.equal(node.jobs.length, 1, 'asked for again');
  node.answer(node.jobs[0]!, { kind: 'sums', sums: parent.sums });
  assert.equal(node.jobs.length, 1, 'then its own evaluation');
  node.answer(node.jobs[0]!);
  assert.equal(node.tip, block.id);
  assert.equal(ledger.answered.get(block.id), parent.header.valLoss);
  checkTables(node);
});

test('a loss that is being computed is asked for once, and a checkpoint that is gone is fetched for it first', () => {
  const { node, ledger } = scene();
  const [parent, block] = sampleChain(node.genesis, sampleParams, 2) as [SampleBlock, SampleBlock];
  ledger.asked.set(block.id, sampleParams.genesis.constants!.dvalIds[2]!);
  node.grow([parent]);
  node.autoEvaluate = false;
  node.checkpoints.delete(parent.file.root);
  node.believe(block);
  node.header(block);
  node.body(block);
  const actions = node.chunks(block);
  assert.equal(node.jobs.length, 0);
  assert.deepEqual(
    node.all('want-chunks', actions).map(({ root }) => root),
    [parent.file.root],
  );
  node.chunks(parent);
  assert.equal(node.jobs.length, 1);
  for (let tick = 0; tick < 5; tick++) node.wait(1_000);
  assert.equal(node.jobs.length, 1);
  node.answer(node.jobs[0]!, { kind: 'sums', sums: parent.sums });
  node.answer(node.jobs[0]!);
  assert.equal(node.tip, block.id);
});

test('below the last six blocks of a catch-up the header says what a loss was, and a D_val that it did not use was void', () => {
  const { node, ledger } = scene({ inSync: false });
  const blocks = sampleChain(node.genesis, sampleParams, 20, { gain: 1_000 });
  const [own, other] = [blocks[3]!, blocks[4]!];
  const [first, , third] = sampleParams.genesis.constants!.dvalIds;
  ledger.asked.set(own.id, first!);
  ledger.asked.set(other.id, third!);
  catchUp(node, blocks);
  assert.equal(node.height, 14);
  assert.equal(node.all('evaluate').length, 0);
  assert.equal(ledger.answered.get(own.id), own.header.parentLoss);
  assert.ok(ledger.answered.get(other.id)! > 2 * other.header.parentLoss);
});

test('the operator undoes and redoes blocks below the final one, with all that the ledger knew', () => {
  const { node } = scene();
  const blocks = sampleChain(node.genesis, sampleParams, 12, { gain: 1_000 });
  node.grow(blocks);
  assert.ok(node.machine.finalizedHeight() >= 5);
  const tables = ledgerTables(node.store);
  node.step({ type: 'invalidate', blockId: blocks[2]!.id });
  assert.equal(node.height, 2);
  checkTables(node);
  node.restart();
  checkTables(node);
  node.step({ type: 'reconsider', blockId: blocks[2]!.id });
  node.wait(60_000);
  assert.equal(node.tip, blocks[11]!.id);
  assert.deepEqual(ledgerTables(node.store), tables);
  checkTables(node);
});

test('signatures that were asked for before a restart are asked for again after it', () => {
  const { node, ledger } = scene();
  node.autoVerify = false;
  const block = sampleBlock(node.genesis, sampleParams);
  ledger.signatures.set(block.id, [signatureOver(1)]);
  node.deliver(block);
  node.restart();
  assert.equal(node.signatureJobs.length, 1);
  node.answerSignatures(node.signatureJobs[0]!);
  assert.equal(node.tip, block.id);
});

test('a store that lost what undoes a block says how to repair it', () => {
  const { node } = scene();
  const blocks = sampleChain(node.genesis, sampleParams, 3);
  node.grow(blocks);
  const [key] = [...node.store.entries('undo')][0]!;
  node.store.write({ puts: [], deletes: [{ table: 'undo', key }] });
  assert.throws(() => node.step({ type: 'invalidate', blockId: blocks[0]!.id }), {
    code: 'chain-corrupt',
    message: /--reindex/,
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainAction } from './events.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { chunkyParams, sampleBlock, sampleChain, sampleParams } from './testing/sample-blocks.ts';

const types = (actions: readonly ChainAction[]): string[] =>
  actions.map(({ type }) => type).filter((type) => type !== 'wake');

test('a block goes its way: header, body, chunks, evaluation, tip, and says each step', () => {
  const node = new MachineDriver({ params: sampleParams });
  node.autoEvaluate = false;
  const block = sampleBlock(node.genesis, sampleParams);
  node.believe(block);
  assert.deepEqual(types(node.header(block)), ['header-accepted', 'want-body']);
  assert.deepEqual(types(node.body(block)), ['persist', 'want-chunks']);
  assert.deepEqual(node.machine.missingChunks(block.file.root), [0]);
  assert.deepEqual(types(node.chunks(block)), ['unwant', 'evaluate']);
  const [job] = node.jobs;
  assert.deepEqual(job?.claimed, block.sums);
  assert.equal(job?.expected.growth, 2);
  assert.equal(node.machine.isVerified(block.id), false);
  assert.equal(node.machine.canOffer(block.file.root), false);
  assert.deepEqual(types(node.answer(job!)), ['persist', 'verified', 'tip']);
  assert.equal(node.tip, block.id);
  assert.equal(node.machine.canOffer(block.file.root), true);
});

test('a chain of thirty blocks grows, becomes final six deep and gives up old checkpoints', () => {
  const node = new MachineDriver({ params: sampleParams });
  const blocks = sampleChain(node.genesis, sampleParams, 30);
  node.grow(blocks);
  assert.equal(node.height, 30);
  assert.equal(node.machine.finalizedHeight(), 24);
  assert.deepEqual(
    node.all('finalized').map(({ height }) => height),
    Array.from({ length: 24 }, (_, index) => index + 1),
  );
  const held = new Set(node.checkpoints.roots());
  // Finality, a margin of as much and the twelve last ask for the same here.
  assert.deepEqual(
    blocks.map((block) => held.has(block.file.root)),
    blocks.map((block) => block.header.height > 18),
  );
  assert.equal(node.machine.canOffer(blocks[5]!.file.root), false);
  assert.equal(node.machine.canOffer(blocks[20]!.file.root), true);
});

test('an archive keeps every checkpoint', () => {
  const node = new MachineDriver({ params: sampleParams, options: { archive: true } });
  const blocks = sampleChain(node.genesis, sampleParams, 25);
  node.grow(blocks);
  assert.equal([...node.checkpoints.roots()].length, 25);
  assert.equal(node.machine.canOffer(blocks[0]!.file.root), true);
  assert.equal(node.all('delete-checkpoint').length, 0);
});

test('keepCheckpoints above twelve is honoured, below it is not', () => {
  for (const [keepCheckpoints, expected] of [
    [20, 20],
    [1, 12],
  ] as const) {
    const node = new MachineDriver({ params: sampleParams, options: { keepCheckpoints } });
    node.grow(sampleChain(node.genesis, sampleParams, 30));
    assert.equal([...node.checkpoints.roots()].length, expected);
  }
});

test('what is to be written comes before everything that promises it', () => {
  const node = new MachineDriver({ params: sampleParams });
  const steps: ChainAction[][] = [];
  const { machine } = node;
  const original = machine.step.bind(machine);
  machine.step = (event, now) => {
    const actions = original(event, now);
    steps.push(actions);
    return actions;
  };
  node.grow(sampleChain(node.genesis, sampleParams, 8));
  assert.ok(steps.length > 30);
  for (const actions of steps) {
    const at = actions.findIndex(({ type }) => type === 'persist');
    assert.ok(at <= 0, 'persist is the first action');
    assert.ok(actions.filter(({ type }) => type === 'persist').length <= 1);
    if (actions.some(({ type }) => ['verified', 'tip', 'finalized'].includes(type))) assert.equal(at, 0);
  }
});

test('a header is accepted once; headers whose parent is unknown are refused without blame', () => {
  const node = new MachineDriver({ params: sampleParams });
  const [first, second] = sampleChain(node.genesis, sampleParams, 2);
  node.wait(5_000);
  const early = node.header(second!);
  assert.deepEqual(node.refusals(early), ['header-unknown-parent']);
  assert.equal(node.all('refused', early)[0]?.peerFault, false);
  assert.deepEqual(types(node.header(first!)), ['header-accepted', 'want-body']);
  assert.deepEqual(types(node.header(first!, 'another')), []);
  assert.deepEqual(types(node.header(second!)), ['header-accepted', 'want-body']);
});

test('bodies and chunks that nobody asked for are no work', () => {
  const node = new MachineDriver({ params: sampleParams });
  const block = sampleBlock(node.genesis, sampleParams);
  assert.deepEqual(node.body(block), []);
  assert.deepEqual(node.chunks(block), []);
  assert.deepEqual([...node.checkpoints.roots()], []);
  node.deliver(block);
  assert.deepEqual(types(node.body(block)), []);
  assert.deepEqual(types(node.chunks(block)), []);
});

test('checkpoints of several chunks are put together from several peers in any order', () => {
  const node = new MachineDriver({ params: chunkyParams });
  const block = sampleBlock(node.genesis, chunkyParams);
  node.believe(block);
  node.header(block);
  const [want] = node.all('want-chunks', node.body(block));
  assert.deepEqual(want?.missing, [0, 1, 2]);
  node.chunk(block, 2, 'a');
  assert.deepEqual(node.machine.missingChunks(block.file.root), [0, 1]);
  node.chunk(block, 0, 'b');
  assert.equal(node.height, 0);
  node.chunk(block, 1, 'c');
  assert.equal(node.height, 1);
});

test('a block of our own miner is verified by the sums that our own evaluator computed', () => {
  const node = new MachineDriver({ params: sampleParams });
  node.autoEvaluate = false;
  const block = sampleBlock(node.genesis, sampleParams);
  const { checkpoints } = node;
  assert.ok('importBytes' in checkpoints);
  (checkpoints as { importBytes(file: Uint8Array): string }).importBytes(block.file.bytes);
  const dvalId = sampleParams.genesis.constants!.dvalIds[0]!;
  const evaluation = { dvalId, growth: block.header.growth, sums: block.sums };
  node.step({ type: 'checkpoint-stored', root: block.file.root, evaluation });
  node.header(block, null);
  const actions = node.body(block, null);
  assert.equal(node.all('evaluate', actions).length, 0);
  assert.equal(node.tip, block.id);
});

test('without sums our own block is evaluated like any other', () => {
  const node = new MachineDriver({ params: sampleParams });
  const block = sampleBlock(node.genesis, sampleParams);
  node.believe(block);
  (node.checkpoints as unknown as { importBytes(file: Uint8Array): string }).importBytes(block.file.bytes);
  node.header(block, null);
  node.body(block, null);
  assert.equal(node.all('evaluate').length, 1);
  assert.equal(node.tip, block.id);
});

test('of checkpoints that our miner stored and never used the last four are kept', () => {
  const node = new MachineDriver({ params: sampleParams });
  const store = node.checkpoints as unknown as { importBytes(file: Uint8Array): string };
  const roots = Array.from({ length: 6 }, (_, seed) => {
    const root = store.importBytes(sampleBlock(node.genesis, sampleParams, { seed }).file.bytes);
    node.step({ type: 'checkpoint-stored', root });
    return root;
  });
  assert.deepEqual([...node.checkpoints.roots()], roots.slice(2));
  node.restart();
  assert.deepEqual([...node.checkpoints.roots()], [], 'after a restart nobody will claim them');
});

test('an evaluation that failed for reasons of our own is tried again and blames nobody', () => {
  const node = new MachineDriver({ params: sampleParams });
  node.autoEvaluate = false;
  const block = sampleBlock(node.genesis, sampleParams);
  node.believe(block);
  node.header(block);
  node.body(block);
  node.chunks(block);
  const actions = node.answer(node.jobs[0]!, { kind: 'failed', detail: 'a worker died' });
  assert.deepEqual(node.refusals(actions), ['evaluation-unavailable']);
  assert.equal(node.all('refused', actions)[0]?.peerFault, false);
  assert.equal(node.jobs.length, 0, 'not at once');
  node.wait(6_000);
  node.answer(node.jobs[0]!);
  assert.equal(node.tip, block.id);
});

test('an evaluation is cancelled when the tip no longer needs it', () => {
  const node = new MachineDriver({ params: sampleParams });
  node.autoEvaluate = false;
  const [good, better] = [
    sampleBlock(node.genesis, sampleParams, { seed: 1, gain: 6000 }),
    sampleBlock(node.genesis, sampleParams, { seed: 2, gain: 9000 }),
  ];
  node.believe(good!, better!);
  for (const block of [good!, better!]) {
    node.header(block, `peer ${block.id}`);
    node.body(block);
    node.chunks(block);
  }
  assert.equal(node.jobs.length, 1, 'one evaluation at a time');
  assert.equal(node.jobs[0]!.root, good!.file.root);
  node.step({ type: 'invalidate', blockId: good!.id });
  assert.equal(node.all('cancel-evaluate').length, 1);
  assert.equal(node.jobs[0]!.root, better!.file.root);
  assert.deepEqual(node.step({ type: 'evaluated', job: 1, outcome: { kind: 'sums', sums: good!.sums } }), []);
  node.answer(node.jobs[0]!);
  assert.equal(node.tip, better!.id);
});

test('the reward of an active block can be looked up, and is gone when the block is', () => {
  const node = new MachineDriver({ params: sampleParams });
  const block = sampleBlock(node.genesis, sampleParams);
  node.deliver(block);
  const reward = node.machine.reward(block.id)!;
  assert.equal(reward.blockId, block.id);
  // 0.1% better earns the subsidy, and a tenth of the bonus that 1% would (LED-22).
  assert.equal(reward.outputs[0]!.amount, (sampleParams.subsidy * 11n) / 10n);
  assert.equal(node.machine.reward(node.machine.activeChainAt(0)!), null);
  node.step({ type: 'invalidate', blockId: block.id });
  assert.equal(node.machine.reward(block.id), null);
});

test('twelve checkpoints are kept also where fewer would do for reorganisations', () => {
  const params = { ...sampleParams, finalityDepth: 2 };
  const node = new MachineDriver({ params });
  const blocks = sampleChain(node.genesis, params, 20);
  node.wait(200_000);
  node.grow(blocks);
  node.wait(100_000);
  assert.equal(node.machine.finalizedHeight(), 18);
  const kept = blocks.filter(({ file }) => node.checkpoints.isComplete(file.root));
  assert.deepEqual(
    kept.map(({ header }) => header.height),
    [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
  );
});

test('a checkpoint that was evaluated for a block of another growth is none of this block’s', () => {
  const node = new MachineDriver({ params: sampleParams });
  const base = sampleBlock(node.genesis, sampleParams);
  node.wait(100_000);
  node.deliver(base);
  node.wait(5_000);
  const first = sampleBlock(base.header, sampleParams, { seed: 1, gain: 9_000 });
  node.deliver(first);
  node.wait(5_000);
  assert.equal(node.tip, first.id);
  node.step({ type: 'invalidate', blockId: first.id });
  const other = sampleBlock(base.header, sampleParams, { seed: 2, gain: 4_000 });
  const copy = sampleBlock(other.header, sampleParams, { gain: 5_000, file: first.file });
  assert.equal(copy.header.valLoss, first.header.valLoss);
  assert.equal(copy.file.root, first.file.root);
  node.deliver(other);
  const actions = [...node.header(copy), ...node.body(copy), ...node.wait(5_000)];
  assert.deepEqual(node.refusals(actions), ['ckpt-wrong-metadata']);
  assert.equal(node.tip, other.id);
});

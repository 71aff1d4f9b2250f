// A restart changes nothing: what a machine reads back from its store is what it was (property), whatever happened before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import { devnet } from '@resonancenet/params/devnet';
import { CHAIN_TABLES } from './events.ts';
import { MemoryChainStore, type MemoryCheckpointStore } from './memory-store.ts';
import type { ChainStore } from './ports.ts';
import { createChain } from './create-chain.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { type SampleBlock, sampleBlock, sampleChain, sampleParams } from './testing/sample-blocks.ts';

/** Everything that can be asked about the chain. */
function describe(node: MachineDriver, blocks: readonly SampleBlock[]): unknown {
  const { machine } = node;
  return {
    tip: machine.tip().id,
    final: machine.finalizedHeight(),
    tips: machine.tips().map(({ id, status, branchLength }) => [id, status, branchLength]),
    blocks: blocks.map(({ id, file }) => [
      // Headers of branches below finality are not stored: peers tell them again.
      machine.status(id)?.status === 'foreign' ? null : machine.status(id),
      machine.isVerified(id),
      machine.canOffer(file.root),
      machine.bodyBytes(id)?.length,
      machine.reward(id)?.txid,
    ]),
    active: Array.from({ length: machine.tip().height + 1 }, (_, height) => machine.activeChainAt(height)),
    child: machine.expectedChild(BigInt(Math.floor(node.unixMs / 1000))),
    checkpoints: [...node.checkpoints.roots()].sort(),
  };
}

function dump(store: ChainStore): Record<string, string[]> {
  const tables: Record<string, string[]> = {};
  for (const table of CHAIN_TABLES)
    if (table !== 'meta')
      tables[table] = [...store.entries(table)].map(([key, value]) => `${toHex(key)}=${toHex(value)}`);
  return tables;
}

/** A seeded life: blocks from several peers on random parents, in pieces, with lies, waits, commands and restarts. */
function live(
  seed: number,
  steps: number,
  afterStep: (node: MachineDriver, blocks: SampleBlock[]) => void,
): MachineDriver {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const node = new MachineDriver({ params: sampleParams, inSync: random() < 0.7 });
  const blocks: SampleBlock[] = [];
  const parents = (): SampleBlock[] => blocks.slice(-12);
  for (let step = 0; step < steps; step++) {
    const kind = random();
    const peer = pick(['a', 'b', 'c']);
    if (kind < 0.35 || blocks.length === 0) {
      const onTip = blocks.find(({ id }) => id === node.tip);
      const parent = random() < 0.7 ? onTip : random() < 0.8 ? pick(parents()) : undefined;
      const block = sampleBlock(parent?.header ?? node.genesis, sampleParams, {
        seed: 1000 * seed + step,
        gain: 100 + Math.floor(random() * 9_000),
      });
      blocks.push(block);
      if (random() < 0.9) node.believe(block);
      else
        node.setTruth(
          block.file.root,
          sampleParams.genesis.constants!.dvalIds[0]!,
          block.sums.map((sum) => sum + 1),
        );
      node.header(block, peer);
      if (random() < 0.8) node.body(block, peer);
      if (random() < 0.7) node.chunks(block, peer);
    } else if (kind < 0.5) node.header(pick(blocks), peer);
    else if (kind < 0.65) {
      const block = pick(blocks);
      node.body(block, peer);
      node.chunks(block, peer);
    } else if (kind < 0.92) node.wait(Math.floor(random() * 20_000));
    else if (kind < 0.94) node.step({ type: 'invalidate', blockId: pick(blocks).id });
    else if (kind < 0.97) node.step({ type: 'reconsider', blockId: pick(blocks).id });
    else node.step({ type: 'in-sync', value: random() < 0.8 });
    afterStep(node, blocks);
  }
  return node;
}

test('after any life a restarted machine equals the one that stopped', () => {
  for (let seed = 1; seed <= 12; seed++) {
    let heights = 0;
    live(seed, 90, (node, blocks) => {
      heights = Math.max(heights, node.height);
      if (blocks.length % 7 !== 3) return;
      // Facts about headers without a body are written within ten seconds, or with the next block.
      node.step({ type: 'in-sync', value: false });
      while (node.all('header-accepted', node.wait(10_001)).length > 0);
      const before = describe(node, blocks);
      const stored = dump(node.store);
      node.restart(0, false);
      assert.deepEqual(describe(node, blocks), before, `seed ${seed}`);
      assert.deepEqual(dump(node.store), stored, `seed ${seed}: starting writes nothing but the state`);
      node.step({ type: 'in-sync', value: true });
    });
    assert.ok(heights >= 3, `seed ${seed}: the life was too dull (height ${heights})`);
  }
});

test('whatever happens, the invariants of the store hold', () => {
  for (let seed = 101; seed <= 108; seed++) {
    let final = 0;
    live(seed, 80, (node) => {
      const { machine, store } = node;
      const heights = [...store.entries('heights')];
      assert.equal(heights.length, machine.tip().height + 1);
      assert.equal(toHex(heights.at(-1)![1]), machine.tip().id);
      assert.equal([...store.entries('undo')].length, machine.tip().height);
      assert.equal(machine.totals().height, machine.tip().height);
      for (const [, id] of heights.slice(1)) {
        assert.notEqual(store.get('bodies', id), null, 'every active block has its body');
        const status = machine.status(toHex(id))!;
        assert.ok(status.active && ['verified', 'assumed'].includes(status.status));
      }
      final = machine.finalizedHeight();
      assert.ok(final <= machine.tip().height);
      const tipRoot = toHex(machine.tip().header.checkpointRoot);
      assert.ok(machine.tip().height === 0 || node.checkpoints.isComplete(tipRoot), 'the tip’s checkpoint is at hand');
    });
  }
});

test('two restarts in a row and a restart on an empty store are the same as one', () => {
  const node = new MachineDriver({ params: sampleParams });
  const id = node.tip;
  node.restart();
  node.restart();
  assert.equal(node.tip, id);
  node.grow(sampleChain(node.genesis, sampleParams, 9));
  const { tip } = node;
  node.restart();
  node.restart();
  assert.equal(node.tip, tip);
  assert.equal(node.machine.finalizedHeight(), 3);
});

test('the chain clock never goes back, whatever is done to the wall clock', () => {
  const node = new MachineDriver({ params: sampleParams });
  node.grow(sampleChain(node.genesis, sampleParams, 9));
  const final = node.machine.finalizedHeight();
  node.unixMs -= 50_000_000;
  node.restart(0);
  node.unixMs += 50_100_000;
  const more = sampleChain(node.machine.tip().header, sampleParams, 3, { seed: 4 });
  node.grow(more);
  assert.equal(node.tip, more[2]!.id);
  assert.equal(node.machine.finalizedHeight(), final + 3);
});

test('a checkpoint that became complete just before a crash is used after it', () => {
  const node = new MachineDriver({ params: sampleParams });
  node.autoEvaluate = false;
  const block = sampleBlock(node.genesis, sampleParams);
  node.believe(block);
  node.header(block);
  node.body(block);
  node.chunks(block);
  assert.equal(node.jobs.length, 1);
  node.restart();
  assert.equal(node.jobs.length, 1, 'the evaluation is asked for again');
  node.answer(node.jobs[0]!);
  assert.equal(node.tip, block.id);
});

test('a tip whose checkpoint is gone asks for it, and checkpoints that nobody needs are given up at start', () => {
  const node = new MachineDriver({ params: sampleParams });
  const blocks = sampleChain(node.genesis, sampleParams, 2);
  node.grow(blocks);
  node.checkpoints.delete(blocks[1]!.file.root);
  const stranger = (node.checkpoints as MemoryCheckpointStore).importBytes(new Uint8Array(500).fill(3));
  const from = node.log.length;
  node.restart();
  const actions = node.log.slice(from);
  assert.deepEqual(
    node.all('delete-checkpoint', actions).map(({ root }) => root),
    [stranger],
  );
  assert.deepEqual(
    node.all('want-chunks', actions).map(({ root }) => root),
    [blocks[1]!.file.root],
  );
  node.chunks(blocks[1]!);
  assert.equal(node.machine.canOffer(blocks[1]!.file.root), true);
});

test('a store of another network, or one with a damaged record, is a named error', () => {
  const now = { unixMs: Number(sampleParams.genesis.timestamp) * 1000, monotonicMs: 0 };
  const node = new MachineDriver({ params: sampleParams });
  node.grow(sampleChain(node.genesis, sampleParams, 2));
  const { store, checkpoints } = node;
  assert.throws(() => createChain({ params: devnet, store, checkpoints }, now), {
    code: 'chain-network',
    message: /belongs to another network/,
  });
  const [key, value] = [...store.entries('headers')].at(-1)!;
  store.write({ puts: [{ table: 'headers', key, value: value.slice(0, -1) }], deletes: [] });
  assert.throws(() => createChain({ params: sampleParams, store, checkpoints }, now), { code: 'chain-corrupt' });
  store.write({ puts: [], deletes: [{ table: 'headers', key }] });
  assert.throws(() => createChain({ params: sampleParams, store, checkpoints }, now), {
    code: 'chain-corrupt',
    message: /has no record/,
  });
  assert.doesNotThrow(() => createChain({ params: sampleParams, store: new MemoryChainStore(), checkpoints }, now));
});

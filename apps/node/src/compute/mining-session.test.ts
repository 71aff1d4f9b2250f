// A miner whose rival wins a block does not lose what it has trained (docs/adr/0012-rivals-progress.md).

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loadDevnetCorpus } from '@resonancenet/corpus/devnet-corpus';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import type { Checkpoint } from '@resonancenet/model/checkpoint';
import type { ModelShape } from '@resonancenet/model/shape';
import { initAmplitudes } from '@resonancenet/params/init-amplitudes';
import { memoryCorpus } from '@resonancenet/training/corpus';
import { evalWindows } from '@resonancenet/training/eval-windows';
import { initialWeights } from '@resonancenet/training/initial-weights';
import { createPrng } from '@resonancenet/training/prng';
import { defaultRecipe } from '@resonancenet/training/recipe';
import { createLoader } from '@resonancenet/training/window-loader';
import { type Candidate, MiningSession, type MiningTarget, type Mixture } from './mining-session.ts';

const baseWidth = 32;
const window = 64;
const batch = 4;
const text = loadDevnetCorpus();
const windows = evalWindows(Uint16Array.from(text.validation.subarray(0, 32 * window)), window, 0);
const backend = await selectBackend('auto', { threads: 1 });
after(() => backend.close());

const shapeAt = (height: number): ModelShape => ({ vocab: 256, width: baseWidth + 2 * height, layers: 1, baseWidth });

function miner(bytes: Uint8Array, seed: number): MiningSession {
  const loader = createLoader(memoryCorpus(Uint16Array.from(bytes)), { batch, window, startId: 0, seed });
  const amplitudes = initAmplitudes(baseWidth);
  return new MiningSession(
    { backend, loader, recipe: defaultRecipe, batch, window, baseLayers: 1, amplitudes, now: () => 0 },
    0,
  );
}

/** What the block after the parent must be: lower by one quantum. */
function targetAfter(parentSums: readonly number[], height: number): MiningTarget {
  return {
    id: height,
    shape: shapeAt(height),
    growth: 2 * height,
    growthSeed: new Uint8Array(32).fill(height),
    windows,
    parentSums,
    maxTotal: BigInt(parentSums.reduce((total, sum) => total + sum, 0)) - 1n,
  };
}

async function trained(session: MiningSession, steps: number): Promise<MiningSession> {
  for (let step = 0; step < steps; step += 1) await session.train();
  return session;
}

async function candidateOf(session: MiningSession): Promise<Candidate> {
  const look = await session.look();
  assert.equal(look.kind, 'candidate');
  return look as Candidate;
}

const start: Checkpoint = {
  shape: shapeAt(0),
  baseLayers: 1,
  growth: 0,
  data: initialWeights(shapeAt(0), 1),
};
const evaluator = await backend.evaluator(start);
const startSums = (await evaluator.evaluate(windows)).map((result) => (result.ok ? result.sum : 0));
await evaluator.close();

const first = miner(text.halves[0], 1);
await first.startFrom(start, targetAfter(startSums, 1));
const parent = await candidateOf(await trained(first, 120));
/** A rival's block on that parent. */
const winner = miner(text.halves[0], 2);
await winner.startFrom(parent.checkpoint, targetAfter(parent.sums, 2));
const tip = await candidateOf(await trained(winner, 40));

/** A miner that trained on its own text for the block that the rival won, and then moves to the rival's. */
async function moved(bytes: Uint8Array, steps: number): Promise<{ session: MiningSession; mixture: Mixture }> {
  const session = miner(bytes, 3);
  await session.startFrom(parent.checkpoint, targetAfter(parent.sums, 2));
  await trained(session, steps);
  return { session, mixture: await session.startFrom(tip.checkpoint, targetAfter(tip.sums, 3)) };
}

test("what a miner trained for a block that a rival won goes into its next block, which is better than the rival's at once", async () => {
  const { session, mixture } = await moved(text.halves[1], 40);
  assert.notEqual(mixture, 'tip');
  const { total } = await candidateOf(session);
  assert.ok(total < tip.total, `${total} after ${tip.total}`);
  await session.close();
});

test('nor is it lost if the miner had already gone on to its own block at the same height, which the rival’s then beat', async () => {
  const session = miner(text.halves[1], 3);
  await session.startFrom(parent.checkpoint, targetAfter(parent.sums, 2));
  const own = await candidateOf(await trained(session, 20));
  await session.goOn(targetAfter(own.sums, 3));
  await trained(session, 20);
  assert.notEqual(await session.startFrom(tip.checkpoint, targetAfter(tip.sums, 3)), 'tip');
  const { total } = await candidateOf(session);
  assert.ok(total < tip.total, `${total} after ${tip.total}`);
  await session.close();
});

test('a miner without progress of its own goes on with the rival’s weights, bit for bit', async () => {
  const session = miner(text.halves[1], 3);
  assert.equal(await session.startFrom(tip.checkpoint, targetAfter(tip.sums, 3)), 'tip');
  const look = await session.look();
  assert.equal(look.kind, 'shortfall');
  if (look.kind === 'shortfall') assert.equal(look.total, look.parentTotal);
  await session.close();
});

test('progress that makes the rival’s weights worse is left out', async () => {
  const prng = createPrng(1);
  const noise = Uint8Array.from({ length: 50_000 }, () => Math.floor(prng.uniform() * 256));
  const { session, mixture } = await moved(noise, 40);
  assert.equal(mixture, 'tip');
  const look = await session.look();
  assert.equal(look.kind, 'shortfall');
  if (look.kind === 'shortfall') assert.equal(look.total, look.parentTotal);
  await session.close();
});

test('failed looks slow training down, a look without training does not, and a rival’s block lets it recover as an own one would', async () => {
  const session = miner(text.halves[1], 3);
  const unreachable = { ...targetAfter(parent.sums, 2), maxTotal: -1n };
  await session.startFrom(parent.checkpoint, unreachable);
  assert.equal((await session.look()).kind, 'shortfall');
  assert.equal(session.rate, 1, 'nothing was trained');
  for (let i = 0; i < 4; i += 1) {
    await session.train();
    assert.equal((await session.look()).kind, 'shortfall');
  }
  const slow = session.rate;
  assert.ok(slow < 0.6);
  await session.look();
  assert.equal(session.rate, slow);
  await session.startFrom(tip.checkpoint, targetAfter(tip.sums, 3));
  assert.equal(session.rate, slow * 1.25);
  await session.close();
});

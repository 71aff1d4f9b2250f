import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ModelShape, parameterCount } from '@resonancenet/model/shape';
import { tensorSpecs } from '@resonancenet/model/tensors';
import { randomisedParameters } from '@resonancenet/model/testing/randomised-weights';
import type { StepHyper, TrainBatch, Trainer, TrainerState } from '../backend.ts';
import { ReferenceTrainer } from '../reference/reference-trainer.ts';
import { sampleBatch } from '../testing/central-differences.ts';
import { relativeError } from '../testing/op-bench.ts';
import { WasmTrainer, type WasmTrainerOptions } from './train-session.ts';

const HYPER: StepHyper = {
  ...{ muonLr: 0.02, adamLr: 0.003, muonMomentum: 0.95, beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
  ...{ weightDecay: 0.01, clipNorm: 1 },
};

function initialState(shape: ModelShape, seed: number): TrainerState {
  const count = parameterCount(shape);
  const param = randomisedParameters(shape, seed);
  return { step: 0, param, m: new Float32Array(count), v: new Float32Array(count) };
}

async function withTrainer<T>(options: WasmTrainerOptions, use: (trainer: WasmTrainer) => Promise<T>): Promise<T> {
  const trainer = await WasmTrainer.create(options);
  try {
    return await use(trainer);
  } finally {
    await trainer.close();
  }
}

interface Case {
  readonly shape: ModelShape;
  readonly batch: number;
  readonly window: number;
}

const CASES: readonly Case[] = [
  { shape: { vocab: 17, width: 16, layers: 2, baseWidth: 16 }, batch: 2, window: 80 },
  { shape: { vocab: 1031, width: 50, layers: 1, baseWidth: 48 }, batch: 3, window: 37 },
  { shape: { vocab: 2, width: 2, layers: 1, baseWidth: 2 }, batch: 1, window: 1 },
];

/** Largest relative error of one tensor. */
function worstTensor(shape: ModelShape, ours: Float32Array, expected: Float32Array): { name: string; error: number } {
  return tensorSpecs(shape)
    .map(({ name, offset, size }) => ({
      name,
      error: relativeError(ours.subarray(offset, offset + size), expected.subarray(offset, offset + size)),
    }))
    .reduce((worst, next) => (next.error > worst.error ? next : worst));
}

describe('WasmTrainer', () => {
  for (const { shape, batch, window } of CASES) {
    it(`has the reference's loss and gradient, the same bits on 1, 2 and 4 threads (d ${shape.width}, L ${shape.layers}, V ${shape.vocab}, ${batch} x ${window})`, async () => {
      const ids = sampleBatch(shape.vocab, batch, window);
      const reference = new ReferenceTrainer({ shape, maxBatch: batch, maxWindow: window });
      reference.load(initialState(shape, 3));
      const expected = await reference.forwardBackward(ids);
      const gradient = reference.gradient();
      const seen: { loss: number; gradient: Float32Array }[] = [];
      for (const threads of [1, 2, 4]) {
        const options = { shape, maxBatch: batch, maxWindow: window, threads, aloneBelow: 0 };
        await withTrainer(options, async (trainer) => {
          trainer.load(initialState(shape, 3));
          const { loss } = await trainer.forwardBackward(ids);
          seen.push({ loss, gradient: trainer.gradient() });
          assert.ok(
            Math.abs(loss - expected.loss) < 1e-5 * Math.max(1, expected.loss),
            `${loss}, reference ${expected.loss}`,
          );
          assert.equal(await trainer.loss(ids), loss);
        });
      }
      const worst = worstTensor(shape, seen[0]!.gradient, gradient);
      assert.ok(worst.error < 1e-4, `${worst.name}: relative error ${worst.error}`);
      for (const other of seen) assert.deepEqual(other, seen[0]);
    });
  }

  for (const matrixRule of ['muon', 'adamw'] as const) {
    it(`computes the same updates on 1 and 3 threads, ${matrixRule} for the matrices`, async () => {
      const shape = CASES[1]!.shape;
      const ids = sampleBatch(shape.vocab, 2, 30);
      const run = (threads: number): Promise<TrainerState> =>
        withTrainer({ shape, maxBatch: 2, maxWindow: 30, threads, matrixRule, aloneBelow: 0 }, async (trainer) => {
          trainer.load(initialState(shape, 4));
          for (let i = 0; i < 3; i++) await trainer.step(ids, HYPER);
          return trainer.state();
        });
      const [one, three] = [await run(1), await run(3)];
      assert.deepEqual(three, one);
      const v = tensorSpecs(shape).find((spec) => spec.kind === 'wgate')!;
      const used = one.v.subarray(v.offset, v.offset + v.size).some((value) => value !== 0);
      assert.equal(used, matrixRule === 'adamw');
    });
  }

  it('computes the same bits with 128-bit instructions as with 256-bit ones', async () => {
    const shape = CASES[1]!.shape;
    const ids = sampleBatch(shape.vocab, 2, 30);
    const seen: TrainerState[] = [];
    for (const wide of [false, true]) {
      await withTrainer({ shape, maxBatch: 2, maxWindow: 30, threads: 1, wide }, async (trainer) => {
        trainer.load(initialState(shape, 4));
        for (let i = 0; i < 20; i++) await trainer.step(ids, HYPER);
        seen.push(trainer.state());
      });
    }
    assert.deepEqual(seen[1], seen[0]);
  });

  it('follows the reference through updates, clipped and not, and its moments', async () => {
    const shape = { vocab: 37, width: 18, layers: 2, baseWidth: 16 };
    const ids = sampleBatch(37, 2, 40);
    for (const clipNorm of [0.5, Number.POSITIVE_INFINITY]) {
      await withTrainer({ shape, maxBatch: 2, maxWindow: 40, threads: 2 }, async (trainer) => {
        const reference: Trainer = new ReferenceTrainer({ shape, maxBatch: 2, maxWindow: 40 });
        for (const each of [trainer, reference]) each.load(initialState(shape, 5));
        for (let i = 0; i < 5; i++) {
          const [ours, theirs] = [
            await trainer.step(ids, { ...HYPER, clipNorm }),
            await reference.step(ids, { ...HYPER, clipNorm }),
          ];
          assert.ok(Math.abs(ours.gradNorm / theirs.gradNorm - 1) < 1e-4);
        }
        const [ours, theirs] = [trainer.state(), reference.state()];
        assert.equal(ours.step, 5);
        for (const part of ['param', 'm', 'v'] as const) {
          const worst = worstTensor(shape, ours[part], theirs[part]);
          assert.ok(worst.error < 1e-3, `${part} ${worst.name}: ${worst.error}`);
        }
      });
    }
  });

  it('learns 64 repeated bytes by heart', async () => {
    const shape = { vocab: 256, width: 32, layers: 2, baseWidth: 32 };
    const text = Uint16Array.from({ length: 65 }, (_, i) => 32 + ((i * i * 7 + i * 13) % 90));
    const ids: TrainBatch = { inputs: text.slice(0, 64), targets: text.slice(1), batch: 1, window: 64 };
    await withTrainer({ shape, maxBatch: 1, maxWindow: 64, threads: 2 }, async (trainer) => {
      trainer.load(initialState(shape, 6));
      let loss = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 150 && loss >= 0.1; i++) ({ loss } = await trainer.step(ids, HYPER));
      assert.ok(loss < 0.1, `loss ${loss}`);
    });
  });

  it('goes on from a saved state with the same bits, on any number of threads, and batches may shrink and grow', async () => {
    const shape = CASES[0]!.shape;
    const sizes = [
      [2, 80],
      [1, 33],
      [3, 7],
      [2, 80],
    ] as const;
    const options = { shape, maxBatch: 3, maxWindow: 80, aloneBelow: 0 };
    const saved = await withTrainer({ ...options, threads: 2 }, async (trainer) => {
      trainer.load(initialState(shape, 7));
      await trainer.step(sampleBatch(17, 2, 80), HYPER);
      const state = trainer.state();
      const reports = [];
      for (const [batch, window] of sizes) reports.push(await trainer.step(sampleBatch(17, batch, window), HYPER));
      return { state, reports, end: trainer.state() };
    });
    await withTrainer({ ...options, threads: 3 }, async (trainer) => {
      trainer.load(saved.state);
      assert.deepEqual(trainer.state(), saved.state);
      for (const [i, [batch, window]] of sizes.entries()) {
        assert.deepEqual(await trainer.step(sampleBatch(17, batch, window), HYPER), saved.reports[i]);
      }
      assert.deepEqual(trainer.state(), saved.end);
    });
  });

  it('reports a gradient that is not finite and changes nothing', async () => {
    const shape = CASES[0]!.shape;
    await withTrainer({ shape, maxBatch: 1, maxWindow: 16, threads: 1 }, async (trainer) => {
      for (const name of [
        'embed',
        'layers.0.conv.taps',
        'layers.1.gru.wh',
        'layers.0.slot.keys',
        'layers.1.ffn.bgate',
      ]) {
        const state = initialState(shape, 8);
        state.param[tensorSpecs(shape).find((spec) => spec.name === name)!.offset] = Number.NaN;
        trainer.load({ ...state, step: 5 });
        const report = await trainer.step(sampleBatch(17, 1, 16), HYPER);
        assert.ok(Number.isNaN(report.loss) && Number.isNaN(report.gradNorm), name);
        assert.deepEqual(trainer.state(), { ...state, step: 5 });
      }
    });
  });

  it('refuses batches, ids, states and sizes that do not fit, and a second call at once', async () => {
    const shape = CASES[0]!.shape;
    await withTrainer({ shape, maxBatch: 2, maxWindow: 16, threads: 1 }, async (trainer) => {
      trainer.load(initialState(shape, 9));
      await assert.rejects(trainer.loss(sampleBatch(17, 3, 16)), /holds up to 2 x 16/);
      await assert.rejects(trainer.loss(sampleBatch(17, 1, 17)), /holds up to 2 x 16/);
      await assert.rejects(trainer.loss({ ...sampleBatch(17, 1, 8), targets: new Uint16Array(7) }), /7 targets/);
      await assert.rejects(trainer.loss(sampleBatch(60, 2, 16)), /the vocabulary has 17/);
      assert.throws(() => trainer.load({ ...initialState(shape, 1), m: new Float32Array(3) }), /m has 3 values/);
      assert.throws(() => trainer.load({ ...initialState(shape, 1), step: -1 }), /step -1/);
      const first = trainer.loss(sampleBatch(17, 1, 8));
      await assert.rejects(trainer.loss(sampleBatch(17, 1, 8)), /wait for the call before/);
      assert.ok(Number.isFinite(await first));
    });
    await assert.rejects(WasmTrainer.create({ shape, maxBatch: 0, maxWindow: 16, threads: 1 }), RangeError);
  });

  it('says how long each op took when asked', async () => {
    const shape = CASES[0]!.shape;
    await withTrainer({ shape, maxBatch: 1, maxWindow: 8, threads: 1, profile: true }, async (trainer) => {
      trainer.load(initialState(shape, 10));
      await trainer.step(sampleBatch(17, 1, 8), HYPER);
      assert.ok(trainer.opTimes!.get('muon')!.calls === 1 && trainer.opTimes!.get('convolution')!.calls === 2);
    });
  });
});

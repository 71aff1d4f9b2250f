// The benchmarks. Each first checks that what it times is right, then alternates ours and the peer.

import type { Backend, TrainBatch } from '@resonancenet/kernels/backend';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { gemmSpeed } from '@resonancenet/kernels/wasm/gemm-speed';
import { bf16FromF32, widenBf16 } from '@resonancenet/model/bf16';
import { type ModelShape, parameterCount } from '@resonancenet/model/shape';
import { initialWeights } from '@resonancenet/training/initial-weights';
import { createPrng } from '@resonancenet/training/prng';
import { defaultRecipe, stepHyper } from '@resonancenet/training/recipe';
import { learning } from './learning.ts';
import { connectBlocks, ledgerMemory, signatures } from './ledger/ledger-benchmarks.ts';
import { wallet } from './wallet/wallet-benchmarks.ts';
import { blasGflops, torchResonance } from './peer.ts';
import { type BenchRow, makeRow } from './report.ts';

export interface BenchContext {
  readonly threads: number;
  readonly rounds: number;
  readonly hasPeer: boolean;
  /** GFLOP/s of the machine's BLAS, or null. */
  readonly ceiling: number | null;
  readonly text: string | null;
  readonly say: (line: string) => void;
}

export type Benchmark = (context: BenchContext) => Promise<BenchRow[]>;

const genesis: ModelShape = { vocab: 50257, width: 384, layers: 6, baseWidth: 384 };
const small: ModelShape = { vocab: 256, width: 128, layers: 4, baseWidth: 128 };

function randomBatch(shape: ModelShape, batch: number, window: number): TrainBatch {
  const prng = createPrng(7);
  const ids = (): Uint16Array => Uint16Array.from({ length: batch * window }, () => prng.next() % shape.vocab);
  return { inputs: ids(), targets: ids(), batch, window };
}

/** Weights that are no special case: the initial ones with every zero tensor filled by small noise. */
function busyWeights(shape: ModelShape): Uint16Array {
  const prng = createPrng(3);
  const values = widenBf16(initialWeights(shape, 1));
  for (let i = 0; i < values.length; i += 1) if (values[i] === 0) values[i] = (prng.uniform() - 0.5) / 32;
  return bf16FromF32(values);
}

function assertRight(condition: boolean, what: string): void {
  if (!condition) throw new Error(`The benchmark does not time what it claims: ${what}`);
}

/** Tokens per second that BLAS speed would allow if a token cost `flops` and nothing else. */
function tokenLimit(context: BenchContext, flops: number): number | null {
  return context.ceiling === null ? null : (context.ceiling * 1e9) / flops;
}

async function withBackend<T>(threads: number, work: (backend: Backend) => Promise<T>): Promise<T> {
  const backend = await selectBackend('wasm', { threads });
  try {
    return await work(backend);
  } finally {
    await backend.close();
  }
}

async function trainOnce(
  shape: ModelShape,
  batch: number,
  window: number,
  threads: number,
  steps: number,
): Promise<number> {
  return await withBackend(threads, async (backend) => {
    const trainer = await backend.trainer({ shape, maxBatch: batch, maxWindow: window });
    const param = widenBf16(initialWeights(shape, 1));
    trainer.load({ step: 0, param, m: new Float32Array(param.length), v: new Float32Array(param.length) });
    const data = randomBatch(shape, batch, window);
    let best = Number.POSITIVE_INFINITY;
    let first = Number.NaN;
    let last = Number.NaN;
    for (let step = 0; step < steps; step += 1) {
      const started = performance.now();
      last = (await trainer.step(data, stepHyper(defaultRecipe, 1))).loss;
      best = Math.min(best, performance.now() - started);
      if (step === 0) first = last;
    }
    await trainer.close();
    assertRight(Math.abs(first - Math.log(shape.vocab)) < 0.3, `the first loss is ${first}, not near that of chance`);
    assertRight(last < first, `training on one batch did not lower its loss (${first} -> ${last})`);
    return (batch * window * 1000) / best;
  });
}

function training(name: string, shape: ModelShape, batch: number, window: number, steps: number): Benchmark {
  return async (context) => {
    const ours: number[] = [];
    const peer: number[] = [];
    for (let round = 0; round < context.rounds; round += 1) {
      context.say(`${name}: round ${round + 1} of ${context.rounds}`);
      ours.push(await trainOnce(shape, batch, window, context.threads, steps));
      if (context.hasPeer) {
        const args = [shape.width, shape.layers, shape.vocab, batch, window, context.threads, steps];
        peer.push((await torchResonance(args)).train);
      }
    }
    const limit = tokenLimit(context, 6 * parameterCount(shape));
    return [makeRow({ name, unit: 'tokens/s', ours, peer: context.hasPeer ? peer : null, limit })];
  };
}

const evalGenesis: Benchmark = async (context) => {
  const weights = { shape: genesis, data: busyWeights(genesis) };
  const batch = randomBatch(genesis, 8, 512);
  const windows = Array.from({ length: 8 }, (_, i) => ({
    inputs: batch.inputs.slice(i * 512, (i + 1) * 512),
    targets: batch.targets.slice(i * 512, (i + 1) * 512),
  }));
  const ours: number[] = [];
  const peer: number[] = [];
  let sums = '';
  for (let round = 0; round < context.rounds; round += 1) {
    context.say(`eval-genesis: round ${round + 1} of ${context.rounds}`);
    await withBackend(context.threads, async (backend) => {
      const evaluator = await backend.evaluator(weights);
      await evaluator.evaluate(windows.slice(0, 1));
      const started = performance.now();
      const results = await evaluator.evaluate(windows);
      ours.push((8 * 512 * 1000) / (performance.now() - started));
      const found = results.map((result) => (result.ok ? result.sum : 'non-finite')).join(' ');
      assertRight(sums === '' || sums === found, 'two evaluations of the same weights differ');
      sums = found;
      await evaluator.close();
    });
    if (context.hasPeer) peer.push((await torchResonance([384, 6, 50257, 8, 512, context.threads, 1])).forward);
  }
  const limit = tokenLimit(context, 2 * parameterCount(genesis));
  return [makeRow({ name: 'eval-genesis', unit: 'tokens/s', ours, peer: context.hasPeer ? peer : null, limit })];
};

const generateGenesis: Benchmark = async (context) => {
  const weights = { shape: genesis, data: busyWeights(genesis) };
  const ours: number[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    context.say(`generate-genesis: round ${round + 1} of ${context.rounds}`);
    await withBackend(context.threads, async (backend) => {
      const decoder = await backend.decoder(weights);
      const evaluator = await backend.evaluator(weights);
      const ids = Uint16Array.from([50256, 15496, 995, 11]);
      const whole = await evaluator.logits(ids);
      const last = ids.reduce<Float32Array>((_, id) => decoder.step(id), new Float32Array());
      const wanted = whole.subarray(whole.length - genesis.vocab);
      assertRight(
        last.every((value, i) => Object.is(value, wanted[i])),
        'stepwise logits differ from those of the whole sequence',
      );
      const tokens = 200;
      const started = performance.now();
      for (let i = 0; i < tokens; i += 1) decoder.step((i * 37) % genesis.vocab);
      ours.push((tokens * 1000) / (performance.now() - started));
      await evaluator.close();
      await decoder.close();
    });
  }
  // Every weight is read once per token: memory bandwidth, not arithmetic, is the limit; it is not measured here.
  return [makeRow({ name: 'generate-genesis', unit: 'tokens/s', ours, peer: null, limit: null, note: 'bar: 100' })];
};

/** The exact matrix product (separate multiply and add) beside the machine's BLAS, which may fuse them. */
const gemm: Benchmark = async (context) => {
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < context.rounds; round += 1) {
    ours.push(await gemmSpeed(context.threads, 4));
    if (context.hasPeer) peer.push(await blasGflops(context.threads));
  }
  const limit = context.ceiling;
  return [makeRow({ name: 'gemm', unit: 'GFLOP/s', ours, peer: context.hasPeer ? peer : null, limit })];
};

export const benchmarks: Readonly<Record<string, Benchmark>> = {
  'train-genesis': training('train-genesis', genesis, 8, 512, 2),
  'train-small': training('train-small', small, 8, 256, 6),
  'eval-genesis': evalGenesis,
  'generate-genesis': generateGenesis,
  gemm,
  signatures,
  'connect-blocks': connectBlocks,
  'ledger-memory': ledgerMemory,
  wallet,
  learning,
};

// The learning curve of our model beside a tuned transformer of the same size on the same text: one pass, windows of 256, bytes.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDevnetCorpus } from '@resonancenet/corpus/devnet-corpus';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { bf16FromF32, widenBf16 } from '@resonancenet/model/bf16';
import { type ModelShape, parameterCount } from '@resonancenet/model/shape';
import { memoryCorpus } from '@resonancenet/training/corpus';
import { evaluateIds } from '@resonancenet/training/evaluate-ids';
import { initialWeights } from '@resonancenet/training/initial-weights';
import { defaultBatch, defaultRecipe } from '@resonancenet/training/recipe';
import { trainRun } from '@resonancenet/training/train-run';
import { createLoader } from '@resonancenet/training/window-loader';
import type { BenchContext } from './benchmarks.ts';
import { runPeer } from './peer.ts';
import { type BenchRow, makeRow, median } from './report.ts';

const trainBytes = 1_000_000;
const valBytes = 65_536;
const window = 256;
/** Places at which a learning curve is measured. */
const pointsOfCurve = 12;
/** 1.18 million parameters, a little fewer than the peer's 1.27. */
export const learningShape: ModelShape = { vocab: 256, width: 128, layers: 4, baseWidth: 128 };
export const learningBatch: number = defaultBatch(parameterCount(learningShape));

function textOf(context: BenchContext): Uint8Array {
  if (context.text !== null) return readFileSync(context.text);
  const corpus = loadDevnetCorpus();
  return Buffer.concat([corpus.halves[0], corpus.halves[1]]);
}

/** Exact validation loss, nats, after one pass over the first `tokens` ids. */
export async function learn(
  context: Pick<BenchContext, 'threads'>,
  train: Uint16Array,
  val: Uint16Array,
  tokens: number,
  seed: number,
  onPoint?: (tokens: number, loss: number) => void,
): Promise<number> {
  const backend = await selectBackend('wasm', { threads: context.threads });
  try {
    const shape = learningShape;
    const trainer = await backend.trainer({ shape, maxBatch: learningBatch, maxWindow: window });
    const param = widenBf16(initialWeights(shape, seed));
    trainer.load({ step: 0, param, m: new Float32Array(param.length), v: new Float32Array(param.length) });
    const loader = createLoader(memoryCorpus(train), { batch: learningBatch, window, startId: 0, seed });
    const totalSteps = Math.floor(tokens / (learningBatch * window));
    const run = trainRun({
      trainer,
      loader,
      recipe: defaultRecipe,
      totalSteps,
      firstStep: 0,
      average: null,
      now: () => performance.now(),
    });
    const exactLoss = async (): Promise<number> => {
      const weights = { shape, data: bf16FromF32(trainer.parameters()) };
      return (await evaluateIds(backend, weights, val, window, 0)).valLoss / 1e6;
    };
    const stepsPerPoint = Math.max(1, Math.round(totalSteps / pointsOfCurve));
    for await (const progress of run) {
      if (!Number.isFinite(progress.loss)) throw new Error(`Training diverged at step ${progress.step}.`);
      if (onPoint !== undefined && progress.step % stepsPerPoint === 0) onPoint(progress.tokens, await exactLoss());
    }
    const loss = await exactLoss();
    await trainer.close();
    return loss;
  } finally {
    await backend.close();
  }
}

/** Rows: final loss at half the peer's tokens and at a third, each the median of three seeds, beside the peer's at all of them. */
export async function learning(context: BenchContext): Promise<BenchRow[]> {
  const text = textOf(context);
  const train = Uint16Array.from(text.subarray(0, trainBytes));
  const val = Uint16Array.from(text.subarray(trainBytes, trainBytes + valBytes));
  let peer: number | null = null;
  if (context.hasPeer) {
    context.say('learning: the peer, one pass over all tokens (several minutes)');
    const folder = mkdtempSync(join(tmpdir(), 'rnt-bench-'));
    try {
      writeFileSync(join(folder, 'train'), Uint8Array.from(train));
      writeFileSync(join(folder, 'val'), Uint8Array.from(val));
      const args = [
        '--train',
        join(folder, 'train'),
        '--val',
        join(folder, 'val'),
        '--d',
        160,
        '--layers',
        4,
        '--ctx',
        window,
        '--batch',
        8,
        '--lr',
        2e-3,
        '--threads',
        context.threads,
        '--eval-every',
        100_000,
      ];
      const lines = (await runPeer('torch_gpt.py', args)).trim().split('\n');
      peer = Number(lines.at(-1)?.split(' ')[1]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const rows: BenchRow[] = [];
  for (const [name, tokens] of [
    ['learning', 499_712],
    ['learning-third', 333_312],
  ] as const) {
    const losses: number[] = [];
    for (const seed of [1, 2, 3]) {
      losses.push(await learn(context, train, val, tokens, seed));
      context.say(`${name}: seed ${seed}, ${tokens} tokens, ${losses.at(-1)?.toFixed(4)} nats`);
    }
    rows.push(
      makeRow({
        name,
        unit: 'nats',
        ours: losses,
        peer: peer === null ? null : [peer],
        limit: null,
        lessIsBetter: true,
        note: `ours after ${tokens} tokens, ${parameterCount(learningShape)} parameters, median ${median(losses).toFixed(4)}; peer after 999,424, 1,266,000 parameters`,
      }),
    );
  }
  return rows;
}

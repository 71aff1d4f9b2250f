// `rnt model train`: trains a model on any text, with no chain and no network.

import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Backend, Trainer } from '@resonancenet/kernels/backend';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { bf16FromF32, widenBf16 } from '@resonancenet/model/bf16';
import { loadTokenizer, type Tokenizer } from '@resonancenet/tokenizer/tokenizer';
import { readCheckpoint, writeCheckpoint } from '@resonancenet/training/checkpoint-file';
import { evaluateIds } from '@resonancenet/training/evaluate-ids';
import { initialWeights } from '@resonancenet/training/initial-weights';
import { openCorpus, readIds } from '@resonancenet/training/open-corpus';
import { defaultRecipe, type Recipe } from '@resonancenet/training/recipe';
import { loadRunState, type RunSettings, type RunState, saveRunState } from '@resonancenet/training/run-state-file';
import { trainRun, WeightAverage } from '@resonancenet/training/train-run';
import { createLoader } from '@resonancenet/training/window-loader';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { collect, decimal, defaultThreads, wholeNumber } from '../options.ts';
import { type ModelConfig, parseModelConfig } from './model-config.ts';
import { createProgress, duration, type Progress, rate } from './progress.ts';

interface TrainOptions {
  readonly data: string[];
  readonly val?: string;
  readonly config?: string;
  readonly from?: string;
  readonly out: string;
  readonly steps?: number;
  readonly tokens?: number;
  readonly epochs?: number;
  readonly batch: number;
  readonly window: number;
  readonly lr?: number;
  readonly warmup?: number;
  readonly decay?: number;
  readonly seed: number;
  readonly threads: number;
  readonly backend: string;
  readonly evalEvery?: number;
  readonly saveEvery: number;
  readonly ema?: number;
  readonly resume?: boolean;
  readonly json?: boolean;
}

const help = `
Examples:
  $ rnt model train --data 'texts/**/*.txt' --val val.txt --config d=128,layers=4,vocab=bytes --epochs 1 --out m.safetensors
  $ rnt model train --data book.txt --config d=64,layers=2,vocab=bytes --tokens 2000000 --out book.safetensors --json
  $ rnt model train --data more/ --from book.safetensors --steps 500 --out better.safetensors
  $ rnt model train --data book.txt --config d=64,layers=2,vocab=bytes --tokens 2000000 --out book.safetensors --resume

Ctrl-C writes the checkpoint and the state of the run; the same command with --resume goes on at the same batch.`;

export function addTrainCommand(model: Command): void {
  model
    .command('train')
    .description('Train a model on text files, folders or globs')
    .requiredOption('--data <path>', 'text to train on: a file, a folder or a quoted glob; may be repeated', collect)
    .option('--val <file>', 'text that is never trained on; its exact loss is reported')
    .option('--config <shape>', "a new model: 'genesis', 'devnet' or d=128,layers=4,vocab=bytes|gpt2")
    .option('--from <file>', 'go on from a checkpoint instead of a new model')
    .requiredOption(
      '--out <file>',
      'checkpoint to write (safetensors); the state of the run goes beside it as <file>.state',
    )
    .option('--steps <n>', 'updates to do', wholeNumber(1, 1e9))
    .option('--tokens <n>', 'tokens to train on', wholeNumber(1, 1e15))
    .option('--epochs <n>', 'passes over the text', decimal(0, 1e6))
    .option('--batch <n>', 'windows per update', wholeNumber(1, 4096), 8)
    .option('--window <n>', 'tokens per window', wholeNumber(1, 65536), 256)
    .option(
      '--lr <rate>',
      `peak rate of the matrices (Muon); the others follow in proportion (default ${defaultRecipe.muonLr})`,
      decimal(0, 10),
    )
    .option('--warmup <n>', `updates of warm-up (default ${defaultRecipe.warmup})`, wholeNumber(0, 1e9))
    .option(
      '--decay <share>',
      `share of the run in which the rates fall to zero (default ${defaultRecipe.decay})`,
      decimal(0, 1),
    )
    .option('--ema <factor>', 'write the moving average of the weights instead of the last ones', decimal(0, 0.99999))
    .option('--seed <n>', 'seed of weights and shuffling', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--threads <n>', 'threads to compute with', wholeNumber(1, 256), defaultThreads)
    .option('--backend <name>', 'auto, wasm or reference', 'auto')
    .option('--eval-every <n>', 'exact validation loss every n updates', wholeNumber(1, 1e9))
    .option('--save-every <n>', 'write checkpoint and state every n updates', wholeNumber(1, 1e9), 200)
    .option('--resume', 'go on with the interrupted run that wrote --out')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', help)
    .action(train);
}

async function train(options: TrainOptions): Promise<void> {
  const progress = createProgress(options.json === true);
  const start = startingPoint(options);
  const tokenizer = await loadTokenizer(start.vocabulary);
  const out = resolve(options.out);
  mkdirSync(dirname(out), { recursive: true });
  const corpus = await openCorpus(options.data, tokenizer, {
    cacheFolder: join(dirname(out), '.rnt-ids'),
    onProgress: (done, total) => progress.update(`tokenising ${((100 * done) / total).toFixed(0)} %`),
  });
  const loader = createLoader(corpus, {
    batch: options.batch,
    window: options.window,
    startId: tokenizer.startId,
    seed: options.seed,
  });
  const totalSteps = stepsOf(options, loader.batchesPerEpoch);
  const settings: RunSettings = {
    ...start.shape,
    baseLayers: start.baseLayers,
    growth: start.growth,
    batch: options.batch,
    window: options.window,
    seed: options.seed,
    totalSteps,
  };
  const resumed = resumeState(options, `${out}.state`, settings);
  const backend = await selectBackend(options.backend, { threads: options.threads });
  const interrupt = interruption();
  try {
    const trainer = await backend.trainer({ shape: start.shape, maxBatch: options.batch, maxWindow: options.window });
    trainer.load(resumed?.trainer ?? freshState(start.weights()));
    const average = averageOf(options, resumed, trainer);
    progress.line(
      `${trainer.parameters().length.toLocaleString('en')} parameters, ${corpus.length.toLocaleString('en')} tokens of text, ${totalSteps} updates of ${options.batch} x ${options.window}, ${backend.name} backend, ${options.threads} threads`,
    );
    const save = (): void => {
      const weights = bf16FromF32(average?.weights ?? trainer.parameters());
      writeCheckpoint(out, { shape: start.shape, baseLayers: start.baseLayers, growth: start.growth, data: weights });
      saveRunState(`${out}.state`, {
        settings,
        trainer: trainer.state(),
        average: average === null ? null : { weights: average.weights, count: average.count },
      });
    };
    const run = { options, tokenizer, backend, trainer, average, progress, shape: start.shape };
    let step = resumed?.trainer.step ?? 0;
    const steps = trainRun({
      trainer,
      loader,
      recipe: recipeOf(options),
      totalSteps,
      firstStep: step,
      average,
      now: () => performance.now(),
    });
    let last: Readonly<Record<string, unknown>> = { step, tokens: step * options.batch * options.window };
    for await (const report of steps) {
      step = report.step;
      last = {
        step,
        tokens: report.tokens,
        loss: Number(report.loss.toFixed(5)),
        tokensPerSecond: Math.round(report.tokensPerSecond),
      };
      const text = `step ${step}/${totalSteps}  loss ${report.loss.toFixed(3)}  ${rate(report.tokensPerSecond)}  ${duration(report.secondsLeft)} left`;
      const evaluateNow = options.evalEvery !== undefined && step % options.evalEvery === 0 && step < totalSteps;
      progress.update(text, evaluateNow ? { ...last, ...(await validation(run)) } : last);
      if (step % options.saveEvery === 0 && step < totalSteps) save();
      if (interrupt.asked) break;
    }
    save();
    progress.end();
    if (step < totalSteps) {
      progress.line(
        `Stopped after ${step} of ${totalSteps} updates. The same command with --resume goes on from here.`,
      );
      process.exitCode = 130;
      return;
    }
    const result = await validation(run);
    progress.line(`wrote ${options.out}${result === null ? '' : `, validation loss ${result.valLossNats} nats`}`);
    if (options.json === true) console.log(JSON.stringify({ ...last, ...result, out: options.out, done: true }));
    await trainer.close();
  } finally {
    interrupt.stop();
    corpus.close();
    await backend.close();
  }
}

interface Start extends ModelConfig {
  readonly growth: number;
  readonly weights: () => Float32Array;
}

function startingPoint(options: TrainOptions): Start {
  if ((options.config === undefined) === (options.from === undefined))
    throw new UsageError('Give either --config (a new model) or --from (a checkpoint to go on from).');
  if (options.from !== undefined) {
    const file = readCheckpoint(options.from);
    return { ...file, weights: () => widenBf16(file.data) };
  }
  const config = parseModelConfig(options.config ?? '');
  return { ...config, growth: 0, weights: () => widenBf16(initialWeights(config.shape, options.seed)) };
}

function freshState(param: Float32Array): RunState['trainer'] {
  return { step: 0, param, m: new Float32Array(param.length), v: new Float32Array(param.length) };
}

function stepsOf(options: TrainOptions, batchesPerEpoch: number): number {
  const given = [options.steps, options.tokens, options.epochs].filter((value) => value !== undefined).length;
  if (given !== 1) throw new UsageError('Give exactly one of --steps, --tokens and --epochs.');
  if (options.steps !== undefined) return options.steps;
  if (options.epochs !== undefined) return Math.max(1, Math.round(options.epochs * batchesPerEpoch));
  return Math.max(1, Math.floor((options.tokens ?? 0) / (options.batch * options.window)));
}

function recipeOf(options: TrainOptions): Recipe {
  const scale = options.lr === undefined ? 1 : options.lr / defaultRecipe.muonLr;
  return {
    ...defaultRecipe,
    muonLr: defaultRecipe.muonLr * scale,
    adamLr: defaultRecipe.adamLr * scale,
    warmup: options.warmup ?? defaultRecipe.warmup,
    decay: options.decay ?? defaultRecipe.decay,
  };
}

function resumeState(options: TrainOptions, path: string, settings: RunSettings): RunState | null {
  if (options.resume !== true) {
    if (existsSync(path) && existsSync(options.out)) {
      const old = loadRunState(path);
      if (old.trainer.step < old.settings.totalSteps)
        throw new UsageError(
          `${options.out} belongs to a run that stopped after ${old.trainer.step} of ${old.settings.totalSteps} updates. Add --resume to go on, or remove ${path} to start anew.`,
        );
    }
    return null;
  }
  const state = loadRunState(path);
  for (const key of Object.keys(settings) as (keyof RunSettings)[]) {
    if (state.settings[key] !== settings[key])
      throw new UsageError(
        `--resume: the run was started with ${key} ${state.settings[key]}, now it is ${settings[key]}. Give the options it was started with.`,
      );
  }
  return state;
}

function averageOf(options: TrainOptions, resumed: RunState | null, trainer: Trainer): WeightAverage | null {
  if (options.ema === undefined) return null;
  if (resumed?.average !== null && resumed !== null)
    return new WeightAverage(options.ema, resumed.average.weights, resumed.average.count);
  return new WeightAverage(options.ema, trainer.parameters());
}

interface Run {
  readonly options: TrainOptions;
  readonly tokenizer: Tokenizer;
  readonly backend: Backend;
  readonly trainer: Trainer;
  readonly average: WeightAverage | null;
  readonly progress: Progress;
  readonly shape: ModelConfig['shape'];
}

/** Exact loss of the weights as a checkpoint would hold them. */
async function validation(run: Run): Promise<{ readonly valLoss: number; readonly valLossNats: number } | null> {
  if (run.options.val === undefined) return null;
  const ids = readIds(run.options.val, run.tokenizer);
  const data = bf16FromF32(run.average?.weights ?? run.trainer.parameters());
  const window = Math.min(run.options.window, 1023);
  const result = await evaluateIds(
    run.backend,
    { shape: run.shape, data },
    ids,
    window,
    run.tokenizer.startId,
    (done, total) => run.progress.update(`validation ${done}/${total} windows`),
  );
  return { valLoss: result.valLoss, valLossNats: result.valLoss / 1e6 };
}

/** The first Ctrl-C asks for an orderly end after the present update; a second one ends at once. */
function interruption(): { readonly asked: boolean; stop(): void } {
  const state = { asked: false, stop: () => {} };
  const onSignal = (): void => {
    if (state.asked) process.exit(130);
    state.asked = true;
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  state.stop = () => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  };
  return state;
}

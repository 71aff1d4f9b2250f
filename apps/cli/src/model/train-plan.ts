// From the options of `rnt model train` to a run: where it starts, how long it is, and whether it is the one that was stopped.

import { existsSync } from 'node:fs';
import { widenBf16 } from '@resonancenet/model/bf16';
import { readCheckpoint } from '@resonancenet/training/checkpoint-file';
import { type Corpus, corpusFingerprint } from '@resonancenet/training/corpus';
import { initialWeights } from '@resonancenet/training/initial-weights';
import { defaultRecipe, type Recipe } from '@resonancenet/training/recipe';
import { loadRunState, type RunSettings, type SavedRun } from '@resonancenet/training/run-state-file';
import { UsageError } from '../errors.ts';
import { type ModelConfig, parseModelConfig } from './model-config.ts';
import type { TrainOptions } from './train-options.ts';

export interface StartingPoint extends ModelConfig {
  readonly growth: number;
  readonly weights: () => Float32Array;
}

/** @throws UsageError for options that contradict each other, before anything is read or made */
export function checkTrainOptions(options: TrainOptions): void {
  if ((options.config === undefined) === (options.from === undefined))
    throw new UsageError('Give either --config (a new model) or --from (a checkpoint to go on from).');
  if ([options.steps, options.tokens, options.epochs].filter((value) => value !== undefined).length !== 1)
    throw new UsageError('Give exactly one of --steps, --tokens and --epochs: how long to train.');
  if (options.evalEvery !== undefined && options.val === undefined)
    throw new UsageError('--eval-every needs --val, a text to evaluate on.');
  const perUpdate = options.batch * options.window;
  if (options.tokens !== undefined && options.tokens < perUpdate)
    throw new UsageError(
      `--tokens ${options.tokens} is less than one update (--batch ${options.batch} x --window ${options.window} = ${perUpdate}). Give at least ${perUpdate}, or a smaller --batch or --window.`,
    );
}

export function startingPoint(options: TrainOptions): StartingPoint {
  if (options.from !== undefined) {
    const file = readCheckpoint(options.from);
    return { ...file, weights: () => widenBf16(file.data) };
  }
  const config = parseModelConfig(options.config ?? '');
  return { ...config, growth: 0, weights: () => widenBf16(initialWeights(config.shape, options.seed)) };
}

/** Updates of the whole run. */
function totalSteps(options: TrainOptions, batchesPerEpoch: number): number {
  if (options.steps !== undefined) return options.steps;
  if (options.tokens !== undefined) return Math.floor(options.tokens / (options.batch * options.window));
  const steps = Math.round((options.epochs ?? 0) * batchesPerEpoch);
  if (steps < 1)
    throw new UsageError(
      `--epochs ${options.epochs} is less than one update: a pass over this text has ${batchesPerEpoch} updates. Give a larger number, or --steps.`,
    );
  return steps;
}

export function recipeOf(options: TrainOptions): Recipe {
  const scale = options.lr === undefined ? 1 : options.lr / defaultRecipe.muonLr;
  return {
    ...defaultRecipe,
    muonLr: options.lr ?? defaultRecipe.muonLr,
    adamLr: defaultRecipe.adamLr * scale,
    warmup: options.warmup ?? defaultRecipe.warmup,
    decay: options.decay ?? defaultRecipe.decay,
  };
}

export function settingsOf(
  options: TrainOptions,
  start: StartingPoint,
  corpus: Corpus,
  batchesPerEpoch: number,
): RunSettings {
  const recipe = recipeOf(options);
  return {
    corpus: corpusFingerprint(corpus),
    ...start.shape,
    baseLayers: start.baseLayers,
    growth: start.growth,
    batch: options.batch,
    window: options.window,
    seed: options.seed,
    totalSteps: totalSteps(options, batchesPerEpoch),
    learningRate: recipe.muonLr,
    warmup: recipe.warmup,
    decay: recipe.decay,
    ema: options.ema ?? null,
  };
}

/** The option behind each setting, the text first: another text changes others too. */
const optionOf: { readonly [Name in keyof RunSettings]: string } = {
  corpus: '--data',
  vocab: '--config or --from',
  width: '--config or --from',
  layers: '--config or --from',
  baseWidth: '--config or --from',
  baseLayers: '--config or --from',
  growth: '--from',
  batch: '--batch',
  window: '--window',
  seed: '--seed',
  totalSteps: '--steps, --tokens or --epochs',
  learningRate: '--lr',
  warmup: '--warmup',
  decay: '--decay',
  ema: '--ema',
};

/**
 * The run that stands beside --out, if it is to be gone on with; null for a new one. One that had only begun is lost to nobody.
 * @throws UsageError if the updates of a stopped run would be lost, or if --resume is given other options than the run was started with
 */
export function resumable(options: TrainOptions, statePath: string, settings: RunSettings): SavedRun | null {
  const saved = loadRunState(statePath);
  if (options.resume !== true) {
    if (saved?.stage === 'stopped')
      throw new UsageError(
        `${statePath} holds a run that stopped after ${saved.trainer.step} of ${saved.settings.totalSteps} updates. Add --resume to go on, or remove that file to start anew.`,
      );
    return null;
  }
  if (saved === null && existsSync(options.out))
    throw new UsageError(
      `--resume: ${options.out} exists, but no run can be gone on with: ${statePath} is missing. To train this model further give --from ${options.out}; to start anew leave --resume out.`,
    );
  if (saved === null) return null;
  if (saved.stage === 'finished' && !existsSync(options.out))
    throw new UsageError(
      `--resume: the run is finished, but ${options.out} is gone. Restore it, or remove ${statePath} to start anew.`,
    );
  const instead = saved.stage === 'finished' ? 'leave --resume out to begin another' : 'go on with --from';
  for (const name of Object.keys(optionOf) as (keyof RunSettings)[]) {
    if (saved.settings[name] === settings[name]) continue;
    if (name === 'corpus')
      throw new UsageError(
        `--resume: the text of --data is not the one that the run was started with. Restore it, or ${instead}.`,
      );
    throw new UsageError(
      `--resume: the run was started with ${name} ${saved.settings[name]}, now it is ${settings[name]}. Give the ${optionOf[name]} that it was started with, or ${instead}.`,
    );
  }
  return saved;
}

// One run of `rnt model train`: updates, progress, exact losses between, checkpoint and state on disk.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Backend, Trainer, TrainerState } from '@resonancenet/kernels/backend';
import { bf16FromF32 } from '@resonancenet/model/bf16';
import { type Checkpoint, encodeCheckpoint } from '@resonancenet/model/checkpoint';
import type { Tokenizer } from '@resonancenet/tokenizer/tokenizer';
import { readCheckpoint, writeCheckpoint } from '@resonancenet/training/checkpoint-file';
import { evaluateIds } from '@resonancenet/training/evaluate-ids';
import {
  type RunSettings,
  type RunState,
  type SavedRun,
  saveBegunRun,
  saveFinishedRun,
  saveRunState,
} from '@resonancenet/training/run-state-file';
import { TrainingDivergedError, type TrainProgress, trainRun, WeightAverage } from '@resonancenet/training/train-run';
import type { WindowLoader } from '@resonancenet/training/window-loader';
import { Interrupted } from '../errors.ts';
import type { Interruption } from '../interruption.ts';
import { duration, type Progress, rate } from './progress.ts';
import type { TrainOptions } from './train-options.ts';
import { recipeOf, type StartingPoint } from './train-plan.ts';

/** How often a run is saved that has no --save-every. */
const saveEveryMs = 120_000;

/** Longest window of exact evaluation (EVAL-11). */
const longestEvalWindow = 1023;

export interface RunFiles {
  readonly checkpoint: string;
  readonly state: string;
  readonly lock: string;
}

interface Validation {
  readonly valLoss: number | null;
  readonly valLossNats: number | null;
}

/** What a run has before its text is open. */
export interface RunContext {
  readonly options: TrainOptions;
  readonly start: StartingPoint;
  readonly tokenizer: Tokenizer;
  readonly validationIds: Uint16Array | null;
  readonly files: RunFiles;
  readonly progress: Progress;
  readonly interruption: Interruption;
}

export interface JobParts extends RunContext {
  /** Ids of the text. */
  readonly corpusLength: number;
  readonly settings: RunSettings;
  readonly loader: WindowLoader;
  readonly backend: Backend;
}

/** One line of --json. */
interface Line {
  readonly step: number;
  readonly tokens: number;
  /** Mean loss of the last batch, nats; null if no update was done. */
  readonly loss: number | null;
  readonly tokensPerSecond: number;
}

export class TrainJob {
  readonly #parts: JobParts;
  /** Updates in the checkpoint on disk; null while there is none of this run. */
  #savedStep: number | null = null;

  constructor(parts: JobParts) {
    this.#parts = parts;
  }

  async run(saved: SavedRun | null): Promise<void> {
    const { options, progress, files, start } = this.#parts;
    if (saved?.stage === 'finished') {
      progress.line(`The run is finished already: ${saved.settings.totalSteps} updates.`);
      const line = this.#line(saved.settings.totalSteps, null);
      await this.#finish(line, readCheckpoint(files.checkpoint).data, performance.now());
      return;
    }
    const stopped = saved?.stage === 'stopped' ? saved : null;
    const { batch, window } = options;
    const trainer = await this.#parts.backend.trainer({ shape: start.shape, maxBatch: batch, maxWindow: window });
    try {
      trainer.load(stopped?.trainer ?? freshState(start.weights()));
      const average = averageOf(options, stopped, trainer);
      if (stopped !== null && this.#holds(roundedWeights(trainer, average, stopped.trainer.step)))
        this.#savedStep = stopped.trainer.step;
      // Only now can nothing but the training itself fail: a run that cannot begin leaves nothing behind.
      if (stopped === null) this.#begin(saved !== null);
      await this.#train(trainer, average, stopped?.trainer.step ?? 0);
    } catch (error) {
      throw error instanceof TrainingDivergedError ? this.#diverged(error) : error;
    } finally {
      await trainer.close();
    }
  }

  /** The note comes before the first update: what an earlier run left beside --out is not taken for this one's. */
  #begin(again: boolean): void {
    const { options, progress, files, settings } = this.#parts;
    if (again) progress.line(`The run at ${options.out} had saved no update yet: it begins anew.`);
    else if (options.resume === true) progress.line(`No run to go on with at ${options.out}: a new one.`);
    saveBegunRun(files.state, settings);
  }

  async #train(trainer: Trainer, average: WeightAverage | null, firstStep: number): Promise<void> {
    const { options, settings, loader, backend, progress, interruption } = this.#parts;
    const { totalSteps } = settings;
    progress.line(
      `${trainer.parameters().length.toLocaleString('en')} parameters, ${this.#parts.corpusLength.toLocaleString('en')} tokens of text, ${totalSteps} updates of ${options.batch} x ${options.window}, ${backend.name} backend, ${options.threads} threads${firstStep > 0 ? `; going on after update ${firstStep}` : ''}`,
    );
    const startedAt = performance.now();
    let savedAt = startedAt;
    let line = this.#line(firstStep, null);
    const recipe = recipeOf(options);
    const now = (): number => performance.now();
    for await (const report of trainRun({ trainer, loader, recipe, totalSteps, firstStep, average, now })) {
      line = this.#line(report.step, report);
      const { step } = report;
      const text = describeStep(line, report, totalSteps);
      const evaluates = options.evalEvery !== undefined && step % options.evalEvery === 0 && step < totalSteps;
      const validation = evaluates ? await this.#validateUnlessStopped(roundedWeights(trainer, average, step)) : null;
      if (validation === null) progress.update(text);
      else progress.line(`${text}  validation loss ${validation.valLossNats} nats`);
      progress.record({ ...line, ...validation });
      const wantsEnd = interruption.signal.aborted && step < totalSteps;
      const due = options.saveEvery === undefined ? now() - savedAt >= saveEveryMs : step % options.saveEvery === 0;
      if (wantsEnd || (due && step < totalSteps)) {
        this.#save(trainer, average, step);
        savedAt = now();
      }
      if (wantsEnd) this.#stopped(line);
    }
    const weights = roundedWeights(trainer, average, totalSteps);
    this.#write(weights);
    saveFinishedRun(this.#parts.files.state, settings);
    await this.#finish(line, weights, startedAt);
  }

  #line(step: number, report: TrainProgress | null): Line {
    const { batch, window } = this.#parts.options;
    return {
      step,
      tokens: step * batch * window,
      loss: report === null ? null : Number(report.loss.toFixed(5)),
      tokensPerSecond: report === null ? 0 : Math.round(report.tokensPerSecond),
    };
  }

  #checkpoint(data: Uint16Array): Checkpoint {
    const { shape, baseLayers, growth } = this.#parts.start;
    return { shape, baseLayers, growth, data };
  }

  #write(data: Uint16Array): void {
    writeCheckpoint(this.#parts.files.checkpoint, this.#checkpoint(data));
  }

  /** Whether the checkpoint on disk has these weights: a run that was killed between its two files has others there, or none. */
  #holds(data: Uint16Array): boolean {
    const { checkpoint } = this.#parts.files;
    return existsSync(checkpoint) && readFileSync(checkpoint).equals(encodeCheckpoint(this.#checkpoint(data)));
  }

  /** State first: from then on nothing is needed of what the checkpoint replaces, which may be the one that the run started from. */
  #save(trainer: Trainer, average: WeightAverage | null, step: number): void {
    const { files, settings } = this.#parts;
    const weights = roundedWeights(trainer, average, step);
    saveRunState(files.state, {
      settings,
      trainer: trainer.state(),
      average: average === null ? null : { weights: average.weights, count: average.count },
    });
    this.#write(weights);
    this.#savedStep = step;
  }

  /** Exact loss of weights as the checkpoint holds them. */
  async #validate(data: Uint16Array): Promise<Validation> {
    const { validationIds, options, backend, start, tokenizer, progress, interruption } = this.#parts;
    if (validationIds === null) return { valLoss: null, valLossNats: null };
    const { valLoss } = await evaluateIds(
      backend,
      { shape: start.shape, data },
      validationIds,
      Math.min(options.window, longestEvalWindow),
      tokenizer.startId,
      (done, total) => progress.update(`validation ${done}/${total} windows`),
      interruption.signal,
    );
    return { valLoss, valLossNats: valLoss / 1e6 };
  }

  /** null if Ctrl-C came between: the run is saved first then. */
  async #validateUnlessStopped(data: Uint16Array): Promise<Validation | null> {
    try {
      return await this.#validate(data);
    } catch (error) {
      if (error instanceof Interrupted) return null;
      throw error;
    }
  }

  async #finish(line: Line, data: Uint16Array, startedAt: number): Promise<void> {
    const { options, progress } = this.#parts;
    const validation = await this.#validate(data);
    progress.end();
    progress.record({ ...line, ...validation, out: options.out });
    if (options.json === true) return;
    const loss = line.loss === null ? '' : `, loss ${line.loss.toFixed(3)}`;
    const exact = validation.valLossNats === null ? '' : `, validation loss ${validation.valLossNats} nats per token`;
    console.log(
      `${options.out}: ${line.step} updates, ${line.tokens.toLocaleString('en')} tokens${loss}${exact}, ${duration((performance.now() - startedAt) / 1000)}`,
    );
  }

  #stopped(line: Line): never {
    const { options, settings, progress } = this.#parts;
    progress.end();
    progress.record({ ...line, interrupted: true });
    throw new Interrupted(
      `Stopped after ${line.step} of ${settings.totalSteps} updates; ${options.out} holds them. The same command with --resume goes on from here.`,
    );
  }

  /** Names what is left and what to try; a state from which every resumed run would diverge again is removed. */
  #diverged(error: TrainingDivergedError): Error {
    const { options, files } = this.#parts;
    rmSync(files.state, { force: true });
    const { muonLr } = recipeOf(options);
    const kept =
      this.#savedStep === null
        ? 'No checkpoint was written.'
        : `${options.out} holds the weights after update ${this.#savedStep}.`;
    const again = this.#savedStep === null ? '' : `, or go on from there with --from ${options.out}`;
    return Object.assign(
      new Error(`${error.message} ${kept} Start again with a smaller --lr than ${muonLr}${again}.`, { cause: error }),
      { code: error.code },
    );
  }
}

function freshState(param: Float32Array): TrainerState {
  return { step: 0, param, m: new Float32Array(param.length), v: new Float32Array(param.length) };
}

function describeStep(line: Line, report: TrainProgress, totalSteps: number): string {
  return `step ${line.step}/${totalSteps}  loss ${report.loss.toFixed(3)}  ${rate(report.tokensPerSecond)}  ${duration(report.secondsLeft)} left`;
}

function averageOf(options: TrainOptions, stopped: RunState | null, trainer: Trainer): WeightAverage | null {
  if (options.ema === undefined) return null;
  const average = stopped?.average ?? null;
  return average === null
    ? new WeightAverage(options.ema, trainer.parameters())
    : new WeightAverage(options.ema, average.weights, average.count);
}

/** What a checkpoint would hold now. */
function roundedWeights(trainer: Trainer, average: WeightAverage | null, step: number): Uint16Array {
  const weights = average?.weights ?? trainer.parameters();
  if (weights.some(Number.isNaN)) throw new TrainingDivergedError(step, 'a weight');
  return bf16FromF32(weights);
}

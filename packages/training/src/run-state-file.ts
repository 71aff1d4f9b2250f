// A training run on disk, so that it goes on where it was stopped: a JSON line, then the arrays, written whole or not at all.

import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import type { TrainerState } from '@resonancenet/kernels/backend';
import { type ModelShape, parameterCount } from '@resonancenet/model/shape';
import { replaceFile } from './write-file.ts';

const magic = 'rnt-train-state 2\n';
const longestHeader = 1 << 16;

/** What a run was started with; a resumed run must agree in all of it, or it would end on other weights. */
export interface RunSettings extends ModelShape {
  readonly baseLayers: number;
  readonly growth: number;
  readonly batch: number;
  readonly window: number;
  readonly seed: number;
  readonly totalSteps: number;
  /** Peak rate of the matrices; the others follow from it. */
  readonly learningRate: number;
  readonly warmup: number;
  readonly decay: number;
  /** Factor of the moving average of the weights; null without. */
  readonly ema: number | null;
  /** Which text (corpusFingerprint). */
  readonly corpus: string;
}

/** A run that was stopped. */
export interface RunState {
  readonly settings: RunSettings;
  readonly trainer: TrainerState;
  /** Averaged weights and how many steps are in them; null without averaging. */
  readonly average: { readonly weights: Float32Array; readonly count: number } | null;
}

/** A run that has not saved anything yet, and one whose weights are in its checkpoint, are notes without arrays. */
export type SavedRun =
  | ({ readonly stage: 'stopped' } & RunState)
  | { readonly stage: 'begun' | 'finished'; readonly settings: RunSettings };

export class RunStateError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface Header {
  readonly settings: RunSettings;
  readonly stage: SavedRun['stage'];
  readonly step: number;
  /** Steps in the averaged weights; null without. */
  readonly averageCount: number | null;
}

const bytesOf = (array: Float32Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const encodeHeader = (header: Header): Uint8Array => new TextEncoder().encode(`${magic}${JSON.stringify(header)}\n`);

/** Writes the state beside the old one, makes it durable, then takes the old one's place. */
export function saveRunState(path: string, state: RunState): void {
  const { settings, trainer, average } = state;
  const header: Header = { settings, stage: 'stopped', step: trainer.step, averageCount: average?.count ?? null };
  const arrays = [trainer.param, trainer.m, trainer.v, ...(average === null ? [] : [average.weights])];
  replaceFile(path, [encodeHeader(header), ...arrays.map(bytesOf)]);
}

/** Replaces whatever run stood there by the short note that this one has begun. */
export function saveBegunRun(path: string, settings: RunSettings): void {
  replaceFile(path, [encodeHeader({ settings, stage: 'begun', step: 0, averageCount: null })]);
}

/** Replaces a run's state by the short note that it is finished: the weights are in its checkpoint. */
export function saveFinishedRun(path: string, settings: RunSettings): void {
  replaceFile(path, [encodeHeader({ settings, stage: 'finished', step: settings.totalSteps, averageCount: null })]);
}

function readExactly(file: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    const got = readSync(file, bytes, done, Math.min(bytes.length - done, 1 << 26), position + done);
    if (got === 0) throw new RunStateError('state-truncated', 'The file ends before its arrays do.');
    done += got;
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function parseHeader(file: number, size: number): { readonly header: Header; readonly start: number } {
  const head = new Uint8Array(Math.min(size, longestHeader));
  readExactly(file, head, 0);
  const end = head.indexOf(10, magic.length);
  if (new TextDecoder().decode(head.subarray(0, magic.length)) !== magic || end < 0)
    throw new RunStateError('state-not-ours', 'It is no training state of this version.');
  const header = JSON.parse(new TextDecoder().decode(head.subarray(magic.length, end))) as Partial<Header> | null;
  const { settings, stage, step, averageCount } = header ?? {};
  if (
    typeof settings !== 'object' ||
    !isCount(parameterCount(settings)) ||
    !(stage === 'begun' || stage === 'stopped' || stage === 'finished') ||
    !isCount(step) ||
    !(averageCount === null || isCount(averageCount))
  )
    throw new RunStateError('state-not-ours', 'Its first lines are not those of a training state.');
  return { header: header as Header, start: end + 1 };
}

function readState(file: number): SavedRun {
  const { size } = fstatSync(file);
  const { header, start } = parseHeader(file, size);
  const { settings, stage, step, averageCount } = header;
  const count = stage !== 'stopped' ? 0 : averageCount === null ? 3 : 4;
  const parameters = parameterCount(settings);
  const expected = start + count * parameters * 4;
  if (size !== expected)
    throw new RunStateError('state-truncated', `It has ${size} bytes, its first lines call for ${expected}.`);
  if (stage !== 'stopped') return { stage, settings };
  const arrays = Array.from({ length: count }, (_, i) => {
    const array = new Float32Array(parameters);
    readExactly(file, bytesOf(array), start + i * parameters * 4);
    return array;
  });
  const [param, m, v, weights] = arrays as [Float32Array, Float32Array, Float32Array, Float32Array | undefined];
  const average = weights === undefined || averageCount === null ? null : { weights, count: averageCount };
  return { stage, settings, trainer: { step, param, m, v }, average };
}

/**
 * Reads a run's state, or null if there is none.
 * @throws RunStateError `state-not-ours`, `state-truncated`, naming the file and what to do
 */
export function loadRunState(path: string): SavedRun | null {
  if (!existsSync(path)) return null;
  const file = openSync(path, 'r');
  try {
    return readState(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof RunStateError ? error.code : 'state-not-ours';
    throw new RunStateError(
      code,
      `${path} is no whole state of a training run: ${reason} Restore it, or remove it and start anew.`,
      { cause: error },
    );
  } finally {
    closeSync(file);
  }
}

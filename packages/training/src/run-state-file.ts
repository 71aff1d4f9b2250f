// A training run on disk, so that it goes on where it was stopped: a JSON line, then the arrays, written whole or not at all.

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { TrainerState } from '@resonancenet/kernels/backend';
import { replaceFile } from './write-file.ts';

const magic = 'rnt-train-state 1\n';
const longestHeader = 1 << 20;

/** What a run was started with; a resumed run must agree in all of it. */
export interface RunSettings {
  readonly vocab: number;
  readonly width: number;
  readonly layers: number;
  readonly baseWidth: number;
  readonly baseLayers: number;
  readonly growth: number;
  readonly batch: number;
  readonly window: number;
  readonly seed: number;
  readonly totalSteps: number;
}

export interface RunState {
  readonly settings: RunSettings;
  readonly trainer: TrainerState;
  /** Averaged weights and how many steps are in them; null without averaging. */
  readonly average: { readonly weights: Float32Array; readonly count: number } | null;
}

export class RunStateError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

interface Header {
  readonly settings: RunSettings;
  readonly step: number;
  readonly parameters: number;
  readonly averageCount: number | null;
}

const bytesOf = (array: Float32Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Writes the state beside the old one, makes it durable, then takes the old one's place. */
export function saveRunState(path: string, state: RunState): void {
  const { trainer, average } = state;
  const header: Header = {
    settings: state.settings,
    step: trainer.step,
    parameters: trainer.param.length,
    averageCount: average?.count ?? null,
  };
  const arrays = [trainer.param, trainer.m, trainer.v, ...(average === null ? [] : [average.weights])];
  replaceFile(path, [new TextEncoder().encode(`${magic}${JSON.stringify(header)}\n`), ...arrays.map(bytesOf)]);
}

function readExactly(file: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    const got = readSync(file, bytes, done, Math.min(bytes.length - done, 1 << 26), position + done);
    if (got === 0) throw new RunStateError('state-truncated', 'The file ends before its arrays do.');
    done += got;
  }
}

function parseHeader(file: number, size: number): { readonly header: Header; readonly start: number } {
  const head = new Uint8Array(Math.min(size, longestHeader));
  readExactly(file, head, 0);
  const text = new TextDecoder().decode(head.subarray(0, magic.length));
  const end = head.indexOf(10, magic.length);
  if (text !== magic || end < 0) throw new RunStateError('state-not-ours', 'It is no training state of this version.');
  const header = JSON.parse(new TextDecoder().decode(head.subarray(magic.length, end))) as Header;
  return { header, start: end + 1 };
}

/**
 * Reads a run's state.
 * @throws RunStateError `state-missing`, `state-not-ours`, `state-truncated`, naming the file and what to do
 */
export function loadRunState(path: string): RunState {
  if (!existsSync(path))
    throw new RunStateError('state-missing', `There is no training state at ${path}. Start without --resume.`);
  const file = openSync(path, 'r');
  try {
    const size = statSync(path).size;
    const { header, start } = parseHeader(file, size);
    const arrays = header.averageCount === null ? 3 : 4;
    const bytes = header.parameters * 4;
    if (!Number.isSafeInteger(bytes) || bytes < 0 || size !== start + arrays * bytes)
      throw new RunStateError(
        'state-truncated',
        `It has ${size} bytes, its header calls for ${start + arrays * bytes}.`,
      );
    const [param, m, v, weights] = Array.from({ length: arrays }, (_, i) => {
      const array = new Float32Array(header.parameters);
      readExactly(file, bytesOf(array), start + i * bytes);
      return array;
    });
    if (param === undefined || m === undefined || v === undefined)
      throw new RunStateError('state-truncated', 'Arrays are missing.');
    return {
      settings: header.settings,
      trainer: { step: header.step, param, m, v },
      average: weights === undefined || header.averageCount === null ? null : { weights, count: header.averageCount },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const code = error instanceof RunStateError ? error.code : 'state-not-ours';
    throw new RunStateError(
      code,
      `${path} cannot be resumed from: ${reason} Remove it and start anew, or restore it.`,
      { cause: error },
    );
  } finally {
    closeSync(file);
  }
}

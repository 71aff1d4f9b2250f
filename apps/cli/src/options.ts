// Reading of numbers and names from the command line, with errors that say what would be right.

import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option } from 'commander';

/** A whole number of at least `least` and at most `most`; `_` may stand between digits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^[+-]?[\d_]+$/.test(text) ? Number(text.replaceAll('_', '')) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(
        `It must be a whole number from ${least} to ${most.toLocaleString('en').replaceAll(',', '_')}.`,
      );
    return value;
  };
}

/** A number of at least `least` and at most `most`. */
export function decimal(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most))
      throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
    return value;
  };
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export const defaultThreads: number = Math.max(1, Math.min(8, availableParallelism()));

export function threadsOption(threads: number = defaultThreads): Option {
  return new Option('--threads <n>', 'threads to compute with').argParser(wholeNumber(1, 256)).default(threads);
}

export function backendOption(): Option {
  return new Option('--backend <name>', 'what computes; auto takes the fastest that passes its self-test')
    .choices(['auto', 'wasm', 'reference'])
    .default('auto');
}

export function seedOption(purpose: string): Option {
  return new Option('--seed <n>', purpose).argParser(wholeNumber(0, 2 ** 32 - 1)).default(1);
}

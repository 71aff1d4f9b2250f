// Training batches: windows of a corpus in a seeded order, entered at any batch.

import type { TrainBatch } from '@resonancenet/kernels/backend';
import type { Corpus } from './corpus.ts';
import { createPermutation } from './permutation.ts';
import { mix32 } from './prng.ts';

export interface LoaderOptions {
  readonly batch: number;
  /** Targets per row. */
  readonly window: number;
  readonly startId: number;
  readonly seed: number;
}

export class CorpusTooShortError extends Error {
  readonly code = 'corpus-too-short';
}

export interface WindowLoader {
  /** Batches of one pass over the corpus (the last, partial one is left to the next pass). */
  readonly batchesPerEpoch: number;
  /** Batch number `index` from the start of training: the same for the same corpus and options, whatever was asked before. */
  batchAt(index: number): TrainBatch;
}

/**
 * Every pass sees all windows once, in an order of its own; passes after the first cut the text at another phase, so that
 * windows start elsewhere. Rows are built as in evaluation: start id first, state empty.
 */
export function createLoader(corpus: Corpus, options: LoaderOptions): WindowLoader {
  const { batch, window, startId, seed } = options;
  const windows = Math.floor(corpus.length / window);
  const batchesPerEpoch = Math.floor(windows / batch);
  if (batchesPerEpoch < 1) {
    throw new CorpusTooShortError(
      `The text has ${corpus.length} ids, but one batch of ${batch} windows of ${window} needs ${batch * window}. Give more text, or a smaller --batch or --window.`,
    );
  }
  let epoch = -1;
  let phase = 0;
  let count = windows;
  let order: (index: number) => number = (index) => index;
  const enter = (wanted: number): void => {
    if (wanted === epoch) return;
    epoch = wanted;
    const shift = wanted === 0 ? 0 : mix32(mix32(seed) ^ wanted) % window;
    // A text of a single window cannot be shifted.
    phase = corpus.length - shift >= window ? shift : 0;
    count = Math.floor((corpus.length - phase) / window);
    order = createPermutation(count, seed, wanted);
  };
  return {
    batchesPerEpoch,
    batchAt: (index) => {
      enter(Math.floor(index / batchesPerEpoch));
      const first = (index % batchesPerEpoch) * batch;
      const inputs = new Uint16Array(batch * window);
      const targets = new Uint16Array(batch * window);
      for (let row = 0; row < batch; row += 1) {
        // A shifted pass may hold one window less; its last row then repeats the first.
        const place = order((first + row) % count);
        const target = targets.subarray(row * window, (row + 1) * window);
        corpus.read(phase + place * window, target);
        inputs[row * window] = startId;
        inputs.set(target.subarray(0, -1), row * window + 1);
      }
      return { inputs, targets, batch, window };
    },
  };
}

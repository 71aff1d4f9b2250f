// Exact evaluation and token-by-token decoding by the definition itself (model/reference-forward.ts).

import {
  emptyState,
  type ReferenceModel,
  type ReferenceState,
  referenceForward,
  referenceModel,
  referenceTargetLosses,
} from '@resonancenet/model/reference-forward';
import type { Bf16Weights, Decoder, EvalWindow, ExactEvaluator, WindowResult } from '../backend.ts';
import { KernelError } from '../kernel-error.ts';

function nonFinite(): KernelError {
  return new KernelError(
    'NON_FINITE',
    'the weights overflow on this input: the checkpoint is invalid where it is evaluated (EVAL-3), use another one',
  );
}

export class ReferenceEvaluator implements ExactEvaluator {
  readonly #model: ReferenceModel;

  constructor(weights: Bf16Weights) {
    this.#model = referenceModel(weights.shape, weights.data);
  }

  async evaluate(
    windows: readonly EvalWindow[],
    onWindow?: (index: number, result: WindowResult) => boolean,
  ): Promise<WindowResult[]> {
    const results: WindowResult[] = [];
    for (const [index, { inputs, targets }] of windows.entries()) {
      // A turn of the event loop between windows, which take seconds each at the genesis shape: signals and messages are seen.
      if (index > 0) await new Promise((resolve) => setImmediate(resolve));
      const evaluated = referenceTargetLosses(this.#model, inputs, targets);
      const result: WindowResult = evaluated.ok
        ? { ok: true, sum: evaluated.losses.reduce((sum, loss) => sum + loss, 0) }
        : evaluated;
      results.push(result);
      if (onWindow?.(index, result) === false) break;
    }
    return results;
  }

  /** The definition has no second code. */
  async secondOpinion(window: EvalWindow): Promise<WindowResult> {
    const [result] = await this.evaluate([window]);
    return result!;
  }

  /** @throws KernelError NON_FINITE (EVAL-3). */
  async logits(inputs: Uint16Array): Promise<Float32Array> {
    const result = referenceForward(this.#model, inputs);
    if (!result.ok) throw nonFinite();
    return result.logits;
  }

  async close(): Promise<void> {}
}

export class ReferenceDecoder implements Decoder {
  readonly #model: ReferenceModel;
  readonly #id = new Uint16Array(1);
  #state: ReferenceState;

  constructor(weights: Bf16Weights) {
    this.#model = referenceModel(weights.shape, weights.data);
    this.#state = emptyState(weights.shape);
  }

  reset(): void {
    this.#state = emptyState(this.#model.shape);
  }

  /** @throws KernelError NON_FINITE (EVAL-3); RangeError for an id outside the vocabulary. */
  step(id: number): Float32Array {
    if (!Number.isInteger(id) || id < 0 || id >= this.#model.shape.vocab) {
      throw new RangeError(`id ${id} is not in the vocabulary of ${this.#model.shape.vocab}`);
    }
    this.#id[0] = id;
    const result = referenceForward(this.#model, this.#id, this.#state);
    if (!result.ok) throw nonFinite();
    return result.logits;
  }

  async close(): Promise<void> {}
}

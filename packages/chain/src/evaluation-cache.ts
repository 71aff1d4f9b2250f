// A checkpoint root already evaluated on a D_val is not evaluated on it again (protocol: networks).

import { aggregateLoss } from '@resonancenet/consensus/loss';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { Hex32 } from './events.ts';
import {
  decodeEvaluationRecord,
  encodeEvaluationRecord,
  type EvaluationRecord,
  evaluationKey,
  evaluationKeys,
} from './records.ts';
import type { StoreView } from './store-view.ts';

export class EvaluationCache {
  readonly #view: StoreView;

  constructor(view: StoreView) {
    this.#view = view;
  }

  get(root: Hex32, dvalId: Hex32): EvaluationRecord | null {
    const bytes = this.#view.get('roots', evaluationKey(root, dvalId));
    return bytes === null ? null : decodeEvaluationRecord(bytes);
  }

  /** Loss of a checkpoint on a D_val, micro-nats; null if it was not evaluated on it; infinite if it has none there. */
  lossOf(root: Hex32, dvalId: Hex32, params: NetworkParams): number | null {
    const known = this.get(root, dvalId);
    if (known === null) return null;
    return known.sums === null ? Number.POSITIVE_INFINITY : aggregateLoss(known.sums, params.dval.windowSize).valLoss;
  }

  /** Keeps the result for a file whose metadata has this growth. */
  put(root: Hex32, dvalId: Hex32, record: EvaluationRecord): void {
    this.#view.put('roots', evaluationKey(root, dvalId), encodeEvaluationRecord(record));
  }

  /** Forgets what is known of a checkpoint, on all D_vals. */
  delete(root: Hex32): void {
    const [from, to] = evaluationKeys(root);
    for (const [key] of [...this.#view.range('roots', from, to)]) this.#view.delete('roots', key);
  }
}

// Why a checkpoint is invalid: one closed list, each code with the rule it enforces (spec/checkpoint.md).

/** Every code that a checkpoint can be refused with, and its rule. */
export const CHECKPOINT_RULES = {
  /** The file ends before its header or its data does. */
  'ckpt-truncated': 'CKPT-3',
  /** Bytes follow the last tensor. */
  'ckpt-trailing': 'CKPT-3',
  /** The header is too long, no JSON of the right form, or not the one encoding of what it says. */
  'ckpt-bad-header': 'CKPT-2',
  /** Format, variant, vocab, base_width, base_layers or growth is missing, malformed or out of bounds. */
  'ckpt-bad-metadata': 'CKPT-2',
  /** The metadata is well-formed, but of another network or another height than expected. */
  'ckpt-wrong-metadata': 'CKPT-5',
  /** Width or layers are not those that base shape and growth (in a block: the height) allow, or a tensor's shape does not follow from them. */
  'ckpt-wrong-shape': 'CKPT-5',
  'ckpt-wrong-dtype': 'CKPT-2',
  'ckpt-missing-tensor': 'CKPT-2',
  'ckpt-extra-tensor': 'CKPT-2',
  /** All tensors are there, but not in canonical order. */
  'ckpt-wrong-order': 'CKPT-2',
  /** A tensor's bytes begin or end inside another's. */
  'ckpt-overlap': 'CKPT-2',
  /** Bytes between two tensors belong to none. */
  'ckpt-gap': 'CKPT-2',
  'ckpt-nan': 'CKPT-4',
  'ckpt-infinite': 'CKPT-4',
  /** |w| > 2^20. */
  'ckpt-too-large': 'CKPT-4',
  'ckpt-negative-zero': 'CKPT-4',
  /** 0 < |w| < 2^-40. */
  'ckpt-too-small': 'CKPT-4',
} as const;

export type CheckpointCode = keyof typeof CHECKPOINT_RULES;

/** A refused checkpoint. `detail` names cause and fix; `index` is the element's position among all values, for CKPT-4. */
export interface CheckpointInvalid {
  readonly ok: false;
  readonly code: CheckpointCode;
  readonly detail: string;
  readonly tensor?: string;
  readonly index?: number;
}

export function invalidCheckpoint(
  code: CheckpointCode,
  detail: string,
  facts: { readonly tensor?: string; readonly index?: number } = {},
): CheckpointInvalid {
  return { ok: false, code, detail, ...facts };
}

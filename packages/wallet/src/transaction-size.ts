// Encoded bytes of a transaction before it is signed: exact, because signatures have one length.

import { SIGNATURE_LENGTH } from '@resonancenet/crypto/ed25519';
import type { Condition, Leaf } from '@resonancenet/primitives/condition';
import { leafCodec } from '@resonancenet/primitives/condition';
import { encode } from '@resonancenet/bytes/encode';
import { HASH_LENGTH } from '@resonancenet/primitives/ids';

/** Amount, lock id, policy id. */
export const OUTPUT_BYTES: number = 8 + 24 + 24;

/** Version, lock time. */
const FIXED_BYTES = 8;

/** Outpoint and sequence. */
const OUTPOINT_BYTES = 40;

/** Leaf of one key: its number of conditions, kind, key. */
const KEY_LEAF_BYTES = 34;

/** Bytes of the varint of a number (HASH-3). */
export function varintBytes(value: number): number {
  return value < 0xfd ? 1 : value <= 0xffff ? 3 : 5;
}

/** An input whose witness takes so many bytes. */
export function inputBytes(witness: number): number {
  return OUTPOINT_BYTES + varintBytes(witness) + witness;
}

/** An action of so much data and witness. */
export function actionBytes(data: number, witness: number): number {
  return 1 + varintBytes(data) + data + varintBytes(witness) + witness;
}

/** The witness by which an account's own key opens its lock; `branch`: items, none or one. */
export function ownWitnessBytes(branch: number): number {
  return 1 + KEY_LEAF_BYTES + 2 + branch * HASH_LENGTH + 1 + SIGNATURE_LENGTH;
}

/** The witness of a leaf all of whose conditions are met (LED-2). */
export function witnessBytes(leaf: Leaf, branch: number): number {
  const leafBytes = encode(leafCodec, leaf).length;
  const satisfied = leaf.reduce((sum, condition) => sum + satisfactionBytes(condition), 0);
  return varintBytes(leafBytes) + leafBytes + 2 + branch * HASH_LENGTH + satisfied;
}

/** A transaction of parts whose bytes are known. */
export function transactionBytes(
  inputs: { readonly count: number; readonly bytes: number },
  outputs: number,
  actions: readonly number[],
): number {
  return (
    FIXED_BYTES +
    varintBytes(inputs.count) +
    inputs.bytes +
    varintBytes(outputs) +
    outputs * OUTPUT_BYTES +
    varintBytes(actions.length) +
    actions.reduce((sum, bytes) => sum + bytes, 0)
  );
}

function satisfactionBytes(condition: Condition): number {
  switch (condition.kind) {
    case 'key':
      return 1 + SIGNATURE_LENGTH;
    case 'threshold':
      return condition.required * (2 + SIGNATURE_LENGTH);
    case 'preimage':
      return HASH_LENGTH;
    case 'after':
    case 'older':
    case 'idle':
    case 'announced':
      return 0;
  }
}

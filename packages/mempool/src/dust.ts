// Outputs that hold less than spending them costs: nobody would spend them, and every node would keep them for ever.

import { feeAtRate, type FeeRate } from './fee-rate.ts';
import { POLICY_TYPE } from '@resonancenet/primitives/policy';
import type { Output } from '@resonancenet/primitives/transaction';

/** Outpoint, sequence, and the length of the witness. */
const INPUT_BYTES: number = 36 + 4 + 1;

/** Public key, flag, signature (LED-3). */
const KEY_HASH_WITNESS_BYTES: number = 32 + 1 + 64;

/** The least that opens a lock with a signature: length and bytes of the leaf of one key, its place, flag, signature (LED-2). */
const KEY_WITNESS_BYTES: number = 1 + 34 + 2 + 1 + 64;

/** What an output must hold at least, resonances. */
export function dustLimit({ policyId }: Pick<Output, 'policyId'>, relayRate: FeeRate): bigint {
  const witness = policyId[0] === POLICY_TYPE.base58 ? KEY_HASH_WITNESS_BYTES : KEY_WITNESS_BYTES;
  return feeAtRate(relayRate, INPUT_BYTES + witness);
}

/** Indices of the outputs that hold less. */
export function dustOutputs(outputs: readonly Output[], relayRate: FeeRate): number[] {
  return outputs.flatMap((output, index) => (output.amount < dustLimit(output, relayRate) ? [index] : []));
}

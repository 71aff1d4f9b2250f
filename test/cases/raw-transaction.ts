// Transactions as bytes, written without any of the codec's limits: what must be unreadable can be made.

import { Writer } from '@resonancenet/bytes/writer';

export interface RawTransaction {
  readonly version?: number;
  readonly inputs: readonly {
    readonly txid: Uint8Array;
    readonly index: number;
    readonly sequence?: number;
    readonly witness?: Uint8Array;
  }[];
  readonly outputs: readonly {
    readonly amount: bigint;
    readonly lockId: Uint8Array;
    readonly policyId: Uint8Array;
  }[];
  readonly actions?: readonly { readonly kind: number; readonly data: Uint8Array; readonly witness: Uint8Array }[];
  /** The number of inputs in a form longer than it needs. */
  readonly longCount?: boolean;
}

const NO_LOCK = 0x8000_0000;

/** The bytes of BLK-8. */
export function rawTransaction({
  version = 1,
  inputs,
  outputs,
  actions = [],
  longCount = false,
}: RawTransaction): Uint8Array {
  const writer = new Writer().u32(version);
  if (longCount) writer.u8(0xfd).u16(inputs.length);
  else writer.varint(inputs.length);
  for (const { txid, index, sequence = NO_LOCK, witness = new Uint8Array(0) } of inputs) {
    writer.bytes(txid, 32).u32(index).u32(sequence).varint(witness.length).bytes(witness);
  }
  writer.varint(outputs.length);
  for (const { amount, lockId, policyId } of outputs) writer.u64(amount).bytes(lockId, 24).bytes(policyId, 24);
  writer.varint(actions.length);
  for (const { kind, data, witness } of actions) {
    writer.u8(kind).varint(data.length).bytes(data).varint(witness.length).bytes(witness);
  }
  return writer.u32(NO_LOCK).finish();
}

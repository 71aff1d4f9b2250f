// Transactions: their bytes, their id and the root over a block's transactions (BLK-8 to BLK-12; protocol: ledger).

import { type Codec, fixedBytes, list, refine, struct, u8, u32, varBytes } from '@resonancenet/bytes/codec';
import { withEncoded } from '@resonancenet/bytes/encode';
import { hash } from '@resonancenet/crypto/hash';
import { merkleRoot } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { type Amount, amountCodec } from './amount.ts';
import { HASH_LENGTH, LOCK_ID_LENGTH, type LockId, POLICY_ID_LENGTH, type PolicyId, type TxId } from './ids.ts';

/** An output of an earlier transaction. */
export interface Outpoint {
  readonly txid: TxId;
  readonly index: number;
}

export interface Input {
  readonly outpoint: Outpoint;
  /** Least age of the spent output in blocks, or bit 31 set: none, and 31 bits of free data. */
  readonly sequence: number;
  /** What opens the lock; not part of the txid. */
  readonly witness: Uint8Array;
}

export interface Output {
  readonly amount: Amount;
  readonly lockId: LockId;
  readonly policyId: PolicyId;
}

/** An act other than a payment. What the kinds mean and how their data is laid out, the ledger's rules say. */
export interface Action {
  readonly kind: number;
  readonly data: Uint8Array;
  /** Signatures of the action; not part of the txid. */
  readonly witness: Uint8Array;
}

export interface Transaction {
  readonly version: number;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  readonly actions: readonly Action[];
  /** Height that the block's must exceed, or bit 31 set: none, and 31 bits of free data. */
  readonly lockTime: number;
}

/** The only version there is (BLK-8). */
export const TRANSACTION_VERSION = 1;

/** Bytes of one witness (BLK-10): all 16 keys of a leaf's 8 conditions signing, with room to spare. */
export const MAX_WITNESS_LENGTH = 16_384;

/** Bytes of one action's data (BLK-10): a whole validation set of 512 x 256 ids of two bytes fits. */
export const MAX_ACTION_LENGTH = 300_000;

/** Bit 31 of `lockTime` and `sequence`: no lock, the other bits are free. */
export const NO_LOCK = 0x8000_0000;

const versionCodec: Codec<number> = refine(u32, (version) =>
  version === TRANSACTION_VERSION ? null : `a transaction of version ${version}; only ${TRANSACTION_VERSION} exists`,
);

export const outpointCodec: Codec<Outpoint> = struct<Outpoint>({ txid: fixedBytes(HASH_LENGTH), index: u32 });

export const outputCodec: Codec<Output> = struct<Output>({
  amount: amountCodec,
  lockId: fixedBytes(LOCK_ID_LENGTH),
  policyId: fixedBytes(POLICY_ID_LENGTH),
});

const inputFields = { outpoint: outpointCodec, sequence: u32 };
const actionFields = { kind: u8, data: varBytes({ max: MAX_ACTION_LENGTH }) };
const witness = varBytes({ max: MAX_WITNESS_LENGTH });

/** The transaction as it travels and as blocks hold it. How long it may be, the network says (CON-16). */
export const transactionCodec: Codec<Transaction> = struct<Transaction>({
  version: versionCodec,
  inputs: list(struct<Input>({ ...inputFields, witness }), { min: 1 }),
  outputs: list(outputCodec),
  actions: list(struct<Action>({ ...actionFields, witness })),
  lockTime: u32,
});

/** The same without witnesses: what the txid covers. Written only, never read. */
interface WitnesslessTransaction extends Omit<Transaction, 'inputs' | 'actions'> {
  readonly inputs: readonly Omit<Input, 'witness'>[];
  readonly actions: readonly Omit<Action, 'witness'>[];
}

const witnesslessCodec: Codec<WitnesslessTransaction> = struct<WitnesslessTransaction>({
  version: versionCodec,
  inputs: list(struct<Omit<Input, 'witness'>>(inputFields), { min: 1 }),
  outputs: list(outputCodec),
  actions: list(struct<Omit<Action, 'witness'>>(actionFields)),
  lockTime: u32,
});

/** Id of a transaction (BLK-11): nobody but its signers can change it, whatever is done to the witnesses. */
export function txid(transaction: Transaction): TxId {
  return withEncoded(witnesslessCodec, transaction, (bytes) => hash(TAG.txId, bytes));
}

/** Bytes of a transaction's encoding. */
export function transactionLength(transaction: Transaction): number {
  return withEncoded(transactionCodec, transaction, ({ length }) => length);
}

/** Leaf of a transaction in its block's tree (BLK-12): commits to the witnesses too. */
export function wtxLeaf(transaction: Transaction): Uint8Array {
  return withEncoded(transactionCodec, transaction, wtxLeafOf);
}

/** The same from the transaction's encoding. */
export function wtxLeafOf(bytes: Uint8Array): Uint8Array {
  return hash(TAG.txLeaf, bytes);
}

/** Root over at least one transaction, in block order, the coinbase first (BLK-12). */
export function txRoot(transactions: readonly Transaction[]): Uint8Array {
  return txRootOf(transactions.map(wtxLeaf));
}

/** The same from their leaves. */
export function txRootOf(leaves: readonly Uint8Array[]): Uint8Array {
  return merkleRoot(leaves, TAG.txNode);
}

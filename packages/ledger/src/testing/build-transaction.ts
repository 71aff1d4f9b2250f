// Transactions for tests: keys by number, locks that remember their leaves, witnesses made for a leaf.

import { compareBytes } from '@resonancenet/bytes/compare';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { type ActionContent, encodeAction } from '@resonancenet/primitives/action-content';
import type { Condition, Leaf } from '@resonancenet/primitives/condition';
import type { LockId, TxId } from '@resonancenet/primitives/ids';
import { leafBranch, lockIdOf } from '@resonancenet/primitives/lock';
import { type Action, NO_LOCK, type Output, type Transaction, txid } from '@resonancenet/primitives/transaction';
import {
  encodeKeyHashWitness,
  encodeLockWitness,
  type Satisfaction,
  type SighashFlag,
} from '@resonancenet/primitives/witness';

/** An output that exists. */
export interface Owned {
  readonly txid: TxId;
  readonly index: number;
  readonly output: Output;
  /** Of its block. */
  readonly height: number;
}

/** How an output is spent. */
export interface Spend {
  readonly from: Owned;
  /** Leaves of its lock; none: a Base58 output of key `baseKey`. */
  readonly leaves?: readonly Leaf[];
  readonly baseKey?: number;
  /** The leaf that is shown. */
  readonly leaf?: number;
  readonly preimage?: Uint8Array;
  readonly flag?: SighashFlag;
  readonly sequence?: number;
  readonly witness?: Uint8Array;
}

/** What of a transaction a test says. */
export interface Plan {
  readonly spends: readonly Spend[];
  readonly outputs?: readonly Output[];
  readonly actions?: readonly Action[];
  readonly lockTime?: number;
}

const noSignature = new Uint8Array(64);
const keys = new Map<number, Uint8Array>();

/** Secret key number `number`. */
export function seedOf(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

/** Its public key. */
export function keyOf(number: number): Uint8Array {
  const known = keys.get(number);
  if (known !== undefined) return known;
  const made = publicKey(seedOf(number));
  keys.set(number, made);
  return made;
}

/** Condition that key number `number` signs. */
export function byKey(number: number): Condition {
  return { kind: 'key', publicKey: keyOf(number) };
}

/** A signature by key number `number`. */
export function signedBy(number: number, message: Uint8Array): Uint8Array {
  return sign(message, seedOf(number));
}

/** Key hash of key number `number` with its four zeros, the lock of a Base58 output (BLK-19). */
export function base58Lock(number: number): LockId {
  const lock = new Uint8Array(24);
  lock.set(hashUntagged(keyOf(number)).subarray(0, 20));
  return lock;
}

/** Public keys of these numbers, ascending. */
export function keysOf(...numbers: readonly number[]): Uint8Array[] {
  return numbers.map(keyOf).sort(compareBytes);
}

/** The transaction, with signatures of zeros: the rules name signatures, they do not check them. */
export function build(plan: Plan): Transaction {
  return {
    version: 1,
    inputs: plan.spends.map((spend) => ({
      outpoint: { txid: spend.from.txid, index: spend.from.index },
      sequence: spend.sequence ?? NO_LOCK,
      witness: spend.witness ?? witnessOf(spend),
    })),
    outputs: plan.outputs ?? [],
    actions: plan.actions ?? [],
    lockTime: plan.lockTime ?? NO_LOCK,
  };
}

/** The outputs of a transaction that a block of this height holds. */
export function ownedBy(transaction: Transaction, height: number): Owned[] {
  const id = txid(transaction);
  return transaction.outputs.map((output, index) => ({ txid: id, index, output, height }));
}

/** A sign of life under these terms, with a signature of zeros. */
export function heartbeat(terms: Extract<ActionContent, { kind: 'heartbeat' }>['terms']): Action {
  return encodeAction({ kind: 'heartbeat', terms, signature: noSignature });
}

/** Lock id of these leaves. */
export function lockOf(leaves: readonly Leaf[]): LockId {
  return lockIdOf(leaves);
}

function witnessOf({ leaves, leaf: index = 0, baseKey = 0, preimage, flag = 1 }: Spend): Uint8Array {
  if (leaves === undefined) {
    return encodeKeyHashWitness({ publicKey: keyOf(baseKey), flag, signature: noSignature });
  }
  const leaf = leaves[index]!;
  return encodeLockWitness({
    leaf,
    index,
    count: leaves.length,
    branch: leafBranch(leaves, index),
    satisfactions: leaf.map((condition) => satisfy(condition, flag, preimage)),
  });
}

function satisfy(condition: Condition, flag: SighashFlag, preimage: Uint8Array | undefined): Satisfaction {
  switch (condition.kind) {
    case 'key':
      return { kind: 'key', flag, signature: noSignature };
    case 'threshold': {
      const signers = Array.from({ length: condition.required }, (_, key) => ({ key, flag, signature: noSignature }));
      return { kind: 'threshold', signatures: signers };
    }
    case 'preimage':
      return { kind: 'preimage', preimage: preimage ?? new Uint8Array(32) };
    default:
      return { kind: 'none' };
  }
}

// Whether witnesses open the outputs that they are for (LED-1 to LED-4, LED-11). Signatures are named here and checked elsewhere.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { rejectTransaction } from '@resonancenet/consensus/reject-transaction';
import type { Rejection } from '@resonancenet/consensus/verdict';
import { hashUntagged } from '@resonancenet/crypto/hash';
import type { Condition } from '@resonancenet/primitives/condition';
import { leafHash, lockIdFromBranch } from '@resonancenet/primitives/lock';
import { POLICY_TYPE } from '@resonancenet/primitives/policy';
import { NO_LEAF_HASH } from '@resonancenet/primitives/sighash';
import type { Transaction } from '@resonancenet/primitives/transaction';
import {
  decodeKeyHashWitness,
  decodeLockWitness,
  type FlaggedSignature,
  type Satisfaction,
} from '@resonancenet/primitives/witness';
import type { SpentCoin } from './check-inputs.ts';
import { policyBlocks } from './policy-id.ts';

/** A signature that an input's witness holds. */
export interface InputSignature extends FlaggedSignature {
  readonly input: number;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Of the leaf that the witness shows. */
  readonly leafHash: Uint8Array;
}

/** What the witnesses of a transaction hold. */
export interface OpenedLocks {
  readonly ok: true;
  readonly signatures: readonly InputSignature[];
  /** Inputs whose leaf has the condition `announced`. */
  readonly recoveries: number;
}

const KEY_HASH_LENGTH = 20;

/** One transaction's inputs while they are opened in order. */
class Opening {
  readonly signatures: InputSignature[] = [];
  recoveries = 0;
  readonly #transaction: Transaction;
  readonly #height: number;

  constructor(transaction: Transaction, height: number) {
    this.#transaction = transaction;
    this.#height = height;
  }

  /** A witness of a Base58 output (LED-3). */
  openKeyHash(input: number, { coin }: SpentCoin): Rejection | null {
    const decoded = decodeKeyHashWitness(this.#transaction.inputs[input]!.witness);
    if (!decoded.ok) return this.#malformed(input, decoded.detail);
    const { publicKey, flag, signature } = decoded.witness;
    const claimed = hashUntagged(publicKey).subarray(0, KEY_HASH_LENGTH);
    const expected = coin.lockId.subarray(0, KEY_HASH_LENGTH);
    if (!equalBytes(claimed, expected)) {
      const facts = { input, claimed: toHex(claimed), expected: toHex(expected) };
      return rejectTransaction(this.#transaction, 'tx-witness-key-hash', facts);
    }
    this.signatures.push({ input, publicKey, leafHash: NO_LEAF_HASH, flag, signature });
    return null;
  }

  /** A witness of any other output (LED-2). */
  openLock(input: number, spent: SpentCoin): Rejection | null {
    const decoded = decodeLockWitness(this.#transaction.inputs[input]!.witness);
    if (!decoded.ok) return this.#malformed(input, decoded.detail);
    const { leaf, leafBytes, index, count, branch, satisfactions } = decoded.witness;
    const hash = leafHash(leafBytes);
    const claimed = lockIdFromBranch(hash, index, count, branch);
    if (claimed === null || !equalBytes(claimed, spent.coin.lockId)) {
      const facts = { input, claimed: claimed === null ? 'none' : toHex(claimed), expected: toHex(spent.coin.lockId) };
      return rejectTransaction(this.#transaction, 'tx-witness-lock', facts);
    }
    let announced = false;
    for (let place = 0; place < leaf.length; place++) {
      const condition = leaf[place]!;
      announced ||= condition.kind === 'announced';
      const refusal = this.#satisfy(input, spent, condition, satisfactions[place]!, hash);
      if (refusal !== null) return refusal;
    }
    if (announced) this.recoveries++;
    return null;
  }

  #satisfy(
    input: number,
    spent: SpentCoin,
    condition: Condition,
    satisfaction: Satisfaction,
    hash: Uint8Array,
  ): Rejection | null {
    switch (condition.kind) {
      case 'key':
        assert(satisfaction.kind === 'key', 'a witness satisfies its leaf condition by condition');
        this.#sign(input, condition.publicKey, satisfaction, hash);
        return null;
      case 'threshold':
        assert(satisfaction.kind === 'threshold', 'a witness satisfies its leaf condition by condition');
        for (const one of satisfaction.signatures) this.#sign(input, condition.publicKeys[one.key]!, one, hash);
        return null;
      case 'preimage':
        assert(satisfaction.kind === 'preimage', 'a witness satisfies its leaf condition by condition');
        return this.#checkPreimage(input, condition.hash, satisfaction.preimage);
      default:
        return this.#checkTime(input, spent, condition);
    }
  }

  #sign(input: number, publicKey: Uint8Array, { flag, signature }: FlaggedSignature, hash: Uint8Array): void {
    this.signatures.push({ input, publicKey, leafHash: hash, flag, signature });
  }

  #checkPreimage(input: number, hash: Uint8Array, preimage: Uint8Array): Rejection | null {
    const claimed = hashUntagged(preimage);
    return equalBytes(claimed, hash)
      ? null
      : rejectTransaction(this.#transaction, 'tx-preimage', { input, claimed: toHex(claimed), expected: toHex(hash) });
  }

  /** Conditions that the chain answers (LED-1). */
  #checkTime(
    input: number,
    { coin, policy }: SpentCoin,
    condition: Extract<Condition, { kind: 'after' | 'older' | 'idle' | 'announced' }>,
  ): Rejection | null {
    const [transaction, height] = [this.#transaction, this.#height];
    switch (condition.kind) {
      case 'after': {
        const required = condition.height;
        return height > required ? null : rejectTransaction(transaction, 'tx-after', { input, height, required });
      }
      case 'older': {
        const [age, required] = [height - coin.height, condition.blocks];
        return age >= required ? null : rejectTransaction(transaction, 'tx-older', { input, age, required });
      }
      case 'idle': {
        const age = height - Math.max(coin.height, policy.lastSign);
        const required = policyBlocks(coin.policyId);
        return age >= required ? null : rejectTransaction(transaction, 'tx-idle', { input, age, required });
      }
      case 'announced':
        return this.#checkAnnounced(input, { coin, policy });
    }
  }

  /** Of one input; what the whole transaction must be, recovery.ts says (LED-18). */
  #checkAnnounced(input: number, { coin, policy }: Pick<SpentCoin, 'coin' | 'policy'>): Rejection | null {
    const { announcement } = policy;
    // Only social policies can be announced (LED-16).
    if (announcement === null) return rejectTransaction(this.#transaction, 'tx-announced-none', { input });
    const age = this.#height - announcement.height;
    const required = policyBlocks(coin.policyId);
    return age >= required ? null : rejectTransaction(this.#transaction, 'tx-announced-wait', { input, age, required });
  }

  #malformed(input: number, detail: string): Rejection {
    return rejectTransaction(this.#transaction, 'tx-witness-malformed', { input, detail });
  }
}

/** Opens every output that the transaction spends in a block at `height`, or says which does not open. */
export function openLocks(
  transaction: Transaction,
  height: number,
  spent: readonly SpentCoin[],
): OpenedLocks | Rejection {
  const opening = new Opening(transaction, height);
  for (let input = 0; input < spent.length; input++) {
    const one = spent[input]!;
    const isBase58 = one.coin.policyId[0] === POLICY_TYPE.base58;
    const refusal = isBase58 ? opening.openKeyHash(input, one) : opening.openLock(input, one);
    if (refusal !== null) return refusal;
  }
  return { ok: true, signatures: opening.signatures, recoveries: opening.recoveries };
}

// Real signatures for a planned transaction: the witnesses that `build` leaves empty are filled in by the keys that they name.

import { toHex } from '@resonancenet/bytes/hex';
import { TAG } from '@resonancenet/crypto/tags';
import { build, keyOf, type Plan, type Spend, signedBy } from '@resonancenet/ledger/testing/build-transaction';
import { decodeAction, encodeAction } from '@resonancenet/primitives/action-content';
import { leafHash } from '@resonancenet/primitives/lock';
import { NO_LEAF_HASH, TransactionSighash } from '@resonancenet/primitives/sighash';
import type { Action, Transaction } from '@resonancenet/primitives/transaction';
import {
  decodeKeyHashWitness,
  decodeLockWitness,
  encodeKeyHashWitness,
  encodeLockWitness,
  type LockWitness,
  type Satisfaction,
} from '@resonancenet/primitives/witness';

export interface CasePlan extends Plan {
  /** Number of a key that signs everything in place of the right ones. */
  readonly forger?: number;
}

const KEYS = 60;
const noSignature = new Uint8Array(64);
const numbers = new Map<string, number>(
  Array.from({ length: KEYS }, (_, index) => [toHex(keyOf(index + 1)), index + 1]),
);

type Signer = (publicKey: Uint8Array, message: Uint8Array | null) => Uint8Array;

/** The transaction, signed. Witnesses that the plan gives itself stay as they are. */
export function signPlan(plan: CasePlan, genesisId: Uint8Array): Transaction {
  const signer: Signer = (publicKey, message) => {
    const number = plan.forger ?? numbers.get(toHex(publicKey));
    return number === undefined || message === null ? noSignature : signedBy(number, message);
  };
  const unsigned = build(plan);
  const spent = plan.spends.map(({ from }) => from.output);
  const sighash = new TransactionSighash(genesisId, unsigned, spent);
  const inputs = unsigned.inputs.map((input, index) => {
    const spend = plan.spends[index]!;
    return spend.witness === undefined
      ? { ...input, witness: signInput(spend, index, input.witness, sighash, signer) }
      : input;
  });
  return {
    ...unsigned,
    inputs,
    actions: unsigned.actions.map((action, index) => signAction(action, index, sighash, signer)),
  };
}

function signInput(
  spend: Spend,
  index: number,
  witness: Uint8Array,
  sighash: TransactionSighash,
  signer: Signer,
): Uint8Array {
  if (spend.leaves === undefined) {
    const decoded = decodeKeyHashWitness(witness);
    if (!decoded.ok) return witness;
    const { publicKey, flag } = decoded.witness;
    const signature = signer(publicKey, sighash.input(index, flag, NO_LEAF_HASH));
    return encodeKeyHashWitness({ publicKey, flag, signature });
  }
  const decoded = decodeLockWitness(witness);
  if (!decoded.ok) return witness;
  const hash = leafHash(decoded.witness.leafBytes);
  const sign = (publicKey: Uint8Array, flag: 1 | 2): Uint8Array => signer(publicKey, sighash.input(index, flag, hash));
  return encodeLockWitness({ ...decoded.witness, satisfactions: satisfied(decoded.witness, sign) });
}

function satisfied(
  { leaf, satisfactions }: LockWitness,
  sign: (publicKey: Uint8Array, flag: 1 | 2) => Uint8Array,
): Satisfaction[] {
  return satisfactions.map((satisfaction, place) => {
    const condition = leaf[place]!;
    if (satisfaction.kind === 'key' && condition.kind === 'key') {
      return { ...satisfaction, signature: sign(condition.publicKey, satisfaction.flag) };
    }
    if (satisfaction.kind !== 'threshold' || condition.kind !== 'threshold') return satisfaction;
    const signatures = satisfaction.signatures.map((one) => ({
      ...one,
      signature: sign(condition.publicKeys[one.key]!, one.flag),
    }));
    return { kind: 'threshold', signatures };
  });
}

function signAction(action: Action, index: number, sighash: TransactionSighash, signer: Signer): Action {
  const decoded = decodeAction(action);
  if (!decoded.ok) return action;
  const { content } = decoded;
  if (content.kind === 'heartbeat') {
    const signature = signer(content.terms.livenessKey, sighash.action(index, TAG.heartbeat));
    return encodeAction({ ...content, signature });
  }
  if (content.kind !== 'announce') return action;
  const message = sighash.action(index, TAG.announce);
  const signatures = content.signatures.map(({ guardian }) => ({
    guardian,
    signature: signer(content.terms.guardians[guardian]!, message),
  }));
  return encodeAction({ ...content, signatures });
}

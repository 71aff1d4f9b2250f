// Signatures of a partially signed transaction: what they cover, whether they hold, and adding one (WAL-52).

import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { verify } from '@resonancenet/crypto/ed25519';
import { leafCodec } from '@resonancenet/primitives/condition';
import { leafHash } from '@resonancenet/primitives/lock';
import { NO_LEAF_HASH, TransactionSighash } from '@resonancenet/primitives/sighash';
import { SIGHASH_ALL, type SighashFlag } from '@resonancenet/primitives/witness';
import { type Rntp, type RntpWay, sortedByKey } from './rntp.ts';
import { keysOfWay } from './rntp-consistency.ts';
import { type RntpProblem, rntpProblem, type SignatureTarget } from './rntp-problem.ts';
import { signersOfAction } from './rntp-signers.ts';

/** What the signatures of one transaction cover. What they share is hashed once. */
export class RntpDigests {
  readonly #rntp: Rntp;
  readonly #sighash: TransactionSighash;

  constructor(rntp: Rntp) {
    this.#rntp = rntp;
    this.#sighash = new TransactionSighash(
      rntp.genesisId,
      rntp.transaction,
      rntp.inputs.map(({ spent }) => spent),
    );
  }

  /** What a signature of an input or action covers, 32 bytes; null: nothing can be signed there. */
  of({ kind, index }: SignatureTarget, flag: SighashFlag = SIGHASH_ALL): Uint8Array | null {
    const { inputs, transaction } = this.#rntp;
    if (kind === 'input') {
      const input = inputs[index];
      return input === undefined ? null : this.#sighash.input(index, flag, leafHashOf(input.way));
    }
    const action = transaction.actions[index];
    if (action === undefined) return null;
    const signers = signersOfAction(action);
    return signers.ok && signers.tag !== null ? this.#sighash.action(index, signers.tag) : null;
  }
}

/** A signature with what it belongs to. `flag` counts for inputs only. */
export interface NewSignature {
  readonly target: SignatureTarget;
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
  readonly flag?: SighashFlag;
}

export type SignedRntp = { readonly ok: true; readonly rntp: Rntp } | RntpProblem;

/** Adds signatures, each of which must be asked for and hold; one that is there already stays. */
export function addSignatures(rntp: Rntp, added: readonly NewSignature[]): SignedRntp {
  const digests = new RntpDigests(rntp);
  const inputs = [...rntp.inputs];
  const actions = [...rntp.actions];
  for (const { target, publicKey, signature, flag = SIGHASH_ALL } of added) {
    const problem = signatureProblem(rntp, digests, target, { publicKey, signature, flag });
    if (problem !== null) return problem;
    const { kind, index } = target;
    if (kind === 'action') actions[index] = sortedByKey([...actions[index]!, { publicKey, signature }]);
    else {
      const input = inputs[index]!;
      inputs[index] = { ...input, signatures: sortedByKey([...input.signatures, { publicKey, flag, signature }]) };
    }
  }
  return { ok: true, rntp: { ...rntp, inputs, actions } };
}

/** Why a signature does not belong there or does not hold, or null. */
export function signatureProblem(
  rntp: Rntp,
  digests: RntpDigests,
  target: SignatureTarget,
  {
    publicKey,
    signature,
    flag,
  }: { readonly publicKey: Uint8Array; readonly signature: Uint8Array; readonly flag: SighashFlag },
): RntpProblem | null {
  const keys = keysOf(rntp, target);
  if (keys === null) return rntpProblem('no-such-target', target);
  const facts = { ...target, publicKey: toHex(publicKey) };
  if (!keys.some((key) => equalBytes(key, publicKey))) return rntpProblem('unknown-key', facts);
  const digest = digests.of(target, flag);
  const holds = digest !== null && verify(signature, digest, publicKey);
  return holds ? null : rntpProblem('invalid-signature', facts);
}

/** Keys whose signatures a target takes; null: there is no such target. */
export function keysOf({ inputs, transaction }: Rntp, { kind, index }: SignatureTarget): readonly Uint8Array[] | null {
  if (kind === 'input') return inputs[index] === undefined ? null : keysOfWay(inputs[index].way);
  const action = transaction.actions[index];
  const signers = action === undefined ? null : signersOfAction(action);
  return signers?.ok === true ? signers.publicKeys : null;
}

function leafHashOf(way: RntpWay): Uint8Array {
  return way.kind === 'keyHash' ? NO_LEAF_HASH : leafHash(encode(leafCodec, way.leaf));
}

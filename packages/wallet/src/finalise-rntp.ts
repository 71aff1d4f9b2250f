// A partially signed transaction with all that it asks for becomes one that can be sent (WAL-54).

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { encodeAction } from '@resonancenet/primitives/action-content';
import type { Condition } from '@resonancenet/primitives/condition';
import type { Action, Transaction } from '@resonancenet/primitives/transaction';
import { encodeKeyHashWitness, encodeLockWitness, type Satisfaction } from '@resonancenet/primitives/witness';
import type { Rntp, RntpActionSignature, RntpInput, RntpInputSignature, RntpWay } from './rntp.ts';
import { type MissingSignatures, type RntpProblem, rntpProblem } from './rntp-problem.ts';
import { RntpDigests, signatureProblem } from './rntp-signatures.ts';
import { signersOfAction } from './rntp-signers.ts';

export type FinalisedRntp = { readonly ok: true; readonly transaction: Transaction } | RntpProblem;

/** The signed transaction; or which signature does not hold, or all that are missing. */
export function finaliseRntp(rntp: Rntp): FinalisedRntp {
  const invalid = invalidSignature(rntp);
  if (invalid !== null) return invalid;
  const missing = missingSignatures(rntp);
  if (missing.length > 0) return rntpProblem('missing-signatures', { missing });
  const preimage = missingPreimage(rntp);
  if (preimage !== null) return preimage;
  const { transaction, inputs, actions } = rntp;
  return {
    ok: true,
    transaction: {
      ...transaction,
      inputs: transaction.inputs.map((input, index) => ({ ...input, witness: witnessOf(inputs[index]!) })),
      actions: transaction.actions.map((action, index) => signAction(action, actions[index]!)),
    },
  };
}

/** What must still be signed, inputs first. */
export function missingSignatures({ transaction, inputs, actions }: Rntp): MissingSignatures[] {
  const missing: MissingSignatures[] = [];
  for (const [index, { way, signatures }] of inputs.entries()) {
    for (const [required, publicKeys] of quorumsOf(way)) {
      addMissing(missing, { kind: 'input', index }, required, publicKeys, signatures);
    }
  }
  for (const [index, action] of transaction.actions.entries()) {
    const signers = signersOfAction(action);
    if (signers.ok)
      addMissing(missing, { kind: 'action', index }, signers.required, signers.publicKeys, actions[index]!);
  }
  return missing;
}

function addMissing(
  missing: MissingSignatures[],
  target: MissingSignatures['target'],
  required: number,
  publicKeys: readonly Uint8Array[],
  signatures: readonly { readonly publicKey: Uint8Array }[],
): void {
  const open = publicKeys.filter((key) => !signatures.some(({ publicKey }) => equalBytes(publicKey, key)));
  const count = required - (publicKeys.length - open.length);
  if (count > 0) missing.push({ target, count, publicKeys: open });
}

/** What a way asks to be signed: so many of these keys, condition by condition. */
function quorumsOf(way: RntpWay): [required: number, publicKeys: readonly Uint8Array[]][] {
  if (way.kind === 'keyHash') return [[1, [way.publicKey]]];
  return way.leaf.flatMap((condition): [number, readonly Uint8Array[]][] => {
    if (condition.kind === 'key') return [[1, [condition.publicKey]]];
    return condition.kind === 'threshold' ? [[condition.required, condition.publicKeys]] : [];
  });
}

function invalidSignature(rntp: Rntp): RntpProblem | null {
  const digests = new RntpDigests(rntp);
  for (const [index, { signatures }] of rntp.inputs.entries()) {
    for (const one of signatures) {
      const problem = signatureProblem(rntp, digests, { kind: 'input', index }, one);
      if (problem !== null) return problem;
    }
  }
  for (const [index, signatures] of rntp.actions.entries()) {
    for (const one of signatures) {
      const problem = signatureProblem(rntp, digests, { kind: 'action', index }, { ...one, flag: 1 });
      if (problem !== null) return problem;
    }
  }
  return null;
}

function missingPreimage({ inputs }: Rntp): RntpProblem | null {
  for (const [input, { way }] of inputs.entries()) {
    if (way.kind === 'keyHash') continue;
    for (const condition of way.leaf) {
      if (condition.kind !== 'preimage' || preimageOf(way.preimages, condition.hash) !== null) continue;
      return rntpProblem('missing-preimage', { input, hash: toHex(condition.hash) });
    }
  }
  return null;
}

function preimageOf(preimages: readonly Uint8Array[], hash: Uint8Array): Uint8Array | null {
  return preimages.find((preimage) => equalBytes(hashUntagged(preimage), hash)) ?? null;
}

function witnessOf({ way, signatures }: RntpInput): Uint8Array {
  if (way.kind === 'keyHash') {
    const { flag, signature } = signatureBy(signatures, way.publicKey);
    return encodeKeyHashWitness({ publicKey: way.publicKey, flag, signature });
  }
  const { leaf, index, count, branch } = way;
  const satisfactions = leaf.map((condition) => satisfy(condition, signatures, way.preimages));
  return encodeLockWitness({ leaf, index, count, branch, satisfactions });
}

function satisfy(
  condition: Condition,
  signatures: readonly RntpInputSignature[],
  preimages: readonly Uint8Array[],
): Satisfaction {
  switch (condition.kind) {
    case 'key':
      return { kind: 'key', ...flagged(signatureBy(signatures, condition.publicKey)) };
    case 'threshold': {
      const signed = condition.publicKeys.flatMap((publicKey, key) => {
        const found = signatures.find((one) => equalBytes(one.publicKey, publicKey));
        return found === undefined ? [] : [{ key, ...flagged(found) }];
      });
      return { kind: 'threshold', signatures: signed.slice(0, condition.required) };
    }
    case 'preimage':
      return { kind: 'preimage', preimage: preimageOf(preimages, condition.hash)! };
    case 'after':
    case 'older':
    case 'idle':
    case 'announced':
      return { kind: 'none' };
  }
}

function flagged({ flag, signature }: RntpInputSignature): Pick<RntpInputSignature, 'flag' | 'signature'> {
  return { flag, signature };
}

function signatureBy<T extends { readonly publicKey: Uint8Array }>(signatures: readonly T[], publicKey: Uint8Array): T {
  return signatures.find((one) => equalBytes(one.publicKey, publicKey))!;
}

function signAction(action: Action, signatures: readonly RntpActionSignature[]): Action {
  const signers = signersOfAction(action);
  if (!signers.ok) return action;
  const { content } = signers;
  if (content.kind === 'heartbeat') {
    const { signature } = signatureBy(signatures, content.terms.livenessKey);
    return encodeAction({ ...content, signature });
  }
  if (content.kind !== 'announce') return action;
  const signed = content.terms.guardians.flatMap((publicKey, guardian) => {
    const found = signatures.find((one) => equalBytes(one.publicKey, publicKey));
    return found === undefined ? [] : [{ guardian, signature: found.signature }];
  });
  return encodeAction({ ...content, signatures: signed.slice(0, content.terms.required) });
}

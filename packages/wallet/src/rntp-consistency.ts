// Whether the parts of a partially signed transaction fit each other (WAL-51), before anybody looks at signatures.

import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { keyHash } from '@resonancenet/primitives/address';
import { type Leaf, leafCodec } from '@resonancenet/primitives/condition';
import { leafHash, leastPlace, lockIdFromBranch } from '@resonancenet/primitives/lock';
import { POLICY_TYPE } from '@resonancenet/primitives/policy';
import type { Action } from '@resonancenet/primitives/transaction';
import type { Rntp, RntpInput, RntpWay } from './rntp.ts';
import { signersOfAction } from './rntp-signers.ts';

/** What does not fit, or null. */
export function inconsistency(rntp: Rntp): string | null {
  const { transaction, inputs, actions, outputs, origins } = rntp;
  if (inputs.length !== transaction.inputs.length)
    return `${inputs.length} spent outputs for ${transaction.inputs.length} inputs`;
  if (actions.length !== transaction.actions.length)
    return `signatures of ${actions.length} actions where there are ${transaction.actions.length}`;
  if (outputs.length !== transaction.outputs.length)
    return `keys of ${outputs.length} outputs where there are ${transaction.outputs.length}`;
  for (const [index, input] of inputs.entries()) {
    const problem = inputProblem(input);
    if (problem !== null) return `input ${index}: ${problem}`;
  }
  for (const [index, action] of transaction.actions.entries()) {
    const problem = actionProblem(
      action,
      actions[index]!.map(({ publicKey }) => publicKey),
    );
    if (problem !== null) return `action ${index}: ${problem}`;
  }
  const known = new Set(origins.map(({ publicKey }) => publicKey.join()));
  const stranger = outputs.findIndex((key) => key !== null && !known.has(key.join()));
  return stranger < 0 ? null : `output ${stranger}: its key has no origin`;
}

function inputProblem({ spent, way, signatures }: RntpInput): string | null {
  const isBase58 = spent.policyId[0] === POLICY_TYPE.base58;
  if (way.kind === 'keyHash') {
    if (!isBase58) return 'a lock is opened by a leaf, not by a key hash';
    if (!equalBytes(keyHash(way.publicKey), spent.lockId.subarray(0, 20)))
      return 'the key is not the one whose hash the output has';
  } else {
    if (isBase58) return 'a Base58 output is opened by its key, not by a leaf';
    const problem = leafProblem(way, spent.lockId);
    if (problem !== null) return problem;
  }
  const keys = keysOfWay(way);
  const stranger = signatures.find(({ publicKey }) => !keys.some((key) => equalBytes(key, publicKey)));
  return stranger === undefined ? null : 'a signature by a key that is not asked for';
}

function leafProblem(
  { leaf, index, count, branch, preimages }: Extract<RntpWay, { kind: 'leaf' }>,
  lockId: Uint8Array,
): string | null {
  if (index >= count) return `leaf ${index} of ${count}`;
  const least = leastPlace(index, count);
  if (least.index !== index || least.count !== count)
    return `leaf ${index} of ${count} is written as ${least.index} of ${least.count}`;
  const found = lockIdFromBranch(leafHash(encode(leafCodec, leaf)), index, count, branch);
  if (found === null || !equalBytes(found, lockId))
    return 'leaf and branch do not lead to the lock of the spent output';
  for (const [number, preimage] of preimages.entries()) {
    if (number > 0 && compareBytes(preimages[number - 1]!, preimage) >= 0) return 'preimages are not sorted';
    if (!asksForPreimage(leaf, hashUntagged(preimage))) return `preimage ${number} is not asked for`;
  }
  return null;
}

function asksForPreimage(leaf: Leaf, hash: Uint8Array): boolean {
  return leaf.some((condition) => condition.kind === 'preimage' && equalBytes(condition.hash, hash));
}

/** Keys by which a way can be signed. */
export function keysOfWay(way: RntpWay): readonly Uint8Array[] {
  if (way.kind === 'keyHash') return [way.publicKey];
  return way.leaf.flatMap((condition) => {
    if (condition.kind === 'key') return [condition.publicKey];
    return condition.kind === 'threshold' ? condition.publicKeys : [];
  });
}

function actionProblem(action: Action, signed: readonly Uint8Array[]): string | null {
  const signers = signersOfAction(action);
  if (!signers.ok) return signers.detail;
  const stranger = signed.some((key) => !signers.publicKeys.some((one) => equalBytes(one, key)));
  return stranger ? 'a signature by a key that is not asked for' : null;
}

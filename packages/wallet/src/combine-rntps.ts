// Two signers' copies of one transaction become one that holds what each of them has added (WAL-53).

import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { txid } from '@resonancenet/primitives/transaction';
import { type Rntp, type RntpInput, type RntpWay, sortedByKey } from './rntp.ts';
import { type RntpProblem, rntpProblem } from './rntp-problem.ts';
import { addSignatures, type NewSignature, type SignedRntp } from './rntp-signatures.ts';

/** The first copy with the signatures, preimages and origins of the second. Signatures that are new are checked. */
export function combineRntps(first: Rntp, second: Rntp): SignedRntp {
  const problem = differenceOf(first, second);
  if (problem !== null) return problem;
  const added: NewSignature[] = [];
  for (const [index, { signatures }] of second.inputs.entries()) {
    const known = first.inputs[index]!.signatures;
    for (const one of signatures)
      if (!hasKey(known, one.publicKey)) added.push({ target: { kind: 'input', index }, ...one });
  }
  for (const [index, signatures] of second.actions.entries()) {
    const known = first.actions[index]!;
    for (const one of signatures)
      if (!hasKey(known, one.publicKey)) added.push({ target: { kind: 'action', index }, ...one });
  }
  const joined = {
    ...first,
    inputs: first.inputs.map((input, index) => joinInput(input, second.inputs[index]!)),
    outputs: first.outputs.map((key, index) => key ?? second.outputs[index]!),
    origins: sortedByKey([...first.origins, ...second.origins]),
  };
  return addSignatures(joined, added);
}

function differenceOf(first: Rntp, second: Rntp): RntpProblem | null {
  const [expected, found] = [first, second].map(({ genesisId }) => toHex(genesisId)) as [string, string];
  if (expected !== found) return rntpProblem('other-network', { expected, found });
  const [one, other] = [first, second].map(({ transaction }) => toHex(txid(transaction))) as [string, string];
  const isSame = one === other && first.inputs.every((input, index) => isSameSpend(input, second.inputs[index]!));
  return isSame ? null : rntpProblem('other-transaction', { expected: one, found: other });
}

/** The txid covers neither what is spent nor how. */
function isSameSpend(a: RntpInput, b: RntpInput): boolean {
  const isSameOutput =
    a.spent.amount === b.spent.amount &&
    equalBytes(a.spent.lockId, b.spent.lockId) &&
    equalBytes(a.spent.policyId, b.spent.policyId);
  return isSameOutput && isSameWay(a.way, b.way);
}

function isSameWay(a: RntpWay, b: RntpWay): boolean {
  // Leaf and branch lead to the same lock: the place tells leaves apart, a key hash its key.
  if (a.kind === 'leaf' && b.kind === 'leaf') return a.index === b.index && a.count === b.count;
  return a.kind === b.kind;
}

function joinInput(a: RntpInput, b: RntpInput): RntpInput {
  if (a.way.kind !== 'leaf' || b.way.kind !== 'leaf') return a;
  const wrapped = [...a.way.preimages, ...b.way.preimages].map((publicKey) => ({ publicKey }));
  return { ...a, way: { ...a.way, preimages: sortedByKey(wrapped).map(({ publicKey }) => publicKey) } };
}

function hasKey(signatures: readonly { readonly publicKey: Uint8Array }[], publicKey: Uint8Array): boolean {
  return signatures.some((one) => equalBytes(one.publicKey, publicKey));
}

// What it takes to spend by each leaf of a lock, what that costs, and whether it is possible at all.

import { toHex } from '@resonancenet/bytes/hex';
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH, type Signers, signersOf } from '@resonancenet/crypto/ed25519';
import { branchLength } from '@resonancenet/crypto/merkle';
import { type Condition, type Leaf, leafProblem } from '../condition.ts';
import { HASH_LENGTH, type PolicyId } from '../ids.ts';
import { parsePolicyId } from '../policy.ts';
import { isBuiltIn } from '../policy.ts';

/** A way to spend. */
export interface LeafAnalysis {
  /** Place of the leaf in the lock. */
  readonly index: number;
  /** Signatures in its witness (LED-6). */
  readonly signatures: number;
  /** Secrets of 32 bytes that it shows. */
  readonly preimages: number;
  /** Least height of a block that may hold the spend; 0: any. */
  readonly earliestHeight: number;
  /** Least number of blocks after the one that created the output; 0: any. */
  readonly earliestAge: number;
  /** The output's policy must have been idle for its blocks. */
  readonly needsIdle: boolean;
  /** A recovery must have been announced, to whose destination alone it pays. */
  readonly needsAnnouncement: boolean;
  /** Neither a secret, an announcement nor a signature that only holders of keys can make protects it. */
  readonly isOpenToAnyone: boolean;
  /** What is wrong with keys that it names. */
  readonly keyProblems: readonly string[];
  /** Length of the input's witness (LED-2). */
  readonly witnessBytes: number;
  /** Why nobody can ever spend by it, or null. Whether anybody holds its secrets and those of its keys is not known here. */
  readonly unspendable: string | null;
}

export interface LockAnalysis {
  readonly leaves: readonly LeafAnalysis[];
  /** The spendable leaf with the shortest witness, and the one with the longest; null if there is no spendable leaf. */
  readonly cheapest: LeafAnalysis | null;
  readonly dearest: LeafAnalysis | null;
}

/** All ways to spend an output with this lock. What depends on its policy is judged only if one is given. */
export function analyseLock(leaves: readonly Leaf[], policyId: PolicyId | null = null): LockAnalysis {
  const analyses = leaves.map((leaf, index) => analyseLeaf(leaf, index, leaves.length, policyId));
  const byCost = analyses
    .filter(({ unspendable }) => unspendable === null)
    .sort((a, b) => a.witnessBytes - b.witnessBytes);
  return { leaves: analyses, cheapest: byCost[0] ?? null, dearest: byCost.at(-1) ?? null };
}

function analyseLeaf(leaf: Leaf, index: number, count: number, policyId: PolicyId | null): LeafAnalysis {
  const conditions = leaf.map(signed);
  const signatures = sum(leaf, signaturesOf);
  const preimages = leaf.filter(({ kind }) => kind === 'preimage').length;
  const needsAnnouncement = leaf.some(({ kind }) => kind === 'announced');
  return {
    index,
    signatures,
    preimages,
    earliestHeight: Math.max(0, ...leaf.map((condition) => (condition.kind === 'after' ? condition.height + 1 : 0))),
    earliestAge: ageOf(leaf),
    needsIdle: leaf.some(({ kind }) => kind === 'idle'),
    needsAnnouncement,
    isOpenToAnyone: !conditions.some(isGuarded),
    keyProblems: conditions.flatMap(keyProblems),
    witnessBytes: witnessLength(leaf, index, count),
    unspendable:
      leafProblem(leaf) ??
      firstOf(conditions, unsignable) ??
      (policyId === null ? null : policyConflict(leaf, policyId)),
  };
}

/** Bytes of LED-2: leaf with its length, place, branch, and what each condition takes. */
function witnessLength(leaf: Leaf, index: number, count: number): number {
  const leafLength = 1 + sum(leaf, conditionLength);
  const satisfactions = sum(leaf, satisfactionLength);
  return (leafLength < 0xfd ? 1 : 3) + leafLength + 2 + HASH_LENGTH * branchLength(index, count) + satisfactions;
}

function conditionLength(condition: Condition): number {
  switch (condition.kind) {
    case 'key':
      return 1 + PUBLIC_KEY_LENGTH;
    case 'threshold':
      return 3 + PUBLIC_KEY_LENGTH * condition.publicKeys.length;
    case 'preimage':
      return 1 + HASH_LENGTH;
    case 'after':
    case 'older':
      return 5;
    case 'idle':
    case 'announced':
      return 1;
  }
}

function satisfactionLength(condition: Condition): number {
  if (condition.kind === 'preimage') return HASH_LENGTH;
  // A signature with its flag; in a threshold with the number of its key too.
  return signaturesOf(condition) * ((condition.kind === 'threshold' ? 2 : 1) + SIGNATURE_LENGTH);
}

function signaturesOf(condition: Condition): number {
  if (condition.kind === 'key') return 1;
  return condition.kind === 'threshold' ? condition.required : 0;
}

/** A condition with what its keys are good for. */
interface Signed {
  readonly condition: Condition;
  readonly keys: readonly { readonly publicKey: Uint8Array; readonly signers: Signers }[];
}

function signed(condition: Condition): Signed {
  return { condition, keys: keysOf(condition).map((publicKey) => ({ publicKey, signers: signersOf(publicKey) })) };
}

function keysOf(condition: Condition): readonly Uint8Array[] {
  if (condition.kind === 'key') return [condition.publicKey];
  return condition.kind === 'threshold' ? condition.publicKeys : [];
}

function keyProblems({ keys }: Signed): string[] {
  return keys.flatMap(({ publicKey, signers }) => {
    if (signers === 'holder') return [];
    return signers === 'none'
      ? `the key ${toHex(publicKey)} is no point of the curve: no signature by it is ever valid`
      : `the key ${toHex(publicKey)} has small order: everybody can sign by it, and nodes do not relay such signatures`;
  });
}

/** Whether not everybody can meet it. */
function isGuarded({ condition, keys }: Signed): boolean {
  if (condition.kind === 'preimage' || condition.kind === 'announced') return true;
  return signaturesOf(condition) > keys.filter(({ signers }) => signers === 'anyone').length;
}

/** Why the signatures that it asks for cannot exist, or null (HASH-10). */
function unsignable({ condition, keys }: Signed): string | null {
  const usable = keys.filter(({ signers }) => signers !== 'none').length;
  const needed = signaturesOf(condition);
  if (usable >= needed) return null;
  return `${needed} signatures are needed, and of the keys that may give them ${usable} are points of the curve`;
}

function ageOf(leaf: Leaf): number {
  return Math.max(0, ...leaf.map((condition) => (condition.kind === 'older' ? condition.blocks : 0)));
}

/** Why this leaf opens no output under this policy, or null (LED-1, LED-3, LED-18, LED-20). */
function policyConflict(leaf: Leaf, policyId: PolicyId): string | null {
  const parts = parsePolicyId(policyId);
  if (parts === null) return 'no output can have this policy';
  const { type, blocks } = parts;
  if (type === 'base58') return 'outputs under the Base58 policy are opened by the key of their hash, not by a leaf';
  if (leaf.some(({ kind }) => kind === 'announced')) {
    if (type !== 'social') return `announced needs a social policy, this is of type ${type}`;
    if (isBuiltIn(policyId)) return 'announced needs guardians, and this policy has no terms that name any';
  }
  if (type !== 'emissionReturn' && type !== 'channel') return null;
  if (leaf.some(({ kind }) => kind === 'idle')) {
    return 'idle would hold from the height on at which the output has returned to the emission';
  }
  return isBuiltIn(policyId) && ageOf(leaf) >= blocks
    ? `older(${ageOf(leaf)}) would hold when the output has returned to the emission, after ${blocks} blocks`
    : null;
}

function firstOf(conditions: readonly Signed[], of: (condition: Signed) => string | null): string | null {
  for (const condition of conditions) {
    const found = of(condition);
    if (found !== null) return found;
  }
  return null;
}

function sum(leaf: Leaf, of: (condition: Condition) => number): number {
  return leaf.reduce((total, condition) => total + of(condition), 0);
}

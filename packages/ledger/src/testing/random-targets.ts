// Where random transactions pay: a few locks under each of a few policies, as the rules and as their restatement know them.

import { toHex } from '@resonancenet/bytes/hex';
import { hashUntagged } from '@resonancenet/crypto/hash';
import type { Condition, Leaf } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import { policyId, type PolicyType } from '@resonancenet/primitives/policy';
import { type PolicyTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { base58Lock, byKey, keyOf, lockOf } from './build-transaction.ts';
import type { NaiveCondition, NaivePolicy, NaiveTarget } from './naive-ledger.ts';

export interface Policy {
  readonly naive: NaivePolicy;
  readonly id: Uint8Array;
  readonly terms: PolicyTerms | null;
}

export interface Target {
  readonly naive: NaiveTarget;
  readonly destination: Destination;
  /** null: Base58. */
  readonly leaves: readonly Leaf[] | null;
}

const livenessKey = keyOf(40);
const withTerms = (terms: PolicyTerms): Policy => {
  const id = termsPolicyId(terms);
  const blocks = id[1]!;
  return { naive: { name: toHex(id), type: terms.type, blocks, terms: true }, id, terms };
};
const builtIn = (type: PolicyType, blocks: number): Policy => {
  const id = policyId(type, blocks, new Uint8Array(0));
  return { naive: { name: toHex(id), type, blocks, terms: false }, id, terms: null };
};
const social = (wait: number): Policy =>
  withTerms({ type: 'social', wait, livenessKey, required: 1, guardians: [keyOf(51)] });

const policies: readonly Policy[] = [
  withTerms({ type: 'heartbeat', interval: 2, timeout: 1, livenessKey }),
  withTerms({ type: 'heartbeat', interval: 3, timeout: 2, livenessKey }),
  social(1),
  social(3),
  withTerms({ type: 'emissionReturn', blocks: 4, livenessKey }),
  withTerms({ type: 'emissionReturn', blocks: 7, livenessKey }),
  builtIn('emissionReturn', 9),
  builtIn('base58', 8),
  builtIn('channel', 10),
  builtIn('heartbeat', 4),
];
/** Policies whose owners can act. */
export const actors: readonly Policy[] = policies.filter(({ terms }) => terms !== null);

/** The preimage that some leaves want. */
export const secret: Uint8Array = new Uint8Array(32).fill(0x55);
const real: Readonly<Record<NaiveCondition['kind'], (number: number) => Condition>> = {
  key: byKey,
  preimage: () => ({ kind: 'preimage', hash: hashUntagged(secret) }),
  after: (height) => ({ kind: 'after', height }),
  older: (blocks) => ({ kind: 'older', blocks }),
  idle: () => ({ kind: 'idle' }),
  announced: () => ({ kind: 'announced' }),
};
const key = { kind: 'key', number: 1 } as const;
const locks: readonly (readonly (readonly NaiveCondition[])[])[] = [
  [[key]],
  [[key], [{ kind: 'idle' }, { kind: 'key', number: 2 }], [{ kind: 'announced' }, { kind: 'key', number: 3 }]],
  [[{ kind: 'announced' }], [{ kind: 'idle' }], [{ kind: 'older', number: 2 }, key]],
  [
    [key, { kind: 'older', number: 3 }],
    [{ kind: 'after', number: 12 }],
    [{ kind: 'preimage' }],
    [key, { kind: 'preimage' }],
  ],
];

/** Every lock under every policy. */
export const targets: readonly Target[] = policies.flatMap((policy): Target[] => {
  if (policy.naive.type === 'base58') {
    const naive = { lock: 'base58', leaves: [], policy: policy.naive };
    return [{ naive, destination: { lockId: base58Lock(1), policyId: policy.id }, leaves: null }];
  }
  return locks.map((lock, index) => {
    const leaves = lock.map((leaf) => leaf.map(({ kind, number = 0 }) => real[kind](number)));
    const naive = { lock: `${index}`, leaves: lock, policy: policy.naive };
    return { naive, destination: { lockId: lockOf(leaves), policyId: policy.id }, leaves };
  });
});

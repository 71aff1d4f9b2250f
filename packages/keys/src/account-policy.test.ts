import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { keyLockId, lockIdOf } from '@resonancenet/primitives/lock';
import { bytesOf } from '@resonancenet/primitives/testing/arbitraries';
import fc from 'fast-check';
import {
  type AccountPolicy,
  accountLockId,
  accountTerms,
  ownerLeaf,
  policyOfTerms,
  recoveryLeaf,
  siblingHash,
} from './account-policy.ts';
import { accountPolicies } from './testing/arbitraries.ts';

const [own, heir, first, second] = [1, 2, 3, 4].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

test('locks of an account have the leaves of WAL-9 in their order', () => {
  const key = { kind: 'key', publicKey: own } as const;
  const cases: readonly [policy: AccountPolicy, lock: string][] = [
    [{ type: 'emissionReturn', blocks: 200_000 }, toHex(keyLockId(own))],
    [
      { type: 'heartbeat', interval: 10_000, timeout: 1_000, recoveryKey: heir },
      toHex(lockIdOf([[key], [{ kind: 'idle' }, { kind: 'key', publicKey: heir }]])),
    ],
    [
      { type: 'social', wait: 1_000, required: 2, guardians: [first, second] },
      toHex(
        lockIdOf([[key], [{ kind: 'announced' }, { kind: 'threshold', required: 2, publicKeys: [first, second] }]]),
      ),
    ],
  ];
  for (const [policy, lock] of cases) assert.equal(toHex(accountLockId(own, siblingHash(policy))), lock, policy.type);
});

test('the lock that the hash of the second leaf leads to is that of both leaves', () => {
  fc.assert(
    fc.property(accountPolicies, bytesOf(32), (policy, key) => {
      const second = recoveryLeaf(policy);
      const leaves = second === null ? [ownerLeaf(key)] : [ownerLeaf(key), second];
      assert.deepEqual(accountLockId(key, siblingHash(policy)), lockIdOf(leaves));
    }),
    { numRuns: 50 },
  );
});

test('a policy comes back from its terms and, of a heartbeat, the heir', () => {
  fc.assert(
    fc.property(accountPolicies, (policy) => {
      const terms = accountTerms(policy, own);
      assert.deepEqual(terms.livenessKey, own);
      assert.deepEqual(
        { ...policyOfTerms(terms, policy.type === 'heartbeat' ? policy.recoveryKey : null) },
        { ...policy },
      );
      if (policy.type === 'heartbeat') assert.equal(policyOfTerms(terms, null), null);
    }),
    { numRuns: 50 },
  );
});

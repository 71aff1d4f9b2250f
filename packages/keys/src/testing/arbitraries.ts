// Values of the formats of this package, for property tests here and in the packages above.

import { compareBytes } from '@resonancenet/bytes/compare';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { bytesOf, policyTerms } from '@resonancenet/primitives/testing/arbitraries';
import fc from 'fast-check';
import type { AccountPolicy } from '../account-policy.ts';
import { type KeyRange, type KeyWindow, watchedPolicy } from '../key-window.ts';

/** Public keys that somebody can sign by, a few, because each is computed. */
export const honestKeys: readonly Uint8Array[] = Array.from({ length: 20 }, (_, index) =>
  publicKey(new Uint8Array(32).fill(index + 1)),
);

/** Policies that mainnet allows. */
export const accountPolicies: fc.Arbitrary<AccountPolicy> = fc.oneof(
  fc.record({ type: fc.constant('emissionReturn' as const), blocks: fc.integer({ min: 200_000, max: 0xff_ffff }) }),
  fc.record({
    type: fc.constant('heartbeat' as const),
    interval: fc.integer({ min: 10_000, max: 500_000 }),
    timeout: fc.integer({ min: 1_000, max: 500_000 }),
    recoveryKey: fc.constantFrom(...honestKeys),
  }),
  fc
    .tuple(
      fc.integer({ min: 1_000, max: 0xff_ffff }),
      fc.uniqueArray(fc.constantFrom(...honestKeys), { minLength: 1, maxLength: 16 }),
      fc.nat(),
    )
    .map(([wait, keys, number]) => ({
      type: 'social' as const,
      wait,
      required: 1 + (number % keys.length),
      guardians: keys.sort(compareBytes),
    })),
);

const keyRanges: fc.Arbitrary<KeyRange> = fc.record({
  first: fc.oneof(fc.nat(100), fc.constant(2 ** 31 - 5)),
  publicKeys: fc.array(bytesOf(32), { maxLength: 5 }),
});

/** Key windows of every kind of policy. */
export const keyWindows: fc.Arbitrary<KeyWindow> = fc
  .record({
    fingerprint: bytesOf(4),
    account: fc.nat(2 ** 31 - 1),
    terms: policyTerms,
    known: fc.oneof(bytesOf(32), fc.record({ siblingHash: bytesOf(32) })),
    receive: keyRanges,
    change: keyRanges,
  })
  .map(({ terms, known, fingerprint, account, receive, change }) => ({
    fingerprint,
    account,
    ...watchedPolicy(terms, terms.type === 'heartbeat' ? known : null),
    receive,
    change,
  }));

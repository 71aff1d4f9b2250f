// Values of the formats of this package, for property tests here and in the packages above.

import { compareBytes } from '@resonancenet/bytes/compare';
import { utf8 } from '@resonancenet/bytes/utf8';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { bytesOf, policyTerms } from '@resonancenet/primitives/testing/arbitraries';
import fc from 'fast-check';
import type { AccountPolicy } from '../account-policy.ts';
import type { BackupContent } from '../backup-content.ts';
import { isShown } from '../file-format.ts';
import { type KeyRange, type KeyWindow, watchedPolicy } from '../key-window.ts';
import type { WalletSecret } from '../wallet-secret.ts';
import { MNEMONIC_LANGUAGES } from '../word-lists.ts';

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

const shownTexts = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ maxLength, unit: 'grapheme' }).filter((text) => isShown(text) && utf8(text).length <= maxLength);

/** Secrets of both kinds. */
export const walletSecrets: fc.Arbitrary<WalletSecret> = fc.oneof(
  fc.record({
    kind: fc.constant('words' as const),
    mnemonic: fc.record({
      language: fc.constantFrom(...MNEMONIC_LANGUAGES),
      entropy: fc.constantFrom(16, 20, 24, 28, 32).chain(bytesOf),
    }),
    passphrase: fc.string({ maxLength: 20, unit: 'grapheme' }).map((text) => utf8(text)),
  }),
  fc.record({ kind: fc.constant('seed' as const), seed: fc.uint8Array({ minLength: 16, maxLength: 64 }) }),
);

const counts = fc.oneof(fc.nat(1_000), fc.constant(2 ** 31));

/** Items whose keys differ, in the order of the keys' bytes. */
function sortedBy<T>(items: fc.Arbitrary<T>, key: (item: T) => string): fc.Arbitrary<T[]> {
  return fc
    .uniqueArray(items, { maxLength: 4, selector: key })
    .map((list) => list.sort((a, b) => compareBytes(utf8(key(a)), utf8(key(b)))));
}

/** Contents of backups. */
export const backupContents: fc.Arbitrary<BackupContent> = fc.record({
  network: fc.constantFrom('mainnet', 'regtest'),
  fingerprint: bytesOf(4),
  secret: walletSecrets,
  birthHeight: fc.nat(0xffff_ffff),
  accounts: fc
    .uniqueArray(
      fc.record({
        number: fc.nat(2 ** 31 - 1),
        name: shownTexts(64),
        policy: keyWindows.map(({ terms, siblingHash, recoveryKey }) => ({ terms, siblingHash, recoveryKey })),
        nextReceive: counts,
        nextChange: counts,
        nextGuardian: counts,
        nextRecovery: counts,
      }),
      { maxLength: 3, selector: ({ number }) => number },
    )
    .map((accounts) => accounts.sort((a, b) => a.number - b.number)),
  labels: sortedBy(fc.record({ subject: shownTexts(128), text: shownTexts(256) }), ({ subject }) => subject),
  contacts: sortedBy(fc.record({ name: shownTexts(64), text: shownTexts(128) }), ({ name }) => name),
  wards: fc.array(keyWindows, { maxLength: 2 }),
  channels: fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 3 }),
});

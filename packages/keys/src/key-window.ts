// Key windows (WAL-12): the public half of an account, which a signer hands to the wallet that watches it. Derivation is hardened, so that no public
// key leads to the next: a window lists them.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, list, refine, struct } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import type { Reader } from '@resonancenet/bytes/reader';
import type { Writer } from '@resonancenet/bytes/writer';
import { PUBLIC_KEY_LENGTH } from '@resonancenet/crypto/ed25519';
import { TAG } from '@resonancenet/crypto/tags';
import { HASH_LENGTH } from '@resonancenet/primitives/ids';
import { MAX_POLICY_BLOCKS, POLICY_TYPE } from '@resonancenet/primitives/policy';
import { type PolicyTerms, termsCodec } from '@resonancenet/primitives/policy-terms';
import { type AccountPolicy, accountTerms, hashOfLeaf, heartbeatLeaf, socialLeaf } from './account-policy.ts';
import { HARDENED_LIMIT, hardenedIndexCodec } from './derivation-path.ts';
import { checksummed, magic } from './file-format.ts';
import { FINGERPRINT_LENGTH } from './fingerprint.ts';

/** Keys of one branch in one window; 1,000 are usual. */
export const MAX_WINDOW_KEYS = 10_000;

/** Public keys of successive indexes of a branch. */
export interface KeyRange {
  /** Index of the first key. */
  readonly first: number;
  /** 32 bytes each; there may be none. */
  readonly publicKeys: readonly Uint8Array[];
}

/** What those who watch over an account need to know of it. */
export interface KeyWindow {
  /** Of the wallet that holds the secrets, 4 bytes (WAL-6). */
  readonly fingerprint: Uint8Array;
  /** Number of the account in that wallet, below 2^31. */
  readonly account: number;
  /** Terms of the account's policy; they name the liveness key. */
  readonly terms: PolicyTerms;
  /** Hash of the second leaf of the account's locks; null for emission return. */
  readonly siblingHash: Uint8Array | null;
  /** The heir of a heartbeat policy, or null if it is not known: the hash does not give it away. Null for the other policies. */
  readonly recoveryKey: Uint8Array | null;
  /** Branch 0. */
  readonly receive: KeyRange;
  /** Branch 1. */
  readonly change: KeyRange;
}

/** The policy as a window tells it. */
export type WatchedPolicy = Pick<KeyWindow, 'terms' | 'siblingHash' | 'recoveryKey'>;

/** What a window gives of the second leaf of a heartbeat account. */
const KNOWN = { siblingHash: 0, recoveryKey: 1 } as const;

const rangeCodec: Codec<KeyRange> = refine(
  struct<KeyRange>({
    first: hardenedIndexCodec,
    publicKeys: list(fixedBytes(PUBLIC_KEY_LENGTH), { max: MAX_WINDOW_KEYS }),
  }),
  ({ first, publicKeys }) =>
    first + publicKeys.length <= HARDENED_LIMIT
      ? null
      : `${publicKeys.length} keys from index ${first} on; indexes are below ${HARDENED_LIMIT}`,
);

/** Type u8 and terms; of a heartbeat policy then one byte, that says which of hash and key follows. All else is computed. */
export const watchedPolicyCodec: Codec<WatchedPolicy> = {
  minSize: 1 + 3 + PUBLIC_KEY_LENGTH,
  read: readPolicy,
  write: writePolicy,
};

interface Fields {
  readonly magic: null;
  readonly fingerprint: Uint8Array;
  readonly account: number;
  readonly policy: WatchedPolicy;
  readonly receive: KeyRange;
  readonly change: KeyRange;
}

const fields = struct<Fields>({
  magic: magic('rntw', 1),
  fingerprint: fixedBytes(FINGERPRINT_LENGTH),
  account: hardenedIndexCodec,
  policy: watchedPolicyCodec,
  receive: rangeCodec,
  change: rangeCodec,
});

/** Magic `rntw` and version, fingerprint, account u32, policy, the ranges of branches 0 and 1, 8 bytes of checksum. */
export const keyWindowCodec: Codec<KeyWindow> = checksummed(TAG.keyWindow, {
  minSize: fields.minSize,
  read: (reader) => {
    const { fingerprint, account, policy, receive, change } = fields.read(reader);
    return { fingerprint, account, ...policy, receive, change };
  },
  write: (writer, { fingerprint, account, receive, change, ...policy }) =>
    fields.write(writer, { magic: null, fingerprint, account, policy, receive, change }),
});

/** What a window tells of a policy when the heir is known, or, of a heartbeat policy, at least the hash of its leaf. */
export function watchedPolicy(
  terms: PolicyTerms,
  known: Uint8Array | { readonly siblingHash: Uint8Array } | null,
): WatchedPolicy {
  switch (terms.type) {
    case 'emissionReturn':
      assert(known === null, 'nobody but the owner opens the locks of an emission-return account');
      return { terms, siblingHash: null, recoveryKey: null };
    case 'social':
      assert(known === null, 'the second leaf of a social account follows from its terms');
      return { terms, siblingHash: hashOfLeaf(socialLeaf(terms)), recoveryKey: null };
    case 'heartbeat':
      assert(known !== null, 'the second leaf of a heartbeat account does not follow from its terms');
      return known instanceof Uint8Array
        ? { terms, siblingHash: hashOfLeaf(heartbeatLeaf(known)), recoveryKey: known }
        : { terms, siblingHash: known.siblingHash, recoveryKey: null };
  }
}

/** What a window tells of an account's policy. */
export function watchedAccount(policy: AccountPolicy, livenessKey: Uint8Array): WatchedPolicy {
  return watchedPolicy(accountTerms(policy, livenessKey), policy.type === 'heartbeat' ? policy.recoveryKey : null);
}

function readPolicy(reader: Reader): WatchedPolicy {
  const start = reader.offset;
  const byte = reader.u8();
  const type = (['heartbeat', 'social', 'emissionReturn'] as const).find((name) => POLICY_TYPE[name] === byte);
  if (type === undefined) return reader.fail('invalid-value', start, `policy type ${byte}; accounts have 1, 2 or 3`);
  const terms = termsCodec(type)!.read(reader);
  if (terms.type !== 'heartbeat') return watchedPolicy(terms, null);
  if (terms.interval + terms.timeout > MAX_POLICY_BLOCKS) {
    const detail = `interval and timeout of ${terms.interval + terms.timeout} blocks; a policy has at most ${MAX_POLICY_BLOCKS}`;
    return reader.fail('invalid-value', start + 1, detail);
  }
  const at = reader.offset;
  const known = reader.u8();
  if (known === KNOWN.siblingHash) return watchedPolicy(terms, { siblingHash: reader.bytes(HASH_LENGTH) });
  if (known === KNOWN.recoveryKey) return watchedPolicy(terms, reader.bytes(PUBLIC_KEY_LENGTH));
  return reader.fail('invalid-value', at, `a mark of ${known}; 0 announces a hash, 1 a key`);
}

function writePolicy(writer: Writer, { terms, siblingHash, recoveryKey }: WatchedPolicy): void {
  writer.u8(POLICY_TYPE[terms.type]);
  termsCodec(terms.type)!.write(writer, terms);
  const known = terms.type !== 'heartbeat' ? null : (recoveryKey ?? { siblingHash: siblingHash! });
  const expected = watchedPolicy(terms, known).siblingHash;
  const fits = expected === null ? siblingHash === null : siblingHash !== null && equalBytes(expected, siblingHash);
  assert(fits, 'the hash of the second leaf belongs to another policy');
  if (known === null) return;
  if (known instanceof Uint8Array) writer.u8(KNOWN.recoveryKey).bytes(known, PUBLIC_KEY_LENGTH);
  else writer.u8(KNOWN.siblingHash).bytes(known.siblingHash, HASH_LENGTH);
}

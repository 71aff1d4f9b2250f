// The public record of a wallet (WAL-17): what a node must know to watch over it, and no secret. It lies beside the sealed secret.

import { type Codec, fixedBytes, list, refine, struct, u32 } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { PUBLIC_KEY_LENGTH } from '@resonancenet/crypto/ed25519';
import { TAG } from '@resonancenet/crypto/tags';
import { HASH_LENGTH } from '@resonancenet/primitives/ids';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { hardenedIndexCodec } from './derivation-path.ts';
import { ascending, checksummed, magic, shownText } from './file-format.ts';
import { FINGERPRINT_LENGTH } from './fingerprint.ts';
import { type KeyRange, type KeyWindow, type WatchedPolicy, watchedPolicyCodec } from './key-window.ts';

/** An account that is watched. */
export interface WalletRecordAccount {
  /** Below 2^31. */
  readonly number: number;
  readonly name: string;
  readonly policy: WatchedPolicy;
  /** Public keys of branches 0 and 1 from index 0 on, 32 bytes each. */
  readonly receive: readonly Uint8Array[];
  readonly change: readonly Uint8Array[];
}

export interface WalletRecord {
  /** Of the wallet and of its folder. */
  readonly name: string;
  /** NET-4, 32 bytes. */
  readonly networkId: Uint8Array;
  /** Of the wallet that holds the secrets, 4 bytes (WAL-6). */
  readonly fingerprint: Uint8Array;
  /** No output of the wallet is older. */
  readonly birthHeight: number;
  /** Ascending by number; at least one. */
  readonly accounts: readonly WalletRecordAccount[];
}

export const MAX_RECORD_ACCOUNTS = 1_024;

/** Keys of one branch of one account: 3.2 MB. */
export const MAX_RECORD_KEYS = 100_000;

/** Bytes of the longest record that is read. */
export const MAX_RECORD_LENGTH = 16_777_216;

/** Bytes of UTF-8 of an account's name, and letters of a wallet's. */
const MAX_NAME = 64;

/** Why a text cannot be a wallet's name, or null. It is the name of a folder, on every system. */
export function walletNameProblem(name: string): string | null {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)
    ? null
    : `it has 1 to ${MAX_NAME} letters, digits, _ and -, and begins with a letter or a digit`;
}

const nothing = new Uint8Array(0);
const keys = list(fixedBytes(PUBLIC_KEY_LENGTH), { max: MAX_RECORD_KEYS });

const accountCodec: Codec<WalletRecordAccount> = struct<WalletRecordAccount>({
  number: hardenedIndexCodec,
  name: shownText(MAX_NAME),
  policy: watchedPolicyCodec,
  receive: keys,
  change: keys,
});

interface Fields extends WalletRecord {
  readonly magic: null;
}

const fields = struct<Fields>({
  magic: magic('rntv', 1),
  name: refine(shownText(MAX_NAME), walletNameProblem),
  networkId: fixedBytes(HASH_LENGTH),
  fingerprint: fixedBytes(FINGERPRINT_LENGTH),
  birthHeight: u32,
  accounts: ascending(list(accountCodec, { min: 1, max: MAX_RECORD_ACCOUNTS }), (a, b) => a.number - b.number),
});

/** Magic `rntv` and version, then the fields in the order of `WalletRecord`, 8 bytes of checksum. */
export const walletRecordCodec: Codec<WalletRecord> = checksummed(TAG.walletRecord, {
  minSize: fields.minSize,
  read: (reader) => {
    const { magic: _, ...record } = fields.read(reader);
    return record;
  },
  write: (writer, record) => fields.write(writer, { magic: null, ...record }),
});

export type WindowProblem = 'other-wallet' | 'other-policy' | 'hole' | 'other-keys' | 'too-many-keys';

/** A record with the keys of a window, or why the window does not belong to it. */
export type ExtendedRecord =
  | { readonly ok: true; readonly record: WalletRecord }
  | { readonly ok: false; readonly code: WindowProblem; readonly detail: string };

/** Adds an account, or further keys of one, to a record. `name`: of the account if it is new. */
export function withKeyWindow(record: WalletRecord, window: KeyWindow, name = ''): ExtendedRecord {
  if (!equalBytes(window.fingerprint, record.fingerprint))
    return refused('other-wallet', 'the keys are those of another wallet');
  const { terms, siblingHash, recoveryKey, account: accountNumber } = window;
  const policy = { terms, siblingHash, recoveryKey };
  const known = record.accounts.find((account) => account.number === accountNumber);
  const account = known ?? { number: accountNumber, name, policy, receive: [], change: [] };
  if (!samePolicy(account.policy, policy))
    return refused('other-policy', `account ${accountNumber} has another policy; a policy is never changed`);
  const receive = extended(account.receive, window.receive);
  const change = extended(account.change, window.change);
  if (!('keys' in receive)) return receive;
  if (!('keys' in change)) return change;
  const others = record.accounts.filter((other) => other !== known);
  const accounts = [...others, { ...account, receive: receive.keys, change: change.keys }];
  return { ok: true, record: { ...record, accounts: accounts.sort((a, b) => a.number - b.number) } };
}

type Extended = { readonly keys: readonly Uint8Array[] } | Extract<ExtendedRecord, { readonly ok: false }>;

function extended(known: readonly Uint8Array[], { first, publicKeys }: KeyRange): Extended {
  if (publicKeys.length === 0) return { keys: known };
  if (first > known.length)
    return refused('hole', `keys from ${first} on; ${known.length} are known: give those between first`);
  if (first + publicKeys.length > MAX_RECORD_KEYS)
    return refused('too-many-keys', `${first + publicKeys.length} keys; a branch has at most ${MAX_RECORD_KEYS} here`);
  const differs = publicKeys.some((key, offset) => {
    const before = known[first + offset];
    return before !== undefined && !equalBytes(before, key);
  });
  if (differs) return refused('other-keys', 'a key is another than the one that is known at its index');
  return { keys: [...known, ...publicKeys.slice(known.length - first)] };
}

/** Whether two tellings are of one policy; only one of them may know the heir. The terms have one id. */
function samePolicy(a: WatchedPolicy, b: WatchedPolicy): boolean {
  const [left, right] = [a.siblingHash ?? nothing, b.siblingHash ?? nothing];
  return equalBytes(termsPolicyId(a.terms), termsPolicyId(b.terms)) && equalBytes(left, right);
}

function refused(code: WindowProblem, detail: string): Extract<ExtendedRecord, { readonly ok: false }> {
  return { ok: false, code, detail };
}

// Key windows of a wallet's record (WAL-12): what heirs, guardians and machines that only watch need.

import { encode } from '@resonancenet/bytes/encode';
import { type KeyRange, keyWindowCodec, MAX_WINDOW_KEYS } from '@resonancenet/keys/key-window';
import type { WalletRecord, WalletRecordAccount } from '@resonancenet/keys/wallet-record';

/** Encoded, one after the other: all keys that are known of all accounts, or of one, from an index on. */
export function windowsOf(
  { fingerprint, accounts }: WalletRecord,
  number: number | null = null,
  first = 0,
  count: number = Number.MAX_SAFE_INTEGER,
): readonly Uint8Array[] {
  const wanted = accounts.filter((account) => number === null || account.number === number);
  return wanted.flatMap((account) => windowsOfAccount(fingerprint, account, first, count));
}

function windowsOfAccount(
  fingerprint: Uint8Array,
  { number, policy, receive, change }: WalletRecordAccount,
  first: number,
  count: number,
): Uint8Array[] {
  const end = Math.min(first + count, Math.max(receive.length, change.length));
  const starts = Array.from(
    { length: Math.max(1, Math.ceil((end - first) / MAX_WINDOW_KEYS)) },
    (_, part) => first + part * MAX_WINDOW_KEYS,
  );
  return starts.map((start) => {
    const range = (keys: readonly Uint8Array[]): KeyRange => {
      const publicKeys = keys.slice(start, Math.min(end, start + MAX_WINDOW_KEYS));
      return { first: publicKeys.length === 0 ? 0 : start, publicKeys };
    };
    const window = { fingerprint, account: number, ...policy, receive: range(receive), change: range(change) };
    return encode(keyWindowCodec, window);
  });
}

// What a signer hands out of an account (WAL-12).

import { equalBytes } from '@resonancenet/bytes/compare';
import type { AccountKeys } from './account-keys.ts';
import type { KeyWindow, WatchedPolicy } from './key-window.ts';

/** Indexes of a branch. */
export interface IndexRange {
  readonly first: number;
  readonly count: number;
}

/**
 * The public keys of these indexes with the account's policy; null if the policy names another liveness key, so that it is not this
 * account's. About 0.1 ms a key.
 */
export function exportKeyWindow(
  fingerprint: Uint8Array,
  keys: AccountKeys,
  policy: WatchedPolicy,
  receive: IndexRange,
  change: IndexRange,
): KeyWindow | null {
  if (!equalBytes(policy.terms.livenessKey, keys.livenessKey())) return null;
  return {
    fingerprint,
    account: keys.number,
    ...policy,
    receive: keys.publicKeys('receive', receive.first, receive.count),
    change: keys.publicKeys('change', change.first, change.count),
  };
}

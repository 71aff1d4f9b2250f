// An account in public (WAL-20): one policy, windows of public keys, and the locks that follow from them. No secret is ever here.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { accountLockId } from '@resonancenet/keys/account-policy';
import type { KeyRange, KeyWindow } from '@resonancenet/keys/key-window';
import type { Destination } from '@resonancenet/primitives/destination';
import type { LockId, PolicyId } from '@resonancenet/primitives/ids';
import { type PolicyTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { Output } from '@resonancenet/primitives/transaction';
import type { AddressBranch } from './address-branch.ts';

/** Where a lock of an account stands. */
export interface AddressPlace {
  readonly account: WalletAccount;
  readonly branch: AddressBranch;
  readonly index: number;
  readonly publicKey: Uint8Array;
}

export class WalletAccount {
  /** Account number of the path; in a wallet's database each is there once. */
  readonly number: number;
  /** Of the wallet that holds the secret keys, 4 bytes. */
  readonly fingerprint: Uint8Array;
  readonly terms: PolicyTerms;
  readonly policyId: PolicyId;
  /** Hash of the second leaf of all its locks, 32 bytes; null: there is none, as under emission return. */
  readonly siblingHash: Uint8Array | null;
  /** The heir of a heartbeat account, if known. */
  readonly recoveryKey: Uint8Array | null;
  readonly #keys: Readonly<Record<AddressBranch, Uint8Array[]>> = { receive: [], change: [] };
  readonly #places = new Map<string, AddressPlace>();

  /** Of an account's first window. */
  constructor(window: KeyWindow) {
    this.number = window.account;
    this.fingerprint = window.fingerprint;
    this.terms = window.terms;
    this.policyId = termsPolicyId(window.terms);
    this.siblingHash = window.siblingHash;
    this.recoveryKey = window.recoveryKey;
    this.#addWindow(window);
  }

  /** Takes further keys of a window in; why it is none of this account's or does not go on where its keys end, or null. */
  extend(window: KeyWindow): string | null {
    const isSame =
      window.account === this.number &&
      equalBytes(window.fingerprint, this.fingerprint) &&
      equalBytes(termsPolicyId(window.terms), this.policyId) &&
      equalBytes(window.siblingHash ?? new Uint8Array(0), this.siblingHash ?? new Uint8Array(0));
    if (!isSame) return `the keys belong to another account than ${this.number}`;
    const problem = this.#rangeProblem('receive', window.receive) ?? this.#rangeProblem('change', window.change);
    if (problem === null) this.#addWindow(window);
    return problem;
  }

  /** Keys that are known: addresses from this index on are not watched. */
  windowEnd(branch: AddressBranch): number {
    return this.#keys[branch].length;
  }

  /** Whose lock this is, if it is one of the account's. */
  placeOf(lockId: LockId): AddressPlace | null {
    return this.#places.get(toHex(lockId)) ?? null;
  }

  /** The place of an output that belongs to the account: lock and policy are its own (WAL-21). */
  placeOfOutput({ lockId, policyId }: Pick<Output, 'lockId' | 'policyId'>): AddressPlace | null {
    return equalBytes(policyId, this.policyId) ? this.placeOf(lockId) : null;
  }

  keyAt(branch: AddressBranch, index: number): Uint8Array | null {
    return this.#keys[branch][index] ?? null;
  }

  /** Where address `index` of a branch is paid; null beyond the windows. */
  destination(branch: AddressBranch, index: number): Destination | null {
    const publicKey = this.keyAt(branch, index);
    return publicKey === null ? null : { lockId: accountLockId(publicKey, this.siblingHash), policyId: this.policyId };
  }

  /** The branch of the first leaf, which the account's own key opens: nothing, or the sibling's hash. */
  get ownBranch(): readonly Uint8Array[] {
    return this.siblingHash === null ? [] : [this.siblingHash];
  }

  #addWindow({ receive, change }: KeyWindow): void {
    this.#addRange('receive', receive);
    this.#addRange('change', change);
  }

  #addRange(branch: AddressBranch, range: KeyRange): void {
    const problem = this.#rangeProblem(branch, range);
    assert(problem === null, problem ?? '');
    const keys = this.#keys[branch];
    for (const publicKey of range.publicKeys.slice(Math.max(0, keys.length - range.first))) {
      const place = { account: this, branch, index: keys.length, publicKey };
      this.#places.set(toHex(accountLockId(publicKey, this.siblingHash)), place);
      keys.push(publicKey);
    }
  }

  #rangeProblem(branch: AddressBranch, { first, publicKeys }: KeyRange): string | null {
    const keys = this.#keys[branch];
    if (publicKeys.length > 0 && first > keys.length)
      return `keys from ${first} on leave a hole on the branch ${branch}: ${keys.length} are known`;
    const other = publicKeys.findIndex(
      (key, offset) => first + offset < keys.length && !equalBytes(keys[first + offset]!, key),
    );
    return other < 0 ? null : `key ${first + other} of the branch ${branch} is another than the known one`;
  }
}

// An account in public (WAL-20): one policy, windows of public keys, and the locks that follow from them. No secret is ever here.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { accountLockId } from '@resonancenet/keys/account-policy';
import type { KeyWindow } from '@resonancenet/keys/key-window';
import type { Destination } from '@resonancenet/primitives/destination';
import type { LockId, PolicyId } from '@resonancenet/primitives/ids';
import { type PolicyTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { Output } from '@resonancenet/primitives/transaction';
import type { AddressBranch } from './account-branch.ts';

/** Public keys of one branch in a row, 32 bytes each. */
export interface BranchKeys {
  readonly branch: AddressBranch;
  /** Index of the first. */
  readonly first: number;
  readonly publicKeys: readonly Uint8Array[];
}

/** What a wallet knows of an account. */
export interface AccountDescription {
  /** Account number of the path, below 2^31. */
  readonly number: number;
  /** Of the wallet that holds the secret keys, 4 bytes. */
  readonly fingerprint: Uint8Array;
  /** With the account's own liveness key. */
  readonly terms: PolicyTerms;
  /** Hash of the second leaf of all its locks, 32 bytes; null: there is none, as under emission return. */
  readonly siblingHash: Uint8Array | null;
  readonly ranges: readonly BranchKeys[];
}

/** Where a lock of an account stands. */
export interface AddressPlace {
  readonly account: WalletAccount;
  readonly branch: AddressBranch;
  readonly index: number;
  readonly publicKey: Uint8Array;
}

export class WalletAccount {
  /** In a wallet's database each is there once. */
  readonly number: number;
  readonly fingerprint: Uint8Array;
  readonly terms: PolicyTerms;
  readonly policyId: PolicyId;
  readonly siblingHash: Uint8Array | null;
  readonly #keys: Readonly<Record<AddressBranch, Uint8Array[]>> = { receive: [], change: [] };
  readonly #places = new Map<string, AddressPlace>();

  constructor({ number, fingerprint, terms, siblingHash, ranges }: AccountDescription) {
    const hasSibling = siblingHash !== null;
    assert(hasSibling === (terms.type !== 'emissionReturn'), 'all policies but emission return have a second leaf');
    this.number = number;
    this.fingerprint = fingerprint;
    this.terms = terms;
    this.policyId = termsPolicyId(terms);
    this.siblingHash = siblingHash;
    for (const range of ranges) this.addRange(range);
  }

  /** The account that a key window is of: a ward's, or one that was found again. */
  static ofWindow({ account, fingerprint, terms, siblingHash, receive, change }: KeyWindow): WalletAccount {
    const ranges = [
      { branch: 'receive', ...receive },
      { branch: 'change', ...change },
    ] as const;
    return new WalletAccount({ number: account, fingerprint, terms, siblingHash, ranges });
  }

  /** Further keys, which go on where those of the branch end or repeat what is known. */
  addRange({ branch, first, publicKeys }: BranchKeys): void {
    const keys = this.#keys[branch];
    assert(first <= keys.length, `keys from ${first} on leave a hole: ${keys.length} are known`);
    for (const [offset, publicKey] of publicKeys.entries()) {
      const index = first + offset;
      const known = keys[index];
      assert(known === undefined || equalBytes(known, publicKey), `key ${index} of branch ${branch} is another`);
      if (known !== undefined) continue;
      keys.push(publicKey);
      const lockId = accountLockId(publicKey, this.siblingHash);
      this.#places.set(toHex(lockId), { account: this, branch, index, publicKey });
    }
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
}

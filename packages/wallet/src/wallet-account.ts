// An account in public (WAL-20 to WAL-22): one policy, windows of public keys, and the locks that follow from them. No secret is ever here.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { leafCodec, type Leaf } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import type { LockId, PolicyId } from '@resonancenet/primitives/ids';
import { leafHash, lockIdFromBranch } from '@resonancenet/primitives/lock';
import { type PolicyTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { Output } from '@resonancenet/primitives/transaction';
import type { Branch } from './account-branch.ts';

/** Public keys of one branch in a row, 32 bytes each. */
export interface KeyRange {
  readonly branch: Branch;
  /** Index of the first. */
  readonly first: number;
  readonly publicKeys: readonly Uint8Array[];
}

/** What a signer exports of an account. */
export interface AccountDescription {
  /** Account number of the path; in a wallet's database each is there once. */
  readonly number: number;
  /** Of the wallet that holds the secret keys, 4 bytes. */
  readonly fingerprint: Uint8Array;
  /** With the account's own liveness key. */
  readonly terms: PolicyTerms;
  /** Hash of the second leaf of all its locks, 32 bytes; null: there is none, as under emission return. */
  readonly siblingHash: Uint8Array | null;
  readonly ranges: readonly KeyRange[];
}

/** Where a lock of an account stands. */
export interface AddressPlace {
  readonly account: WalletAccount;
  readonly branch: Branch;
  readonly index: number;
  readonly publicKey: Uint8Array;
}

export class WalletAccount {
  readonly number: number;
  readonly fingerprint: Uint8Array;
  readonly terms: PolicyTerms;
  readonly policyId: PolicyId;
  readonly siblingHash: Uint8Array | null;
  readonly #keys: Readonly<Record<Branch, Uint8Array[]>> = { receive: [], change: [] };
  readonly #places = new Map<string, AddressPlace>();

  constructor({ number, fingerprint, terms, siblingHash, ranges }: AccountDescription) {
    assert(
      (siblingHash === null) === (terms.type === 'emissionReturn'),
      'all policies but emission return have a second leaf',
    );
    this.number = number;
    this.fingerprint = fingerprint;
    this.terms = terms;
    this.policyId = termsPolicyId(terms);
    this.siblingHash = siblingHash;
    for (const range of ranges) this.addRange(range);
  }

  /** Further keys, which go on where those of the branch end or repeat what is known. */
  addRange({ branch, first, publicKeys }: KeyRange): void {
    const keys = this.#keys[branch];
    assert(first <= keys.length, `keys from ${first} on leave a hole: ${keys.length} are known`);
    for (const [offset, publicKey] of publicKeys.entries()) {
      const index = first + offset;
      const known = keys[index];
      assert(known === undefined || equalBytes(known, publicKey), `key ${index} of branch ${branch} is another`);
      if (known !== undefined) continue;
      keys.push(publicKey);
      this.#places.set(toHex(this.#lockOf(publicKey)), { account: this, branch, index, publicKey });
    }
  }

  /** Keys that are known: addresses from this index on are not watched. */
  windowEnd(branch: Branch): number {
    return this.#keys[branch].length;
  }

  /** Whose lock this is, if it is one of the account's. */
  placeOf(lockId: LockId): AddressPlace | null {
    return this.#places.get(toHex(lockId)) ?? null;
  }

  /** The place of an output that belongs to the account: lock and policy are its own (WAL-22). */
  placeOfOutput({ lockId, policyId }: Pick<Output, 'lockId' | 'policyId'>): AddressPlace | null {
    return equalBytes(policyId, this.policyId) ? this.placeOf(lockId) : null;
  }

  keyAt(branch: Branch, index: number): Uint8Array | null {
    return this.#keys[branch][index] ?? null;
  }

  /** Where address `index` of a branch is paid; null beyond the windows. */
  destination(branch: Branch, index: number): Destination | null {
    const publicKey = this.keyAt(branch, index);
    return publicKey === null ? null : { lockId: this.#lockOf(publicKey), policyId: this.policyId };
  }

  /** The branch of the first leaf, which the account's own key opens: nothing, or the sibling's hash. */
  get ownBranch(): readonly Uint8Array[] {
    return this.siblingHash === null ? [] : [this.siblingHash];
  }

  #lockOf(publicKey: Uint8Array): LockId {
    const lockId = lockIdFromBranch(
      leafHash(encode(leafCodec, ownLeaf(publicKey))),
      0,
      this.ownBranch.length + 1,
      this.ownBranch,
    );
    assert(lockId !== null, 'leaf 0 of one or two has a branch of none or one');
    return lockId;
  }
}

/** The first leaf of an account's lock: the owner's key alone. */
export function ownLeaf(publicKey: Uint8Array): Leaf {
  return [{ kind: 'key', publicKey }];
}

/** The second leaf of a heartbeat account: after the idle blocks the heir's key (WAL-21). */
export function heirLeaf(recoveryKey: Uint8Array): Leaf {
  return [{ kind: 'idle' }, { kind: 'key', publicKey: recoveryKey }];
}

/** The second leaf of a social account: after an announcement and its wait the guardians' quorum (WAL-21). */
export function guardiansLeaf({
  required,
  guardians,
}: {
  readonly required: number;
  readonly guardians: readonly Uint8Array[];
}): Leaf {
  return [{ kind: 'announced' }, { kind: 'threshold', required, publicKeys: guardians }];
}

/** Hash of a leaf as the other leaf's branch holds it. */
export function hashOfLeaf(leaf: Leaf): Uint8Array {
  return leafHash(encode(leafCodec, leaf));
}

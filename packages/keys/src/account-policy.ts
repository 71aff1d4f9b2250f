// What an account's owner decided about its loss (WAL-8, WAL-9), and the locks and terms that follow from it.

import { assert } from '@resonancenet/bytes/assert';
import { encode } from '@resonancenet/bytes/encode';
import { type Leaf, leafCodec } from '@resonancenet/primitives/condition';
import type { LockId } from '@resonancenet/primitives/ids';
import { leafHash, lockIdFromBranch } from '@resonancenet/primitives/lock';
import type { PolicyTerms } from '@resonancenet/primitives/policy-terms';

/** The owner stays silent for `interval + timeout` blocks: the recovery key may spend too. */
export interface HeartbeatPolicy {
  readonly type: 'heartbeat';
  readonly interval: number;
  readonly timeout: number;
  /** Public key of the heir, 32 bytes. */
  readonly recoveryKey: Uint8Array;
}

/** `required` guardians may move the coins `wait` blocks after they have said where to. */
export interface SocialPolicy {
  readonly type: 'social';
  readonly wait: number;
  readonly required: number;
  /** Public keys of 32 bytes, strictly ascending. */
  readonly guardians: readonly Uint8Array[];
}

/** The coins return to the emission after `blocks` blocks of silence. */
export interface EmissionReturnPolicy {
  readonly type: 'emissionReturn';
  readonly blocks: number;
}

/** Chosen when an account is created and never changed: every address and output of the account carries it. */
export type AccountPolicy = HeartbeatPolicy | SocialPolicy | EmissionReturnPolicy;

/** The terms that the account's policy id commits to (LED-12), with the account's own liveness key. */
export function accountTerms(policy: AccountPolicy, livenessKey: Uint8Array): PolicyTerms {
  switch (policy.type) {
    case 'heartbeat':
      return { type: policy.type, interval: policy.interval, timeout: policy.timeout, livenessKey };
    case 'social': {
      const { type, wait, required, guardians } = policy;
      return { type, wait, livenessKey, required, guardians };
    }
    case 'emissionReturn':
      return { type: policy.type, blocks: policy.blocks, livenessKey };
  }
}

/**
 * The policy behind terms. A heartbeat's recovery key stands only in the locks, not in the terms: without it, null. For the other types it
 * must be null.
 */
export function policyOfTerms(terms: PolicyTerms, recoveryKey: Uint8Array | null): AccountPolicy | null {
  assert(recoveryKey === null || terms.type === 'heartbeat', `a ${terms.type} policy has no recovery key`);
  switch (terms.type) {
    case 'heartbeat': {
      const { type, interval, timeout } = terms;
      return recoveryKey === null ? null : { type, interval, timeout, recoveryKey };
    }
    case 'social': {
      const { type, wait, required, guardians } = terms;
      return { type, wait, required, guardians };
    }
    case 'emissionReturn':
      return { type: terms.type, blocks: terms.blocks };
  }
}

/** The leaf by which one of the account's own keys spends: the first of every lock of the account (WAL-9). */
export function ownerLeaf(publicKey: Uint8Array): Leaf {
  return [{ kind: 'key', publicKey }];
}

/** The leaf by which others spend, the same in every lock of the account; null for emission return (WAL-9). */
export function recoveryLeaf(policy: AccountPolicy): Leaf | null {
  switch (policy.type) {
    case 'heartbeat':
      return heartbeatLeaf(policy.recoveryKey);
    case 'social':
      return socialLeaf(policy);
    case 'emissionReturn':
      return null;
  }
}

/** The second leaf of a heartbeat account's locks. */
export function heartbeatLeaf(recoveryKey: Uint8Array): Leaf {
  return [{ kind: 'idle' }, { kind: 'key', publicKey: recoveryKey }];
}

/** The second leaf of a social account's locks. */
export function socialLeaf({ required, guardians }: Pick<SocialPolicy, 'required' | 'guardians'>): Leaf {
  return [{ kind: 'announced' }, { kind: 'threshold', required, publicKeys: guardians }];
}

/** Hash of the second leaf: all that is needed of it to know the account's locks. Null for emission return. */
export function siblingHash(policy: AccountPolicy): Uint8Array | null {
  const leaf = recoveryLeaf(policy);
  return leaf === null ? null : hashOfLeaf(leaf);
}

/** Hash of a leaf given as conditions: 32 bytes. */
export function hashOfLeaf(leaf: Leaf): Uint8Array {
  return leafHash(encode(leafCodec, leaf));
}

/** The lock of one of the account's keys, with the hash of the second leaf, if there is one. */
export function accountLockId(publicKey: Uint8Array, sibling: Uint8Array | null): LockId {
  const own = hashOfLeaf(ownerLeaf(publicKey));
  const id = sibling === null ? lockIdFromBranch(own, 0, 1, []) : lockIdFromBranch(own, 0, 2, [sibling]);
  assert(id !== null, 'a lock of one or two leaves has a first leaf');
  return id;
}

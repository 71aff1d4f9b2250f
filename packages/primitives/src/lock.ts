// Locks (BLK-14, BLK-15): the Merkle root of a small set of leaves, each a list of conditions that must all hold.

import { assert } from '@resonancenet/bytes/assert';
import { Writer } from '@resonancenet/bytes/writer';
import { hash } from '@resonancenet/crypto/hash';
import { merkleRoot } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { LOCK_ID_LENGTH, type LockId } from './ids.ts';

/** Kind bytes of conditions (BLK-14); numbers not listed make a leaf invalid. */
const KEY_CONDITION = 0x01;

/** A signature by this Ed25519 public key. */
export interface KeyCondition {
  readonly kind: 'key';
  readonly publicKey: Uint8Array;
}

export const MAX_LEAVES = 16;
export const MAX_CONDITIONS = 8;

/** Bytes of a leaf: the number of conditions, then each with its kind byte. */
export function encodeLeaf(conditions: readonly KeyCondition[]): Uint8Array {
  assert(
    conditions.length >= 1 && conditions.length <= MAX_CONDITIONS,
    `a leaf has 1 to ${MAX_CONDITIONS} conditions, not ${conditions.length}`,
  );
  const writer = new Writer().u8(conditions.length);
  for (const condition of conditions) writer.u8(KEY_CONDITION).bytes(condition.publicKey, 32);
  return writer.finish();
}

/** First 24 bytes of the root over the leaves' hashes: 96 bits of strength against collisions (BLK-15). */
export function lockIdOf(leaves: readonly Uint8Array[]): LockId {
  assert(leaves.length <= MAX_LEAVES, `a lock has at most ${MAX_LEAVES} leaves, not ${leaves.length}`);
  const root = merkleRoot(
    leaves.map((leaf) => hash(TAG.lockLeaf, leaf)),
    TAG.lockNode,
  );
  return root.slice(0, LOCK_ID_LENGTH);
}

/** The lock that one key opens alone. */
export function keyLockId(publicKey: Uint8Array): LockId {
  return lockIdOf([encodeLeaf([{ kind: 'key', publicKey }])]);
}

// Conditions and leaves (LED-1): what must hold, all of it, for a spend by this leaf.

import { assert } from '@resonancenet/bytes/assert';
import type { Codec } from '@resonancenet/bytes/codec';
import type { Reader } from '@resonancenet/bytes/reader';
import type { Writer } from '@resonancenet/bytes/writer';
import { PUBLIC_KEY_LENGTH } from '@resonancenet/crypto/ed25519';
import { HASH_LENGTH } from './ids.ts';
import { quorumCodec, quorumProblem } from './quorum.ts';

export type Condition =
  /** A signature by the key, 32 bytes. */
  | { readonly kind: 'key'; readonly publicKey: Uint8Array }
  /** Signatures by exactly `required` of the keys, which are strictly ascending. */
  | { readonly kind: 'threshold'; readonly required: number; readonly publicKeys: readonly Uint8Array[] }
  /** 32 bytes whose untagged hash this is. */
  | { readonly kind: 'preimage'; readonly hash: Uint8Array }
  /** The spending block's height is above this one. */
  | { readonly kind: 'after'; readonly height: number }
  /** So many blocks lie between the block that created the output and the one that spends it. */
  | { readonly kind: 'older'; readonly blocks: number }
  /** The output's policy has been idle for its blocks (LED-14). */
  | { readonly kind: 'idle' }
  /** A social recovery was announced and has waited (LED-18). */
  | { readonly kind: 'announced' };

export type ConditionKind = Condition['kind'];

/** All of these hold. */
export type Leaf = readonly Condition[];

export const MAX_CONDITIONS = 8;
export const MAX_LEAF_KEYS = 16;

/** Heights and ages of conditions are below this, so that they fit lock time and sequence too. */
const CONDITION_BLOCKS_LIMIT = 2 ** 31;

/** Bytes of the longest leaf: its number of conditions, seven preimages, a threshold of sixteen keys. */
export const MAX_LEAF_LENGTH: number = 1 + 7 * (1 + HASH_LENGTH) + (3 + MAX_LEAF_KEYS * PUBLIC_KEY_LENGTH);

/** First byte of a condition. */
const KIND_BYTE = {
  key: 0x01,
  threshold: 0x02,
  preimage: 0x03,
  after: 0x04,
  older: 0x05,
  idle: 0x06,
  announced: 0x07,
} as const satisfies Record<ConditionKind, number>;

const kinds = Object.keys(KIND_BYTE) as ConditionKind[];

/** The number of conditions, u8, and the conditions; refused as soon as there are too many of them or of keys. */
export const leafCodec: Codec<Leaf> = {
  minSize: 2,
  read: (reader) => {
    const start = reader.offset;
    const count = reader.u8();
    if (count < 1 || count > MAX_CONDITIONS) reader.fail('count-out-of-bounds', start, countsText(count));
    const leaf: Condition[] = [];
    for (let index = 0; index < count; index++) {
      const at = reader.offset;
      leaf.push(readCondition(reader));
      if (leafKeyCount(leaf) > MAX_LEAF_KEYS) reader.fail('count-out-of-bounds', at, keysText(leafKeyCount(leaf)));
    }
    return leaf;
  },
  write: (writer, leaf) => {
    const problem = leafProblem(leaf);
    assert(problem === null, problem ?? '');
    writer.u8(leaf.length);
    for (const condition of leaf) writeCondition(writer, condition);
  },
};

/** Why a list of conditions cannot be a leaf, so that nobody can ever spend by it, or null (LED-1). */
export function leafProblem(leaf: Leaf): string | null {
  if (leaf.length < 1 || leaf.length > MAX_CONDITIONS) return countsText(leaf.length);
  const keys = leafKeyCount(leaf);
  if (keys > MAX_LEAF_KEYS) return keysText(keys);
  for (const condition of leaf) {
    const problem = conditionProblem(condition);
    if (problem !== null) return problem;
  }
  return null;
}

/** Keys that a leaf names; one that is named twice counts twice. */
function leafKeyCount(leaf: Leaf): number {
  return leaf.reduce((sum, condition) => sum + keyCount(condition), 0);
}

function keyCount(condition: Condition): number {
  if (condition.kind === 'key') return 1;
  return condition.kind === 'threshold' ? condition.publicKeys.length : 0;
}

function countsText(count: number): string {
  return `a leaf of ${count} conditions; it must have 1 to ${MAX_CONDITIONS}`;
}

function keysText(keys: number): string {
  return `a leaf of ${keys} keys; at most ${MAX_LEAF_KEYS} are allowed`;
}

/** Why a condition's numbers or keys are not allowed, or null (LED-1). */
export function conditionProblem(condition: Condition): string | null {
  switch (condition.kind) {
    case 'threshold':
      return quorumProblem(condition);
    case 'after':
      return blocksProblem('after', condition.height);
    case 'older':
      return blocksProblem('older', condition.blocks);
    case 'key':
    case 'preimage':
    case 'idle':
    case 'announced':
      return null;
  }
}

function blocksProblem(kind: 'after' | 'older', blocks: number): string | null {
  const least = kind === 'after' ? 0 : 1;
  return Number.isInteger(blocks) && blocks >= least && blocks < CONDITION_BLOCKS_LIMIT
    ? null
    : `${kind}(${blocks}); the number must be from ${least} to ${CONDITION_BLOCKS_LIMIT - 1}`;
}

function readCondition(reader: Reader): Condition {
  const start = reader.offset;
  const byte = reader.u8();
  const kind = kinds.find((name) => KIND_BYTE[name] === byte);
  switch (kind) {
    case 'key':
      return { kind, publicKey: reader.bytes(PUBLIC_KEY_LENGTH) };
    case 'threshold':
      return { kind, ...quorumCodec.read(reader) };
    case 'preimage':
      return { kind, hash: reader.bytes(HASH_LENGTH) };
    case 'after':
      return { kind, height: readBlocks(reader, kind) };
    case 'older':
      return { kind, blocks: readBlocks(reader, kind) };
    case 'idle':
    case 'announced':
      return { kind };
    case undefined:
      return reader.fail('invalid-value', start, `a condition of kind ${byte}; there are 1 to ${kinds.length}`);
  }
}

function readBlocks(reader: Reader, kind: 'after' | 'older'): number {
  const start = reader.offset;
  const blocks = reader.u32();
  const problem = blocksProblem(kind, blocks);
  return problem === null ? blocks : reader.fail('invalid-value', start, problem);
}

function writeCondition(writer: Writer, condition: Condition): void {
  writer.u8(KIND_BYTE[condition.kind]);
  switch (condition.kind) {
    case 'key':
      writer.bytes(condition.publicKey, PUBLIC_KEY_LENGTH);
      break;
    case 'threshold':
      quorumCodec.write(writer, condition);
      break;
    case 'preimage':
      writer.bytes(condition.hash, HASH_LENGTH);
      break;
    case 'after':
      writer.u32(condition.height);
      break;
    case 'older':
      writer.u32(condition.blocks);
      break;
    case 'idle':
    case 'announced':
      break;
  }
}

// The checkpoint file: header, values, chunks and id (spec/checkpoint.md).

import { assert } from '@resonancenet/bytes/assert';
import { hash } from '@resonancenet/crypto/hash';
import { merkleRoot } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import { BF16_MAX_BITS, BF16_MIN_BITS } from './bf16.ts';
import { type CheckpointDescription, checkCheckpointHeader, encodeCheckpointHeader } from './checkpoint-header.ts';
import { type CheckpointCode, type CheckpointInvalid, invalidCheckpoint } from './checkpoint-verdict.ts';
import { parameterCount } from './shape.ts';
import { tensorSpecs } from './tensors.ts';

/** Bytes of a chunk; the last one of a file may be shorter (CKPT-6). */
export const CHUNK_BYTES: number = 1 << 20;

/** A checkpoint in memory: `data` are the BF16 bits of all tensors, end to end in canonical order. */
export interface Checkpoint extends CheckpointDescription {
  readonly data: Uint16Array;
}

/** The one file of a checkpoint. Its values must be canonical (CKPT-4): a bug of ours else. */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { data, shape } = checkpoint;
  assert(data.length === parameterCount(shape), 'the values fill the shape');
  assert(firstInvalidValue(data) < 0, 'weights are made canonical before they are stored');
  const header = encodeCheckpointHeader(checkpoint);
  const bytes = new Uint8Array(header.length + 2 * data.length);
  bytes.set(header);
  // BF16 lies little-endian in the file, as in the memory of every platform that runs this (WebAssembly is little-endian).
  new Uint16Array(bytes.buffer, header.length, data.length).set(data);
  return bytes;
}

/** Parses a whole file from anywhere: hostile input. With `expected`, metadata and shape must be exactly those of a block's height. */
export function parseCheckpoint(
  bytes: Uint8Array,
  expected?: CheckpointDescription,
): { readonly ok: true; readonly checkpoint: Checkpoint } | CheckpointInvalid {
  const header = checkCheckpointHeader(bytes, bytes.length, expected);
  if (!header.ok) return header;
  const { description, dataStart } = header;
  const wrong = checkValues(bytes.subarray(dataStart), description);
  if (wrong !== null) return wrong;
  return { ok: true, checkpoint: { ...description, data: bf16View(bytes.slice(dataStart)) } };
}

/**
 * The first value that CKPT-4 forbids, or null. `bytes` are the values from number `firstIndex` on: the whole data, or the data part of one chunk (chunks
 * and data begin at even offsets, so that no value lies across two chunks).
 */
export function checkValues(
  bytes: Uint8Array,
  description: CheckpointDescription,
  firstIndex = 0,
): CheckpointInvalid | null {
  const values = bf16View(bytes.byteOffset % 2 === 0 ? bytes : bytes.slice());
  const at = firstInvalidValue(values);
  if (at < 0) return null;
  const index = firstIndex + at;
  const tensor = tensorSpecs(description.shape).findLast((spec) => spec.offset <= index)!;
  const code = valueCode(values[at]!);
  const place = `element ${index - tensor.offset} of ${tensor.name}`;
  return invalidCheckpoint(
    code,
    `${place} has the bits 0x${values[at]!.toString(16).padStart(4, '0')}: make weights canonical before storing them`,
    {
      tensor: tensor.name,
      index,
    },
  );
}

/** Index of the first pattern that is no allowed value, or -1. One comparison a value: this runs over every byte of every checkpoint. */
function firstInvalidValue(values: Uint16Array): number {
  const range = BF16_MAX_BITS - BF16_MIN_BITS;
  for (let i = 0; i < values.length; i++) {
    const bits = values[i]!;
    if (((bits & 0x7fff) - BF16_MIN_BITS) >>> 0 > range && bits !== 0) return i;
  }
  return -1;
}

/** Which rule of CKPT-4 a forbidden pattern breaks. */
function valueCode(bits: number): CheckpointCode {
  const magnitude = bits & 0x7fff;
  if (magnitude > 0x7f80) return 'ckpt-nan';
  if (magnitude === 0x7f80) return 'ckpt-infinite';
  if (magnitude > BF16_MAX_BITS) return 'ckpt-too-large';
  return magnitude === 0 ? 'ckpt-negative-zero' : 'ckpt-too-small';
}

function bf16View(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
}

/** Number of chunks of a file. */
export function chunkCount(fileLength: number): number {
  return Math.ceil(fileLength / CHUNK_BYTES);
}

/** Leaf of one chunk in the tree of CKPT-6. */
export function chunkLeaf(chunk: Uint8Array): Uint8Array {
  return hash(TAG.chunkLeaf, chunk);
}

/** Leaves of all chunks of a file. */
export function chunkLeaves(file: Uint8Array): Uint8Array[] {
  return Array.from({ length: chunkCount(file.length) }, (_, i) =>
    chunkLeaf(file.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)),
  );
}

/** Root over the leaves of all chunks: the checkpoint's id (CKPT-6), 32 bytes. */
export function checkpointRootOfLeaves(leaves: readonly Uint8Array[]): Uint8Array {
  return merkleRoot(leaves, TAG.chunkNode);
}

/** The id of a file (CKPT-6). */
export function checkpointRoot(file: Uint8Array): Uint8Array {
  return checkpointRootOfLeaves(chunkLeaves(file));
}

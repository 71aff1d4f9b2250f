// What opens an output: witnesses of locks (LED-2) and of Base58 outputs (LED-3).

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, refine, struct, u8 } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { DecodeError } from '@resonancenet/bytes/decode-error';
import { encode } from '@resonancenet/bytes/encode';
import type { Reader } from '@resonancenet/bytes/reader';
import type { Writer } from '@resonancenet/bytes/writer';
import { PUBLIC_KEY_LENGTH, SIGNATURE_LENGTH } from '@resonancenet/crypto/ed25519';
import { branchLength } from '@resonancenet/crypto/merkle';
import { type Condition, type Leaf, leafCodec, MAX_LEAF_KEYS, MAX_LEAF_LENGTH } from './condition.ts';
import { HASH_LENGTH } from './ids.ts';
import { leastPlace, MAX_LEAVES } from './lock.ts';
import { type Quorum, quorumSignatures } from './quorum.ts';

/** The signature covers all inputs, outputs and actions. */
export const SIGHASH_ALL = 0x01;

/** The signature covers its own input and the output of the same index: SINGLE|ANYONECANPAY. */
export const SIGHASH_SINGLE = 0x02;

export type SighashFlag = typeof SIGHASH_ALL | typeof SIGHASH_SINGLE;

/** A signature of 64 bytes and what it covers. */
export interface FlaggedSignature {
  readonly flag: SighashFlag;
  readonly signature: Uint8Array;
}

/** A signature by key number `key` of a threshold. */
export interface ThresholdSignature extends FlaggedSignature {
  readonly key: number;
}

/** What a witness gives for one condition. */
export type Satisfaction =
  | ({ readonly kind: 'key' } & FlaggedSignature)
  /** As many as the condition requires, `key` strictly ascending. */
  | { readonly kind: 'threshold'; readonly signatures: readonly ThresholdSignature[] }
  /** 32 bytes. */
  | { readonly kind: 'preimage'; readonly preimage: Uint8Array }
  /** Conditions that the chain itself answers. */
  | { readonly kind: 'none' };

export interface LockWitness {
  readonly leaf: Leaf;
  /** The encoding of `leaf`, which its hash is taken over. */
  readonly leafBytes: Uint8Array;
  /** Place of the leaf among `count` of its lock; read, the least one with its path. */
  readonly index: number;
  readonly count: number;
  /** Items of 32 bytes, as many as the place asks for (HASH-9). */
  readonly branch: readonly Uint8Array[];
  /** One for each condition, in order. */
  readonly satisfactions: readonly Satisfaction[];
}

export interface KeyHashWitness extends FlaggedSignature {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** Bytes of the longest witness of a lock, 2,160: the longest leaf, whose sixteen keys all sign, among sixteen. BLK-10 allows more. */
export const MAX_LOCK_WITNESS_LENGTH: number =
  3 + MAX_LEAF_LENGTH + 2 + 4 * HASH_LENGTH + MAX_LEAF_KEYS * (2 + SIGNATURE_LENGTH) + 7 * HASH_LENGTH;

export type DecodedLockWitness =
  | { readonly ok: true; readonly witness: LockWitness }
  | { readonly ok: false; readonly detail: string };

export type DecodedKeyHashWitness =
  | { readonly ok: true; readonly witness: KeyHashWitness }
  | { readonly ok: false; readonly detail: string };

/** The one encoding; `leafBytes` follows from the leaf. The place is written as the least one with its path. */
export function encodeLockWitness(witness: Omit<LockWitness, 'leafBytes'>): Uint8Array {
  return encode(lockWitnessCodec, { ...witness, leafBytes: encode(leafCodec, witness.leaf) });
}

/** What an input's witness holds. Whether it opens the output, the ledger's rules say (LED-11). */
export function decodeLockWitness(bytes: Uint8Array): DecodedLockWitness {
  const result = decode(lockWitnessCodec, bytes);
  return result.ok ? { ok: true, witness: result.value } : { ok: false, detail: result.error.message };
}

export function encodeKeyHashWitness(witness: KeyHashWitness): Uint8Array {
  return encode(keyHashWitnessCodec, witness);
}

export function decodeKeyHashWitness(bytes: Uint8Array): DecodedKeyHashWitness {
  const result = decode(keyHashWitnessCodec, bytes);
  return result.ok ? { ok: true, witness: result.value } : { ok: false, detail: result.error.message };
}

const flagCodec: Codec<SighashFlag> = refine(u8 as Codec<SighashFlag>, (flag: number) =>
  flag === SIGHASH_ALL || flag === SIGHASH_SINGLE
    ? null
    : `a signature with flag ${flag}; use ${SIGHASH_ALL} (ALL) or ${SIGHASH_SINGLE} (SINGLE)`,
);

const signatureCodec: Codec<FlaggedSignature> = struct<FlaggedSignature>({
  flag: flagCodec,
  signature: fixedBytes(SIGNATURE_LENGTH),
});

const thresholdSignatureCodec: Codec<ThresholdSignature> = struct<ThresholdSignature>({
  key: u8,
  flag: flagCodec,
  signature: fixedBytes(SIGNATURE_LENGTH),
});

/** Public key, flag, signature: 97 bytes (LED-3). */
export const keyHashWitnessCodec: Codec<KeyHashWitness> = struct<KeyHashWitness>({
  publicKey: fixedBytes(PUBLIC_KEY_LENGTH),
  flag: flagCodec,
  signature: fixedBytes(SIGNATURE_LENGTH),
});

/** LED-2. Every part has its own limit, so that no value takes more than MAX_LOCK_WITNESS_LENGTH bytes. */
export const lockWitnessCodec: Codec<LockWitness> = { minSize: 5, read: readLockWitness, write: writeLockWitness };

function readLockWitness(reader: Reader): LockWitness {
  const leafBytes = reader.bytes(reader.count(1, MAX_LEAF_LENGTH, leafCodec.minSize));
  const leaf = readLeaf(leafBytes, reader.offset - leafBytes.length);
  const start = reader.offset;
  const [index, count] = [reader.u8(), reader.u8()];
  const problem = placeProblem(index, count) ?? malleability(index, count);
  if (problem !== null) reader.fail('invalid-value', start, problem);
  const branch = Array.from({ length: branchLength(index, count) }, () => reader.bytes(HASH_LENGTH));
  const satisfactions = leaf.map((condition) => readSatisfaction(reader, condition));
  return { leaf, leafBytes, index, count, branch, satisfactions };
}

/** The leaf, with places counted from the start of the witness. */
function readLeaf(bytes: Uint8Array, offset: number): Leaf {
  const result = decode(leafCodec, bytes);
  if (result.ok) return result.value;
  const { error } = result;
  throw new DecodeError(error.reason, offset + error.offset, error.path, error.detail).within('leaf');
}

function placeProblem(index: number, count: number): string | null {
  if (count < 1 || count > MAX_LEAVES) return `a lock of ${count} leaves; it must have 1 to ${MAX_LEAVES}`;
  return index < count ? null : `leaf ${index} of ${count}; the first is 0, the last ${count - 1}`;
}

/** Anybody on the way could change a place for another with the same path: only one of them is readable. */
function malleability(index: number, count: number): string | null {
  const least = leastPlace(index, count);
  if (least.count === count && least.index === index) return null;
  return `leaf ${index} of ${count} has the path of leaf ${least.index} of ${least.count}, which is written for it`;
}

function readSatisfaction(reader: Reader, condition: Condition): Satisfaction {
  switch (condition.kind) {
    case 'key':
      return { kind: 'key', ...signatureCodec.read(reader) };
    case 'threshold':
      return { kind: 'threshold', signatures: thresholdSignatures(condition).read(reader) };
    case 'preimage':
      return { kind: 'preimage', preimage: reader.bytes(HASH_LENGTH) };
    case 'after':
    case 'older':
    case 'idle':
    case 'announced':
      return { kind: 'none' };
  }
}

/** Exactly as many signatures as the condition requires. */
function thresholdSignatures({ required, publicKeys }: Quorum): Codec<readonly ThresholdSignature[]> {
  return quorumSignatures(required, publicKeys.length, thresholdSignatureCodec, ({ key }) => key);
}

function writeLockWitness(writer: Writer, witness: LockWitness): void {
  const { leaf, leafBytes, index, count, branch, satisfactions } = witness;
  const problem = placeProblem(index, count);
  assert(problem === null, problem ?? '');
  assert(
    branch.length === branchLength(index, count),
    `a branch of ${branch.length} items for leaf ${index} of ${count}`,
  );
  assert(satisfactions.length === leaf.length, `${satisfactions.length} satisfactions for ${leaf.length} conditions`);
  const place = leastPlace(index, count);
  writer.varint(leafBytes.length).bytes(leafBytes).u8(place.index).u8(place.count);
  for (const item of branch) writer.bytes(item, HASH_LENGTH);
  for (const [number, condition] of leaf.entries()) writeSatisfaction(writer, condition, satisfactions[number]!);
}

function writeSatisfaction(writer: Writer, condition: Condition, satisfaction: Satisfaction): void {
  switch (satisfaction.kind) {
    case 'key':
      assert(condition.kind === 'key', `a key's signature for the condition ${condition.kind}`);
      signatureCodec.write(writer, satisfaction);
      break;
    case 'threshold':
      assert(condition.kind === 'threshold', `a threshold's signatures for the condition ${condition.kind}`);
      thresholdSignatures(condition).write(writer, satisfaction.signatures);
      break;
    case 'preimage':
      assert(condition.kind === 'preimage', `a preimage for the condition ${condition.kind}`);
      writer.bytes(satisfaction.preimage, HASH_LENGTH);
      break;
    case 'none':
      assert(!needsWitness(condition), `nothing for the condition ${condition.kind}`);
      break;
  }
}

function needsWitness({ kind }: Condition): boolean {
  return kind === 'key' || kind === 'threshold' || kind === 'preimage';
}

// The header of a checkpoint file: a function of the metadata and the shape, written one way only (spec/checkpoint.md CKPT-1, CKPT-2, CKPT-5).

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { utf8 } from '@resonancenet/bytes/utf8';
import { type CheckpointInvalid, invalidCheckpoint } from './checkpoint-verdict.ts';
import { isValidShape, MAX_LAYERS, MAX_VOCAB, MAX_WIDTH, type ModelShape, parameterCount } from './shape.ts';
import { type TensorSpec, tensorSpecs } from './tensors.ts';

export const CHECKPOINT_FORMAT = 'resonancenet-1';
export const CHECKPOINT_VARIANT = 'd2-silu';

/** Bytes of the u64 before the header. */
const LENGTH_BYTES = 8;
const METADATA_KEYS = ['format', 'variant', 'vocab', 'base_width', 'base_layers', 'growth'] as const;

/** What a checkpoint file says of itself; header and file length are a function of this. */
export interface CheckpointDescription {
  readonly shape: ModelShape;
  /** Layers of the network's base shape, L0. */
  readonly baseLayers: number;
  /** Cumulative growth G, at most 2^53 - 1. */
  readonly growth: number;
}

export type HeaderVerdict =
  | {
      readonly ok: true;
      readonly description: CheckpointDescription;
      /** File offset of the first value. */
      readonly dataStart: number;
    }
  | CheckpointInvalid;

/** Length field and header, ready to be followed by the data. */
export function encodeCheckpointHeader(description: CheckpointDescription): Uint8Array {
  const problem = metadataProblem(description) ?? shapeProblem(description);
  if (problem !== null) throw new RangeError(problem);
  const { shape, baseLayers, growth } = description;
  const metadata = {
    format: CHECKPOINT_FORMAT,
    variant: CHECKPOINT_VARIANT,
    vocab: String(shape.vocab),
    base_width: String(shape.baseWidth),
    base_layers: String(baseLayers),
    growth: String(growth),
  };
  const entries = tensorSpecs(shape).map((spec) => {
    const entry = { dtype: 'BF16', shape: spec.dims, data_offsets: [2 * spec.offset, 2 * (spec.offset + spec.size)] };
    return `"${spec.name}":${JSON.stringify(entry)}`;
  });
  const text = `{"__metadata__":${JSON.stringify(metadata)},${entries.join(',')}}`;
  const json = utf8(text.padEnd(Math.ceil(text.length / 8) * 8, ' '));
  const bytes = new Uint8Array(LENGTH_BYTES + json.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}

/** Bytes of the whole file. */
export function checkpointFileLength(description: CheckpointDescription): number {
  return encodeCheckpointHeader(description).length + 2 * parameterCount(description.shape);
}

/** No header is longer: that of the largest shape with the longest numbers. */
export const MAX_CHECKPOINT_HEADER: number = encodeCheckpointHeader({
  shape: { vocab: MAX_VOCAB, width: MAX_WIDTH, layers: MAX_LAYERS, baseWidth: MAX_WIDTH },
  baseLayers: MAX_LAYERS,
  growth: Number.MAX_SAFE_INTEGER,
}).length;

/** Bytes of length field and header, from the first 8 bytes of a file: what to read before `checkCheckpointHeader`. */
export function checkpointHeaderLength(
  first: Uint8Array,
  fileLength: number,
): { readonly ok: true; readonly length: number } | CheckpointInvalid {
  if (fileLength < LENGTH_BYTES) {
    return invalidCheckpoint(
      'ckpt-truncated',
      `the file has ${fileLength} bytes, less than its length field: send the whole file`,
    );
  }
  assert(first.length >= LENGTH_BYTES, 'the caller reads the first 8 bytes of a file that has them');
  const announced = new DataView(first.buffer, first.byteOffset, first.byteLength).getBigUint64(0, true);
  if (announced > BigInt(MAX_CHECKPOINT_HEADER - LENGTH_BYTES) || announced % 8n !== 0n) {
    return invalidCheckpoint(
      'ckpt-bad-header',
      `a header of ${announced} bytes: it is a multiple of 8 and at most ${MAX_CHECKPOINT_HEADER - LENGTH_BYTES}`,
    );
  }
  const length = LENGTH_BYTES + Number(announced);
  if (length > fileLength) {
    return invalidCheckpoint(
      'ckpt-truncated',
      `the header ends at byte ${length}, the file at ${fileLength}: send the whole file`,
    );
  }
  return { ok: true, length };
}

/**
 * Checks everything but the values: `prefix` are the first bytes of the file, at least as many as `checkpointHeaderLength` asks for.
 * With `expected` (what the height of a block demands) metadata and shape must be exactly those.
 */
export function checkCheckpointHeader(
  prefix: Uint8Array,
  fileLength: number,
  expected?: CheckpointDescription,
): HeaderVerdict {
  const header = checkpointHeaderLength(prefix, fileLength);
  if (!header.ok) return header;
  assert(prefix.length >= header.length, 'the caller reads the whole header');
  const json = parseHeader(prefix.subarray(LENGTH_BYTES, header.length));
  if (json === null) return invalidCheckpoint('ckpt-bad-header', 'the header is not a JSON object in ASCII');
  const metadata = readMetadata(json['__metadata__']);
  if (typeof metadata === 'string') return invalidCheckpoint('ckpt-bad-metadata', metadata);
  if (expected !== undefined) {
    const difference = metadataDifference(metadata, expected);
    if (difference !== null) return invalidCheckpoint('ckpt-wrong-metadata', difference);
  }
  const description = expected ?? readShape(json, metadata);
  if (typeof description === 'string') return invalidCheckpoint('ckpt-wrong-shape', description);
  const wrong = checkTensors(json, description);
  if (wrong !== null) return wrong;
  const canonical = encodeCheckpointHeader(description);
  if (!equalBytes(prefix.subarray(0, header.length), canonical)) {
    return invalidCheckpoint(
      'ckpt-bad-header',
      'the header is not the one encoding of what it says: no white space, keys once and in order, shortest padding',
    );
  }
  const length = header.length + 2 * parameterCount(description.shape);
  if (fileLength < length)
    return invalidCheckpoint('ckpt-truncated', `the file has ${fileLength} of ${length} bytes: send the whole file`);
  if (fileLength > length)
    return invalidCheckpoint(
      'ckpt-trailing',
      `${fileLength - length} bytes follow the last tensor: end the file there`,
    );
  return { ok: true, description, dataStart: header.length };
}

type Json = Readonly<Record<string, unknown>>;

/** The header as an object, or null. Its size is bounded before, so that parsing is. */
function parseHeader(bytes: Uint8Array): Json | null {
  let text = '';
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) return null;
    text += String.fromCharCode(byte);
  }
  try {
    return asObject(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

interface Metadata {
  readonly vocab: number;
  readonly baseWidth: number;
  readonly baseLayers: number;
  readonly growth: number;
}

/** The metadata, or what is wrong with it. */
function readMetadata(value: unknown): Metadata | string {
  const object = asObject(value);
  if (object === null) return '__metadata__ is missing';
  if (Object.keys(object).join() !== METADATA_KEYS.join())
    return `the keys of __metadata__ are exactly ${METADATA_KEYS.join(', ')}`;
  if (object['format'] !== CHECKPOINT_FORMAT) return `format is "${CHECKPOINT_FORMAT}"`;
  if (object['variant'] !== CHECKPOINT_VARIANT) return `variant is "${CHECKPOINT_VARIANT}"`;
  const numbers: number[] = [];
  for (const key of METADATA_KEYS.slice(2)) {
    const text = object[key];
    if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,15})$/.test(text))
      return `${key} is a decimal without leading zeros`;
    numbers.push(Number(text));
  }
  const [vocab, baseWidth, baseLayers, growth] = numbers as [number, number, number, number];
  return (
    metadataProblem({ shape: { vocab, baseWidth }, baseLayers, growth }) ?? { vocab, baseWidth, baseLayers, growth }
  );
}

/** Bounds of MOD-1 on the base shape, which is a shape itself. */
function metadataProblem(of: {
  readonly shape: { readonly vocab: number; readonly baseWidth: number };
  readonly baseLayers: number;
  readonly growth: number;
}): string | null {
  const { vocab, baseWidth } = of.shape;
  if (!isValidShape({ vocab, width: baseWidth, layers: of.baseLayers, baseWidth })) {
    return `vocab ${vocab}, base_width ${baseWidth} and base_layers ${of.baseLayers} are no shape`;
  }
  return Number.isSafeInteger(of.growth) && of.growth >= 0 ? null : 'growth is an integer from 0 to 2^53 - 1';
}

/** Width and layers within what growth allows (MOD-2; the caps are the network's, so less is possible). */
function shapeProblem({ shape, baseLayers, growth }: CheckpointDescription): string | null {
  const widest = shape.baseWidth + 2 * Math.floor(growth / 2);
  const deepest = baseLayers + Math.floor(growth / 128);
  const inside = shape.width <= widest && shape.layers >= baseLayers && shape.layers <= deepest;
  if (isValidShape(shape) && inside) return null;
  return `${shape.layers} layers of width ${shape.width} do not follow from ${baseLayers} layers of ${shape.baseWidth} and growth ${growth}`;
}

function metadataDifference(metadata: Metadata, expected: CheckpointDescription): string | null {
  const wanted: Metadata = {
    vocab: expected.shape.vocab,
    baseWidth: expected.shape.baseWidth,
    baseLayers: expected.baseLayers,
    growth: expected.growth,
  };
  for (const key of ['vocab', 'baseWidth', 'baseLayers', 'growth'] as const) {
    if (metadata[key] !== wanted[key])
      return `${key} is ${metadata[key]}, the network and height demand ${wanted[key]}`;
  }
  return null;
}

/** Width from the embedding, layers from the highest layer named; or why these cannot be. */
function readShape(json: Json, metadata: Metadata): CheckpointDescription | string {
  const dims = asObject(json['embed'])?.['shape'];
  const width = Array.isArray(dims) ? dims[1] : undefined;
  if (typeof width !== 'number') return 'the embedding has no width: its shape is [vocab, width]';
  let layers = 0;
  for (const name of Object.keys(json)) {
    const layer = /^layers\.([0-9]|[1-9][0-9])\./.exec(name)?.[1];
    if (layer !== undefined) layers = Math.max(layers, Number(layer) + 1);
  }
  const { vocab, baseWidth, baseLayers, growth } = metadata;
  const description = { shape: { vocab, width, layers, baseWidth }, baseLayers, growth };
  return shapeProblem(description) ?? description;
}

/** The first tensor that is not as it must be, or null. What this cannot see (repeated keys, order inside an entry) the bytes show. */
function checkTensors(json: Json, description: CheckpointDescription): CheckpointInvalid | null {
  const specs = tensorSpecs(description.shape);
  const known = new Set(specs.map((spec) => spec.name));
  for (const { name } of specs) {
    if (!Object.hasOwn(json, name))
      return invalidCheckpoint('ckpt-missing-tensor', `${name} is missing`, { tensor: name });
  }
  const names = Object.keys(json).filter((name) => name !== '__metadata__');
  for (const name of names) {
    if (!known.has(name))
      return invalidCheckpoint('ckpt-extra-tensor', 'a tensor is named that the shape does not have', { tensor: name });
  }
  for (const spec of specs) {
    const wrong = checkEntry(asObject(json[spec.name]), spec);
    if (wrong !== null) return wrong;
  }
  const misplaced = specs.find((spec, i) => spec.name !== names[i]);
  if (misplaced === undefined) return null;
  return invalidCheckpoint('ckpt-wrong-order', 'tensors stand in canonical order', { tensor: misplaced.name });
}

function checkEntry(entry: Json | null, spec: TensorSpec): CheckpointInvalid | null {
  const tensor = spec.name;
  if (entry === null || Object.keys(entry).join() !== 'dtype,shape,data_offsets') {
    return invalidCheckpoint('ckpt-bad-header', `the keys of ${tensor} are dtype, shape, data_offsets`, { tensor });
  }
  if (entry['dtype'] !== 'BF16') return invalidCheckpoint('ckpt-wrong-dtype', `${tensor} is not BF16`, { tensor });
  if (!sameNumbers(entry['shape'], spec.dims)) {
    return invalidCheckpoint('ckpt-wrong-shape', `${tensor} is not [${spec.dims.join(', ')}]`, { tensor });
  }
  const offsets: unknown = entry['data_offsets'];
  const [begin, end] = [2 * spec.offset, 2 * (spec.offset + spec.size)];
  if (sameNumbers(offsets, [begin, end])) return null;
  const [from, to, ...rest] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  if (typeof from !== 'number' || typeof to !== 'number' || rest.length > 0) {
    return invalidCheckpoint('ckpt-bad-header', `data_offsets of ${tensor} are two numbers`, { tensor });
  }
  const code = from < begin || (from === begin && to > end) ? 'ckpt-overlap' : 'ckpt-gap';
  return invalidCheckpoint(code, `${tensor} lies at bytes ${begin} to ${end}, not ${from} to ${to}`, { tensor });
}

function sameNumbers(value: unknown, wanted: readonly number[]): boolean {
  return Array.isArray(value) && value.length === wanted.length && wanted.every((number, i) => value[i] === number);
}

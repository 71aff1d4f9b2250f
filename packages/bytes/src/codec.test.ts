import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssertionFailure } from './assert.ts';
import {
  bool,
  type Codec,
  fixedBytes,
  limited,
  list,
  mapped,
  oneOf,
  optional,
  refine,
  struct,
  u16,
  u24,
  u32,
  u64,
  u8,
  varBytes,
  varint,
} from './codec.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { fromHex } from './hex.ts';
import { codecSuite } from './testing/codec-suite.ts';

interface Point {
  readonly x: number;
  readonly y: bigint;
}

interface Drawing {
  readonly kind: number;
  readonly width: number;
  readonly depth: number;
  readonly name: Uint8Array;
  readonly points: readonly Point[];
  readonly mark: Uint8Array;
  readonly scale: number;
}

const point: Codec<Point> = struct<Point>({ x: u16, y: u64 });

const drawing: Codec<Drawing> = struct<Drawing>({
  kind: u8,
  width: u24,
  depth: u32,
  name: varBytes({ min: 1, max: 8 }),
  points: list(point, { max: 5 }),
  mark: fixedBytes(2),
  scale: varint,
});

codecSuite('struct of every kind of field', drawing, {
  values: fc.record({
    kind: fc.nat(0xff),
    width: fc.nat(0xff_ffff),
    depth: fc.nat(0xffff_ffff),
    name: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    points: fc.array(fc.record({ x: fc.nat(0xffff), y: fc.bigInt(0n, 2n ** 64n - 1n) }), { maxLength: 5 }),
    mark: fc.uint8Array({ minLength: 2, maxLength: 2 }),
    scale: fc.maxSafeNat(),
  }),
  vectors: [
    {
      name: 'two points',
      value: {
        kind: 1,
        width: 2,
        depth: 3,
        name: Uint8Array.of(0xaa, 0xbb),
        points: [
          { x: 5, y: 6n },
          { x: 7, y: 8n },
        ],
        mark: Uint8Array.of(0xcc, 0xdd),
        scale: 0x100,
      },
      hex: '01 020000 03000000 02aabb 02 0500 0600000000000000 0700 0800000000000000 ccdd fd0001',
    },
  ],
  refused: [
    { name: 'an empty name', hex: '01 020000 03000000 00 00 ccdd 00', reason: 'count-out-of-bounds', path: 'name' },
    {
      name: 'a name of nine bytes',
      hex: `01 020000 03000000 09${'aa'.repeat(9)} 00 ccdd 00`,
      reason: 'count-out-of-bounds',
      path: 'name',
    },
    {
      name: 'a count that the rest cannot hold',
      hex: '01 020000 03000000 01aa 02 0500 0600000000000000 ccdd 00',
      reason: 'count-exceeds-bytes',
      path: 'points',
    },
    {
      name: 'six points',
      hex: `01 020000 03000000 01aa 06 ${'00'.repeat(60)} ccdd 00`,
      reason: 'count-out-of-bounds',
      path: 'points',
    },
  ],
});

test('struct names the path of what it refuses', () => {
  const nested: Codec<{ readonly list: readonly { readonly inner: Drawing }[] }> = struct({
    list: list(struct({ inner: drawing })),
  });
  const one = {
    inner: { kind: 0, width: 0, depth: 0, name: Uint8Array.of(1), points: [], mark: new Uint8Array(2), scale: 0 },
  };
  const bytes = encode(nested, { list: [one, one] });
  const bad = Uint8Array.of(...bytes.subarray(0, -1), 0xfd, 0, 0);
  const result = decode(nested, bad);
  assert.equal(result.ok, false);
  assert.equal(result.error.path, 'list[1].inner.scale');
  assert.equal(result.error.offset, bytes.length - 1);
  assert.match(result.error.message, /^non-minimal-varint \(list\[1\]\.inner\.scale at \d+\): .*shortest form$/);
});

test('list reads no item when the count cannot be met, however large the count is', () => {
  let read = 0;
  const counted: Codec<number> = {
    ...u8,
    read: (reader) => {
      read++;
      return reader.u8();
    },
  };
  for (const hex of ['ffffffffffffff1f00', 'feffffffff000000', '0400ff02']) {
    assert.equal(decode(list(counted), fromHex(hex)).ok, false, hex);
  }
  assert.equal(read, 0);
});

test('varBytes refuses a length that the rest cannot hold', () => {
  const result = decode(varBytes(), fromHex('feffffffff0000'));
  assert.equal(result.ok, false);
  assert.equal(result.error.reason, 'count-exceeds-bytes');
});

test('struct keeps the order of its fields and knows its least size', () => {
  assert.equal(point.minSize, 10);
  assert.equal(drawing.minSize, 1 + 3 + 4 + 2 + 1 + 2 + 1);
  assert.equal(list(point, { min: 3 }).minSize, 31);
});

test('struct refuses names that JavaScript would reorder', () => {
  assert.throws(() => struct<{ readonly b: number; readonly 1: number }>({ b: u8, 1: u8 }), AssertionFailure);
});

test('list refuses items that may take no bytes: their count could not be bounded', () => {
  assert.throws(() => list(fixedBytes(0)), AssertionFailure);
});

test('encoding asserts the bounds that decoding checks', () => {
  const mark = new Uint8Array(2);
  const base = { kind: 0, width: 0, depth: 0, name: Uint8Array.of(1), points: [], mark, scale: 0 };
  const bad: readonly Drawing[] = [
    { ...base, kind: 256 },
    { ...base, name: new Uint8Array(0) },
    { ...base, name: new Uint8Array(9) },
    { ...base, mark: new Uint8Array(3) },
    { ...base, points: Array.from({ length: 6 }, () => ({ x: 0, y: 0n })) },
  ];
  for (const value of bad) assert.throws(() => encode(drawing, value), AssertionFailure);
});

const even: Codec<number> = refine(u8, (value) => (value % 2 === 0 ? null : `${value} is odd; add one`));

test('refine refuses with its own words on decoding and asserts on encoding', () => {
  assert.deepEqual(decode(even, fromHex('04')), { ok: true, value: 4 });
  const result = decode(even, fromHex('05'));
  assert.equal(result.ok, false);
  assert.equal(result.error.reason, 'invalid-value');
  assert.match(result.error.message, /5 is odd; add one/);
  assert.throws(() => encode(even, 5), AssertionFailure);
});

test('limited allows exactly its size and not one byte more', () => {
  const codec = limited(varBytes(), 4);
  assert.equal(decode(codec, fromHex('03aabbcc')).ok, true);
  const result = decode(codec, fromHex('04aabbccdd'));
  assert.equal(result.ok, false);
  assert.equal(result.error.reason, 'too-long');
  assert.doesNotThrow(() => encode(codec, new Uint8Array(3)));
  assert.throws(() => encode(codec, new Uint8Array(4)), AssertionFailure);
});

test('mapped keeps the bytes', () => {
  const flag: Codec<boolean> = mapped(
    refine(u8, (value) => (value < 2 ? null : 'a flag is 0 or 1')),
    (value) => value === 1,
    (value) => (value ? 1 : 0),
  );
  assert.deepEqual(decode(flag, fromHex('01')), { ok: true, value: true });
  assert.deepEqual([...encode(flag, false)], [0]);
});

test('a flag is 0 or 1, what is optional has one before it, and a place in a list has a value', () => {
  assert.deepEqual([...encode(bool, true), ...encode(bool, false)], [1, 0]);
  const codec = optional(u16);
  assert.deepEqual([...encode(codec, null)], [0]);
  assert.deepEqual([...encode(codec, 7)], [1, 7, 0]);
  assert.deepEqual(decode(codec, fromHex('00')), { ok: true, value: null });
  assert.deepEqual(decode(codec, fromHex('010700')), { ok: true, value: 7 });
  const refused = decode(codec, fromHex('020700'));
  assert.ok(!refused.ok);
  assert.match(refused.error.message, /a flag is 0 or 1/);
  const colour = oneOf('colour', ['red', 'blue']);
  assert.deepEqual([...encode(colour, 'blue')], [1]);
  assert.deepEqual(decode(colour, fromHex('00')), { ok: true, value: 'red' });
  const unknown = decode(colour, fromHex('02'));
  assert.ok(!unknown.ok);
  assert.match(unknown.error.message, /colour 2 does not exist/);
  assert.throws(() => encode(oneOf<string>('colour', ['red']), 'green'));
});

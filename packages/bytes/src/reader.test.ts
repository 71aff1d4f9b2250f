import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AssertionFailure } from './assert.ts';
import { DecodeError, type DecodeReason } from './decode-error.ts';
import { fromHex } from './hex.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

function refuses(read: () => unknown, reason: DecodeReason, offset: number): void {
  assert.throws(read, (error) => error instanceof DecodeError && error.reason === reason && error.offset === offset);
}

test('Reader reads little-endian integers of every width', () => {
  const reader = new Reader(fromHex('01 0203 040506 0708090a 0b0c0d0e0f101112'.replaceAll(' ', '')));
  assert.equal(reader.u8(), 0x01);
  assert.equal(reader.u16(), 0x0302);
  assert.equal(reader.u24(), 0x060504);
  assert.equal(reader.u32(), 0x0a090807);
  assert.equal(reader.u64(), 0x1211100f0e0d0c0bn);
  reader.finish();
});

test('Reader reads the largest value of every width as a positive number', () => {
  const reader = new Reader(new Uint8Array(18).fill(0xff));
  assert.deepEqual(
    [reader.u8(), reader.u16(), reader.u24(), reader.u32(), reader.u64()],
    [0xff, 0xffff, 0xff_ffff, 0xffff_ffff, 0xffff_ffff_ffff_ffffn],
  );
});

test('Reader reads from the middle of a larger buffer', () => {
  const reader = new Reader(fromHex('ffff0102ffff').subarray(2, 4));
  assert.equal(reader.u16(), 0x0201);
  refuses(() => reader.u8(), 'truncated', 2);
});

test('Reader refuses to read past the end, at the place where the value begins', () => {
  const reads: readonly [name: string, size: number, read: (reader: Reader) => unknown][] = [
    ['u8', 1, (reader) => reader.u8()],
    ['u16', 2, (reader) => reader.u16()],
    ['u24', 3, (reader) => reader.u24()],
    ['u32', 4, (reader) => reader.u32()],
    ['u64', 8, (reader) => reader.u64()],
    ['bytes', 5, (reader) => reader.bytes(5)],
    ['view', 5, (reader) => reader.view(5)],
  ];
  for (const [name, size, read] of reads) {
    for (let length = 0; length < size; length++) {
      const reader = new Reader(new Uint8Array(3 + length));
      reader.view(3);
      assert.throws(
        () => read(reader),
        (error) => error instanceof DecodeError && error.reason === 'truncated' && error.offset === 3,
        `${name} with ${length} bytes`,
      );
    }
  }
});

test('Reader.bytes copies, Reader.view does not', () => {
  const source = Uint8Array.of(1, 2, 3, 4);
  const reader = new Reader(source);
  const copy = reader.bytes(2);
  const view = reader.view(2);
  source.fill(9);
  assert.deepEqual([...copy], [1, 2]);
  assert.deepEqual([...view], [9, 9]);
});

test('Reader.bytes refuses a length beyond what remains without allocating it', () => {
  refuses(() => new Reader(new Uint8Array(8)).bytes(2 ** 52), 'truncated', 0);
});

test('Reader takes a length that is no length for our own bug', () => {
  for (const length of [-1, 0.5, Number.NaN]) {
    assert.throws(() => new Reader(new Uint8Array(8)).bytes(length), AssertionFailure);
  }
});

test('Reader.varint reads the four forms (HASH-3)', () => {
  const forms: readonly [hex: string, value: number][] = [
    ['00', 0],
    ['fc', 0xfc],
    ['fdfd00', 0xfd],
    ['fdffff', 0xffff],
    ['fe00000100', 0x10000],
    ['feffffffff', 0xffff_ffff],
    ['ff0000000001000000', 0x1_0000_0000],
    ['ffffffffffffff1f00', Number.MAX_SAFE_INTEGER],
  ];
  for (const [hex, value] of forms) {
    const reader = new Reader(fromHex(hex));
    assert.equal(reader.varint(), value, hex);
    reader.finish();
  }
});

test('Reader.varint refuses longer forms than needed, one below each threshold', () => {
  for (const hex of ['fd0000', 'fdfc00', 'fe00000000', 'feffff0000', 'ff0000000000000000', 'ffffffffff00000000']) {
    refuses(() => new Reader(fromHex(hex)).varint(), 'non-minimal-varint', 0);
  }
});

test('Reader.varint refuses 2^53 and more', () => {
  for (const hex of ['ff00000000000020 00', 'ffffffffffffffffff']) {
    refuses(() => new Reader(fromHex(hex.replaceAll(' ', ''))).varint(), 'number-too-large', 0);
  }
});

test('Reader.varint refuses every truncation', () => {
  for (const hex of ['fdfd00', 'fe00000100', 'ff0000000001000000']) {
    const bytes = fromHex(hex);
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => new Reader(bytes.subarray(0, length)).varint(), DecodeError);
    }
  }
});

test('Reader.count refuses a count that the rest cannot hold (HASH-4)', () => {
  assert.equal(new Reader(fromHex('02aabbccdd')).count(2), 2);
  refuses(() => new Reader(fromHex('03aabbccdd')).count(2), 'count-exceeds-bytes', 0);
  refuses(() => new Reader(fromHex('ffffffffffffff1f00')).count(1), 'count-exceeds-bytes', 0);
});

test('Reader.count refuses counts outside the bounds of the field', () => {
  assert.equal(new Reader(fromHex('02aabb')).count(1, 2, 2), 2);
  refuses(() => new Reader(fromHex('02aabb')).count(1, 1), 'count-out-of-bounds', 0);
  refuses(() => new Reader(fromHex('02aabb')).count(1, 9, 3), 'count-out-of-bounds', 0);
});

test('Reader.finish refuses what follows the value (HASH-2)', () => {
  const reader = new Reader(Uint8Array.of(1, 2));
  reader.u8();
  refuses(() => reader.finish(), 'trailing-bytes', 1);
});

test('Reader reads what Writer writes', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ type: fc.constant('u8' as const), value: fc.nat(0xff) }),
      fc.record({ type: fc.constant('u16' as const), value: fc.nat(0xffff) }),
      fc.record({ type: fc.constant('u24' as const), value: fc.nat(0xff_ffff) }),
      fc.record({ type: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
      fc.record({ type: fc.constant('varint' as const), value: fc.maxSafeNat() }),
      fc.record({ type: fc.constant('u64' as const), value: fc.bigInt(0n, 2n ** 64n - 1n) }),
      fc.record({ type: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 300 }) }),
    ),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(steps, (values) => {
      const writer = new Writer(1);
      for (const step of values) {
        if (step.type === 'u64') writer.u64(step.value);
        else if (step.type === 'bytes') writer.bytes(step.value);
        else writer[step.type](step.value);
      }
      const reader = new Reader(writer.finish());
      for (const step of values) {
        if (step.type === 'u64') assert.equal(reader.u64(), step.value);
        else if (step.type === 'bytes') assert.deepEqual(reader.bytes(step.value.length), step.value);
        else assert.equal(reader[step.type](), step.value);
      }
      reader.finish();
      assert.equal(reader.offset, writer.length);
    }),
  );
});

test('what is read from a Node Buffer is a copy too', () => {
  const buffer = Buffer.from([1, 2, 3]);
  const read = new Reader(buffer).bytes(2);
  buffer.fill(9);
  assert.deepEqual(read, Uint8Array.of(1, 2));
});

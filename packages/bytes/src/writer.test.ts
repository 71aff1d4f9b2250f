import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from './assert.ts';
import { toHex } from './hex.ts';
import { Writer } from './writer.ts';

test('Writer writes little-endian integers of every width', () => {
  const writer = new Writer(1).u8(0x01).u16(0x0302).u24(0x060504).u32(0x0a090807).u64(0x1211100f0e0d0c0bn);
  assert.equal(writer.length, 18);
  assert.equal(toHex(writer.finish()), '0102030405060708090a0b0c0d0e0f101112');
});

test('Writer.varint takes the shortest of the four forms (HASH-3)', () => {
  const forms: readonly [value: number, hex: string][] = [
    [0, '00'],
    [0xfc, 'fc'],
    [0xfd, 'fdfd00'],
    [0xffff, 'fdffff'],
    [0x10000, 'fe00000100'],
    [0xffff_ffff, 'feffffffff'],
    [0x1_0000_0000, 'ff0000000001000000'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff1f00'],
  ];
  for (const [value, hex] of forms) assert.equal(toHex(new Writer().varint(value).finish()), hex);
});

test('Writer refuses what does not fit, where DataView would wrap', () => {
  const writer = new Writer();
  const bad: readonly (() => Writer)[] = [
    () => writer.u8(0x100),
    () => writer.u16(0x1_0000),
    () => writer.u24(0x100_0000),
    () => writer.u32(0x1_0000_0000),
    () => writer.u64(2n ** 64n),
    () => writer.u64(-1n),
    () => writer.varint(2 ** 53),
    () => writer.bytes(new Uint8Array(3), 4),
    () => writer.bytes(new Uint8Array(5), 4),
    ...[-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY].flatMap((value) => [
      () => writer.u8(value),
      () => writer.u16(value),
      () => writer.u24(value),
      () => writer.u32(value),
      () => writer.varint(value),
    ]),
  ];
  for (const write of bad) assert.throws(write, AssertionFailure, write.toString());
  assert.equal(writer.length, 0, 'a refused value leaves nothing behind');
});

test('Writer.finish gives a copy that later writing does not change', () => {
  const writer = new Writer(8).u8(1);
  const first = writer.finish();
  writer.u8(2);
  first[0] = 9;
  assert.equal(toHex(writer.finish()), '0102');
});

test('Writer.view shows what was written, and reset begins anew', () => {
  const writer = new Writer(1).u16(0x0201);
  assert.equal(toHex(writer.view()), '0102');
  assert.equal(toHex(writer.reset().u8(7).view()), '07');
  assert.equal(writer.length, 1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeError } from './decode-error.ts';
import { fromHex, toHex } from './hex.ts';
import { fromUtf8, utf8 } from './utf8.ts';

test('utf8() encodes one to four bytes at their thresholds (RFC 3629)', () => {
  const points: readonly [text: string, hex: string][] = [
    ['', ''],
    ['\u0000', '00'],
    ['\u007f', '7f'],
    ['\u0080', 'c280'],
    ['\u07ff', 'dfbf'],
    ['\u0800', 'e0a080'],
    ['\ud7ff', 'ed9fbf'],
    ['\ue000', 'ee8080'],
    ['\uffff', 'efbfbf'],
    ['\u{10000}', 'f0908080'],
    ['\u{10ffff}', 'f48fbfbf'],
    ['a€\u{1f600}z', '61e282acf09f98807a'],
    ['\ufeffx', 'efbbbf78'],
  ];
  for (const [text, hex] of points) {
    assert.equal(toHex(utf8(text)), hex);
    assert.equal(fromUtf8(fromHex(hex)), text);
  }
});

test('utf8() refuses half a surrogate pair', () => {
  for (const [text, offset] of [
    ['a\ud800', 1],
    ['\udc00', 0],
    ['ab\udc00\ud800', 2],
  ] as const) {
    assert.throws(
      () => utf8(text),
      (error) => error instanceof DecodeError && error.reason === 'lone-surrogate' && error.offset === offset,
    );
  }
});

test('fromUtf8() refuses overlong forms, surrogates, values above U+10FFFF and broken sequences', () => {
  const bad: readonly [hex: string, offset: number][] = [
    ['80', 0],
    ['61bf', 1],
    ['c0af', 0],
    ['c180', 0],
    ['e09fbf', 0],
    ['f08fbfbf', 0],
    ['eda080', 0],
    ['edbfbf', 0],
    ['f4908080', 0],
    ['f5808080', 0],
    ['f888808080', 0],
    ['fe', 0],
    ['ff', 0],
    ['61c3', 1],
    ['61e282', 1],
    ['61f09f98', 1],
    ['c328', 0],
    ['e28228', 0],
    ['f09f9828', 0],
    ['e2c3a9', 0],
  ];
  for (const [hex, offset] of bad) {
    assert.throws(
      () => fromUtf8(fromHex(hex)),
      (error) => error instanceof DecodeError && error.reason === 'invalid-utf8' && error.offset === offset,
      hex,
    );
  }
});

test('utf8 agrees with the platform for every well-formed text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
      const bytes = utf8(text);
      assert.deepEqual(bytes, new TextEncoder().encode(text));
      assert.equal(fromUtf8(bytes), text);
    }),
  );
});

test('fromUtf8() accepts exactly what the platform accepts', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const lead = fc.constantFrom(0x41, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff);
  const byte = fc.oneof(lead, fc.constantFrom(0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf), fc.nat(255));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 8 }), (list) => {
      const bytes = Uint8Array.from(list);
      let expected: string | null = null;
      try {
        expected = strict.decode(bytes);
      } catch {
        expected = null;
      }
      if (expected === null) assert.throws(() => fromUtf8(bytes), DecodeError);
      else assert.equal(fromUtf8(bytes), expected);
    }),
    { numRuns: 2000 },
  );
});

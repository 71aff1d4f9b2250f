import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeError } from './decode-error.ts';
import { fromHex, toHex } from './hex.ts';

test('toHex() writes lower-case digits, first byte first', () => {
  assert.equal(toHex(Uint8Array.of(0, 1, 0x0f, 0x10, 0xab, 0xff)), '00010f10abff');
  assert.equal(toHex(new Uint8Array(0)), '');
});

test('fromHex() reads both cases', () => {
  assert.deepEqual(fromHex('00aBFf'), Uint8Array.of(0, 0xab, 0xff));
});

test('fromHex() refuses foreign characters and odd lengths at their place', () => {
  const bad: readonly [text: string, offset: number][] = [
    ['0g', 1],
    ['0x00', 1],
    [' 00', 0],
    ['000', 3],
    ['00@0', 2],
    ['00`0', 2],
    ['00:/', 2],
    ['0é', 1],
    ['００', 0],
    ['00\u0130\u0130', 2],
    ['00Gg', 2],
  ];
  for (const [text, offset] of bad) {
    assert.throws(
      () => fromHex(text),
      (error) => error instanceof DecodeError && error.reason === 'invalid-hex' && error.offset === offset,
      text,
    );
  }
});

test('hex agrees with the platform in both directions', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = toHex(bytes);
      assert.equal(text, Buffer.from(bytes).toString('hex'));
      assert.deepEqual(fromHex(text), bytes);
    }),
  );
});

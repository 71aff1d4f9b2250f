import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from './assert.ts';
import { type Codec, u8, varBytes } from './codec.ts';
import { encode, withEncoded, withWriter } from './encode.ts';
import { toHex } from './hex.ts';

test('an encoding stays as it is when others follow in the same memory', () => {
  const first = encode(varBytes(), Uint8Array.of(1, 2, 3));
  const second = encode(varBytes(), Uint8Array.of(9, 9, 9));
  assert.equal(toHex(first), '03010203');
  assert.equal(toHex(second), '03090909');
  assert.equal(withEncoded(u8, 5, toHex), '05');
});

test('a codec that encodes while it writes gets a writer of its own', () => {
  const nested: Codec<number> = {
    minSize: 2,
    read: (reader) => reader.u16(),
    write: (writer, value) => void writer.u8(0xaa).bytes(encode(u8, value)),
  };
  assert.equal(toHex(encode(nested, 7)), 'aa07');
  assert.equal(
    withWriter((outer) => withWriter((inner) => toHex(outer.u8(1).view()) + toHex(inner.u8(2).view()))),
    '0102',
  );
});

test('a value that does not fit leaves nothing behind for the next one', () => {
  assert.throws(() => encode(u8, 256), AssertionFailure);
  assert.equal(toHex(encode(u8, 3)), '03');
  assert.equal(encode(varBytes(), new Uint8Array(100_000)).length, 100_005);
  assert.equal(toHex(encode(u8, 4)), '04');
});

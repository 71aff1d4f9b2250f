import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { hash } from '@resonancenet/crypto/hash';
import { decodeDval, dvalBytes, dvalId, dvalTokens, encodeDval } from './dval.ts';
import { mainnet } from './mainnet.ts';
import { regtest } from './regtest.ts';

test('a D_val is as long as its windows: 262,144 bytes on mainnet, 256 on regtest', () => {
  assert.equal(dvalTokens(mainnet), 131_072);
  assert.equal(dvalBytes(mainnet), 262_144);
  assert.equal(dvalBytes(regtest), 256);
});

test('ids go to little-endian u16 and come back window by window', () => {
  const ids = Uint16Array.from({ length: 128 }, (_, i) => (i * 37) % 256);
  const bytes = encodeDval(ids);
  assert.deepEqual([...encodeDval(Uint16Array.of(0x1234, 7))], [0x34, 0x12, 7, 0]);
  const decoded = decodeDval(bytes, regtest);
  assert.ok(decoded.ok);
  assert.deepEqual(decoded.windows.length, 4);
  assert.deepEqual(
    decoded.windows.flatMap((window) => [...window]),
    [...ids],
  );
});

test('a D_val one byte short or long, or with an id outside the vocabulary, is refused', () => {
  const bytes = encodeDval(new Uint16Array(128).fill(255));
  assert.equal(decodeDval(bytes, regtest).ok, true);
  assert.match(String(Reflect.get(decodeDval(bytes.slice(1), regtest), 'message')), /has 256 bytes, this has 255/);
  assert.equal(decodeDval(new Uint8Array(257), regtest).ok, false);
  const outside = encodeDval(new Uint16Array(128).fill(255, 0, 127).fill(256, 127));
  assert.match(String(Reflect.get(decodeDval(outside, regtest), 'message')), /id 256 at position 127/);
});

test('the id of a D_val is the tagged hash of its bytes', () => {
  const bytes = encodeDval(Uint16Array.of(1, 2, 3));
  assert.equal(toHex(dvalId(bytes)), toHex(hash(0x09, Uint8Array.of(1, 0, 2, 0, 3, 0))));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { type KeyWindow, keyWindowCodec, MAX_WINDOW_KEYS, watchedPolicy } from './key-window.ts';
import { keyWindows } from './testing/arbitraries.ts';

const bytes = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);

/** The bytes and their checksum. */
function sealed(hex: string): string {
  const body = fromHex(hex.replaceAll(/\s/g, ''));
  return toHex(body) + toHex(hash(TAG.keyWindow, body).subarray(0, 8));
}

const emission: KeyWindow = {
  fingerprint: fromHex('01020304'),
  account: 5,
  ...watchedPolicy({ type: 'emissionReturn', blocks: 200_000, livenessKey: bytes(0xaa) }, null),
  receive: { first: 1_000, publicKeys: [bytes(0xb1), bytes(0xb2)] },
  change: { first: 0, publicKeys: [] },
};
const heartbeatTerms = { type: 'heartbeat', interval: 10_000, timeout: 1_000, livenessKey: bytes(0xaa) } as const;
const empty = { first: 0, publicKeys: [] };
const heartbeat: KeyWindow = { ...emission, ...watchedPolicy(heartbeatTerms, bytes(0xcc)), receive: empty };
const unknownHeir: KeyWindow = {
  ...heartbeat,
  ...watchedPolicy(heartbeatTerms, { siblingHash: bytes(0xdd) }),
};

const head = '726e7477 01 01020304 05000000';
const terms = `102700 e80300 ${'aa'.repeat(32)}`;

codecSuite('key window', keyWindowCodec, {
  values: keyWindows,
  vectors: [
    {
      name: 'emission return',
      value: emission,
      hex: sealed(`${head} 03 400d03 ${'aa'.repeat(32)} e8030000 02 ${'b1'.repeat(32)} ${'b2'.repeat(32)} 00000000 00`),
    },
    {
      name: 'heartbeat with its heir',
      value: heartbeat,
      hex: sealed(`${head} 01 ${terms} 01 ${'cc'.repeat(32)} 00000000 00 00000000 00`),
    },
    {
      name: 'heartbeat with the hash of its leaf alone',
      value: unknownHeir,
      hex: sealed(`${head} 01 ${terms} 00 ${'dd'.repeat(32)} 00000000 00 00000000 00`),
    },
  ],
  refused: [
    { name: 'another magic', hex: sealed(`726e7470 01 01020304`), reason: 'invalid-value', path: 'magic' },
    { name: 'another version', hex: sealed(`726e7477 02 01020304`), reason: 'invalid-value', path: 'magic' },
    {
      name: 'an account that is not hardened',
      hex: sealed(`726e7477 01 01020304 00000080`),
      reason: 'invalid-value',
      path: 'account',
    },
    { name: 'a policy without terms', hex: sealed(`${head} 05 ${terms}`), reason: 'invalid-value', path: 'policy' },
    {
      name: 'a deadline that no policy id holds',
      hex: sealed(`${head} 01 ffffff 010000 ${'aa'.repeat(32)} 00 ${'dd'.repeat(32)}`),
      reason: 'invalid-value',
      path: 'policy',
    },
    { name: 'an unknown mark', hex: sealed(`${head} 01 ${terms} 02 ${'dd'.repeat(32)}`), reason: 'invalid-value' },
    {
      name: 'more keys than bytes',
      hex: sealed(`${head} 01 ${terms} 00 ${'dd'.repeat(32)} 00000000 05 00000000 00`),
      reason: 'count-exceeds-bytes',
      path: 'receive.publicKeys',
    },
    {
      name: 'too many keys',
      hex: `${head} 01 ${terms} 00 ${'dd'.repeat(32)} 00000000 fd1127`,
      reason: 'count-out-of-bounds',
      path: 'receive.publicKeys',
    },
    {
      name: 'keys beyond the last hardened index',
      hex: sealed(`${head} 01 ${terms} 00 ${'dd'.repeat(32)} ffffff7f 02 ${'b1'.repeat(64)} 00000000 00`),
      reason: 'invalid-value',
      path: 'receive',
    },
    {
      name: 'a wrong checksum',
      hex: `${sealed(`${head} 01 ${terms} 00 ${'dd'.repeat(32)} 00000000 00 00000000 00`).slice(0, -2)}`.concat('00'),
      reason: 'invalid-value',
    },
  ],
});

test('one key more up to the last hardened index is taken', () => {
  const window: KeyWindow = { ...emission, receive: { first: 2 ** 31 - 1, publicKeys: [bytes(1)] } };
  assert.deepEqual(decode(keyWindowCodec, encode(keyWindowCodec, window)), { ok: true, value: window });
});

test('a window of as many keys as there may be is taken, one more is not', () => {
  const range = (count: number): KeyWindow => ({
    ...emission,
    receive: { first: 0, publicKeys: Array.from({ length: count }, () => bytes(1)) },
  });
  assert.ok(decode(keyWindowCodec, encode(keyWindowCodec, range(MAX_WINDOW_KEYS))).ok);
  assert.throws(() => encode(keyWindowCodec, range(MAX_WINDOW_KEYS + 1)), AssertionFailure);
});

test('any changed bit of a window is found by its checksum', () => {
  const whole = encode(keyWindowCodec, heartbeat);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const changed = whole.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(decode(keyWindowCodec, changed).ok, false, `bit ${bit}`);
  }
});

test('a hash that belongs to another policy is not written', () => {
  assert.throws(() => encode(keyWindowCodec, { ...heartbeat, siblingHash: bytes(1) }), AssertionFailure);
  assert.throws(() => encode(keyWindowCodec, { ...emission, siblingHash: bytes(1) }), AssertionFailure);
});

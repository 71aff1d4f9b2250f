import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { bytesToWords, encodeBech32 } from '@resonancenet/crypto/bech32';
import { signersOf } from '@resonancenet/crypto/ed25519';
import { encodeAddress } from '@resonancenet/primitives/address';
import { bytesOf } from '@resonancenet/primitives/testing/arbitraries';
import fc from 'fast-check';
import { decodeKeyText, encodeKeyText, type KeyTextProblem } from './key-text.ts';
import { honestKeys } from './testing/arbitraries.ts';

/** RFC 8032, section 7.1, test 1. */
const key = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');

const textOf = (version: number, payload: Uint8Array, prefix = 'rntk'): string =>
  encodeBech32('bech32m', prefix, concatBytes(Uint8Array.of(version), bytesToWords(payload)));

test('the text of a key begins with the address prefix and k, and has 64 or 65 characters (WAL-10)', () => {
  for (const [prefix, length] of [
    ['rnt', 64],
    ['trnt', 65],
    ['drnt', 65],
    ['rrnt', 65],
  ] as const) {
    const text = encodeKeyText(prefix, key);
    assert.ok(text.startsWith(`${prefix}k1q`));
    assert.equal(text.length, length);
    assert.deepEqual(decodeKeyText(prefix, text), { ok: true, publicKey: key });
    assert.deepEqual(decodeKeyText(prefix, text.toUpperCase()), { ok: true, publicKey: key });
  }
});

test('decodeKeyText() names what is wrong', () => {
  const text = encodeKeyText('rnt', key);
  const filling = concatBytes(Uint8Array.of(0), bytesToWords(key));
  filling[52]! |= 1;
  const smallOrder = fromHex('0100000000000000000000000000000000000000000000000000000000000000');
  const noPoint = fromHex('0200000000000000000000000000000000000000000000000000000000000000');
  const cases: readonly [text: string, code: KeyTextProblem, detail: RegExp][] = [
    ['', 'bad-text', /no '1'/],
    [`${text.slice(0, -1)}${text.endsWith('q') ? 'p' : 'q'}`, 'bad-text', /checksum/],
    [text.slice(0, -1), 'bad-text', /checksum/],
    ['q'.repeat(1_000_000), 'bad-text', /1000000 characters/],
    [encodeAddress('rnt', { lockId: new Uint8Array(24), policyId: new Uint8Array(24) }), 'is-address', /rntk1/],
    [encodeKeyText('trnt', key), 'other-network', /begins with trntk/],
    [textOf(1, key), 'unknown-version', /version 1/],
    [encodeBech32('bech32m', 'rntk', new Uint8Array(0)), 'unknown-version', /\(none\)/],
    [textOf(0, key.subarray(1)), 'wrong-length', /this one 31/],
    [textOf(0, concatBytes(key, Uint8Array.of(0))), 'wrong-length', /this one 33/],
    [encodeBech32('bech32m', 'rntk', filling), 'bad-padding', /unused bits/],
    [textOf(0, smallOrder), 'unsafe-key', /everybody/],
    [textOf(0, noPoint), 'unsafe-key', /nobody/],
  ];
  for (const [bad, code, detail] of cases) {
    const result = decodeKeyText('rnt', bad);
    assert.equal(result.ok, false, bad.slice(0, 80));
    assert.equal(result.code, code);
    assert.match(result.detail, detail);
  }
});

test('a bech32 checksum where bech32m is due is refused', () => {
  const text = encodeBech32('bech32', 'rntk', concatBytes(Uint8Array.of(0), bytesToWords(key)));
  assert.equal(decodeKeyText('rnt', text).ok, false);
});

test('every key that somebody can sign by comes back from its text, and no other', () => {
  fc.assert(
    fc.property(bytesOf(32), (bytes) => {
      const result = decodeKeyText('rrnt', encodeKeyText('rrnt', bytes));
      assert.equal(result.ok, signersOf(bytes) === 'holder');
      if (result.ok) assert.equal(toHex(result.publicKey), toHex(bytes));
    }),
  );
});

test('one or two wrong characters in a text are always found', () => {
  const character = fc.constantFrom(...'qpzry9x8gf2tvdw0s3jn54khce6mua7l');
  const change = fc.tuple(fc.nat(), character);
  fc.assert(
    fc.property(
      fc.constantFrom(...honestKeys),
      fc.array(change, { minLength: 1, maxLength: 2 }),
      (publicKey, changes) => {
        const text = encodeKeyText('rnt', publicKey);
        const characters = [...text];
        for (const [place, to] of changes) characters[5 + (place % (text.length - 5))] = to;
        const changed = characters.join('');
        assert.equal(decodeKeyText('rnt', changed).ok, changed === text);
      },
    ),
    { numRuns: 2_000 },
  );
});

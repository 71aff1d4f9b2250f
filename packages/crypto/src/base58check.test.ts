import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@resonancenet/bytes/compare';
import { fromHex } from '@resonancenet/bytes/hex';
import { base58 } from '@scure/base';
import fc from 'fast-check';
import { decodeBase58Check, encodeBase58Check } from './base58check.ts';
import { keccak256 } from './keccak.ts';

test('encodeBase58Check() appends four bytes of Keccak-256d', () => {
  const payload = fromHex('3c000102030405060708090a0b0c0d0e0f10111213');
  const expected = base58.encode(concatBytes(payload, keccak256(keccak256(payload)).subarray(0, 4)));
  assert.equal(encodeBase58Check(payload), expected);
  assert.deepEqual(decodeBase58Check(expected, 21), { ok: true, payload });
});

test('leading zero bytes are leading ones', () => {
  const payload = new Uint8Array(5);
  const text = encodeBase58Check(payload);
  assert.match(text, /^11111[^1]/);
  assert.deepEqual(decodeBase58Check(text, 5), { ok: true, payload });
  assert.equal(decodeBase58Check(`1${text}`, 5).ok, false);
  assert.equal(decodeBase58Check(text.slice(1), 5).ok, false);
});

test('decodeBase58Check() names what is wrong', () => {
  const text = encodeBase58Check(new Uint8Array(21).fill(0x3c));
  const at = (index: number, character: string): string => text.slice(0, index) + character + text.slice(index + 1);
  const cases: readonly [text: string, problem: string, detail: RegExp][] = [
    [at(4, '0'), 'invalid-character', /^character 5, "0"/],
    [at(0, 'l'), 'invalid-character', /^character 1, "l"/],
    [at(2, ' '), 'invalid-character', /^character 3, " "/],
    [at(3, text[3] === 'z' ? 'y' : 'z'), 'wrong-checksum', /checksum/],
    [text.slice(0, -2), 'wrong-length', /21 bytes/],
    ['', 'wrong-length', /21 bytes/],
    ['z'.repeat(1_000_000), 'wrong-length', /21 bytes/],
  ];
  for (const [bad, problem, detail] of cases) {
    const result = decodeBase58Check(bad, 21);
    assert.equal(result.ok, false, bad.slice(0, 50));
    assert.equal(result.problem, problem);
    assert.match(result.detail, detail);
  }
});

test('Base58Check gives back any payload, and has one text per payload', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
      assert.deepEqual(decodeBase58Check(encodeBase58Check(payload), payload.length), { ok: true, payload });
      const other = decodeBase58Check(encodeBase58Check(payload), payload.length + 1);
      assert.equal(other.ok, false);
    }),
  );
});

test('Base58Check finds every changed character', () => {
  const text = encodeBase58Check(new Uint8Array(21).map((_, index) => index * 11));
  for (let index = 0; index < text.length; index++) {
    for (const character of '123ABCabcz') {
      const changed = text.slice(0, index) + character + text.slice(index + 1);
      assert.equal(decodeBase58Check(changed, 21).ok, changed === text);
    }
  }
});

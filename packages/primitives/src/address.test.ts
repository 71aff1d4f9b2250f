import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { bytesToWords, encodeBech32 } from '@resonancenet/crypto/bech32';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { keccak256 } from '@resonancenet/crypto/keccak';
import { mainnet } from '@resonancenet/params/mainnet';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { testnet } from '@resonancenet/params/testnet';
import fc from 'fast-check';
import {
  type AddressProblem,
  decodeAddress,
  decodeBase58Address,
  encodeAddress,
  encodeBase58Address,
  keyHash,
  parseAddress,
} from './address.ts';
import { destinationProblem, keyDestination } from './destination.ts';
import { bytesOf } from './testing/arbitraries.ts';

const key = publicKey(fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'));
const destination = keyDestination(key, mainnet.recovery);
const address = encodeAddress('rnt', destination);
const base58 = encodeBase58Address(mainnet.base58Version, keyHash(key));

test('the addresses of a key are these texts (BLK-20, BLK-21)', () => {
  assert.equal(address, 'rnt1qu89phxj2w2pxwtsvw57m3zcr67mhw5y2fhq3yfgrgqxs84xxlkt4cssngtyksjkxzn3kcnc4lg5hunjdh4n');
  assert.equal(base58, 'RUpacyi1dKe178PDbw7F2m31WtojNpEZm4');
  assert.deepEqual(parseAddress(mainnet, address), { ok: true, destination });
});

test('an address has 88 characters, 89 where the prefix has four', () => {
  fc.assert(
    fc.property(bytesOf(24), bytesOf(24), (lockId, policyId) => {
      for (const [prefix, length] of [
        ['rnt', 88],
        ['trnt', 89],
        ['rrnt', 89],
      ] as const) {
        const text = encodeAddress(prefix, { lockId, policyId });
        assert.equal(text.length, length);
        assert.ok(text.startsWith(`${prefix}1q`));
        assert.deepEqual(decodeAddress(prefix, text), { ok: true, destination: { lockId, policyId } });
        assert.deepEqual(decodeAddress(prefix, text.toUpperCase()), { ok: true, destination: { lockId, policyId } });
      }
    }),
  );
});

function refusal(text: string, network: NetworkParams = mainnet): { code: AddressProblem; detail: string } {
  const result = parseAddress(network, text);
  assert.equal(result.ok, false, text);
  return result;
}

test('an address of another network is refused by name', () => {
  const { code, detail } = refusal(encodeAddress('trnt', destination));
  assert.equal(code, 'other-network');
  assert.match(detail, /begins with trnt; this network's begin with rnt/);
  assert.equal(refusal(address, testnet).code, 'other-network');
  assert.equal(refusal(encodeBase58Address(testnet.base58Version, keyHash(key))).code, 'other-network');
});

test('an address of a later version is refused, not misread', () => {
  const payload = Uint8Array.of(...destination.lockId, ...destination.policyId);
  const text = encodeBech32('bech32m', 'rnt', Uint8Array.of(1, ...bytesToWords(payload)));
  const { code, detail } = refusal(text);
  assert.equal(code, 'unknown-version');
  assert.match(detail, /version 1/);
  assert.match(refusal(encodeBech32('bech32m', 'rnt', new Uint8Array(0))).detail, /version \(none\)/);
});

test('an address of another length, or with unused bits set, is refused', () => {
  const payload = Uint8Array.of(...destination.lockId, ...destination.policyId);
  for (const length of [0, 32, 47, 49]) {
    const other = new Uint8Array(length);
    other.set(payload.subarray(0, length));
    const words = Uint8Array.of(0, ...bytesToWords(other));
    const result = decodeAddress('rnt', encodeBech32('bech32m', 'rnt', words));
    assert.equal(result.ok, false);
    assert.equal(result.code, 'wrong-length');
    assert.match(result.detail, new RegExp(`48 bytes, this one ${length}`));
  }
  const words = Uint8Array.of(0, ...bytesToWords(payload));
  words[words.length - 1]! |= 1;
  assert.equal(refusal(encodeBech32('bech32m', 'rnt', words)).code, 'bad-padding');
});

test('the older checksum of bech32 is refused', () => {
  const payload = Uint8Array.of(...destination.lockId, ...destination.policyId);
  const text = encodeBech32('bech32', 'rnt', Uint8Array.of(0, ...bytesToWords(payload)));
  assert.equal(refusal(text).code, 'bad-text');
});

test('damaged addresses are refused with what to do about it', () => {
  const cases: readonly [text: string, detail: RegExp][] = [
    [address.slice(0, -1), /checksum/],
    [`${address}q`, /checksum/],
    [address.slice(0, 20), /checksum/],
    [address.slice(1), /checksum|begins/],
    [`${address.slice(0, 10)}b${address.slice(11)}`, /character 11, "b"/],
    [`${address.slice(0, 10)}${address.slice(10).toUpperCase()}`, /upper and lower case/],
    [` ${address}`, /character 1 /],
    [address.repeat(2), /176 characters/],
    ['', /21 bytes/],
    [base58.slice(0, -1), /checksum|21 bytes/],
    [base58.replace(/.$/, '0'), /"0"/],
    ['x'.repeat(1_000_000), /1000000 characters/],
  ];
  for (const [text, detail] of cases) {
    const result = refusal(text);
    assert.equal(result.code, 'bad-text', text.slice(0, 100));
    assert.match(result.detail, detail, text.slice(0, 100));
  }
});

test('the key hash is the first 20 bytes of the untagged hash', () => {
  assert.equal(toHex(keyHash(key)), toHex(keccak256(keccak256(key))).slice(0, 40));
});

test('Base58 addresses begin with R on mainnet and T on testnet, and lead to a payable destination', () => {
  fc.assert(
    fc.property(bytesOf(20), (hash) => {
      for (const [network, letter] of [
        [mainnet, 'R'],
        [testnet, 'T'],
      ] as const) {
        const text = encodeBase58Address(network.base58Version, hash);
        assert.equal(text[0], letter);
        assert.ok(text.length <= 35);
        const result = parseAddress(network, text);
        assert.equal(result.ok, true);
        assert.equal(toHex(result.destination.lockId), `${toHex(hash)}00000000`);
        assert.equal(destinationProblem(result.destination, network.recovery), null);
        assert.deepEqual(decodeBase58Address(network, text), result);
      }
    }),
  );
});

test('key hashes, lock and policy ids of another length are bugs of the caller', () => {
  assert.throws(() => encodeBase58Address(0x3c, new Uint8Array(19)), AssertionFailure);
  assert.throws(() => encodeAddress('rnt', { ...destination, lockId: new Uint8Array(23) }), AssertionFailure);
});

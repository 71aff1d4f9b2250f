import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { publicKey, sign, verify } from '@resonancenet/crypto/ed25519';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { bytesOf } from '@resonancenet/primitives/testing/arbitraries';
import fc from 'fast-check';
import { WalletKeys } from './account-keys.ts';
import { keyPath, MAX_PATH_DEPTH, parsePath } from './derivation-path.ts';
import { childKey, descendantKey, masterKey, wipeKey } from './slip10.ts';
import { SLIP10_VECTORS } from './testing/slip10-vectors.ts';

test('the vectors of SLIP-10 for Ed25519, reached by their paths', () => {
  assert.equal(SLIP10_VECTORS.length, 2);
  for (const { seed, chains } of SLIP10_VECTORS) {
    assert.equal(chains.length, 6);
    for (const chain of chains) {
      const parsed = parsePath(chain.path);
      assert.ok(parsed.ok);
      const key = descendantKey(masterKey(fromHex(seed)), parsed.path);
      assert.equal(toHex(key.privateKey), chain.private, chain.path);
      assert.equal(toHex(key.chainCode), chain.chainCode);
      assert.equal(toHex(publicKey(key.privateKey)), chain.public);
    }
  }
});

test('seeds of 16 to 64 bytes and indexes below 2^31 are taken, others are bugs of the caller', () => {
  for (const length of [16, 64]) masterKey(new Uint8Array(length));
  for (const length of [0, 15, 65]) assert.throws(() => masterKey(new Uint8Array(length)), AssertionFailure);
  const master = masterKey(new Uint8Array(64));
  childKey(master, 2 ** 31 - 1);
  for (const index of [-1, 0.5, 2 ** 31, Number.NaN])
    assert.throws(() => childKey(master, index), AssertionFailure, `${index}`);
});

const seed = fromHex(SLIP10_VECTORS[1]!.seed);

test('keys of an account are those of their paths', () => {
  const account = new WalletKeys(seed, 9_555).account(3);
  for (const branch of ['receive', 'change', 'liveness', 'guardian', 'recovery'] as const) {
    const expected = descendantKey(masterKey(seed), keyPath(9_555, 3, branch, 11));
    assert.deepEqual(account.privateKey(branch, 11), expected.privateKey);
    assert.deepEqual(account.publicKey(branch, 11), publicKey(expected.privateKey));
    assert.deepEqual(account.publicKeys(branch, 9, 4).publicKeys[2], publicKey(expected.privateKey));
  }
  assert.deepEqual(account.livenessKey(), account.publicKey('liveness', 0));
  assert.equal(account.number, 3);
});

test('no key serves two purposes: branches, indexes, accounts and coins differ', () => {
  const keys = new Set<string>();
  let made = 0;
  for (const coin of [9_555, 0])
    for (const number of [0, 1])
      for (const branch of ['receive', 'change', 'liveness', 'guardian', 'recovery'] as const)
        for (const key of new WalletKeys(seed, coin).account(number).publicKeys(branch, 0, 3).publicKeys) {
          keys.add(toHex(key));
          made += 1;
        }
  assert.equal(keys.size, made);
});

test('the fingerprint is the hash of the master public key, and another seed has another', () => {
  const { fingerprint } = new WalletKeys(seed, 9_555);
  const master = fromHex(SLIP10_VECTORS[1]!.chains[0]!.public);
  assert.deepEqual(fingerprint, hash(TAG.walletFingerprint, master).subarray(0, 4));
  const other = seed.slice();
  other[63]! ^= 1;
  assert.notDeepEqual(new WalletKeys(other, 9_555).fingerprint, fingerprint);
});

test('a derived key signs', () => {
  const account = new WalletKeys(seed, 9_555).account(0);
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), bytesOf(32), (index, message) => {
      const key = account.publicKey('receive', index);
      assert.ok(verify(sign(message, account.privateKey('receive', index)), message, key));
    }),
    { numRuns: 20 },
  );
});

test('wiping overwrites what the keys come from, of one account without the others', () => {
  const wallet = new WalletKeys(seed, 9_555);
  const [first, second] = [wallet.account(0), wallet.account(1)];
  const before = [first.livenessKey(), second.livenessKey()];
  first.wipe();
  assert.notDeepEqual(first.livenessKey(), before[0]);
  assert.deepEqual(second.livenessKey(), before[1]);
  assert.deepEqual(wallet.account(0).livenessKey(), before[0]);
  wallet.wipe();
  assert.notDeepEqual(wallet.account(0).livenessKey(), before[0]);
  const master = masterKey(seed);
  const copy = descendantKey(master, []);
  wipeKey(master);
  assert.deepEqual(master, { privateKey: new Uint8Array(32), chainCode: new Uint8Array(32) });
  assert.deepEqual(copy, masterKey(seed));
});

test('paths are as deep as they may be', () => {
  const path = new Array<number>(MAX_PATH_DEPTH).fill(0);
  assert.equal(descendantKey(masterKey(seed), path).privateKey.length, 32);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { utf8 } from '@resonancenet/bytes/utf8';
import { walletSecrets } from './testing/arbitraries.ts';
import { BIP39_VECTORS, VECTOR_PASSPHRASE } from './testing/bip39-vectors.ts';
import { seedOfSecret, type WalletSecret, walletSecretCodec, wipeSecret } from './wallet-secret.ts';

const entropy = '7f'.repeat(16);

codecSuite('secret of a wallet', walletSecretCodec, {
  values: walletSecrets,
  vectors: [
    {
      name: 'words with a passphrase',
      value: { kind: 'words', mnemonic: { language: 'japanese', entropy: fromHex(entropy) }, passphrase: utf8('ab') },
      hex: `01 02 10 ${entropy} 02 6162`,
    },
    {
      name: 'words without one',
      value: { kind: 'words', mnemonic: { language: 'portuguese', entropy: fromHex(entropy) }, passphrase: utf8('') },
      hex: `01 0a 10 ${entropy} 00`,
    },
    { name: 'a seed', value: { kind: 'seed', seed: fromHex(entropy) }, hex: `02 10 ${entropy}` },
  ],
  refused: [
    { name: 'another kind', hex: `03 10 ${entropy}`, reason: 'invalid-value' },
    { name: 'no kind', hex: `00 10 ${entropy}`, reason: 'invalid-value' },
    { name: 'language 0', hex: `01 00 10 ${entropy} 00`, reason: 'invalid-value', path: 'language' },
    { name: 'language 11', hex: `01 0b 10 ${entropy} 00`, reason: 'invalid-value', path: 'language' },
    { name: '17 bytes of entropy', hex: `01 01 11 ${entropy}7f 00`, reason: 'invalid-value', path: 'entropy' },
    {
      name: '12 bytes of entropy',
      hex: `01 01 0c ${'7f'.repeat(12)} 00 00000000`,
      reason: 'count-out-of-bounds',
      path: 'entropy',
    },
    {
      name: '33 bytes of entropy',
      hex: `01 01 21 ${'7f'.repeat(33)} 00`,
      reason: 'count-out-of-bounds',
      path: 'entropy',
    },
    { name: 'a passphrase that is no text', hex: `01 01 10 ${entropy} 01 ff`, reason: 'invalid-value' },
    {
      name: 'a passphrase of 1,025 bytes',
      hex: `01 01 10 ${entropy} fd0104 ${'61'.repeat(1_025)}`,
      reason: 'count-out-of-bounds',
    },
    { name: 'a seed of 15 bytes', hex: `02 0f ${'7f'.repeat(15)} 00000000`, reason: 'count-out-of-bounds' },
    { name: 'a seed of 65 bytes', hex: `02 41 ${'7f'.repeat(65)}`, reason: 'count-out-of-bounds' },
  ],
});

test('the seed of words is that of BIP 39 with the passphrase, and a bare seed is itself', () => {
  const vector = BIP39_VECTORS[30]!;
  const secret: WalletSecret = {
    kind: 'words',
    mnemonic: { language: vector.language, entropy: vector.entropy },
    passphrase: VECTOR_PASSPHRASE,
  };
  assert.equal(toHex(seedOfSecret(secret)), toHex(vector.seed));
  assert.deepEqual(seedOfSecret({ kind: 'seed', seed: vector.seed }), vector.seed);
});

test('wiping overwrites every part of a secret, and not the seed that was taken', () => {
  const seed: WalletSecret = { kind: 'seed', seed: fromHex(entropy) };
  const taken = seedOfSecret(seed);
  const words: WalletSecret = {
    kind: 'words',
    mnemonic: { language: 'english', entropy: fromHex(entropy) },
    passphrase: utf8('ab'),
  };
  for (const secret of [seed, words]) wipeSecret(secret);
  assert.deepEqual(seed.seed, new Uint8Array(16));
  assert.equal(toHex(taken), entropy);
  assert.deepEqual([words.mnemonic.entropy, words.passphrase], [new Uint8Array(16), new Uint8Array(2)]);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import * as exported from '@resonancenet/crypto/x25519';
import fc from 'fast-check';
import * as portable from './x25519.ts';
import * as native from './x25519-node.ts';

/** RFC 7748 section 5.2. */
const multiplications: readonly { readonly scalar: string; readonly u: string; readonly result: string }[] = [
  {
    scalar: 'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
    u: 'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
    result: 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  },
  {
    scalar: '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
    u: 'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
    result: '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
  },
];

/** Every encoding of the five u coordinates of small order: reduced, plus p where it fits, with and without the ignored top bit. */
const smallOrder: readonly string[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

for (const [name, { publicKey, sharedSecret }] of Object.entries({ portable, native })) {
  describe(`X25519, ${name}`, () => {
    for (const [index, { scalar, u, result }] of multiplications.entries()) {
      test(`RFC 7748 section 5.2, vector ${index + 1}`, () => {
        assert.equal(toHex(sharedSecret(fromHex(scalar), fromHex(u))!), result);
      });
    }

    test('RFC 7748 section 5.2, iterated 1 and 1,000 times', () => {
      let k = fromHex('0900000000000000000000000000000000000000000000000000000000000000');
      let u: Uint8Array = k;
      for (let step = 1; step <= 1000; step++) {
        const next = sharedSecret(k, u)!;
        [k, u] = [next as Uint8Array<ArrayBuffer>, k];
        if (step === 1) {
          assert.equal(toHex(k), '422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079');
        }
      }
      assert.equal(toHex(k), '684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
    });

    test('RFC 7748 section 6.1: Alice and Bob agree', () => {
      const alice = fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
      const bob = fromHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
      assert.equal(toHex(publicKey(alice)), '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
      assert.equal(toHex(publicKey(bob)), 'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
      const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742';
      assert.equal(toHex(sharedSecret(alice, publicKey(bob))!), shared);
      assert.equal(toHex(sharedSecret(bob, publicKey(alice))!), shared);
    });

    test('refuses every public key of small order: the secret would be all zeros (RFC 7748 section 6.1)', () => {
      for (const hex of smallOrder) {
        for (const topBit of [0, 0x80]) {
          const key = fromHex(hex);
          key[31]! |= topBit;
          for (const byte of [1, 0x77, 0xff]) {
            assert.equal(sharedSecret(new Uint8Array(32).fill(byte), key), null, `${hex}, top bit ${topBit}`);
          }
        }
      }
    });

    test('takes the neighbours of small-order points for what they are', () => {
      for (const hex of ['02', '03', '09'].map((low) => low.padEnd(64, '0'))) {
        assert.notEqual(sharedSecret(new Uint8Array(32).fill(7), fromHex(hex)), null);
      }
    });

    test('refuses public keys of another length', () => {
      for (const length of [0, 31, 33])
        assert.equal(sharedSecret(new Uint8Array(32).fill(1), new Uint8Array(length)), null);
    });

    test('takes a secret of another length for a bug of the caller', () => {
      for (const length of [0, 31, 33]) {
        assert.throws(() => publicKey(new Uint8Array(length)), AssertionFailure);
        assert.throws(() => sharedSecret(new Uint8Array(length), new Uint8Array(32)), AssertionFailure);
      }
    });
  });
}

test('both variants agree on any secret and any public key, non-canonical ones too', () => {
  const any = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const key = fc.oneof(
    any,
    fc.constantFrom(...smallOrder).map(fromHex),
    fc.nat(18).map((low) => Uint8Array.of(0xed + low, ...new Uint8Array(30).fill(0xff), 0x7f)),
  );
  fc.assert(
    fc.property(any, key, (secret, theirs) => {
      assert.deepEqual(native.publicKey(secret), portable.publicKey(secret));
      assert.deepEqual(native.sharedSecret(secret, theirs), portable.sharedSecret(secret, theirs));
    }),
    { numRuns: 60 },
  );
});

test('Node resolves the package to the native variant', () => {
  assert.equal(exported.sharedSecret, native.sharedSecret);
});

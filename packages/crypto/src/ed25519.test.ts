import assert from 'node:assert/strict';
import { createPublicKey, verify as verifyNative } from 'node:crypto';
import { describe, test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import * as exported from '@resonancenet/crypto/ed25519';
import fc from 'fast-check';
import * as portable from './ed25519.ts';
import * as native from './ed25519-node.ts';
import {
  type EdgeCase,
  edgeCases,
  groupOrder,
  littleEndian,
  smallOrderEncodings,
} from './testing/edwards-edge-cases.ts';
import { rfc8032Vectors } from './testing/rfc8032-vectors.ts';

const variants = { portable, native };

/** Whether OpenSSL alone accepts. */
function openSslAccepts({ publicKey, message, signature }: EdgeCase): boolean {
  try {
    const key = createPublicKey({ key: publicKey, format: 'raw-public', asymmetricKeyType: 'ed25519' });
    return verifyNative(null, message, key, signature);
  } catch {
    return false;
  }
}

for (const [name, { publicKey, sign, verify, signersOf }] of Object.entries(variants)) {
  describe(`Ed25519, ${name}`, () => {
    for (const vector of rfc8032Vectors) {
      test(`RFC 8032 section 7.1, ${vector.name}`, () => {
        const seed = fromHex(vector.seed);
        const message = fromHex(vector.message);
        assert.equal(toHex(publicKey(seed)), vector.publicKey);
        assert.equal(toHex(sign(message, seed)), vector.signature);
        assert.equal(verify(fromHex(vector.signature), message, fromHex(vector.publicKey)), true);
      });
    }

    test('refuses a signature, message or key with one bit flipped', () => {
      const vector = rfc8032Vectors[2]!;
      const parts = [vector.signature, vector.message, vector.publicKey].map(fromHex);
      for (const [which, part] of parts.entries()) {
        for (let bit = 0; bit < part.length * 8; bit += 5) {
          const flipped = parts.map((bytes) => bytes.slice());
          flipped[which]![bit >> 3]! ^= 1 << (bit & 7);
          assert.equal(verify(flipped[0]!, flipped[1]!, flipped[2]!), false, `part ${which}, bit ${bit}`);
        }
      }
    });

    test('tells whose signatures by a key are valid (HASH-10)', () => {
      for (const key of smallOrderEncodings) assert.equal(signersOf(key), 'anyone', toHex(key));
      for (const vector of rfc8032Vectors) assert.equal(signersOf(fromHex(vector.publicKey)), 'holder', vector.name);
      for (const edge of edgeCases) {
        if (edge.name.startsWith('A = no point')) assert.equal(signersOf(edge.publicKey), 'none', edge.name);
        // With S = 0 a valid signature needs no secret.
        if (edge.valid && edge.signature.subarray(32).every((byte) => byte === 0))
          assert.equal(signersOf(edge.publicKey), 'anyone', edge.name);
        if (edge.name.startsWith('A = a B + T')) assert.equal(signersOf(edge.publicKey), 'holder', edge.name);
      }
      assert.throws(() => signersOf(new Uint8Array(31)), AssertionFailure);
    });

    test('decides every edge case as ZIP-215 does (HASH-10)', () => {
      for (const edge of edgeCases) {
        assert.equal(verify(edge.signature, edge.message, edge.publicKey), edge.valid, edge.name);
      }
    });

    test('answers false to signatures and keys of any other length', () => {
      const vector = rfc8032Vectors[1]!;
      const [signature, message, key] = [vector.signature, vector.message, vector.publicKey].map(fromHex) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      for (const length of [0, 1, 31, 32, 33, 63, 65, 128]) {
        const other = new Uint8Array(length);
        other.set(signature.subarray(0, length));
        assert.equal(verify(other, message, key), false);
        if (length !== 32) {
          const otherKey = new Uint8Array(length);
          otherKey.set(key.subarray(0, length));
          assert.equal(verify(signature, message, otherKey), false);
        }
      }
    });

    test('takes a seed of another length for a bug of the caller', () => {
      for (const length of [0, 31, 33, 64]) {
        assert.throws(() => publicKey(new Uint8Array(length)), AssertionFailure);
        assert.throws(() => sign(new Uint8Array(1), new Uint8Array(length)), AssertionFailure);
      }
    });
  });
}

test('the edge cases are the whole set: 8 points in 14 encodings, both verdicts, OpenSSL on either side', () => {
  assert.equal(smallOrderEncodings.length, 14);
  assert.equal(new Set(smallOrderEncodings.map(toHex)).size, 14);
  assert.ok(edgeCases.length >= 692, `${edgeCases.length} cases`);
  const accepted = edgeCases.filter(openSslAccepts);
  assert.ok(accepted.length > 0 && accepted.length < edgeCases.filter(({ valid }) => valid).length);
});

test('what OpenSSL accepts, ZIP-215 accepts: the fast path is never wrong (HASH-10)', () => {
  for (const edge of edgeCases) {
    if (openSslAccepts(edge))
      assert.equal(portable.verify(edge.signature, edge.message, edge.publicKey), true, edge.name);
  }
});

test('both variants give the same keys and signatures, and accept each other', () => {
  const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(seeds, fc.uint8Array({ maxLength: 100 }), (seed, message) => {
      const key = portable.publicKey(seed);
      const signature = portable.sign(message, seed);
      assert.deepEqual(native.publicKey(seed), key);
      assert.deepEqual(native.sign(message, seed), signature);
      assert.equal(native.verify(signature, message, key), true);
      assert.equal(portable.verify(signature, message, key), true);
    }),
    { numRuns: 25 },
  );
});

test('both variants agree on bytes that are no signatures', () => {
  const half = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.constantFrom(...smallOrderEncodings),
    fc.bigInt(0n, 2n * groupOrder).map(littleEndian),
  );
  fc.assert(
    fc.property(half, half, half, fc.uint8Array({ maxLength: 8 }), (r, s, key, message) => {
      const signature = Uint8Array.of(...r, ...s);
      assert.equal(native.verify(signature, message, key), portable.verify(signature, message, key));
    }),
    { numRuns: 100 },
  );
});

test('Node resolves the package to the native variant', () => {
  assert.equal(exported.verify, native.verify);
});

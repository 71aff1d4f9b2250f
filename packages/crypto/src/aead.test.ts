import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import * as exported from '@resonancenet/crypto/aead';
import fc from 'fast-check';
import * as portable from './aead.ts';
import * as native from './aead-node.ts';

/** RFC 8439 section 2.8.2 and appendix A.5. */
const vectors = [
  {
    name: 'section 2.8.2',
    key: '808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f',
    nonce: '070000004041424344454647',
    associated: '50515253c0c1c2c3c4c5c6c7',
    plaintext:
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
    ciphertext:
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b29' +
      '05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116',
    tag: '1ae10b594f09e26a7e902ecbd0600691',
  },
  {
    name: 'appendix A.5',
    key: '1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0',
    nonce: '000000000102030405060708',
    associated: 'f33388860000000000004e91',
    plaintext:
      'Internet-Drafts are draft documents valid for a maximum of six months and may be updated, replaced, or obsoleted by ' +
      'other documents at any time. It is inappropriate to use Internet-Drafts as reference material or to cite them other ' +
      'than as /\u201cwork in progress./\u201d',
    ciphertext:
      '64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100' +
      'd4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8559797a06ef4f0ef61c186324e2b350638' +
      '3606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa115' +
      '5b0047718cbc546a0d072b04b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10' +
      '49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709b',
    tag: 'eead9d67890cbb22392336fea1851f38',
  },
] as const;

for (const [name, { encrypt, decrypt }] of Object.entries({ portable, native })) {
  describe(`ChaCha20-Poly1305, ${name}`, () => {
    for (const vector of vectors) {
      const [key, nonce, associated] = [vector.key, vector.nonce, vector.associated].map(fromHex) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      const sealed = fromHex(vector.ciphertext + vector.tag);

      test(`RFC 8439 ${vector.name}`, () => {
        assert.equal(toHex(encrypt(key, nonce, associated, utf8(vector.plaintext))), toHex(sealed));
        assert.equal(fromUtf8(decrypt(key, nonce, associated, sealed)!), vector.plaintext);
      });

      test(`RFC 8439 ${vector.name}: null for any flipped bit in any part`, () => {
        const parts = [key, nonce, associated, sealed];
        for (const [which, part] of parts.entries()) {
          for (let bit = 0; bit < part.length * 8; bit += 7) {
            const flipped = parts.map((bytes) => bytes.slice());
            flipped[which]![bit >> 3]! ^= 1 << (bit & 7);
            const [k, n, a, c] = flipped as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
            assert.equal(decrypt(k, n, a, c), null, `part ${which}, bit ${bit}`);
          }
        }
      });

      test(`RFC 8439 ${vector.name}: null for every truncation`, () => {
        for (let length = 0; length < sealed.length; length++) {
          assert.equal(decrypt(key, nonce, associated, sealed.subarray(0, length)), null, `${length} bytes`);
        }
      });
    }

    test('seals nothing into a tag of 16 bytes', () => {
      const [key, nonce, none] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(0)];
      const sealed = encrypt(key, nonce, none, none);
      assert.equal(sealed.length, 16);
      assert.deepEqual(decrypt(key, nonce, none, sealed), none);
    });

    test('takes keys and nonces of another length for bugs of the caller', () => {
      const none = new Uint8Array(0);
      for (const [key, nonce] of [
        [31, 12],
        [33, 12],
        [32, 8],
        [32, 11],
        [32, 13],
        [32, 24],
      ] as const) {
        assert.throws(() => encrypt(new Uint8Array(key), new Uint8Array(nonce), none, none), AssertionFailure);
        assert.throws(
          () => decrypt(new Uint8Array(key), new Uint8Array(nonce), none, new Uint8Array(16)),
          AssertionFailure,
        );
      }
    });
  });
}

test('both variants give the same bytes and open each other', () => {
  const exactly = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
  const text = fc.uint8Array({ maxLength: 400 });
  fc.assert(
    fc.property(exactly(32), exactly(12), text, text, (key, nonce, associated, plaintext) => {
      const sealed = portable.encrypt(key, nonce, associated, plaintext);
      assert.deepEqual(native.encrypt(key, nonce, associated, plaintext), sealed);
      assert.deepEqual(native.decrypt(key, nonce, associated, sealed), plaintext);
      assert.deepEqual(portable.decrypt(key, nonce, associated, concatBytes(sealed)), plaintext);
    }),
  );
});

test('Node resolves the package to the native variant', () => {
  assert.equal(exported.encrypt, native.encrypt);
});

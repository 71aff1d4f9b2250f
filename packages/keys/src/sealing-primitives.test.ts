import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { describe, test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import * as exported from '@resonancenet/keys/sealing-primitives';
import { argon2id } from '@noble/hashes/argon2.js';
import fc from 'fast-check';
import * as portable from './sealing-primitives.ts';
import * as native from './sealing-primitives-node.ts';

const filled = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte);

/** RFC 9106, section 5.3. It has four lanes, a secret and associated data, which sealed files have not: it checks the libraries. */
const rfc9106 = '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659';

/** The reference implementation's own test (github.com/P-H-C/phc-winner-argon2, src/test.c): 64 MiB, 2 passes, one lane. */
const phc = '09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7';

test('Argon2id of both libraries: RFC 9106, and one lane at 64 MiB as the reference implementation has it', () => {
  const [message, nonce, secret, associatedData] = [filled(1, 32), filled(2, 16), filled(3, 8), filled(4, 12)];
  const noble = argon2id(message, nonce, {
    t: 3,
    m: 32,
    p: 4,
    key: secret,
    personalization: associatedData,
    dkLen: 32,
  });
  assert.equal(toHex(noble), rfc9106);
  const sizes = { memory: 32, passes: 3, parallelism: 4, tagLength: 32 };
  assert.equal(toHex(argon2Sync('argon2id', { message, nonce, secret, associatedData, ...sizes })), rfc9106);

  const [password, salt] = [utf8('password'), utf8('somesalt')];
  assert.equal(toHex(argon2id(password, salt, { t: 2, m: 65_536, p: 1, dkLen: 32 })), phc);
  const large = { memory: 65_536, passes: 2, parallelism: 1, tagLength: 32 };
  assert.equal(toHex(argon2Sync('argon2id', { message: password, nonce: salt, ...large })), phc);
});

/** NIST SP 800-38A, F.2.5: CBC-AES256.Encrypt. Ours add a block of padding. */
const cbc256 = {
  key: '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
  iv: '000102030405060708090a0b0c0d0e0f',
  plaintext:
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
  ciphertext:
    'f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b',
};

/** RFC 4231, HMAC-SHA-256: test cases 1 to 4, 6 and 7 (5 is about truncation). */
const hmacs: readonly (readonly [key: Uint8Array, message: Uint8Array, mac: string])[] = [
  [filled(0x0b, 20), utf8('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  [
    utf8('Jefe'),
    utf8('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [filled(0xaa, 20), filled(0xdd, 50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  [
    Uint8Array.from({ length: 25 }, (_, index) => index + 1),
    filled(0xcd, 50),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  ],
  [
    filled(0xaa, 131),
    utf8('Test Using Larger Than Block-Size Key - Hash Key First'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    filled(0xaa, 131),
    utf8(
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    ),
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
];

for (const [name, { encryptCbc, decryptCbc, hmacSha256, sha256, deriveKeys }] of Object.entries({ portable, native })) {
  describe(`what sealed files are made with, ${name}`, () => {
    test('AES-256-CBC (NIST SP 800-38A, F.2.5 and F.2.6)', () => {
      const [key, iv, plaintext] = [cbc256.key, cbc256.iv, cbc256.plaintext].map(fromHex) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      const sealed = encryptCbc(key, iv, plaintext);
      assert.equal(toHex(sealed.subarray(0, 64)), cbc256.ciphertext);
      assert.equal(sealed.length, 80);
      assert.deepEqual(decryptCbc(key, iv, sealed), plaintext);
      // Without the block of padding the vector's own last block would have to be padding, which it is not.
      assert.equal(decryptCbc(key, iv, sealed.subarray(0, 64)), null);
    });

    test('padding: one to sixteen bytes of their number, and nothing else (RFC 5652)', () => {
      const [key, iv] = [filled(1, 32), filled(2, 16)];
      for (const length of [0, 1, 15, 16, 17]) {
        const sealed = encryptCbc(key, iv, filled(9, length));
        assert.equal(sealed.length, length - (length % 16) + 16);
        assert.deepEqual(decryptCbc(key, iv, sealed), filled(9, length));
      }
      const sealed = encryptCbc(key, iv, filled(9, 16));
      const opened: (Uint8Array | null)[] = [];
      // The last byte of the block before is added to the last byte of padding, 16.
      for (let change = 0; change < 256; change++) {
        const changed = sealed.slice();
        changed[15]! ^= change;
        opened.push(decryptCbc(key, iv, changed));
      }
      const lengths = opened.flatMap((content, change) => (content === null ? [] : [[change, content.length]]));
      assert.deepEqual(lengths, [
        [0, 16],
        // Padding of one byte of value 1, whatever stands before it.
        [16 ^ 1, 31],
      ]);
      for (const length of [0, 1, 15, 17, 31]) assert.equal(decryptCbc(key, iv, new Uint8Array(length)), null);
    });

    test('HMAC-SHA-256 (RFC 4231) and SHA-256 (FIPS 180-4)', () => {
      for (const [key, message, mac] of hmacs) assert.equal(toHex(hmacSha256(key, message)), mac);
      assert.equal(toHex(sha256(utf8('abc'))), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    });

    test('keys, IVs, salts of another length and costs out of bounds are bugs of the caller', () => {
      const plaintext = new Uint8Array(16);
      for (const [key, iv] of [
        [16, 16],
        [31, 16],
        [33, 16],
        [32, 12],
        [32, 17],
      ] as const) {
        assert.throws(() => encryptCbc(new Uint8Array(key), new Uint8Array(iv), plaintext), AssertionFailure);
        assert.throws(() => decryptCbc(new Uint8Array(key), new Uint8Array(iv), plaintext), AssertionFailure);
      }
      const usual = { memoryKib: 65_536, passes: 1 };
      assert.throws(() => deriveKeys(plaintext, new Uint8Array(15), usual), AssertionFailure);
      for (const cost of [
        { memoryKib: 65_535, passes: 1 },
        { memoryKib: 1_048_577, passes: 1 },
        { memoryKib: 65_536.5, passes: 1 },
        { memoryKib: 65_536, passes: 0 },
        { memoryKib: 65_536, passes: 11 },
        { memoryKib: 65_536, passes: Number.NaN },
      ]) {
        assert.throws(() => deriveKeys(plaintext, plaintext, cost), AssertionFailure);
      }
    });
  });
}

test('both variants derive the same keys and open each other', () => {
  const cost = { memoryKib: 65_536, passes: 1 };
  const keys = native.deriveKeys(utf8(''), filled(7, 16), cost);
  assert.equal(keys.length, 96);
  assert.deepEqual(portable.deriveKeys(utf8(''), filled(7, 16), cost), keys);
  const exactly = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(exactly(32), exactly(16), fc.uint8Array({ maxLength: 100 }), (key, iv, plaintext) => {
      const sealed = portable.encryptCbc(key, iv, plaintext);
      assert.deepEqual(native.encryptCbc(key, iv, plaintext), sealed);
      assert.deepEqual(native.decryptCbc(key, iv, sealed), plaintext);
      assert.deepEqual(portable.decryptCbc(key, iv, sealed), plaintext);
      assert.deepEqual(native.hmacSha256(key, plaintext), portable.hmacSha256(key, plaintext));
      assert.deepEqual(native.sha256(plaintext), portable.sha256(plaintext));
    }),
  );
});

test('Node resolves the package to the native variant', () => {
  assert.equal(exported.deriveKeys, native.deriveKeys);
});

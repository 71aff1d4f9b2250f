import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import * as exported from '@resonancenet/crypto/keccak';
import fc from 'fast-check';
import * as portable from './keccak.ts';
import * as native from './keccak-node.ts';

/** The Keccak team's known answers for Keccak-256 before FIPS 202 (KeccakKAT-3, ShortMsgKAT_256 and LongMsgKAT_256), by length in bits. */
const vectors: readonly { readonly bits: number; readonly message: string; readonly digest: string }[] = [
  { bits: 0, message: '', digest: 'c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470' },
  { bits: 8, message: 'cc', digest: 'eead6dbfc7340a56caedc044696a168870549a6a7f6f56961e84a54bd9970b8a' },
  { bits: 16, message: '41fb', digest: 'a8eaceda4d47b3281a795ad9e1ea2122b407baf9aabcb9e18b5717b7873537d2' },
  {
    bits: 752,
    message:
      '7adc0b6693e61c269f278e6944a5a2d8300981e40022f839ac644387bfac9086650085c2cdc585fea47b9d2e52d65a2b29a7dc370401ef5d' +
      '60dd0d21f9e2b90fae919319b14b8c5565b0423cefb827d5f1203302a9d01523498a4db10374',
    digest: '4cc2aff141987f4c2e683fa2de30042bacdcd06087d7a7b014996e9cfeaa58ce',
  },
  {
    // 135 bytes: the padding fits into one byte of the block.
    bits: 1080,
    message:
      'b771d5cef5d1a41a93d15643d7181d2a2ef0a8e84d91812f20ed21f147bef732bf3a60ef4067c3734b85bc8cd471780f10dc9e8291b58339' +
      'a677b960218f71e793f2797aea349406512829065d37bb55ea796fa4f56fd8896b49b2cd19b43215ad967c712b24e5032d065232e02c1274' +
      '09d2ed4146b9d75d763d52db98d949d3b0fed6a8052fbb',
    digest: 'bd6f5492582a7c1b116304de28314df9fffe95b0da11af52fe9440a717a34859',
  },
  {
    // 136 bytes, the rate: the padding takes a block of its own.
    bits: 1088,
    message:
      'b32d95b0b9aad2a8816de6d06d1f86008505bd8c14124f6e9a163b5a2ade55f835d0ec3880ef50700d3b25e42cc0af050ccd1be5e555b230' +
      '87e04d7bf9813622780c7313a1954f8740b6ee2d3f71f768dd417f520482bd3a08d4f222b4ee9dbd015447b33507dd50f3ab4247c5de9a8a' +
      'bd62a8decea01e3b87c8b927f5b08beb37674c6f8e380c04',
    digest: 'e717a7769448abbe5fef8187954a88ac56ded1d22e63940ab80d029585a21921',
  },
  {
    bits: 1952,
    message:
      '2edc282ffb90b97118dd03aaa03b145f363905e3cbd2d50ecd692b37bf000185c651d3e9726c690d3773ec1e48510e42b17742b0b0377e7d' +
      'e6b8f55e00a8a4db4740cee6db0830529dd19617501dc1e9359aa3bcf147e0a76b3ab70c4984c13e339e6806bb35e683af8527093670859f' +
      '3d8a0fc7d493bcba6bb12b5f65e71e705ca5d6c948d66ed3d730b26db395b3447737c26fad089aa0ad0e306cb28bf0acf106f89af3745f0e' +
      'c72d534968cca543cd2ca50c94b1456743254e358c1317c07a07bf2b0eca438a709367fafc89a57239028fc5fecfd53b8ef958ef10ee0608' +
      'b7f5cb9923ad97058ec067700cc746c127a61ee3',
    digest: 'dd1d2a92b3f3f3902f064365838e1f5f3468730c343e2974e7a9ecfcd84aa6db',
  },
];

for (const [name, { keccak256, createKeccak256 }] of Object.entries({ portable, native, exported })) {
  describe(`keccak256, ${name}`, () => {
    for (const { bits, message, digest } of vectors) {
      test(`gives the known answer for ${bits} bits`, () => {
        const bytes = fromHex(message);
        assert.equal(bytes.length * 8, bits);
        assert.equal(toHex(keccak256(bytes)), digest);
      });
    }

    test('hashes "abc" with the original padding, not that of SHA3-256', () => {
      const digest = '4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45';
      assert.equal(toHex(keccak256(utf8('abc'))), digest);
    });

    test('gives plain byte arrays, not Node buffers', () => {
      assert.equal(Object.getPrototypeOf(keccak256(new Uint8Array(1))), Uint8Array.prototype);
      assert.equal(Object.getPrototypeOf(createKeccak256().digest()), Uint8Array.prototype);
    });

    test('gives the same digest however the message is cut', () => {
      fc.assert(
        fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (parts) => {
          const stream = createKeccak256();
          for (const part of parts) stream.update(part);
          assert.deepEqual(stream.digest(), keccak256(Uint8Array.from(parts.flatMap((part) => [...part]))));
        }),
      );
    });
  });
}

test('portable and native Keccak agree at every length around the rate of 136 bytes', () => {
  for (let length = 0; length <= 3 * 136 + 1; length++) {
    const message = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
    assert.deepEqual(native.keccak256(message), portable.keccak256(message), `${length} bytes`);
  }
});

test('portable and native Keccak agree on any bytes, also inside a larger buffer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(20), (bytes, skip) => {
      const part = bytes.subarray(Math.min(skip, bytes.length));
      assert.deepEqual(native.keccak256(part), portable.keccak256(part));
    }),
  );
});

test('Node resolves the package to the native variant', () => {
  assert.equal(exported.keccak256, native.keccak256);
});

// Signatures at the edges of Ed25519, made systematically: every point of small order in every encoding, keys and nonces with
// a component of small order, S beyond the group order, encodings of no point. What ZIP-215 says of each follows from how it is made.

import { concatBytes } from '@resonancenet/bytes/compare';
import { utf8 } from '@resonancenet/bytes/utf8';
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';

const p = 2n ** 255n - 19n;
const Point = ed25519.Point;
type EdwardsPoint = typeof ed25519.Point.BASE;

/** Order of the base point. */
export const groupOrder: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;

export interface EdgeCase {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** What ZIP-215 decides. */
  readonly valid: boolean;
}

export function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}

/** The 8 points T with 8 T = 0, by multiples of one of order 8. */
const smallOrder: readonly EdwardsPoint[] = (() => {
  // y of a point of order 8, canonical.
  const eighth = Point.fromBytes(
    Uint8Array.from(
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'
        .match(/../g)!
        .map((pair) => Number.parseInt(pair, 16)),
    ),
    true,
  );
  const points: EdwardsPoint[] = [];
  for (let point = Point.ZERO; points.length < 8; point = point.add(eighth)) points.push(point);
  return points;
})();

/** All encodings of a point that ZIP-215 decodes to it: y or y + p where that fits 255 bits, either sign where x = 0. */
export function encodingsOf(point: EdwardsPoint): Uint8Array[] {
  const { x, y } = point.toAffine();
  const signs = x === 0n ? [0n, 1n] : [x & 1n];
  const ys = y + p < 2n ** 255n ? [y, y + p] : [y];
  return ys.flatMap((value) => signs.map((sign) => littleEndian(value | (sign << 255n))));
}

/** The 14 encodings of the 8 points of small order. */
export const smallOrderEncodings: readonly Uint8Array[] = smallOrder.flatMap(encodingsOf);

/** Every encoding with y in p .. 2^255 - 1, either sign: some decode, some are no points. */
export const nonCanonicalY: readonly Uint8Array[] = Array.from({ length: 19 }, (_, low) => low).flatMap((low) => [
  littleEndian(p + BigInt(low)),
  littleEndian((p + BigInt(low)) | (1n << 255n)),
]);

function challenge(r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  let value = 0n;
  for (const byte of sha512(concatBytes(r, key, message)).reverse()) value = (value << 8n) | BigInt(byte);
  return value % groupOrder;
}

/** S = 0: the equation holds up to the cofactor whatever the message, so ZIP-215 accepts all of them. */
function smallOrderKeysAndNonces(): EdgeCase[] {
  const zero = new Uint8Array(32);
  return smallOrderEncodings.flatMap((publicKey, a) =>
    smallOrderEncodings.flatMap((r, b) =>
      ['', 'Zcash', 'another message'].map((text) => ({
        name: `A = small ${a}, R = small ${b}, S = 0, message ${JSON.stringify(text)}`,
        publicKey,
        message: utf8(text),
        signature: concatBytes(r, zero),
        valid: true,
      })),
    ),
  );
}

/** Key a B + T and nonce r B + U, signed with r + k a: off by points of small order only, so ZIP-215 accepts. */
function mixedOrder(): EdgeCase[] {
  const secret = 0x1234567890abcdefn;
  const nonce = 0xfedcba0987654321n;
  const message = utf8('mixed order');
  return smallOrder.flatMap((t, a) =>
    smallOrder.flatMap((u, b) => {
      const publicKey = Point.BASE.multiply(secret).add(t).toBytes();
      const r = Point.BASE.multiply(nonce).add(u).toBytes();
      const s = (nonce + challenge(r, publicKey, message) * secret) % groupOrder;
      const name = `A = a B + T${a}, R = r B + T${b}`;
      const other = littleEndian((s + 1n) % groupOrder);
      return [
        { name, publicKey, message, signature: concatBytes(r, littleEndian(s)), valid: true },
        { name: `${name}, S + 1`, publicKey, message, signature: concatBytes(r, other), valid: false },
      ];
    }),
  );
}

/** An ordinary signature with S raised by multiples of the order: only S below the order is valid. */
function unreducedScalars(): EdgeCase[] {
  const seed = new Uint8Array(32).fill(3);
  const publicKey = ed25519.getPublicKey(seed);
  const message = utf8('S has one value');
  const signature = ed25519.sign(message, seed);
  let s = 0n;
  for (const byte of signature.slice(32).reverse()) s = (s << 8n) | BigInt(byte);
  return Array.from({ length: 15 }, (_, multiple) => ({
    name: `S + ${multiple} L`,
    publicKey,
    message,
    signature: concatBytes(signature.slice(0, 32), littleEndian(s + BigInt(multiple) * groupOrder)),
    valid: multiple === 0,
  }));
}

/** Encodings with y >= p as key and as nonce: valid exactly where they are points of small order, since S = 0. */
function nonCanonicalEncodings(): EdgeCase[] {
  const zero = new Uint8Array(32);
  const identity = littleEndian(1n);
  const small = new Set(smallOrderEncodings.map((bytes) => bytes.join()));
  return nonCanonicalY.flatMap((bytes, index) => [
    {
      name: `A = non-canonical ${index}`,
      publicKey: bytes,
      message: utf8('y'),
      signature: concatBytes(identity, zero),
      valid: small.has(bytes.join()),
    },
    {
      name: `R = non-canonical ${index}`,
      publicKey: identity,
      message: utf8('y'),
      signature: concatBytes(bytes, zero),
      valid: small.has(bytes.join()),
    },
  ]);
}

/** Bytes that decode to no point at all, as key and as nonce. */
function noPoints(): EdgeCase[] {
  const zero = new Uint8Array(32);
  const identity = littleEndian(1n);
  const bad: Uint8Array[] = [];
  for (let y = 2n; bad.length < 6; y++) {
    try {
      Point.fromBytes(littleEndian(y), true);
    } catch {
      bad.push(littleEndian(y), littleEndian(y | (1n << 255n)));
    }
  }
  return bad.flatMap((bytes, index) => [
    {
      name: `A = no point ${index}`,
      publicKey: bytes,
      message: utf8(''),
      signature: concatBytes(identity, zero),
      valid: false,
    },
    {
      name: `R = no point ${index}`,
      publicKey: identity,
      message: utf8(''),
      signature: concatBytes(bytes, zero),
      valid: false,
    },
  ]);
}

export const edgeCases: readonly EdgeCase[] = [
  ...smallOrderKeysAndNonces(),
  ...mixedOrder(),
  ...unreducedScalars(),
  ...nonCanonicalEncodings(),
  ...noPoints(),
];

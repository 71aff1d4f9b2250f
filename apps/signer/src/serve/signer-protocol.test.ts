import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import fc from 'fast-check';
import {
  FrameReader,
  frameOf,
  MAX_SIGNER_MESSAGE,
  type SignerAnswer,
  type SignerRequest,
  signerAnswerCodec,
  signerRequestCodec,
} from './signer-protocol.ts';

const index = fc.nat(2 ** 31 - 1);
const account = index;
const branch = fc.constantFrom('receive' as const, 'change' as const);
const bytes = fc.uint8Array({ maxLength: 40 });
const text = fc.string({ maxLength: 20, unit: 'grapheme' }).map((value) => fromUtf8(utf8(value.toWellFormed())));

const requests: fc.Arbitrary<SignerRequest> = fc.oneof(
  fc.constantFrom<SignerRequest>({ kind: 'status' }, { kind: 'lock' }),
  fc.record({
    kind: fc.constant('window' as const),
    account,
    branch,
    first: index,
    count: fc.integer({ min: 1, max: 10_000 }),
  }),
  fc.record({ kind: fc.constant('sign' as const), rntp: bytes }),
  fc.record({ kind: fc.constant('signMessage' as const), account, branch, index, message: text }),
);

const answers: fc.Arbitrary<SignerAnswer> = fc.oneof(
  fc.constant<SignerAnswer>({ kind: 'locked' }),
  fc.record({ kind: fc.constant('refused' as const), detail: text }),
  fc.record({
    kind: fc.constant('status' as const),
    fingerprint: fc.uint8Array({ minLength: 4, maxLength: 4 }),
    locksAtUnixMs: fc.option(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  }),
  fc.record({ kind: fc.constant('window' as const), window: bytes }),
  fc.record({ kind: fc.constant('signed' as const), rntp: bytes, added: fc.nat() }),
  fc.record({ kind: fc.constant('message' as const), proof: text }),
);

codecSuite<SignerRequest>('question to a signer', signerRequestCodec, {
  values: requests,
  vectors: [
    {
      name: 'for keys',
      value: { kind: 'window', account: 1, branch: 'change', first: 2, count: 1_000 },
      hex: '02 01000000 01 02000000 e8030000',
    },
  ],
  refused: [
    { name: 'an unknown kind', hex: '06', reason: 'invalid-value' },
    { name: 'no kind', hex: '00', reason: 'invalid-value' },
    { name: 'a third branch', hex: '02 01000000 02 02000000 e8030000', reason: 'invalid-value', path: 'branch' },
    { name: 'no keys', hex: '02 01000000 01 02000000 00000000', reason: 'invalid-value', path: 'count' },
    { name: '10,001 keys', hex: '02 01000000 01 02000000 11270000', reason: 'invalid-value', path: 'count' },
  ],
});

codecSuite<SignerAnswer>('answer of a signer', signerAnswerCodec, {
  values: answers,
  vectors: [
    {
      name: 'that it stays open',
      value: { kind: 'status', fingerprint: Uint8Array.of(1, 2, 3, 4), locksAtUnixMs: null },
      hex: '02 01020304 00',
    },
  ],
  refused: [{ name: 'an unknown kind', hex: '07', reason: 'invalid-value' }],
});

test('a frame is put together however it is cut, and what follows it is refused', () => {
  fc.assert(
    fc.property(requests, fc.array(fc.nat(60), { maxLength: 4 }), fc.boolean(), (request, cuts, more) => {
      const message = encode(signerRequestCodec, request);
      const frame = frameOf(message);
      const all = more ? Uint8Array.of(...frame, 0) : frame;
      const places = [...new Set([0, ...cuts.filter((cut) => cut < all.length), all.length])].sort((a, b) => a - b);
      const reader = new FrameReader();
      const results = places.slice(1).map((end, part) => reader.add(all.slice(places[part], end)));
      const last = results.at(-1);
      if (more) assert.equal(last, 'refused');
      else assert.ok(last instanceof Uint8Array && decode(signerRequestCodec, last).ok);
    }),
  );
});

test('a frame that is too long is refused by its length alone', () => {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, MAX_SIGNER_MESSAGE, true);
  assert.equal(new FrameReader().add(head), null);
  new DataView(head.buffer).setUint32(0, MAX_SIGNER_MESSAGE + 1, true);
  assert.equal(new FrameReader().add(head), 'refused');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { publicKey, verify } from '@resonancenet/crypto/ed25519';
import { keccak256 } from '@resonancenet/crypto/keccak';
import fc from 'fast-check';
import {
  type BlockHeader,
  blockId,
  HEADER_LENGTH,
  headerCodec,
  signHeader,
  type UnsignedHeader,
  verifyHeaderSignature,
} from './header.ts';
import { dvalVotes, headers } from './testing/arbitraries.ts';
import { dvalVoteCodec, NO_VOTE } from './dval-vote.ts';

const seed = new Uint8Array(32).fill(7);

const unsigned: UnsignedHeader = {
  version: 1,
  height: 0x01020304,
  prevHash: new Uint8Array(32).fill(0xa1),
  txRoot: new Uint8Array(32).fill(0xa2),
  checkpointRoot: new Uint8Array(32).fill(0xa3),
  valLoss: 5_000_000,
  parentLoss: 5_000_100,
  lossRoot: new Uint8Array(32).fill(0xa4),
  dvalId: new Uint8Array(32).fill(0xa5),
  dModel: 384,
  nLayers: 6,
  growth: 0x1122334455667788n,
  stagnation: 3,
  timestamp: 1_793_491_200n,
  dvalVote: { kind: 'for', proposal: new Uint8Array(32).fill(0xa6) },
  minerKey: publicKey(seed),
};

const fixedSignature = new Uint8Array(64).fill(0xa7);

/** The table of BLK-1, field by field. */
const vector = `
  01000000
  04030201
  ${'a1'.repeat(32)}
  ${'a2'.repeat(32)}
  ${'a3'.repeat(32)}
  404b4c00
  a44b4c00
  ${'a4'.repeat(32)}
  ${'a5'.repeat(32)}
  8001
  0600
  8877665544332211
  03000000
  0081e66a00000000
  01${'a6'.repeat(32)}
  ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c
  ${'a7'.repeat(64)}`;

const vectorStart = vector.replaceAll(/\s/g, '');

codecSuite('block header (BLK-1)', headerCodec, {
  values: headers,
  vectors: [{ name: 'every field', value: { ...unsigned, signature: fixedSignature }, hex: vector }],
  refused: [
    {
      name: 'a vote of unknown kind',
      hex: `${vectorStart.slice(0, 400)}03${vectorStart.slice(402)}`,
      reason: 'invalid-value',
      path: 'dvalVote',
    },
    {
      name: 'no vote, yet a proposal',
      hex: `${vectorStart.slice(0, 400)}00${vectorStart.slice(402)}`,
      reason: 'invalid-value',
      path: 'dvalVote',
    },
  ],
});

codecSuite('vote (BLK-4)', dvalVoteCodec, {
  values: dvalVotes,
  vectors: [
    { name: 'none', value: NO_VOTE, hex: '00'.repeat(33) },
    { name: 'for', value: { kind: 'for', proposal: new Uint8Array(32).fill(9) }, hex: `01${'09'.repeat(32)}` },
    { name: 'against', value: { kind: 'against', proposal: new Uint8Array(32) }, hex: `02${'00'.repeat(32)}` },
  ],
  refused: [
    { name: 'kind 3', hex: `03${'09'.repeat(32)}`, reason: 'invalid-value' },
    { name: 'kind 255', hex: `ff${'00'.repeat(32)}`, reason: 'invalid-value' },
    { name: 'no vote with one bit of proposal', hex: `00${'00'.repeat(31)}80`, reason: 'invalid-value' },
  ],
});

test('every header takes 329 bytes', () => {
  assert.equal(headerCodec.minSize, HEADER_LENGTH);
  fc.assert(fc.property(headers, (header) => assert.equal(encode(headerCodec, header).length, HEADER_LENGTH)));
});

test('the block id covers the first 265 bytes and not the signature (BLK-3)', () => {
  const header: BlockHeader = { ...unsigned, signature: fixedSignature };
  const covered = fromHex(`01${vectorStart.slice(0, 530)}`);
  assert.equal(toHex(blockId(header)), toHex(keccak256(keccak256(covered))));
  assert.equal(toHex(blockId(header)), 'dd2712282adb0a4c9416233635eda24883fa169caedb003325c22b82e7ec4839');
  const signedAnew: BlockHeader = { ...unsigned, signature: new Uint8Array(64) };
  assert.deepEqual(blockId(signedAnew), blockId(header));
});

test('the block id changes with every other byte of the header', () => {
  const base = encode(headerCodec, { ...unsigned, signature: fixedSignature });
  const id = toHex(keccak256(keccak256(Uint8Array.of(1, ...base.subarray(0, 265)))));
  const changes: readonly Partial<UnsignedHeader>[] = [
    { version: 2 },
    { height: 5 },
    { prevHash: new Uint8Array(32) },
    { txRoot: new Uint8Array(32) },
    { checkpointRoot: new Uint8Array(32) },
    { valLoss: 1 },
    { parentLoss: 1 },
    { lossRoot: new Uint8Array(32) },
    { dvalId: new Uint8Array(32) },
    { dModel: 386 },
    { nLayers: 7 },
    { growth: 0n },
    { stagnation: 0 },
    { timestamp: 0n },
    { dvalVote: NO_VOTE },
    { minerKey: new Uint8Array(32) },
  ];
  assert.equal(changes.length, Object.keys(unsigned).length);
  const ids = changes.map((change) => toHex(blockId({ ...unsigned, ...change })));
  assert.equal(new Set([id, ...ids]).size, changes.length + 1);
});

test('signHeader() signs the id, and only the miner key of the header verifies it (BLK-5)', () => {
  const header = signHeader(unsigned, seed);
  assert.equal(verifyHeaderSignature(header), true);
  assert.equal(verify(header.signature, blockId(header), publicKey(seed)), true);
  const rival = publicKey(new Uint8Array(32).fill(8));
  assert.equal(verifyHeaderSignature({ ...header, minerKey: rival }), false);
  assert.equal(verifyHeaderSignature({ ...header, valLoss: header.valLoss - 1 }), false);
  const bent = header.signature.slice();
  bent[0]! ^= 1;
  assert.equal(verifyHeaderSignature({ ...header, signature: bent }), false);
});

test('signHeader() refuses to sign for another key', () => {
  assert.throws(() => signHeader(unsigned, new Uint8Array(32).fill(8)), AssertionFailure);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { mainnet } from '@resonancenet/params/mainnet';
import fc from 'fast-check';
import { type BlockBody, type BlockLimits, blockCodec, bodyCodec } from './block.ts';
import { HEADER_LENGTH } from './header.ts';
import { headers, transactions, u32s } from './testing/arbitraries.ts';
import { MAX_ACTION_LENGTH, type Transaction } from './transaction.ts';

const limits: BlockLimits = { dval: { windows: 4, windowSize: 32 }, maxBlockBytes: 2000 };

const small: Transaction = {
  version: 1,
  inputs: [{ outpoint: { txid: new Uint8Array(32), index: 9 }, sequence: 0x80000000, witness: new Uint8Array(0) }],
  outputs: [],
  actions: [],
  lockTime: 0x80000000,
};
const smallHex = `01000000 01 ${'00'.repeat(32)} 09000000 00000080 00 00 00 00000080`;

const bodies: fc.Arbitrary<BlockBody> = fc.record({
  windowSums: fc.array(u32s, { maxLength: 4 }),
  transactions: fc.array(transactions, { minLength: 1, maxLength: 1 }),
});

codecSuite('body (BLK-6)', bodyCodec(limits), {
  values: bodies,
  vectors: [
    {
      name: 'four sums and a coinbase',
      value: { windowSums: [1, 2, 3, 0xffffffff], transactions: [small] },
      hex: `04 01000000 02000000 03000000 ffffffff 01 ${smallHex}`,
    },
  ],
  refused: [
    {
      name: 'more sums than the validation set has windows',
      hex: `05 ${'00'.repeat(20)} 01 ${smallHex}`,
      reason: 'count-out-of-bounds',
      path: 'windowSums',
    },
    {
      name: 'sums that are not there',
      hex: '04 01000000',
      reason: 'count-exceeds-bytes',
      path: 'windowSums',
    },
    { name: 'no transactions', hex: '00 00', reason: 'count-out-of-bounds', path: 'transactions' },
    {
      name: '2^32 - 1 transactions',
      hex: `00 feffffffff ${smallHex}`,
      reason: 'count-exceeds-bytes',
      path: 'transactions',
    },
    {
      name: 'a bad second transaction, by its path',
      hex: `00 02 ${smallHex} ${smallHex.replace('01', '02')}`,
      reason: 'invalid-value',
      path: 'transactions[1].version',
    },
  ],
});

codecSuite('block (BLK-7)', blockCodec(limits), {
  values: fc.record({ header: headers, body: bodies }),
  vectors: [],
  refused: [],
});

/** A transaction of `length` bytes in all. */
function transactionOfLength(length: number): Transaction {
  // 51 bytes of everything else, 1 of kind, 5 of length, 1 of witness.
  const data = new Uint8Array(
    length - encode(bodyCodec(mainnet), { windowSums: [], transactions: [small] }).length + 2 - 7,
  );
  return { ...small, actions: [{ kind: 1, data, witness: new Uint8Array(0) }] };
}

test('a block takes at most the network limit, header included (BLK-6)', () => {
  const codec = bodyCodec({ ...mainnet, maxBlockBytes: HEADER_LENGTH + 2 + 90_000 });
  const fits = { windowSums: [], transactions: [transactionOfLength(90_000)] };
  const bytes = encode(codec, fits);
  assert.equal(bytes.length, 2 + 90_000);
  assert.equal(decode(codec, bytes).ok, true);
  const over = { windowSums: [], transactions: [transactionOfLength(90_001)] };
  assert.throws(() => encode(codec, over), AssertionFailure);
  const refused = decode(codec, encode(bodyCodec(mainnet), over));
  assert.equal(refused.ok, false);
  assert.equal(refused.error.reason, 'too-long');
});

test('the largest block of mainnet decodes, and one byte more does not', () => {
  const codec = bodyCodec(mainnet);
  const lots = Array.from({ length: 6 }, () => transactionOfLength(MAX_ACTION_LENGTH));
  const used = encode(codec, { windowSums: [], transactions: lots }).length;
  const last = mainnet.maxBlockBytes - HEADER_LENGTH - used;
  const largest = { windowSums: [], transactions: [...lots, transactionOfLength(last)] };
  const bytes = encode(codec, largest);
  assert.equal(HEADER_LENGTH + bytes.length, 2_000_000);
  assert.equal(decode(codec, bytes).ok, true);
  const generous = bodyCodec({ ...mainnet, maxBlockBytes: 3_000_000 });
  const over = encode(generous, { windowSums: [], transactions: [...lots, transactionOfLength(last + 1)] });
  const refused = decode(codec, over);
  assert.equal(refused.ok, false);
  assert.equal(refused.error.reason, 'too-long');
});

test('a body of counted nothing cannot make the decoder allocate', () => {
  // 2 MB of the smallest transactions is the worst that a body can hold.
  const count = Math.floor((mainnet.maxBlockBytes - HEADER_LENGTH - 6) / 52);
  const bytes = encode(bodyCodec(mainnet), {
    windowSums: [],
    transactions: Array.from({ length: count }, () => small),
  });
  const result = decode(bodyCodec(mainnet), bytes);
  assert.equal(result.ok && result.value.transactions.length, count);
});

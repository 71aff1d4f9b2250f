import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { devnet } from '@resonancenet/params/devnet';
import { encodeAction } from '@resonancenet/primitives/action-content';
import { amount } from '@resonancenet/primitives/amount';
import { type BlockBody, bodyCodec } from '@resonancenet/primitives/block';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { txid, txRoot } from '@resonancenet/primitives/transaction';
import { decodeBody } from './admission-checks.ts';
import { checkBody, checkBodySize, checkEncodedBody } from './body-checks.ts';
import { lossRoot } from './loss-root.ts';
import { bodyFor, childHeader, genesisView, lossOf, withGenesis } from './testing/sample-chain.ts';
import type { Verdict, VerdictFacts } from './verdict.ts';
import type { VerdictCode } from './verdict-codes.ts';

const params = withGenesis(devnet);
const parent = genesisView(params);
const honest = bodyFor(1, 4_995_000, params);
const coinbase = honest.transactions[0]!;

/** A header that commits to the body, whatever it holds, but claims the loss. */
function headerFor(body: BlockBody, valLoss: number): ReturnType<typeof childHeader> {
  return childHeader(parent, params, {
    valLoss,
    txRoot: txRoot(body.transactions),
    lossRoot: lossRoot(body.windowSums).hash,
  });
}

/** The verdict, which is the same whether the body comes as a value or, if it has an encoding, as bytes. */
function check(header: ReturnType<typeof childHeader>, body: BlockBody, network = params): Verdict {
  const verdict = checkBody(header, body, network);
  if (body.transactions.length === 0 || body.windowSums.length > network.dval.windows) return verdict;
  const found = checkEncodedBody(header, encode(bodyCodec(network), body), network);
  assert.deepEqual(found.ok ? { ok: true } : found, verdict);
  return verdict;
}

function refused<C extends VerdictCode>(
  code: C,
  facts: Partial<VerdictFacts[C]>,
  body: BlockBody,
  valLoss = 4_995_000,
  network = params,
): void {
  const verdict = check(headerFor(body, valLoss), body, network);
  assert.equal(verdict.ok ? 'accepted' : verdict.code, code);
  if (!verdict.ok) assert.deepEqual({ ...verdict.facts, ...facts }, verdict.facts);
}

function withTransactions(...transactions: readonly Transaction[]): BlockBody {
  return { ...honest, transactions };
}

/** An ordinary transaction, as the ledger will have them. */
const payment: Transaction = {
  ...coinbase,
  inputs: [{ ...coinbase.inputs[0]!, outpoint: { txid: new Uint8Array(32).fill(1), index: 0 } }],
};

test('an honest body passes, and its sums give exactly the claimed loss', () => {
  assert.equal(lossOf(honest, params), 4_995_000);
  assert.deepEqual(check(headerFor(honest, 4_995_000), honest, params), { ok: true });
});

test('a claim one micro-nat too low or too high is refused with both numbers', () => {
  refused('body-val-loss', { claimed: 4_994_999, computed: 4_995_000 }, honest, 4_994_999);
  refused('body-val-loss', { claimed: 4_995_001, computed: 4_995_000 }, honest, 4_995_001);
});

test('sums that are not those of loss_root discard the message only', () => {
  const swapped = { ...honest, windowSums: honest.windowSums.with(1, honest.windowSums[1]! + 1) };
  const verdict = check(headerFor(honest, 4_995_000), swapped, params);
  assert.equal(verdict.ok ? '' : verdict.code, 'body-loss-root');
  assert.equal(verdict.ok ? '' : verdict.condemns, 'message');
  const none = check(headerFor(honest, 4_995_000), { ...honest, windowSums: [] }, params);
  assert.equal(none.ok ? '' : none.code, 'body-loss-root');
  everyByteCounts('lossRoot', 'body-loss-root');
});

/** A root that differs in its first or its last byte alone. */
function everyByteCounts(field: 'lossRoot' | 'txRoot', code: VerdictCode): void {
  const header = headerFor(honest, 4_995_000);
  for (const at of [0, 31]) {
    const root = header[field].slice();
    root[at]! ^= 1;
    const verdict = check({ ...header, [field]: root }, honest, params);
    assert.equal(verdict.ok ? 'accepted' : verdict.code, code);
  }
}

test('committed sums of another number than the D_val’s windows condemn the id', () => {
  const fewer = { ...honest, windowSums: honest.windowSums.slice(1) };
  refused('body-window-count', { claimed: 63, expected: 64 }, fewer);
  const verdict = check(headerFor(fewer, 4_995_000), fewer, params);
  assert.equal(verdict.ok ? '' : verdict.condemns, 'id');
  refused('body-window-count', { claimed: 65, expected: 64 }, { ...honest, windowSums: [...honest.windowSums, 0] });
});

test('a window sum may be 2^22 for each of its targets, not one more', () => {
  const limit = 256 * 4_194_304;
  const top = { ...honest, windowSums: honest.windowSums.with(9, limit) };
  assert.deepEqual(check(headerFor(top, lossOf(top, params)), top, params), { ok: true });
  refused(
    'body-window-range',
    { window: 9, claimed: limit + 1, limit },
    { ...honest, windowSums: top.windowSums.with(9, limit + 1) },
  );
});

test('transactions that are not those of tx_root discard the message only', () => {
  const other = withTransactions(makeCoinbase(1, amount(params.subsidy - 1n), coinbase.outputs[0]!));
  const verdict = check(headerFor(honest, 4_995_000), other, params);
  assert.equal(verdict.ok ? '' : verdict.code, 'body-tx-root');
  assert.equal(verdict.ok ? '' : verdict.condemns, 'message');
  const none = check(headerFor(honest, 4_995_000), withTransactions(), params);
  assert.equal(none.ok ? '' : none.code, 'body-tx-root');
  everyByteCounts('txRoot', 'body-tx-root');
});

test('what the coinbase pays is for the ledger to judge', () => {
  for (const paid of [params.subsidy - 1n, params.subsidy + 1n]) {
    const body = withTransactions(makeCoinbase(1, amount(paid), coinbase.outputs[0]!));
    assert.deepEqual(check(headerFor(body, 4_995_000), body, params), { ok: true });
  }
});

test('the coinbase commits to its height', () => {
  for (const height of [0, 2]) {
    const body = withTransactions(makeCoinbase(height, amount(params.subsidy), coinbase.outputs[0]!));
    refused('body-coinbase-height', { claimed: height, expected: 1 }, body);
  }
});

test('a coinbase of another form, or to a policy that cannot be, is refused', () => {
  refused('body-coinbase-form', {}, withTransactions({ ...coinbase, lockTime: 0 }));
  const output = { ...coinbase.outputs[0]!, policyId: new Uint8Array(24) };
  refused('body-coinbase-destination', { output: 0 }, withTransactions({ ...coinbase, outputs: [output] }));
});

test('exactly one coinbase, and first', () => {
  refused('body-coinbase-count', { claimed: 2, expected: 1 }, withTransactions(coinbase, coinbase));
  refused('body-coinbase-count', { claimed: 0, expected: 1 }, withTransactions(payment));
  refused('body-coinbase-place', { transaction: 1 }, withTransactions(payment, coinbase));
});

test('transactions beside the coinbase are judged by their form (LED-7)', () => {
  const body = withTransactions(coinbase, payment);
  assert.deepEqual(check(headerFor(body, 4_995_000), body, params), { ok: true });
  // The first beside the coinbase and the last.
  refused('tx-no-effect', {}, withTransactions(coinbase, { ...payment, outputs: [] }, payment));
  refused('tx-no-effect', {}, withTransactions(coinbase, payment, { ...payment, outputs: [] }));
});

test('a transaction has at most the network’s bytes', () => {
  // The sample coinbase: version 4, inputs 1 + 36 + 4 + 1, outputs 1 + 56, actions 1, lock time 4.
  const bytes = 108;
  assert.deepEqual(check(headerFor(honest, 4_995_000), honest, { ...params, maxTransactionBytes: bytes }), {
    ok: true,
  });
  refused('tx-size', { bytes, limit: 107 }, honest, 4_995_000, {
    ...params,
    maxTransactionBytes: 107,
  });
});

test('a block has at most 2,000,000 bytes, header included', () => {
  assert.deepEqual(checkBodySize(2_000_000 - 329, params), { ok: true });
  const verdict = checkBodySize(2_000_000 - 328, params);
  assert.deepEqual(verdict.ok ? null : verdict.facts, { bytes: 2_000_001, limit: 2_000_000 });
});

test('a body comes back from its bytes; bytes that are none are refused', () => {
  const bytes = encode(bodyCodec(params), honest);
  const decoded = decodeBody(bytes, params);
  assert.ok(decoded.ok);
  assert.equal(toHex(txRoot(decoded.body.transactions)), toHex(txRoot(honest.transactions)));
  for (const broken of [bytes.slice(1), bytes.slice(0, -1), Uint8Array.of(...bytes, 0), new Uint8Array(0)]) {
    const verdict = decodeBody(broken, params);
    assert.equal(verdict.ok ? '' : verdict.code, 'body-malformed');
    assert.deepEqual(checkEncodedBody(headerFor(honest, 4_995_000), broken, params), verdict);
  }
  const large = decodeBody(new Uint8Array(2_000_000), params);
  assert.equal(large.ok ? '' : large.code, 'body-size');
  assert.deepEqual(checkEncodedBody(headerFor(honest, 4_995_000), new Uint8Array(2_000_000), params), large);
});

function idOf(transaction: Transaction): string {
  return toHex(txid(transaction));
}

test('the transactions with actions are told, for those who must know what a body reveals', () => {
  const terms = { type: 'heartbeat', interval: 10, timeout: 1, livenessKey: new Uint8Array(32).fill(1) } as const;
  const sign = encodeAction({ kind: 'heartbeat', terms, signature: new Uint8Array(64) });
  const heartbeat = { ...payment, actions: [sign] };
  for (const [transactions, expected] of [
    [[coinbase, payment], []],
    [[coinbase, payment, heartbeat], [heartbeat]],
  ] as const) {
    const body = withTransactions(...transactions);
    const found = checkEncodedBody(headerFor(body, 4_995_000), encode(bodyCodec(params), body), params);
    assert.ok(found.ok);
    assert.deepEqual(found.acting.map(idOf), expected.map(idOf));
  }
});

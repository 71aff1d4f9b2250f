import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { dustLimit } from '@resonancenet/mempool/dust';
import { feeAtRate, feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { type Output, type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { balanceOf } from './balance.ts';
import { buildPayment } from './build-payment.ts';
import { recordSent } from './change-place.ts';
import { walkCoins } from './coin-table.ts';
import { lockCoin } from './locked-coins.ts';
import { type BuiltPayment, type PaymentContext, type PaymentWish, plainPayment } from './payment-wish.ts';
import { readPending, removePending } from './pending-table.ts';
import { signAll } from './testing/sign-rntp.ts';
import { accountKinds, WalletWorld } from './testing/test-wallet.ts';
import type { WalletAccount } from './wallet-account.ts';
import { explainWalletProblem, type WalletProblem } from './wallet-problem.ts';

const RNT = 10_000_000_000n;
const RATE = feeRatePerByte(20);

const contextOf = (world: WalletWorld): PaymentContext => ({
  view: world.wallet,
  params: world.params,
  genesisId: world.genesisId,
  relayRate: feeRatePerByte(world.params.minRelayFee),
  usualRate: feeRatePerByte(world.params.minRelayFee),
  random: () => 0,
});

function built(result: BuiltPayment | WalletProblem): BuiltPayment {
  assert.ok(result.ok, result.ok ? '' : explainWalletProblem(result));
  return result;
}

const codeOf = (result: BuiltPayment | WalletProblem): string | null => (result.ok ? null : result.code);
const stranger = accountKinds.social('stranger', 9);
const to = (amount: bigint, index = 0): Output => ({ amount, ...stranger.destination('receive', index)! }) as Output;

function funded(account: WalletAccount, ...amounts: readonly bigint[]): WalletWorld {
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, amounts));
  return world;
}

/** Signs, lets the ledger judge, and compares fee and size with what was said. */
function sent(world: WalletWorld, payment: BuiltPayment): Transaction {
  const transaction = signAll(payment.rntp);
  assert.equal(world.judge(transaction), 'valid');
  assert.equal(world.feeOf(transaction), payment.fee);
  assert.equal(encode(transactionCodec, transaction).length, payment.bytes, 'the size was exact before it was signed');
  return transaction;
}

for (const kind of ['emissionReturn', 'heartbeat', 'social'] as const) {
  test(`a payment from a ${kind} account is valid, has its sign of life, and its change comes back`, () => {
    const account = accountKinds[kind]('a');
    const world = funded(account, 3n * RNT, 2n * RNT);
    const payment = built(buildPayment(account, plainPayment([to(RNT)], RATE), contextOf(world)));
    assert.equal(payment.fee, feeAtRate(RATE, payment.bytes));
    const transaction = sent(world, payment);
    assert.equal(transaction.actions.length, 1);
    recordSent(world.wallet, world.accounts, transaction, 5n);
    world.mine([transaction]);
    const { confirmed, total, pending } = balanceOf(world.wallet, account, world.params, 0);
    assert.deepEqual([confirmed, total, pending], [4n * RNT - payment.fee, 4n * RNT - payment.fee, 0n]);
    assert.deepEqual(account.placeOfOutput(transaction.outputs[payment.change!.output]!)?.index, 0);
    const second = built(buildPayment(account, plainPayment([to(RNT)], RATE), contextOf(world)));
    const place = account.placeOfOutput(sent(world, second).outputs[second.change!.output]!);
    assert.deepEqual([place?.branch, place?.index], ['change', 1], 'a change address is used once');
  });
}

test('several payments in one, to exact amounts', () => {
  const account = accountKinds.heartbeat('a');
  const world = funded(account, 5n * RNT);
  const payments = [to(RNT), to(2n * RNT, 1), { amount: RNT, ...world.chain.miner } as Output];
  const { outputs } = sent(world, built(buildPayment(account, plainPayment(payments, RATE), contextOf(world))));
  assert.deepEqual(outputs.slice(0, 3), payments);
});

test('sending all leaves nothing; a fixed fee is paid as it is', () => {
  const account = accountKinds.social('a');
  const world = funded(account, 3n * RNT, 7n);
  const wish: PaymentWish = { ...plainPayment([], RATE), sendAll: stranger.destination('receive', 1) };
  const all = built(buildPayment(account, wish, contextOf(world)));
  assert.equal(sent(world, all).inputs.length, 1, 'a coin that is not worth its input stays');
  assert.deepEqual([all.change, all.fee], [null, feeAtRate(RATE, all.bytes)]);
  const fixed = built(buildPayment(account, { ...wish, fee: { kind: 'fixed', fee: 50_000n } }, contextOf(world)));
  assert.equal(sent(world, fixed).outputs[0]!.amount, 3n * RNT + 7n - 50_000n);
});

test('without change where change would be dust: what is left is fee', () => {
  const account = accountKinds.heartbeat('a');
  const world = funded(account, 3n * RNT);
  const context = contextOf(world);
  const probe = built(buildPayment(account, plainPayment([to(RNT)], RATE), context));
  const bare = feeAtRate(RATE, probe.bytes - 56);
  const least = dustLimit({ policyId: account.policyId }, context.relayRate);
  const most = 3n * RNT - bare;
  const exact = built(buildPayment(account, plainPayment([to(most)], RATE), context));
  assert.deepEqual([exact.change, exact.fee], [null, bare]);
  sent(world, exact);
  const dusty = built(
    buildPayment(account, plainPayment([to(most - feeAtRate(RATE, 56) - least + 1n)], RATE), context),
  );
  assert.deepEqual([dusty.change, dusty.fee], [null, bare + feeAtRate(RATE, 56) + least - 1n]);
  const change = built(buildPayment(account, plainPayment([to(most - feeAtRate(RATE, 56) - least)], RATE), context));
  assert.equal(change.change?.amount, least);
  sent(world, change);
  assert.equal(codeOf(buildPayment(account, plainPayment([to(most + 1n)], RATE), context)), 'insufficient-funds');
});

test('coin control takes exactly the named coins; locked ones are left out unless they are named', () => {
  const account = accountKinds.emissionReturn('a');
  const world = funded(account, 3n * RNT, 2n * RNT, RNT);
  const context = contextOf(world);
  const coins = [...walkCoins(world.wallet)];
  const outpoints = coins.map(({ outpoint }) => outpoint);
  const named = built(buildPayment(account, { ...plainPayment([to(RNT / 2n)], RATE), coins: outpoints }, context));
  assert.equal(sent(world, named).inputs.length, 3);
  const big = coins.find(({ amount }) => amount === 3n * RNT)!;
  lockCoin(world.wallet, big.outpoint);
  const refused = buildPayment(account, plainPayment([to(5n * RNT)], RATE), context);
  assert.ok(!refused.ok && refused.code === 'insufficient-funds');
  assert.deepEqual([refused.facts.available, refused.facts.locked], [3n * RNT, 3n * RNT]);
  assert.match(explainWalletProblem(refused), /3 RNT can be spent now \(besides 3 RNT locked by you\)/);
  sent(world, built(buildPayment(account, { ...plainPayment([to(RNT)], RATE), coins: [big.outpoint] }, context)));
  const unknown = { txid: new Uint8Array(32), index: 1 };
  assert.equal(
    codeOf(buildPayment(account, { ...plainPayment([to(RNT)], RATE), coins: [unknown] }, context)),
    'coin-unknown',
  );
  assert.equal(
    codeOf(buildPayment(account, { ...plainPayment([to(RNT)], RATE), coins: [] }, context)),
    'insufficient-funds',
  );
});

test('change of a waiting payment may be spent if that is wished, and only one sign of life waits at a time', () => {
  const account = accountKinds.heartbeat('a');
  const world = funded(account, 3n * RNT);
  const context = contextOf(world);
  const first = sent(world, built(buildPayment(account, plainPayment([to(RNT)], RATE), context)));
  recordSent(world.wallet, world.accounts, first, 1n);
  assert.equal(codeOf(buildPayment(account, plainPayment([to(RNT)], RATE), context)), 'insufficient-funds');
  const second = built(buildPayment(account, { ...plainPayment([to(RNT)], RATE), unconfirmed: true }, context));
  const child = signAll(second.rntp);
  assert.deepEqual([child.actions.length, child.inputs[0]!.outpoint.txid], [0, txid(first)]);
  recordSent(world.wallet, world.accounts, child, 2n);
  world.mine([first, child]);
  assert.equal(
    balanceOf(world.wallet, account, world.params, 0).confirmed,
    RNT - second.fee - (2n * RNT - first.outputs[1]!.amount),
  );
  removePending(world.wallet, txid(child));
  assert.equal(readPending(world.wallet, txid(child)), null);
});

test('what cannot be paid is refused with its reason', () => {
  const account = accountKinds.heartbeat('a');
  const world = funded(account, 3n * RNT);
  const context = contextOf(world);
  const code = (wish: PaymentWish): string | null => codeOf(buildPayment(account, wish, context));
  const least = dustLimit(stranger, context.relayRate);
  assert.equal(code(plainPayment([to(least)], RATE)), null);
  assert.equal(code(plainPayment([to(least - 1n)], RATE)), 'output-dust');
  assert.equal(code({ ...plainPayment([], RATE), heartbeat: false }), 'nothing-to-do');
  assert.equal(code(plainPayment([], RATE)), null, 'a sign of life alone');
  assert.equal(code(plainPayment([{ ...to(RNT), policyId: new Uint8Array(24) }], RATE)), 'output-not-payable');
  assert.equal(code(plainPayment([to(RNT)], context.relayRate - 1n)), 'fee-rate-too-low');
  assert.equal(code(plainPayment([to(15_000_000n * RNT), to(6_000_000n * RNT + 1n)], RATE)), 'amount-range');
  assert.equal(code({ ...plainPayment([to(RNT)], RATE), maxFee: 1000n }), 'fee-too-high');
  const { bytes } = built(buildPayment(account, plainPayment([to(RNT)], RATE), context));
  const fixed = (fee: bigint): string | null => code({ ...plainPayment([to(RNT)], RATE), fee: { kind: 'fixed', fee } });
  assert.deepEqual(
    [fixed(feeAtRate(context.relayRate, bytes)), fixed(feeAtRate(context.relayRate, bytes) - 1n)],
    [null, 'fee-too-low'],
  );
});

test('a payment that needs more coins than a transaction takes says so', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  world.fund(
    ...world.pay(
      account,
      Array.from({ length: 20 }, () => RNT),
    ),
  );
  const small = { ...world.params, maxTransactionBytes: 2000 };
  const context = { ...contextOf(world), params: small };
  const refused = buildPayment(account, plainPayment([to(18n * RNT)], RATE), context);
  assert.ok(!refused.ok && refused.code === 'too-many-inputs');
  assert.equal(refused.facts.limit, 12);
  const fits = built(buildPayment(account, plainPayment([to(11n * RNT)], RATE), context));
  assert.ok(fits.bytes <= 2000);
  sent(world, fits);
});

test('the two bytes that a number of more than 252 inputs takes are paid for, to the resonance', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  const [coin] = world.pay(account, [RNT / 100n]);
  world.fund(...Array.from({ length: 260 }, () => coin!));
  const coins = [...walkCoins(world.wallet)].map(({ outpoint }) => outpoint);
  const pay = (amount: bigint): BuiltPayment | WalletProblem =>
    buildPayment(account, { ...plainPayment([to(amount)], RATE), coins }, contextOf(world));
  const held = (260n * RNT) / 100n;
  const { bytes } = built(pay(RNT));
  const most = held - feeAtRate(RATE, bytes - 56);
  const exact = built(pay(most));
  assert.deepEqual([exact.change, exact.fee], [null, feeAtRate(RATE, exact.bytes)]);
  sent(world, exact);
  assert.equal(codeOf(pay(most + 1n)), 'insufficient-funds');
});

test('WAL-43: where the gap limit ends the last change address is used again', () => {
  const account = accountKinds.emissionReturn('a');
  const world = funded(account, 3n * RNT);
  const wish = { ...plainPayment([to(RNT / 100n)], RATE), unconfirmed: true };
  const indexes: number[] = [];
  for (let payment = 0; payment < 22; payment++) {
    const { rntp, change } = built(buildPayment(account, wish, contextOf(world)));
    indexes.push(account.placeOfOutput(rntp.transaction.outputs[change!.output]!)!.index);
    recordSent(world.wallet, world.accounts, signAll(rntp), BigInt(payment));
  }
  assert.deepEqual(indexes, [...Array.from({ length: 20 }, (_, index) => index), 19, 19]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { feeAtRate, feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { mempoolLimits } from '@resonancenet/mempool/mempool-limits';
import { MempoolMachine } from '@resonancenet/mempool/mempool-machine';
import { type Output, type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { balanceOf } from './balance.ts';
import { buildPayment } from './build-payment.ts';
import { type BumpWish, bumpFee } from './bump-fee.ts';
import { recordSent } from './change-place.ts';
import { walkCoins } from './coin-table.ts';
import { DEFAULT_MAX_FEE, type PaymentContext, type PaymentWish, plainPayment } from './payment-wish.ts';
import { readPending } from './pending-table.ts';
import { signAll } from './testing/sign-rntp.ts';
import { accountKinds, WalletWorld } from './testing/test-wallet.ts';
import { explainWalletProblem } from './wallet-problem.ts';

const RNT = 10_000_000_000n;
const RELAY = feeRatePerByte(10);
const account = accountKinds.heartbeat('a');
const stranger = accountKinds.social('stranger', 9);
const to = (amount: bigint): Output => ({ amount, ...stranger.destination('receive', 0)! }) as Output;

/** A wallet, and a pool on the same chain. */
class PoolAndWallet {
  readonly world: WalletWorld = new WalletWorld(account);
  readonly context: PaymentContext;
  readonly #pool: MempoolMachine;

  constructor(...amounts: readonly bigint[]) {
    const { world } = this;
    world.fund(...world.pay(account, amounts));
    this.context = {
      view: world.wallet,
      params: world.params,
      genesisId: world.genesisId,
      relayRate: RELAY,
      usualRate: RELAY,
      random: () => 0,
    };
    this.#pool = new MempoolMachine({
      ledger: world.chain.view,
      context: world.chain.context,
      limits: mempoolLimits,
      feeHistory: null,
      known: { has: () => false, add: () => undefined },
      now: { unixMs: 0, monotonicMs: 0 },
    });
  }

  /** `accepted` or the pool's refusal; what is accepted is noted in the wallet. */
  submit(transaction: Transaction): string {
    const now = { unixMs: 0, monotonicMs: 0 };
    const encoded = [encode(transactionCodec, transaction)];
    const first = this.#pool.step({ type: 'transactions', encoded, peer: 'peer', ticket: null }, now);
    const jobs = first.flatMap((action) => (action.type === 'verify-transaction' ? [action.job] : []));
    const later = jobs.flatMap((job) =>
      this.#pool.step({ type: 'transaction-signatures', job, outcome: { kind: 'valid' } }, now),
    );
    const actions = [...first, ...later];
    const refused = actions.find((action) => action.type === 'transaction-refused');
    if (refused !== undefined) return refused.code;
    if (!actions.some((action) => action.type === 'transaction-accepted')) return 'waiting';
    recordSent(this.world.wallet, this.world.accounts, transaction, 0n);
    return 'accepted';
  }

  pay(wish: PaymentWish): Transaction {
    const built = buildPayment(account, wish, this.context);
    assert.ok(built.ok, built.ok ? '' : explainWalletProblem(built));
    const transaction = signAll(built.rntp);
    assert.equal(this.submit(transaction), 'accepted');
    return transaction;
  }

  bump(old: Transaction, wish: Partial<BumpWish> = {}): ReturnType<typeof bumpFee> {
    const plain = { txid: txid(old), rate: RELAY, cancel: false, descendantFees: 0n, maxFee: DEFAULT_MAX_FEE };
    return bumpFee(account, { ...plain, ...wish }, this.context);
  }
}

test('WAL-46: the least bump is what the pool takes, to the resonance; the payment stays', () => {
  const both = new PoolAndWallet(3n * RNT);
  const old = both.pay(plainPayment([to(RNT)], RELAY));
  const bumped = both.bump(old);
  assert.ok(bumped.ok);
  assert.equal(bumped.fee, 2n * feeAtRate(RELAY, bumped.bytes));
  const replacement = signAll(bumped.rntp);
  assert.equal(both.submit(replacement), 'accepted');
  assert.equal(readPending(both.world.wallet, txid(old)), null);
  assert.deepEqual(replacement.outputs[0], to(RNT));
  assert.equal(both.world.feeOf(replacement), bumped.fee);
  const rate = both.bump(replacement, { rate: feeRatePerByte(77) });
  assert.ok(rate.ok && rate.fee === feeAtRate(feeRatePerByte(77), rate.bytes));
  assert.equal(both.submit(signAll(rate.rntp)), 'accepted');
});

test('where the change does not suffice further confirmed coins pay', () => {
  const both = new PoolAndWallet(RNT + 3000n, RNT);
  const old = both.pay({ ...plainPayment([to(RNT)], RELAY), heartbeat: false });
  assert.equal(old.inputs.length, 1);
  const bumped = both.bump(old, { rate: feeRatePerByte(100) });
  assert.ok(bumped.ok);
  assert.equal(bumped.rntp.inputs.length, 2);
  assert.equal(both.submit(signAll(bumped.rntp)), 'accepted');
  const poor = new PoolAndWallet(RNT + 3000n);
  const only = poor.pay({ ...plainPayment([to(RNT)], RELAY), heartbeat: false });
  const refused = poor.bump(only, { rate: feeRatePerByte(100) });
  assert.equal(refused.ok ? null : refused.code, 'insufficient-funds');
});

test('a replacement that is larger pays a better rate than what it replaces, not only more', () => {
  const both = new PoolAndWallet(RNT + 12_100n, RNT);
  const coins = [...walkCoins(both.world.wallet)].filter(({ amount }) => amount > RNT).map(({ outpoint }) => outpoint);
  const old = both.pay({ ...plainPayment([to(RNT)], feeRatePerByte(50)), heartbeat: false, coins });
  const bumped = both.bump(old);
  assert.ok(bumped.ok);
  assert.equal(bumped.rntp.inputs.length, 2);
  assert.equal(both.submit(signAll(bumped.rntp)), 'accepted');
});

test('cancelling pays everything back, and pays for what the pool throws out with it', () => {
  const both = new PoolAndWallet(3n * RNT);
  const old = both.pay(plainPayment([to(RNT)], RELAY));
  const child = both.pay({ ...plainPayment([to(RNT / 2n)], RELAY), unconfirmed: true });
  const fees = both.world.chain.attempt([old, child]);
  assert.ok(fees.ok);
  const childFee = fees.fees - (3n * RNT - old.outputs.reduce((sum, { amount }) => sum + amount, 0n));
  const short = both.bump(old, { cancel: true });
  assert.ok(short.ok);
  assert.equal(both.submit(signAll(short.rntp)), 'replacement-fee');
  const cancel = both.bump(old, { cancel: true, descendantFees: childFee });
  assert.ok(cancel.ok);
  const transaction = signAll(cancel.rntp);
  assert.equal(both.submit(transaction), 'accepted');
  both.world.mine([transaction]);
  const { total, pending, spending } = balanceOf(both.world.wallet, account, both.world.params, 0);
  assert.deepEqual([total, pending, spending], [3n * RNT - cancel.fee, 0n, 0n]);
});

test('what does not wait, or is not the account’s alone, is not replaced', () => {
  const both = new PoolAndWallet(3n * RNT);
  const old = both.pay(plainPayment([to(RNT)], RELAY));
  assert.equal(code(both.bump(old, { maxFee: 10n })), 'fee-too-high');
  both.world.mine([old]);
  assert.equal(code(both.bump(old)), 'not-pending');
});

function code(result: ReturnType<typeof bumpFee>): string | null {
  return result.ok ? null : result.code;
}

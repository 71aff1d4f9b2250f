// Building payments (WAL-40 to WAL-45): which coins, how much fee, what comes back. Sizes are exact before anything is signed.

import { dustLimit } from '@resonancenet/mempool/dust';
import { feeAtRate } from '@resonancenet/mempool/fee-rate';
import { MAX_MONEY } from '@resonancenet/params/protocol-constants';
import { type Amount, amount } from '@resonancenet/primitives/amount';
import { type Destination, destinationProblem } from '@resonancenet/primitives/destination';
import type { Output } from '@resonancenet/primitives/transaction';
import type { AccountCoin } from './account-coins.ts';
import { assemblePayment } from './assemble-payment.ts';
import { sumOf } from './balance.ts';
import type { SelectionGoal } from './coin-selection/selection-goal.ts';
import { selectCoins, type SelectionResult } from './coin-selection/select-coins.ts';
import { changePlace } from './change-place.ts';
import { ownHeartbeat } from './own-heartbeat.ts';
import type { ActionWish, BuiltPayment, PaymentContext, PaymentWish } from './payment-wish.ts';
import { chooseCoins, type CoinChoice } from './spendable-coins.ts';
import { wishedActionBytes } from './wished-action.ts';
import { inputBytes, OUTPUT_BYTES, ownWitnessBytes, transactionBytes } from './transaction-size.ts';
import type { WalletAccount } from './wallet-account.ts';
import { type WalletProblem, walletProblem } from './wallet-problem.ts';
import { atOnce, sorted, type Work } from './work.ts';

/** Inputs and outputs that are decided; the fee is what is left. */
interface Draft {
  readonly ok: true;
  readonly coins: readonly AccountCoin[];
  readonly outputs: readonly Output[];
  /** Index of the output that is the account's change. */
  readonly change: number | null;
}

/** A payment from an account, ready to be signed. Nothing is changed: who sends it calls `recordSent`. */
export function buildPayment(
  account: WalletAccount,
  wish: PaymentWish,
  context: PaymentContext,
): BuiltPayment | WalletProblem {
  return atOnce(buildPaymentInParts(account, wish, context));
}

/** The same. What changes meanwhile may have taken its coins: who sends it looks at them once more. */
export function* buildPaymentInParts(
  account: WalletAccount,
  wish: PaymentWish,
  context: PaymentContext,
): Work<BuiltPayment | WalletProblem> {
  const actions = [...wish.actions, ...(wish.heartbeat ? ownHeartbeat(account, wish.actions, context) : [])];
  const problem = paymentsProblem(wish, actions, context);
  if (problem !== null) return problem;
  const choice = yield* chooseCoins(account, wish, context);
  if (!choice.ok) return choice;
  const plan = new Plan(account, wish, actions, context);
  const draft = yield* wish.sendAll === null ? plan.select(choice) : plan.sendAll(choice, wish.sendAll);
  return draft.ok ? assemble(account, draft, actions, wish, context, plan) : draft;
}

/** What is fixed before coins are chosen. */
class Plan {
  readonly inputBytes: number;
  readonly bonds: bigint;
  readonly #account: WalletAccount;
  readonly #wish: PaymentWish;
  readonly #context: PaymentContext;
  readonly #actions: readonly number[];

  constructor(account: WalletAccount, wish: PaymentWish, actions: readonly ActionWish[], context: PaymentContext) {
    this.#account = account;
    this.#wish = wish;
    this.#context = context;
    this.inputBytes = inputBytes(ownWitnessBytes(account.ownBranch.length));
    this.#actions = actions.map(wishedActionBytes);
    this.bonds = actions.reduce((sum, { bond }) => sum + bond, 0n);
  }

  /** Encoded bytes with so many inputs and outputs. */
  bytes(inputs: number, outputs: number): number {
    return transactionBytes({ count: inputs, bytes: inputs * this.inputBytes }, outputs, this.#actions);
  }

  fee(bytes: number): bigint {
    const { fee } = this.#wish;
    return fee.kind === 'fixed' ? fee.fee : feeAtRate(fee.rate, bytes);
  }

  /** Inputs that fit beside so many outputs. */
  maxInputs(outputs: number): number {
    const fixed = this.bytes(0, outputs) + 2;
    return Math.max(0, Math.floor((this.#context.params.maxTransactionBytes - fixed) / this.inputBytes));
  }

  *select(choice: CoinChoice): Work<Draft | WalletProblem> {
    const { payments } = this.#wish;
    const wanted = sumOf(payments) + this.bonds;
    const maxInputs = this.maxInputs(payments.length + 1);
    const goal = this.#goal(choice, wanted, maxInputs);
    const result = choice.named
      ? this.#allOf(choice, goal)
      : yield* selectCoins(choice.free, goal, this.#context.random);
    if (!result.ok) return this.#notEnough(choice, goal, result);
    if (result.coins.length === 0) return walletProblem('nothing-to-do', { detail: 'no coins are named' });
    const change = result.hasChange ? this.#change(result.coins, wanted) : null;
    const outputs = change === null ? payments : [...payments, change];
    return { ok: true, coins: result.coins, outputs, change: change === null ? null : payments.length };
  }

  /** All coins to one destination beside the payments; the largest first, if not all fit. */
  *sendAll(choice: CoinChoice, destination: Destination): Work<Draft | WalletProblem> {
    const { payments } = this.#wish;
    const limit = this.maxInputs(payments.length + 1);
    const all = yield* sorted(choice.free, (a, b) => (a.amount === b.amount ? 0 : a.amount > b.amount ? -1 : 1));
    if (choice.named && all.length > limit) {
      return walletProblem('too-many-inputs', {
        limit,
        reachable: sumOf(all.slice(0, limit)),
        required: sumOf(all),
      });
    }
    const coins = all.filter((coin) => choice.named || coin.amount > this.#inputFee()).slice(0, limit);
    const taken = sumOf(payments) + this.bonds + this.fee(this.bytes(coins.length, payments.length + 1));
    const rest = sumOf(coins) - taken;
    const least = dustLimit(destination, this.#context.relayRate);
    if (coins.length === 0 || rest < least) return this.#insufficient(choice, sumOf(coins), taken + least);
    return { ok: true, coins, outputs: [...payments, { amount: amount(rest), ...destination }], change: null };
  }

  #goal(choice: CoinChoice, wanted: bigint, maxInputs: number): SelectionGoal {
    const { fee, payments } = this.#wish;
    const { relayRate, usualRate } = this.#context;
    const isRate = fee.kind === 'rate';
    const outputs = payments.length;
    // Two bytes more for the number of inputs, if there may be so many, and for that of outputs, if change is one too many.
    const slack = (choice.free.length > 252 ? 2 : 0) + (outputs === 252 ? 2 : 0);
    const fixedFee = isRate ? feeAtRate(fee.rate, this.bytes(0, outputs) + slack) : fee.fee;
    return {
      target: wanted + fixedFee,
      inputFee: this.#inputFee(),
      usualInputFee: isRate ? feeAtRate(usualRate, this.inputBytes) : 0n,
      changeFee: isRate ? feeAtRate(fee.rate, OUTPUT_BYTES) : 0n,
      changeSpendFee: feeAtRate(usualRate, this.inputBytes),
      leastChange: dustLimit({ policyId: this.#account.policyId }, relayRate),
      maxInputs,
    };
  }

  #inputFee(): bigint {
    const { fee } = this.#wish;
    return fee.kind === 'rate' ? feeAtRate(fee.rate, this.inputBytes) : 0n;
  }

  /** The user's own selection, with change if it is worth it. */
  #allOf({ free }: CoinChoice, goal: SelectionGoal): SelectionResult<AccountCoin> {
    const reached = sumOf(free) - BigInt(free.length) * goal.inputFee;
    if (reached < goal.target || free.length > goal.maxInputs) return { ok: false, reachable: reached, all: reached };
    const hasChange = reached - goal.target >= goal.changeFee + goal.leastChange;
    return { ok: true, coins: free, hasChange, waste: 0n };
  }

  /** What comes back: all that neither the payments nor the fee, now exact, need. */
  #change(coins: readonly AccountCoin[], wanted: bigint): Output {
    const bytes = this.bytes(coins.length, this.#wish.payments.length + 1);
    const { account, branch, index } = changePlace(this.#context.view, this.#account);
    const rest = sumOf(coins) - wanted - this.fee(bytes);
    return { amount: amount(rest), ...account.destination(branch, index)! };
  }

  #notEnough(
    choice: CoinChoice,
    { target, maxInputs }: SelectionGoal,
    { reachable, all }: { readonly reachable: bigint; readonly all: bigint },
  ): WalletProblem {
    const isTooMany = all >= target && choice.free.length > maxInputs;
    if (isTooMany) return walletProblem('too-many-inputs', { limit: maxInputs, reachable, required: target });
    return this.#insufficient(choice, sumOf(choice.free), target + sumOf(choice.free) - all);
  }

  #insufficient({ locked, immature, unconfirmed }: CoinChoice, available: bigint, required: bigint): WalletProblem {
    return walletProblem('insufficient-funds', { available, required, locked, immature, unconfirmed });
  }
}

function assemble(
  account: WalletAccount,
  { coins, outputs, change }: Draft,
  actions: readonly ActionWish[],
  wish: PaymentWish,
  context: PaymentContext,
  plan: Plan,
): BuiltPayment | WalletProblem {
  const bytes = plan.bytes(coins.length, outputs.length);
  const limit = context.params.maxTransactionBytes;
  if (bytes > limit) return walletProblem('transaction-too-large', { bytes, limit });
  const fee = sumOf(coins) - sumOf(outputs) - plan.bonds;
  const required = feeAtRate(context.relayRate, bytes);
  if (fee < required) return walletProblem('fee-too-low', { fee, required });
  if (fee > wish.maxFee) return walletProblem('fee-too-high', { fee, limit: wish.maxFee });
  const rntp = assemblePayment(account, coins, outputs, actions, context);
  const back = change === null ? null : { output: change, amount: outputs[change]!.amount };
  return { ok: true, rntp, fee, bonds: plan.bonds, bytes, change: back };
}

function paymentsProblem(
  { payments, sendAll, fee }: PaymentWish,
  actions: readonly ActionWish[],
  { params, relayRate }: PaymentContext,
): WalletProblem | null {
  if (payments.length === 0 && sendAll === null && actions.length === 0)
    return walletProblem('nothing-to-do', { detail: 'there is nothing to pay and nothing to announce' });
  if (fee.kind === 'rate' && fee.rate < relayRate)
    return walletProblem('fee-rate-too-low', { rate: fee.rate, least: relayRate });
  const sum = sumOf(payments);
  if (sum > MAX_MONEY) return walletProblem('amount-range', { sum, limit: MAX_MONEY });
  const destinations: readonly (Destination & { readonly amount?: Amount })[] =
    sendAll === null ? payments : [...payments, sendAll];
  for (const [output, one] of destinations.entries()) {
    const detail = destinationProblem(one, params.recovery);
    if (detail !== null) return walletProblem('output-not-payable', { output, detail });
    const least = dustLimit(one, relayRate);
    if (one.amount !== undefined && one.amount < least)
      return walletProblem('output-dust', { output, amount: one.amount, least });
  }
  return null;
}

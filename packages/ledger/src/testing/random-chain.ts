// A chain of random blocks of random transactions, valid and invalid, on which the rules and their naive restatement must agree: about every
// transaction, every reward, every sum, and the state after going back.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { seededRandom, withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import { checkTransactionForm } from '@resonancenet/consensus/transaction-checks';
import { regtest } from '@resonancenet/params/regtest';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { encodeAction } from '@resonancenet/primitives/action-content';
import type { Destination } from '@resonancenet/primitives/destination';
import type { SocialTerms } from '@resonancenet/primitives/policy-terms';
import { type Action, NO_LOCK, type Transaction, txid } from '@resonancenet/primitives/transaction';
import { coinKey } from '../coin.ts';
import { build, heartbeat, type Spend } from './build-transaction.ts';
import { LedgerChain, paying } from './ledger-chain.ts';
import { naiveAges } from './naive-ages.ts';
import {
  type NaiveAction,
  NaiveLedger,
  type NaiveOutput,
  type NaiveTarget,
  type NaiveTransaction,
} from './naive-ledger.ts';
import { outcome } from './outcome.ts';
import { actors, secret, type Target, targets } from './random-targets.ts';

const RNT = 10_000_000_000n;
const RETURNS = 2;

/** Deadlines of a few blocks, and a subsidy that reaches halvings and the cap within a few dozen. */
const params: NetworkParams = {
  ...withGenesis(regtest),
  coinbaseMaturity: 2,
  subsidy: 1_000_000n * RNT,
  emission: { fullGain: 1_000, doubleGain: 10_000 },
  minRelayFee: 0,
  recovery: {
    ...regtest.recovery,
    heartbeatIntervalMin: 1,
    heartbeatTimeoutMin: 1,
    socialWaitMin: 1,
    emissionReturnMin: 3,
    builtInReturn: 9,
    base58Return: 8,
    channelReturn: 10,
  },
};

interface Both {
  readonly transaction: Transaction;
  readonly naive: NaiveTransaction;
}

/** How often each outcome was seen. */
export type Tally = Map<string, number>;

/** What the two must agree about is asserted at once; what was seen is counted. */
export class RandomChain {
  /** Outcomes of transactions. */
  readonly tally: Tally = new Map();
  /** Each time that it went back: by how many blocks. */
  readonly undone: number[] = [];
  readonly #random: () => number;
  readonly #chain = new LedgerChain(params, RETURNS);
  #naive = new NaiveLedger({ maturity: params.coinbaseMaturity, subsidy: params.subsidy, returnsPerBlock: RETURNS });
  /** Restatement and whole state after each height. */
  readonly #past: { readonly naive: NaiveLedger; readonly state: string }[] = [];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#remember();
  }

  /** So many blocks with up to `transactions` attempts each; now and then a few blocks are undone. */
  run(blocks: number, transactions: number): void {
    for (let block = 0; block < blocks; block++) {
      this.#block(transactions);
      if (this.#below(12) === 0) this.#goBack(1 + this.#below(6));
    }
  }

  #block(transactions: number): void {
    const height = this.#chain.height + 1;
    const parentLoss = 5_000_000;
    const gain = this.#pick([0, 1, 4_999, 5_000, 5_001, 30_000, 49_999, 50_000, 70_000]);
    const losses = { parentLoss, valLoss: parentLoss - gain };
    const reward = this.#naive.reward(height - 1, BigInt(parentLoss), BigInt(gain));
    this.#naive.open(height);
    const accepted: Both[] = [];
    const paid = [0, 1, 2].map(() => this.#pick(targets));
    let fees = 0n;
    const attempts = this.#naive.outputs.length === 0 ? 0 : transactions;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const one = this.#transaction(height);
      const faults = this.#naive.faults(one.naive, height);
      const all = [...accepted.map(({ transaction }) => transaction), one.transaction];
      const form = checkTransactionForm(one.transaction, params);
      const fee = faults.size === 0 ? this.#naive.fee(one.naive) : 0n;
      const coinbase = coinbaseOf(height, reward + fees + fee, paid);
      const found = form.ok ? outcome(this.#chain.attempt(all, { ...losses, coinbase })) : form.code;
      this.tally.set(found, (this.tally.get(found) ?? 0) + 1);
      const agree = faults.size === 0 ? found === 'valid' : faults.has(found);
      assert(agree, `height ${height}: ${found}, restated: ${[...faults].join(' ') || 'valid'}`);
      if (faults.size > 0) continue;
      fees += fee;
      this.#naive.apply(one.naive, idsOf(one.transaction), height);
      accepted.push(one);
    }
    const coinbase = coinbaseOf(height, reward + fees, paid);
    this.#chain.mine(
      accepted.map(({ transaction }) => transaction),
      { ...losses, coinbase },
    );
    this.#naive.rewards.push(reward);
    for (const [index, id] of idsOf(coinbase).entries()) {
      this.#naive.create(id, coinbase.outputs[index]!.amount, paid[index]!.naive, height, true);
    }
    this.#compare(height);
    this.#remember();
  }

  #compare(height: number): void {
    const { height: _, ...totals } = this.#chain.totals;
    const restated = this.#naive.totals(height);
    for (const name of ['minted', 'returned', 'lapsed', 'unspent', 'bonds'] as const) {
      assert(totals[name] === restated[name], `height ${height}: ${name} ${totals[name]}, restated: ${restated[name]}`);
    }
    assert(totals.minted === totals.unspent + totals.bonds + totals.returned, 'money is conserved');
    const coins = [...this.#chain.view.range('coins', new Uint8Array(0), null)].map(([name]) => toHex(name));
    const ids = this.#naive.unspent.map(({ id }) => id).sort();
    assert(coins.length === ids.length && coins.every((name, index) => name === ids[index]), `height ${height}: coins`);
    this.#sameTable('ages', naiveAges(this.#naive, height));
    this.#sameTable('deadlines', new Map(this.#naive.queue.map(({ deadline, id }) => [`${hex32(deadline)}${id}`, ''])));
  }

  /** A table byte for byte, as hexadecimal. */
  #sameTable(table: 'ages' | 'deadlines', expected: ReadonlyMap<string, string>): void {
    const found = [...this.#chain.view.range(table, new Uint8Array(0), null)];
    const agree = found.every(([name, value]) => expected.get(toHex(name)) === toHex(value));
    assert(agree && found.length === expected.size, `height ${this.#chain.height}: ${table}`);
  }

  #remember(): void {
    this.#past.push({ naive: this.#naive.copy(), state: stateOf(this.#chain) });
  }

  #goBack(blocks: number): void {
    const undone = Math.min(blocks, this.#chain.height);
    for (let block = 0; block < undone; block++) {
      this.#chain.undo();
      this.#past.pop();
    }
    const { naive, state } = this.#past.at(-1)!;
    assert(stateOf(this.#chain) === state, `height ${this.#chain.height}: the state after going back is another`);
    this.#naive = naive.copy();
    this.undone.push(undone);
  }

  #transaction(height: number): Both {
    const chosen = this.#inputs(height);
    const spends = chosen.map((output) => this.#spend(output, height));
    const actions = this.#below(4) === 0 ? Array.from({ length: 1 + this.#below(2) }, () => this.#action()) : [];
    const held = chosen.reduce((total, { amount }) => total + amount, 0n);
    const outputs = this.#outputs(chosen, held);
    const lockTime = this.#below(8) === 0 ? height - 2 + this.#below(3) : null;
    const transaction = build({
      spends: spends.map(({ spend }) => spend),
      outputs: outputs.map(({ target, amount }) => paying(target.destination, amount)),
      actions: actions.map(({ action }) => action),
      lockTime: lockTime ?? NO_LOCK,
    });
    const naive = {
      inputs: spends.map(({ input }) => input),
      outputs: outputs.map(({ target, amount }) => ({ amount, target: target.naive })),
      actions: actions.map((one) => one.naive),
      lockTime,
    };
    return { transaction, naive };
  }

  /** Mostly unspent outputs, now and then one that is gone or twice the same. */
  #inputs(height: number): NaiveOutput[] {
    const { outputs } = this.#naive;
    const ripe = this.#naive.unspent.filter((output) => height - output.created >= 2);
    const unspent = this.#below(6) > 0 && ripe.length > 0 ? ripe : this.#naive.unspent;
    const count = 1 + this.#below(3);
    const chosen: NaiveOutput[] = [];
    const [leader] = unspent.length === 0 ? [] : [this.#pick(unspent)];
    const family = unspent.filter(({ target }) => target.policy.name === leader?.target.policy.name);
    const pool = this.#below(3) === 0 ? family : unspent;
    for (let index = 0; index < count; index++) {
      if (pool.length > 0 && this.#below(25) > 0) chosen.push(this.#pick(pool));
      else if (outputs.length > 0) chosen.push(this.#pick(outputs));
    }
    return chosen.length > 0 && this.#below(20) > 0 ? [...new Set(chosen)] : [...chosen, ...chosen.slice(0, 1)];
  }

  #spend(
    from: NaiveOutput,
    height: number,
  ): { readonly spend: Spend; readonly input: NaiveTransaction['inputs'][number] } {
    const target = targets.find(({ naive }) => naive === from.target)!;
    const leaf = this.#below(Math.max(1, from.target.leaves.length));
    const knowsPreimage = this.#below(4) > 0;
    const rightKey = this.#below(10) > 0;
    const single = this.#below(5) === 0;
    const sequence = this.#below(8) === 0 ? Math.max(0, height - from.created - 1 + this.#below(3)) : null;
    const output = paying(target.destination, from.amount);
    const [id, index] = [from.id.slice(0, 64), Number.parseInt(from.id.slice(64), 16)];
    const owned = {
      txid: Uint8Array.from(id.match(/../g)!, (byte) => Number.parseInt(byte, 16)),
      index,
      output,
      height: 0,
    };
    const way = target.leaves === null ? { baseKey: rightKey ? 1 : 2 } : { leaves: target.leaves, leaf };
    const preimage = knowsPreimage ? secret : new Uint8Array(32);
    const spend: Spend = { from: owned, ...way, preimage, flag: single ? 2 : 1, sequence: sequence ?? NO_LOCK };
    return { spend, input: { id: from.id, leaf, knowsPreimage, rightKey, single, sequence } };
  }

  #action(): { readonly action: Action; readonly naive: NaiveAction } {
    const policy = this.#pick(actors);
    const terms = policy.terms!;
    if (terms.type !== 'social' || this.#below(3) === 0) {
      return { action: heartbeat(terms), naive: { kind: 'heartbeat', policy: policy.naive } };
    }
    const target = this.#pick(targets);
    return {
      action: announce(terms, target.destination),
      naive: { kind: 'announce', policy: policy.naive, to: target.naive },
    };
  }

  #outputs(chosen: readonly NaiveOutput[], held: bigint): { readonly target: Target; readonly amount: bigint }[] {
    const [first] = chosen;
    const announced = first === undefined ? null : this.#naive.standing(first.target.policy);
    if (announced !== null && this.#below(3) > 0) return this.#recovery(announced.to, held, announced.bond === 'held');
    const count = this.#below(8) === 0 ? 0 : 1 + this.#below(3);
    const rest = held - this.#pick([0n, 0n, 1n, RNT, RNT + 1n, held / 2n]) + (this.#below(12) === 0 ? 1n : 0n);
    if (count === 0 || rest <= 0n) return [];
    const part = rest / BigInt(count);
    return Array.from({ length: count }, (_, index) => ({
      target: this.#pick(targets),
      amount: index === 0 ? rest - part * BigInt(count - 1) : part,
    }));
  }

  /** What a recovery pays: all, or as much less as may just be the fee. */
  #recovery(to: NaiveTarget, held: bigint, bonded: boolean): { readonly target: Target; readonly amount: bigint }[] {
    const most = held + (bonded ? RNT : 0n);
    const amount = most - this.#pick([0n, -1n, held / 100n, held / 100n + 1n]);
    const target = targets.find(({ naive }) => naive === to)!;
    return amount < 0n ? [] : [{ target: this.#below(12) === 0 ? this.#pick(targets) : target, amount }];
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

/** Pays a total to three targets; the rules must want exactly so much. */
function coinbaseOf(height: number, total: bigint, paid: readonly Target[]): Transaction {
  const made = makeCoinbase(height, amount(total), paid[0]!.destination);
  if (total < 3n) return made;
  const third = total / 3n;
  const parts = [total - 2n * third, third, third];
  return { ...made, outputs: paid.map(({ destination }, index) => paying(destination, parts[index]!)) };
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function announce(terms: SocialTerms, destination: Destination): Action {
  const signatures = [{ guardian: 0, signature: new Uint8Array(64) }];
  return encodeAction({ kind: 'announce', terms, destination, signatures });
}

function idsOf(transaction: Transaction): string[] {
  const id = txid(transaction);
  return transaction.outputs.map((_, index) => toHex(coinKey(id, index)));
}

function stateOf(chain: LedgerChain): string {
  return [...chain.view.entries()].map(([table, name, value]) => `${table} ${toHex(name)} ${toHex(value)}`).join('\n');
}

// A pool on a chain of blocks in memory, for tests: transactions by what they spend and pay, signatures that hold unless a test says otherwise, time
// that a test moves.

import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import type { Hex32, Now } from '@resonancenet/chain/events';
import { checkTransaction } from '@resonancenet/ledger/check-transaction';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import {
  build,
  byKey,
  type Owned,
  ownedBy,
  type Plan,
  type Spend,
} from '@resonancenet/ledger/testing/build-transaction';
import { LedgerChain, paying } from '@resonancenet/ledger/testing/ledger-chain';
import { BUILT_IN, keyLeaves, under } from '@resonancenet/ledger/testing/sample-policies';
import type { Leaf } from '@resonancenet/primitives/condition';
import { type Output, type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import type { ChainBlock, MempoolAction, MempoolEvent, StrictOutcome } from '../mempool-events.ts';
import { type MempoolLimits, mempoolLimits } from '../mempool-limits.ts';
import { MempoolMachine, type MempoolOptions } from '../mempool-machine.ts';
import { leafOf } from '../parsed-transaction.ts';

type ActionOf<T extends MempoolAction['type']> = Extract<MempoolAction, { readonly type: T }>;

/** Whether signatures hold; null: the test answers the job itself. */
export type Verifier = (checks: readonly SignatureCheck[]) => StrictOutcome | null;

const START_UNIX_MS = 1_800_000_000_000;

/** Resonances that pay for anything here. */
export const COIN = 1_000_000_000n;

export const idOf = (transaction: Transaction): Hex32 => toHex(txid(transaction));
export const bytesOf = (transaction: Transaction): Uint8Array => encode(transactionCodec, transaction);
export const leafHexOf = (transaction: Transaction): Hex32 => leafOf(bytesOf(transaction));

/** An output of key 1 that holds so much. */
export function toKey(resonances: bigint, leaves: readonly Leaf[] = keyLeaves): Output {
  return paying(under(BUILT_IN, leaves), resonances);
}

/** Leaves of key number `number` alone. */
export function leavesOf(number: number): readonly Leaf[] {
  return [[byKey(number)]];
}

export class PoolWorld {
  readonly chain: LedgerChain = new LedgerChain();
  readonly known: Set<string> = new Set();
  readonly actions: MempoolAction[] = [];
  readonly limits: MempoolLimits;
  verifier: Verifier = () => ({ kind: 'valid' });
  machine: MempoolMachine;
  nowMs = 0;
  readonly #blocks: ChainBlock[] = [];
  #wakeMs: number | null = null;

  constructor(limits: Partial<MempoolLimits> = {}) {
    this.limits = { ...mempoolLimits, ...limits };
    this.machine = this.restarted();
  }

  /** A machine that knows nothing but the chain. */
  restarted(parts: Partial<MempoolOptions> = {}): MempoolMachine {
    const keyOf = ({ publicKey, message, signature }: SignatureCheck): string =>
      [publicKey, message, signature].map(toHex).join();
    return new MempoolMachine({
      ledger: this.chain.view,
      context: this.chain.context,
      limits: this.limits,
      feeHistory: null,
      known: { has: (check) => this.known.has(keyOf(check)), add: (check) => this.known.add(keyOf(check)) },
      now: this.now,
      ...parts,
    });
  }

  get now(): Now {
    return { unixMs: START_UNIX_MS + this.nowMs, monotonicMs: this.nowMs };
  }

  /** Gives an event, answers what it asks for, and does what is due at once. */
  give(event: MempoolEvent): MempoolAction[] {
    const all: MempoolAction[] = [];
    const events = [event];
    for (let next = events.shift(); next !== undefined; next = events.shift()) {
      const actions = this.machine.step(next, this.now);
      all.push(...actions);
      for (const action of actions) {
        if (action.type === 'wake') this.#wakeMs = action.atMonotonicMs;
        if (action.type !== 'verify-transaction') continue;
        const outcome = this.verifier(action.checks);
        if (outcome !== null) events.push({ type: 'transaction-signatures', job: action.job, outcome });
      }
      if (events.length === 0 && this.#wakeMs !== null && this.#wakeMs <= this.nowMs) {
        this.#wakeMs = null;
        events.push({ type: 'tick' });
      }
    }
    this.actions.push(...all);
    return all;
  }

  submit(transactions: Transaction | readonly Transaction[], peer: string | null = 'peer'): MempoolAction[] {
    const list = Array.isArray(transactions) ? (transactions as readonly Transaction[]) : [transactions as Transaction];
    return this.give({ type: 'transactions', encoded: list.map(bytesOf), peer, ticket: null });
  }

  /** `accepted`, or the code of the first refusal. */
  outcome(transactions: Transaction | readonly Transaction[], peer: string | null = 'peer'): string {
    const actions = this.submit(transactions, peer);
    const refused = actions.find((action) => action.type === 'transaction-refused');
    if (refused !== undefined) return refused.code;
    return actions.some((action) => action.type === 'transaction-accepted') ? 'accepted' : 'waiting';
  }

  /** Moves time on, giving the ticks that were asked for. */
  pass(milliseconds: number): void {
    const endMs = this.nowMs + milliseconds;
    while (this.#wakeMs !== null && this.#wakeMs <= endMs) {
      this.nowMs = Math.max(this.nowMs, this.#wakeMs);
      this.#wakeMs = null;
      this.give({ type: 'tick' });
    }
    this.nowMs = endMs;
  }

  /** Outputs of key 1 that can be spent at once; the blocks that it takes are told. */
  fund(...resonances: readonly bigint[]): Owned[] {
    return this.fundOutputs(...resonances.map((each) => toKey(each)));
  }

  fundOutputs(...outputs: readonly Output[]): Owned[] {
    const coinbase = this.#connect([], outputs);
    const height = this.chain.height;
    for (let block = 1; block < this.chain.params.coinbaseMaturity; block += 1) this.#connect([], []);
    this.#told(this.chain.params.coinbaseMaturity, []);
    return outputs.map((output, index) => ({ txid: txid(coinbase), index, output, height }));
  }

  mine(transactions: readonly Transaction[] = []): MempoolAction[] {
    this.#connect(transactions, []);
    return this.#told(1, []);
  }

  /** Takes so many blocks back and connects others, in one move of the tip. */
  reorganise(depth: number, blocks: readonly (readonly Transaction[])[]): MempoolAction[] {
    const disconnected = this.#blocks.splice(this.#blocks.length - depth);
    for (let block = 0; block < depth; block += 1) this.chain.undo();
    for (const transactions of blocks) this.#connect(transactions, []);
    return this.#told(blocks.length, disconnected);
  }

  /** A transaction that spends outputs of key 1, pays so much to key 1, and leaves the rest as fee. */
  pay(from: readonly Owned[], amounts: readonly bigint[], parts: Partial<Plan> = {}): Transaction {
    const spends: Spend[] = from.map((owned) => ({ from: owned, leaves: keyLeaves }));
    return build({ spends, outputs: amounts.map((each) => toKey(each)), ...parts });
  }

  /** The same with one output and this fee. */
  payFee(from: readonly Owned[], fee: bigint, parts: Partial<Plan> = {}): Transaction {
    const held = from.reduce((sum, { output }) => sum + output.amount, 0n);
    return this.pay(from, [held - fee], parts);
  }

  /** Outputs of an unconfirmed transaction. */
  outputsOf(transaction: Transaction): Owned[] {
    return ownedBy(transaction, this.chain.height + 1);
  }

  /** A row of transactions, each spending the one before, with this fee each. */
  row(from: Owned, length: number, fee: bigint): Transaction[] {
    const made: Transaction[] = [];
    for (let at = from; made.length < length; at = this.outputsOf(made.at(-1)!)[0]!) made.push(this.payFee([at], fee));
    return made;
  }

  has(transaction: Transaction): boolean {
    return this.machine.get(idOf(transaction)) !== null;
  }

  get size(): number {
    return this.machine.totals().count;
  }

  ofType<T extends MempoolAction['type']>(type: T, actions: readonly MempoolAction[] = this.actions): ActionOf<T>[] {
    return actions.filter((action): action is ActionOf<T> => action.type === type);
  }

  /** Why a transaction went, as last told. */
  removal(transaction: Transaction): string | null {
    const id = idOf(transaction);
    return this.ofType('transaction-removed').findLast((action) => action.txid === id)?.reason ?? null;
  }

  /** What a job asks about. */
  checksOf(job: number): readonly SignatureCheck[] {
    return this.ofType('verify-transaction').find((action) => action.job === job)?.checks ?? [];
  }

  /** Whether a signature is one of a transaction's first input. */
  isOf(transaction: Transaction, { message }: SignatureCheck): boolean {
    const checked = checkTransaction(transaction, this.chain.height + 1, this.chain.view, this.chain.context);
    return checked.ok && checked.signatures.some((check) => toHex(check.message) === toHex(message));
  }

  refusals(actions: readonly MempoolAction[] = this.actions): string[] {
    return this.ofType('transaction-refused', actions).map(({ code }) => code);
  }

  #connect(transactions: readonly Transaction[], pay: readonly Output[]): Transaction {
    const coinbase = this.chain.mine(transactions, { pay });
    const { height } = this.chain;
    this.#blocks.push({ height, timestamp: 1_793_491_200 + 600 * height, transactions: [coinbase, ...transactions] });
    return coinbase;
  }

  #told(connected: number, disconnected: readonly ChainBlock[]): MempoolAction[] {
    return this.give({ type: 'tip', connected: this.#blocks.slice(this.#blocks.length - connected), disconnected });
  }
}

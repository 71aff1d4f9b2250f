// Random lives of three accounts of one wallet on the ledger's test chain. After every step what the wallet says is compared with what the ledger
// holds, coin by coin.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { coinKey, decodeCoin } from '@resonancenet/ledger/coin';
import { readPolicy } from '@resonancenet/ledger/policy-registry';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import type { Output, Transaction } from '@resonancenet/primitives/transaction';
import { readAccountState } from '../account-state.ts';
import { pendingCoins } from '../account-coins.ts';
import { balanceOf, sumOf } from '../balance.ts';
import { buildPayment } from '../build-payment.ts';
import { bumpFee } from '../bump-fee.ts';
import { recordSent } from '../change-place.ts';
import { walkCoins } from '../coin-table.ts';
import { walkHistory } from '../history-table.ts';
import { lockCoin, lockedCoins, unlockCoin } from '../locked-coins.ts';
import { type BuiltPayment, DEFAULT_MAX_FEE, type PaymentContext, plainPayment } from '../payment-wish.ts';
import { readPending, walkPending } from '../pending-table.ts';
import { nextIndex } from '../next-address.ts';
import { GAP_LIMIT } from '../scan-block.ts';
import type { WalletAccount } from '../wallet-account.ts';
import type { WalletProblem } from '../wallet-problem.ts';
import { signAll } from './sign-rntp.ts';
import { accountKinds, WalletWorld } from './test-wallet.ts';
import { walkedBalance } from './walked-balance.ts';

/** What happened how often, in one line. */
export function describeRun(tally: ReadonlyMap<string, number>): string {
  return [...tally].map(([what, count]) => `${what} ${count}`).join(', ');
}

export class WalletPlay {
  readonly tally: Map<string, number> = new Map();
  readonly #accounts: readonly WalletAccount[] = [
    accountKinds.emissionReturn('player', 0),
    accountKinds.heartbeat('player', 1),
    accountKinds.social('player', 2),
  ];
  readonly #world: WalletWorld = new WalletWorld(...this.#accounts);
  readonly #context: PaymentContext;
  #blocks = 0;
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
    const { wallet, params, genesisId } = this.#world;
    const rate = feeRatePerByte(params.minRelayFee);
    const random = (limit: number): number => this.#below(limit);
    this.#context = { view: wallet, params, genesisId, relayRate: rate, usualRate: feeRatePerByte(20), random };
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#step();
      this.#compare();
    }
    while (this.#blocks > 0) this.#undo();
    this.#compare();
    assert([...walkCoins(this.#world.wallet)].length === 0, 'before the first block there are no coins');
  }

  #step(): void {
    const kind = this.#below(12);
    if (kind < 3) this.#mineCoins();
    else if (kind < 7) this.#pay(this.#below(5) === 0);
    else if (kind === 7) this.#bump();
    else if (kind < 10) this.#mine(this.#pending());
    else if (kind === 10 && this.#below(3) === 0) this.#lock();
    else if (kind === 10) for (let blocks = this.#below(4); blocks >= 0 && this.#blocks > 0; blocks--) this.#undo();
    else for (let blocks = this.#below(8) === 0 ? 205 : this.#below(20); blocks > 0; blocks--) this.#mine([]);
  }

  /** A coinbase that pays the accounts. */
  #mineCoins(): void {
    const pay = Array.from({ length: 1 + this.#below(3) }, (): Output => {
      const account = this.#pick(this.#accounts);
      const amount = BigInt(1 + this.#below(1_000_000)) * (this.#below(3) === 0 ? 1n : 100_000n);
      return this.#to(account, amount);
    });
    this.#mine([], pay);
  }

  #pay(all: boolean): void {
    const from = this.#pick(this.#accounts);
    const amount = BigInt(1 + this.#below(1_000_000)) * 20_000n;
    const outside = { amount, ...this.#world.chain.miner } as Output;
    const payments = all ? [] : [this.#below(2) === 0 ? this.#to(this.#pick(this.#accounts), amount) : outside];
    const to = this.#pick(this.#accounts);
    const rate = feeRatePerByte(10 + this.#below(30));
    const wish = {
      ...plainPayment(payments, rate),
      sendAll: all ? to.destination('receive', this.#receiveIndex(to))! : null,
      unconfirmed: this.#below(2) === 0,
      heartbeat: this.#below(3) > 0,
    };
    this.#send(buildPayment(from, wish, this.#context), all ? 'sent all' : 'paid');
  }

  #bump(): void {
    const waiting = [...walkPending(this.#world.wallet)].filter(({ own }) => own);
    if (waiting.length === 0) return;
    const { txid, transaction } = this.#pick(waiting);
    const coin = [...walkCoins(this.#world.wallet)].find(({ outpoint }) =>
      equalBytes(outpoint.txid, transaction.inputs[0]!.outpoint.txid),
    );
    const account = this.#accounts[coin?.account ?? this.#below(3)]!;
    const wish = {
      txid,
      rate: feeRatePerByte(50),
      cancel: this.#below(2) === 0,
      descendantFees: 0n,
      maxFee: DEFAULT_MAX_FEE,
    };
    this.#send(bumpFee(account, wish, this.#context), 'bumped');
  }

  /** Keeps a coin, or lets all be spent again. */
  #lock(): void {
    const { wallet } = this.#world;
    const coins = [...walkCoins(wallet)];
    if (this.#below(3) === 0) for (const outpoint of [...lockedCoins(wallet)]) unlockCoin(wallet, outpoint);
    else if (coins.length > 0) lockCoin(wallet, this.#pick(coins).outpoint);
    this.#count('locked');
  }

  #send(built: BuiltPayment | WalletProblem, what: string): void {
    if (!built.ok) {
      this.#count('refused');
      return;
    }
    const transaction = signAll(built.rntp);
    const parents = transaction.inputs.some(({ outpoint }) => readPending(this.#world.wallet, outpoint.txid) !== null);
    if (!parents) {
      const verdict = this.#world.judge(transaction);
      assert(verdict === 'valid', `what was built is ${verdict}`);
      assert(this.#world.feeOf(transaction) === built.fee, 'the fee is what was said');
    }
    recordSent(this.#world.wallet, this.#world.accounts, transaction, BigInt(this.#blocks));
    this.#count(what);
  }

  /** Some of what waits, parents before children, as far as it is still valid. */
  #pending(): Transaction[] {
    const chosen: Transaction[] = [];
    const waiting = [...walkPending(this.#world.wallet)].map(({ transaction }) => transaction);
    for (let round = 0; round < waiting.length; round++) {
      for (const transaction of waiting) {
        if (chosen.includes(transaction) || this.#below(4) === 0) continue;
        if (this.#world.chain.attempt([...chosen, transaction]).ok) chosen.push(transaction);
      }
    }
    return chosen;
  }

  #mine(transactions: readonly Transaction[], pay: readonly Output[] = []): void {
    const before = this.#totals();
    this.#world.mine(transactions, { pay });
    this.#blocks++;
    const { height } = this.#world.chain;
    for (const account of this.#accounts) {
      const { credit, debit } = this.#changes(account, height);
      const expected = before.get(account.number)! + credit - debit;
      assert(this.#totals().get(account.number) === expected, `account ${account.number}: history and coins agree`);
    }
  }

  #undo(): void {
    this.#world.undo();
    this.#blocks--;
    this.#count('undone');
  }

  #changes(account: WalletAccount, height: number): { readonly credit: bigint; readonly debit: bigint } {
    let [credit, debit] = [0n, 0n];
    for (const entry of walkHistory(this.#world.wallet, account.number, height)) {
      credit += entry.credit;
      debit += entry.debit;
      if (entry.kind === 'returned') this.#count('returned');
    }
    return { credit, debit };
  }

  #totals(): Map<number, bigint> {
    const { wallet, params } = this.#world;
    return new Map(this.#accounts.map((account) => [account.number, balanceOf(wallet, account, params, 0).total]));
  }

  /** The wallet's coins are exactly the ledger's outputs that belong to it, and the parts of a balance are its whole. */
  #compare(): void {
    const { chain, wallet, params, accounts } = this.#world;
    const known = new Map(
      [...walkCoins(wallet)].map((coin) => [toHex(coinKey(coin.outpoint.txid, coin.outpoint.index)), coin]),
    );
    const sums = new Map(this.#accounts.map(({ number }) => [number, 0n]));
    for (const [key, bytes] of chain.view.range('coins', new Uint8Array(0), null)) {
      const coin = decodeCoin(bytes);
      const place = accounts.placeOf(coin);
      if (place === null) continue;
      const mine = known.get(toHex(key));
      assert(mine !== undefined && mine.amount === coin.amount && mine.height === coin.height, 'every coin is known');
      assert(mine.coinbase === coin.coinbase && mine.index === place.index, 'with all that matters');
      known.delete(toHex(key));
      sums.set(place.account.number, sums.get(place.account.number)! + coin.amount);
    }
    assert(known.size === 0, 'no coin is known that the ledger has not');
    for (const account of this.#accounts) {
      const finalHeight = this.#below(chain.height + 2);
      const balance = balanceOf(wallet, account, params, finalHeight);
      const walked = walkedBalance(wallet, account, params, finalHeight);
      for (const [name, amount] of Object.entries(walked))
        assert(balance[name as keyof typeof balance] === amount, `${name}: the sums are those of all coins`);
      const { confirmed, immature, locked, spending, returning, total } = balance;
      assert(total === sums.get(account.number), `account ${account.number} holds ${total}`);
      // A coin that the user keeps is kept too when its block was taken back.
      const waiting = sumOf(pendingCoins(wallet, account).filter(({ status }) => status === 'locked'));
      assert(confirmed + immature + locked - waiting + spending + returning === total, 'the parts are the whole');
      assert(
        readAccountState(wallet, account.number).lastSign === readPolicy(chain.view, account.policyId).lastSign,
        'signs of life',
      );
    }
  }

  #to(account: WalletAccount, amount: bigint): Output {
    return { amount, ...account.destination('receive', this.#receiveIndex(account))! } as Output;
  }

  #receiveIndex(account: WalletAccount): number {
    const next = nextIndex(this.#world.wallet, account, 'receive');
    return Math.min(this.#below(next + 1), account.windowEnd('receive') - GAP_LIMIT);
  }

  #count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!;
  }

  /** xorshift32. */
  #below(limit: number): number {
    let state = this.#state || 0x9e3779b9;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) % limit;
  }
}

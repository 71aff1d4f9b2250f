// Trials: a node, or its signer, is killed while it pays, gives out addresses, rescans or takes blocks back. After the next start nothing is paid twice
// or lost, no address is given out again, and a rescan from zero finds the same coins.

import assert from 'node:assert/strict';
import type { WalletCrashPoint } from '@resonancenet/storage/crash-point';
import { WalletKillWorld } from './wallet-kill-world.ts';
import { sleep, waitFor } from './wait.ts';

export const KILL_ACTIONS = ['send', 'address', 'rescan', 'reorganise'] as const;

export type KillAction = (typeof KILL_ACTIONS)[number];

/** What is done, and where or when the kill falls. */
export type KillPlan =
  | { readonly kind: 'point'; readonly point: WalletCrashPoint; readonly count: number; readonly action: KillAction }
  | { readonly kind: 'moment'; readonly action: KillAction }
  /** The signer, while the node pays. */
  | { readonly kind: 'signer' };

/** How often the node was killed at a point, at a moment, or after it had finished; and signers killed. */
export interface KillTally {
  readonly points: Map<WalletCrashPoint, number>;
  moments: number;
  finished: number;
  signers: number;
  /** Payments of which the caller had no answer; of those, how many had been made. */
  unanswered: number;
  made: number;
}

interface Payment {
  readonly address: string;
  readonly amount: string;
  /** null: the caller looks at the history instead. */
  readonly reference: string | null;
  answered: string | null;
}

interface Coin {
  readonly txid: string;
  readonly vout: number;
  readonly address: string;
  readonly amount: string;
}

const RNT = 10_000_000_000n;

export class WalletKillPlay {
  readonly tally: KillTally = { points: new Map(), moments: 0, finished: 0, signers: 0, unanswered: 0, made: 0 };
  readonly #world: WalletKillWorld;
  readonly #random: () => number;
  readonly #given = new Set<string>();
  readonly #paid = new Map<string, Payment>();
  /** The payment that the kill may have cut off. */
  #open: Payment | null = null;
  /** A block that is forbidden, and the tip that was above it. */
  #forbidden: { readonly block: string; readonly tip: string } | null = null;
  /** How long an action takes when nobody interrupts it, milliseconds. */
  readonly #usual = new Map<KillAction | 'signer', number>();
  #number = 0;

  /** `blocks`: of alice's at the beginning, the last six of which are too young to be spent. */
  static async make(random: () => number, blocks: number): Promise<WalletKillPlay> {
    return new WalletKillPlay(await WalletKillWorld.make(blocks), random);
  }

  private constructor(world: WalletKillWorld, random: () => number) {
    this.#world = world;
    this.#random = random;
  }

  async trial(plan: KillPlan): Promise<void> {
    this.#number += 1;
    if (plan.kind === 'signer') await this.#killSigner();
    else {
      await (plan.kind === 'point' ? this.#killAtPoint(plan) : this.#killAtMoment(plan.action));
      await this.#world.start();
    }
    await this.#check();
  }

  close(): Promise<void> {
    return this.#world.close();
  }

  async #killAtPoint({ point, count, action }: Extract<KillPlan, { kind: 'point' }>): Promise<void> {
    await this.#world.kill();
    const isUp = await this.#world.start(`${point}:${count}`);
    if (isUp) await this.#act(action).catch(() => undefined);
    const isAtPoint = !isUp || (await this.#world.kill());
    if (isAtPoint) this.tally.points.set(point, (this.tally.points.get(point) ?? 0) + 1);
    else this.tally.finished += 1;
  }

  async #killAtMoment(action: KillAction): Promise<void> {
    const acting = this.#timed(action, () => this.#act(action));
    const hasEnded = await Promise.race([
      acting.then(
        () => true,
        () => true,
      ),
      sleep(this.#moment(action)).then(() => false),
    ]);
    await this.#world.kill();
    await acting.catch(() => undefined);
    if (hasEnded) this.tally.finished += 1;
    else this.tally.moments += 1;
  }

  async #killSigner(): Promise<void> {
    const paying = this.#timed('signer', () => this.#pay());
    await Promise.race([paying.catch(() => undefined), sleep(this.#moment('signer'))]);
    this.#world.killSigner();
    await paying.catch(() => undefined);
    this.tally.signers += 1;
    await this.#world.unlock();
  }

  /** A moment within the time that the action takes here. */
  #moment(action: KillAction | 'signer'): number {
    return this.#random() * 1.1 * (this.#usual.get(action) ?? 100);
  }

  async #timed(action: KillAction | 'signer', work: () => Promise<void>): Promise<void> {
    const started = performance.now();
    await work();
    this.#usual.set(action, performance.now() - started);
  }

  async #act(action: KillAction): Promise<void> {
    switch (action) {
      case 'send':
        return this.#pay();
      case 'address':
        for (let count = 0; count < 3; count += 1) await this.#newAddress();
        return;
      case 'rescan':
        await this.#world.ask('alice', 'rescanblockchain', [true]);
        return;
      case 'reorganise': {
        const { node } = this.#world;
        const { blocks, bestblockhash: tip } = await node.info();
        const block = await node.rpc<string>('getblockhash', [blocks - 1]);
        this.#forbidden = { block, tip };
        await node.rpc('invalidateblock', [block]);
        await this.#world.ask('alice', 'getbalances');
        await this.#allow();
        await this.#world.ask('alice', 'getbalances');
      }
    }
  }

  /** The chain is again what it was. */
  async #allow(): Promise<void> {
    if (this.#forbidden === null) return;
    const { node } = this.#world;
    const { block, tip } = this.#forbidden;
    await node.rpc('reconsiderblock', [block]);
    await node.untilTip(tip);
    this.#forbidden = null;
  }

  /** An address that nobody has been given. */
  async #newAddress(): Promise<string> {
    const address = await this.#world.ask<string>('bob', 'getnewaddress');
    assert.ok(!this.#given.has(address), `trial ${this.#number}: ${address} is given out twice`);
    this.#given.add(address);
    return address;
  }

  async #pay(): Promise<void> {
    const address = await this.#newAddress();
    const amount = `1.${String(this.#paid.size + 1).padStart(10, '0')}`;
    const reference = this.#random() < 0.7 ? `trial-${this.#number}-${this.#paid.size}` : null;
    this.#open = { address, amount, reference, answered: null };
    this.#open.answered = await this.#send(this.#open);
  }

  async #send({ address, amount, reference }: Payment): Promise<string> {
    const options = reference === null ? {} : { reference };
    return (await this.#world.ask<{ txid: string }>('alice', 'sendtoaddress', { address, amount, options })).txid;
  }

  /** What must hold after every kill. */
  async #check(): Promise<void> {
    const world = this.#world;
    world.checkFiles();
    assert.deepEqual(await world.node.rpc('listwallets'), ['alice', 'bob']);
    await this.#allow();
    for (const name of ['alice', 'bob'] as const)
      assert.deepEqual((await world.ask<{ warnings: unknown }>(name, 'getwalletinfo')).warnings, []);
    if (this.#open !== null) await this.#settle(this.#open);
    await this.#pay();
    await this.#settle(this.#open!);
    await world.node.mine(1);
    await this.#compareMoney();
    await this.#compareRescan();
  }

  /** The caller asks again, or looks at the history before; afterwards the payment is on its way, once. */
  async #settle(payment: Payment): Promise<void> {
    this.#open = null;
    const { answered } = payment;
    const known = payment.reference === null ? await this.#found(payment) : null;
    const before = await this.#pending();
    const txid = known ?? (await this.#send(payment));
    if (answered === null) {
      this.tally.unanswered += 1;
      if (known !== null || before.has(txid)) this.tally.made += 1;
    } else assert.equal(txid, answered, `trial ${this.#number}: a payment that was answered is made again`);
    await waitFor(() => this.#isOnItsWay(txid), { what: () => `${txid} is sent again\n${this.#world.node.tail()}` });
    this.#paid.set(payment.address, payment);
  }

  async #found({ address }: Payment): Promise<string | null> {
    const entries = await this.#world.ask<{ txid?: string }[]>('alice', 'listtransactions', [20]);
    for (const { txid } of entries) {
      if (txid === undefined) continue;
      const { decoded } = await this.#world.ask<{ decoded: unknown }>('alice', 'gettransaction', [txid]);
      if (JSON.stringify(decoded).includes(address)) return txid;
    }
    return null;
  }

  async #pending(): Promise<ReadonlySet<string | undefined>> {
    const entries = await this.#world.ask<{ txid?: string }[]>('alice', 'listtransactions', [20]);
    return new Set(entries.map(({ txid }) => txid));
  }

  async #isOnItsWay(txid: string): Promise<boolean> {
    const { confirmations, inpool } = await this.#world.ask<{ confirmations: number; inpool?: boolean }>(
      'alice',
      'gettransaction',
      [txid],
    );
    return confirmations > 0 || inpool === true;
  }

  /** Bob has every payment once, and all money that there is is the two wallets'. */
  async #compareMoney(): Promise<void> {
    const coins = await this.#world.ask<Coin[]>('bob', 'listunspent');
    const got = coins.map(({ address, amount }) => `${address} ${rnt(amount)}`).sort();
    const wanted = [...this.#paid.values()].map(({ address, amount }) => `${address} ${rnt(amount)}`).sort();
    assert.deepEqual(got, wanted, `trial ${this.#number}: bob's coins are the payments`);
    const { total_amount: all } = await this.#world.node.rpc<{ total_amount: string }>('gettxoutsetinfo');
    const total = async (name: 'alice' | 'bob'): Promise<bigint> =>
      rnt((await this.#world.ask<{ total: string }>(name, 'getbalances')).total);
    assert.equal((await total('alice')) + (await total('bob')), rnt(all), `trial ${this.#number}: all money`);
  }

  /** What the wallets know is what they find when they read the chain from its beginning. */
  async #compareRescan(): Promise<void> {
    for (const name of ['alice', 'bob'] as const) {
      const known = await this.#snapshot(name);
      await this.#world.ask(name, 'rescanblockchain', [true]);
      assert.deepEqual(await this.#snapshot(name), known, `trial ${this.#number}: ${name} after a rescan`);
    }
  }

  async #snapshot(name: 'alice' | 'bob'): Promise<unknown[]> {
    const ask = (method: string, params: readonly unknown[]): Promise<unknown> => this.#world.ask(name, method, params);
    return Promise.all([ask('getbalances', []), ask('listunspent', [0]), ask('listtransactions', [1_000])]);
  }
}

/** Resonances of a decimal text. */
function rnt(text: string): bigint {
  const [whole, part = ''] = text.split('.');
  return BigInt(whole!) * RNT + BigInt(part.padEnd(10, '0'));
}

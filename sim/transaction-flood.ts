// Peers that flood transactions: they announce names without end and deliver what they were made to deliver.

import { encode } from '@resonancenet/bytes/encode';
import { leafOf } from '@resonancenet/mempool/parsed-transaction';
import { amount } from '@resonancenet/primitives/amount';
import { keyDestination } from '@resonancenet/primitives/destination';
import { NO_LOCK, type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { emptyMind, type Puppet } from '@resonancenet/p2p/testing/puppet';
import { SeededRandom } from '@resonancenet/p2p/testing/seeded-random';
import { addPuppet, say } from './hostile.ts';
import type { OwnCoin } from '@resonancenet/primitives/testing/signed-transaction';
import type { World } from './world.ts';

export type TransactionJunk =
  /** Bytes that are no transactions. */
  | 'malformed'
  /** Right in form, spending outputs that do not exist. */
  | 'orphans'
  /** Spending an output of somebody else with a signature that does not hold. */
  | 'forged';

export class TransactionFlooder {
  readonly puppet: Puppet;
  /** Transactions that it was asked for and delivered. */
  delivered = 0;
  readonly #world: World;
  readonly #name: string;
  readonly #random: SeededRandom;
  readonly #junk: TransactionJunk;
  readonly #stolen: { readonly coin: OwnCoin; readonly witness: Uint8Array } | null;
  readonly #made = new Map<string, Uint8Array>();

  /** `targets`: whom it connects to. `stolen`: for `forged`, an output and a witness of its own form. */
  constructor(
    world: World,
    number: number,
    junk: TransactionJunk,
    targets: readonly string[],
    stolen: { readonly coin: OwnCoin; readonly witness: Uint8Array } | null = null,
  ) {
    this.#world = world;
    this.#name = `flooder-${number}`;
    this.#random = new SeededRandom(number);
    this.#junk = junk;
    this.#stolen = stolen;
    this.puppet = addPuppet(world, this.#name, number, targets);
    this.puppet.mind = (message, reply) => {
      emptyMind(message, reply);
      if (message.command !== 'gettx') return;
      const bytes = this.#made.get(message.body.id);
      if (bytes === undefined)
        reply({ command: 'notfound', body: { what: message.body.by, id: message.body.id, index: 0 } });
      else {
        this.delivered += 1;
        reply({ command: 'tx', body: { ...message.body, bytes } });
      }
    };
  }

  /** Announces so many new names to everybody it is connected to. */
  announce(count: number): void {
    const leaves = Array.from({ length: count }, () => {
      const bytes = this.#make();
      const leaf = leafOf(bytes);
      this.#made.set(leaf, bytes);
      return leaf;
    });
    say(this.#world, this.#name, this.puppet, { command: 'newtx', body: { leaves } });
  }

  leave(): void {
    this.#world.network.crash(this.#name);
  }

  #make(): Uint8Array {
    if (this.#junk === 'malformed') return this.#random.bytes(100);
    const { params } = this.#world;
    const destination = keyDestination(this.#random.bytes(32), params.recovery);
    const isForged = this.#junk === 'forged' && this.#stolen !== null;
    const outpoint = isForged ? this.#stolen.coin.outpoint : { txid: this.#random.bytes(32), index: 0 };
    const transaction: Transaction = {
      version: 1,
      inputs: [{ outpoint, sequence: NO_LOCK, witness: this.#stolen?.witness ?? this.#random.bytes(102) }],
      outputs: [{ amount: amount(1_000_000n), ...destination }],
      actions: [],
      lockTime: NO_LOCK,
    };
    return encode(transactionCodec, transaction);
  }
}

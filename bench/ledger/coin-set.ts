// A chain store that holds genesis and as many coins as the bar asks for, as if genesis had paid them. Some belong to keys that are used once;
// the others to nobody.

import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createChain } from '@resonancenet/chain/create-chain';
import type { ChainBatch, ChainTable } from '@resonancenet/chain/events';
import { MemoryCheckpointStore } from '@resonancenet/chain/memory-store';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { coinKey, encodeCoin } from '@resonancenet/ledger/coin';
import { enterQueue, returnDeadline } from '@resonancenet/ledger/deadlines';
import type { LedgerView } from '@resonancenet/ledger/ledger-view';
import { GENESIS_TOTALS, writeTotals } from '@resonancenet/ledger/totals';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { amount } from '@resonancenet/primitives/amount';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import type { Output } from '@resonancenet/primitives/transaction';
import { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';

export interface CoinSetSize {
  readonly coins: number;
  /** How many of them belong to keys. */
  readonly owned: number;
}

/** Coins written in one batch. */
const COINS_PER_BATCH = 25_000;

/** Resonances of each coin. */
const AMOUNT = amount(1_000_000n);

/** 32 bytes that follow from a name and a number. */
export function numbered(name: string, number: number): Uint8Array {
  return new Uint8Array(hash('sha256', `${name} ${number}`, 'buffer'));
}

/** Key of owned coin `number`. */
export function coinSeed(number: number): Uint8Array {
  return numbered('key', number);
}

export function coinTxid(number: number): Uint8Array {
  return numbered('coin', number);
}

export function coinOutput(number: number, params: NetworkParams): Output {
  return { amount: AMOUNT, ...keyDestination(publicKey(coinSeed(number)), params.recovery) };
}

/** A destination of a key that nobody has. */
export function strangersDestination(number: number, params: NetworkParams): Destination {
  const { policyId } = keyDestination(new Uint8Array(32), params.recovery);
  return { lockId: numbered('stranger', number).subarray(0, 24), policyId };
}

/** Makes the store, without anything that was in the folder before. */
export async function makeCoinSet(folder: string, { coins, owned }: CoinSetSize, params: NetworkParams): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const store = LmdbChainStore.open(folder);
  const now = { unixMs: Number(params.genesis.timestamp) * 1000, monotonicMs: 1 };
  const machine = createChain({ params, store, checkpoints: new MemoryCheckpointStore() }, now);
  for (const action of machine.step({ type: 'tick' }, now)) if (action.type === 'persist') store.write(action.batch);
  const batch = new CollectedBatch();
  for (let number = 0; number < coins; number += 1) {
    const output =
      number < owned ? coinOutput(number, params) : { amount: AMOUNT, ...strangersDestination(number, params) };
    const key = coinKey(coinTxid(number), 0);
    const queued = returnDeadline({ policyId: output.policyId, height: 0 }, 0) ?? 0;
    batch.put('coins', key, encodeCoin({ ...output, height: 0, coinbase: false, queued }));
    enterQueue(batch, key, queued);
    if ((number + 1) % COINS_PER_BATCH === 0) store.write(batch.take());
  }
  const sum = AMOUNT * BigInt(coins);
  writeTotals(batch, { ...GENESIS_TOTALS, minted: sum, unspent: sum });
  store.write(batch.take());
  await store.close();
}

/** What is put, for a store to write; nothing can be read. */
class CollectedBatch implements LedgerView {
  #puts: { table: ChainTable; key: Uint8Array; value: Uint8Array }[] = [];

  put(table: ChainTable, key: Uint8Array, value: Uint8Array): void {
    this.#puts.push({ table, key, value });
  }

  create(table: ChainTable, key: Uint8Array, value: Uint8Array): void {
    this.put(table, key, value);
  }

  take(): ChainBatch {
    const puts = this.#puts;
    this.#puts = [];
    return { puts, deletes: [] };
  }

  get(): never {
    throw new Error('What is collected cannot be read.');
  }

  range(): never {
    throw new Error('What is collected cannot be read.');
  }

  remove(): never {
    throw new Error('Nothing is removed here.');
  }

  delete(): never {
    throw new Error('Nothing is deleted here.');
  }
}

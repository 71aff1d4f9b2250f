// A hundred thousand blocks as a node's store has them, half of which pay an account twice: 50,000 transactions, 100,000 coins.

import { bigEndian } from '@resonancenet/bytes/big-endian';
import { concatBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { ChainBatch } from '@resonancenet/chain/events';
import { hashUntagged } from '@resonancenet/crypto/hash';
import type { WalletChain } from '@resonancenet/node/wallet/wallet-chain';
import { regtest } from '@resonancenet/params/regtest';
import { amount } from '@resonancenet/primitives/amount';
import { bodyCodec } from '@resonancenet/primitives/block';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import type { Destination } from '@resonancenet/primitives/destination';
import { NO_LOCK, type Output, type Transaction } from '@resonancenet/primitives/transaction';
import { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import type { WalletAccount } from '@resonancenet/wallet/wallet-account';

export const BLOCKS = 100_000;
export const COINS = 100_000;
export const TRANSACTIONS = 50_000;

const RNT = 10_000_000_000n;
const BLOCKS_PER_BATCH = 5_000;
/** Addresses that are paid in turn. */
const ADDRESSES = 900;
/** Of a signature by a key and its leaf. */
const WITNESS_BYTES = 106;

const nobody: Destination = { lockId: new Uint8Array(24).fill(9), policyId: new Uint8Array(24).fill(9) };
const sums = new Array<number>(regtest.dval.windows).fill(1);

/** Id of the block of a height. */
export function loadId(height: number): Uint8Array {
  return hashUntagged(bigEndian(height), Uint8Array.of(1));
}

function paying(account: WalletAccount, height: number): Transaction {
  const index = height % ADDRESSES;
  const outputs = (['receive', 'change'] as const).map(
    (branch): Output => ({ amount: amount(RNT + BigInt(height)), ...account.destination(branch, index)! }),
  );
  const outpoint = { txid: concatBytes(new Uint8Array(28).fill(0xff), bigEndian(height)), index: 0 };
  const input = { outpoint, sequence: NO_LOCK, witness: new Uint8Array(WITNESS_BYTES) };
  return { version: 1, inputs: [input], outputs, actions: [], lockTime: NO_LOCK };
}

/** Writes the bodies into a new store. */
export async function makeLoadChain(folder: string, account: WalletAccount): Promise<void> {
  const store = LmdbChainStore.open(folder);
  const codec = bodyCodec(regtest);
  let puts: ChainBatch['puts'][number][] = [];
  for (let height = 1; height <= BLOCKS; height += 1) {
    const coinbase = makeCoinbase(height, amount(50n * RNT), nobody);
    const transactions = height % 2 === 0 ? [coinbase, paying(account, height)] : [coinbase];
    puts.push({ table: 'bodies', key: loadId(height), value: encode(codec, { windowSums: sums, transactions }) });
    if (puts.length < BLOCKS_PER_BATCH) continue;
    store.write({ puts, deletes: [] });
    puts = [];
  }
  await store.close();
}

/** The blocks as a node's wallets read them: from the store, decoded as the node does (apps/node/src/node-blocks.ts). */
export function loadChain(folder: string): WalletChain {
  const store = LmdbChainStore.open(folder);
  const codec = bodyCodec(regtest);
  const heights = new Map<string, number>();
  const ids: string[] = [];
  for (let height = 0; height <= BLOCKS; height += 1) {
    const id = toHex(loadId(height));
    ids.push(id);
    heights.set(id, height);
  }
  return {
    tip: () => ({ height: BLOCKS, id: ids[BLOCKS]! }) as ReturnType<WalletChain['tip']>,
    idAt: (height) => ids[height] ?? null,
    finalHeight: () => BLOCKS - regtest.finalityDepth,
    block: (id) => {
      const height = heights.get(id);
      const bytes = height === undefined ? null : store.get('bodies', fromHex(id));
      if (height === undefined || bytes === null) return null;
      const decoded = decode(codec, bytes);
      if (!decoded.ok) throw new Error(decoded.error.message);
      const { transactions } = decoded.value;
      return { height, id: fromHex(id), previous: loadId(height - 1), timestamp: BigInt(height), transactions };
    },
  };
}

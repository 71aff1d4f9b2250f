// Outputs, the state of the ledger as a whole, and the sums of all money.

import { existsSync } from 'node:fs';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import { type Coin, coinKey, decodeCoin } from '@resonancenet/ledger/coin';
import { LEDGER_TABLES } from '@resonancenet/ledger/ledger-view';
import { readTotals } from '@resonancenet/ledger/totals';
import { outputClaim } from '@resonancenet/mempool/claims';
import { decodeOwn } from '@resonancenet/mempool/parsed-transaction';
import { StorageError } from '@resonancenet/storage/storage-error';
import type { Output } from '@resonancenet/primitives/transaction';
import { z } from 'zod';
import { rnt } from '../amounts.ts';
import { describeOutput } from '../describe-transaction.ts';
import { describeSupply } from '../describe-supply.ts';
import type { LedgerApi } from '../ledger-api.ts';
import { hashParam, u32Param } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';

type Json = Readonly<Record<string, unknown>>;

export function coinMethods(node: LedgerApi): RpcMethod[] {
  return [outputMethod(node), stateMethod(node), ...snapshotMethods(node), supplyMethod(node)];
}

function outputMethod(node: LedgerApi): RpcMethod {
  return rpcMethod({
    name: 'gettxout',
    summary: 'An unspent output; null if there is none. Outputs that unconfirmed transactions spend are left out.',
    params: z.object({ txid: hashParam, n: u32Param, include_mempool: z.boolean().optional() }),
    result:
      'bestblock, confirmations (0: unconfirmed), value (RNT), address, lockId, policyId, coinbase, spendableFrom (height)',
    example: ['<txid>', 0],
    handler: ({ txid, n, include_mempool: withPool = true }) => {
      const bytes = node.ledger.get('coins', coinKey(fromHex(txid), n));
      if (bytes !== null && withPool && node.pool.claimant(outputClaim(txid, n)) !== null) return null;
      if (bytes !== null) return confirmedOutput(node, decodeCoin(bytes));
      const output = withPool ? unconfirmedOutput(node, txid, n) : null;
      return output === null
        ? null
        : {
            bestblock: node.tip().id,
            confirmations: 0,
            ...describeOutput(output, node.params),
            coinbase: false,
            spendableFrom: node.tip().height + 1,
          };
    },
  });
}

function confirmedOutput(node: LedgerApi, coin: Coin): Json {
  const tip = node.tip();
  const { coinbaseMaturity } = node.params;
  return {
    bestblock: tip.id,
    confirmations: tip.height - coin.height + 1,
    ...describeOutput(coin, node.params),
    coinbase: coin.coinbase,
    height: coin.height,
    // What the lock itself asks for comes on top.
    spendableFrom: coin.height + (coin.coinbase ? coinbaseMaturity : 1),
    // From this height on it cannot be spent: it returns to the emission, unless a sign of life comes.
    ...(coin.queued === 0 ? {} : { returnsAt: coin.queued }),
  };
}

function unconfirmedOutput(node: LedgerApi, txid: Hex32, n: number): Output | null {
  const entry = node.pool.get(txid);
  if (entry === null || node.pool.claimant(outputClaim(txid, n)) !== null) return null;
  return decodeOwn(entry.encoded).outputs[n] ?? null;
}

/** What walks the whole state takes a while: one at a time. */
class OneAtATime {
  #isBusy = false;

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isBusy)
      throw new RpcError(RPC_ERROR.misc, 'The state is being walked for another request; ask again later.');
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }
}

/** Trouble with a file that the caller named is the caller's to know. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError) throw new RpcError(RPC_ERROR.misc, error.message);
    throw error;
  }
}

const walks = new WeakMap<LedgerApi, OneAtATime>();

function walkOf(node: LedgerApi): OneAtATime {
  const walk = walks.get(node) ?? new OneAtATime();
  walks.set(node, walk);
  return walk;
}

function tableCounts(counts: readonly bigint[]): Json {
  return Object.fromEntries(LEDGER_TABLES.map((table, place) => [table, Number(counts[place])]));
}

function stateMethod(node: LedgerApi): RpcMethod {
  return rpcMethod({
    name: 'gettxoutsetinfo',
    summary:
      'The state of the ledger at the tip as one hash, to compare nodes by. Walks all of it: about 15 s for a million outputs.',
    params: z.object({}),
    result:
      'height, bestblock, txouts, total_amount (RNT), state_hash (order of entries does not matter), entries by table',
    example: [],
    handler: () =>
      walkOf(node).run(async () => {
        const { unspent } = readTotals(node.ledger);
        const { height, blockId, stateHash, counts } = await node.hashState();
        const { coins, ...others } = tableCounts(counts);
        return {
          height,
          bestblock: blockId,
          txouts: coins,
          // The tip may have moved while the state was walked.
          ...(node.tip().id === blockId ? { total_amount: rnt(unspent) } : {}),
          state_hash: toHex(stateHash),
          entries: others,
        };
      }),
  });
}

function snapshotMethods(node: LedgerApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'dumptxoutset',
      summary:
        'Writes the state of the ledger after the last final block to a file, for dumps and for --load-snapshot.',
      params: z.object({ path: z.string().min(1).max(4096) }),
      result:
        'path, base_hash, base_height, coins_written, state_hash (give it with the file: it alone can be trusted)',
      example: ['state.dat'],
      handler: ({ path }) =>
        walkOf(node).run(async () => {
          const file = node.pathOf(path);
          if (existsSync(file))
            throw new RpcError(
              RPC_ERROR.outOfRange,
              `${file} already exists. Choose another name, or move it out of the way first.`,
            );
          const { blockId, height, counts, stateHash } = await onDisk(() => node.writeSnapshot(file));
          return {
            path: file,
            base_hash: toHex(blockId),
            base_height: height,
            coins_written: Number(counts[LEDGER_TABLES.indexOf('coins')]),
            state_hash: toHex(stateHash),
          };
        }),
    }),
    rpcMethod({
      name: 'loadtxoutset',
      summary:
        'Checks every byte of a snapshot and says how to start the node on it: a state is taken over at a start only.',
      params: z.object({ path: z.string().min(1).max(4096), state_hash: hashParam }),
      result: 'path, base_hash, base_height, coins, state_hash, start (the flags)',
      example: ['state.dat', '<state hash>'],
      handler: ({ path, state_hash: stateHash }) =>
        walkOf(node).run(async () => {
          const file = node.pathOf(path);
          if (!existsSync(file)) throw new RpcError(RPC_ERROR.outOfRange, `There is no file ${file}.`);
          const checked = await onDisk(() => node.checkSnapshot(file, fromHex(stateHash)));
          if (!checked.ok)
            throw new RpcError(RPC_ERROR.verify, `The snapshot is refused: ${checked.code}, ${checked.detail}.`);
          const { header } = checked;
          return {
            path: file,
            base_hash: toHex(header.blockId),
            base_height: header.height,
            coins: Number(header.counts[LEDGER_TABLES.indexOf('coins')]),
            state_hash: stateHash,
            start: ['--load-snapshot', file, '--snapshot-hash', stateHash],
          };
        }),
    }),
  ];
}

function supplyMethod(node: LedgerApi): RpcMethod {
  return rpcMethod({
    name: 'getsupply',
    summary: 'All money there is, and what the next block may mint.',
    params: z.object({}),
    result: 'height, and every number as value (RNT) with help that says where it comes from',
    example: [],
    handler: () => describeSupply(readTotals(node.ledger), node.params),
  });
}

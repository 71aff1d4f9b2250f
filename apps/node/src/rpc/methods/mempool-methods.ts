// The unconfirmed transactions and what it costs to be confirmed. Names are Bitcoin Core's; sizes are bytes, since there is no other measure here.

import type { Hex32 } from '@resonancenet/chain/events';
import type { FeeEstimate } from '@resonancenet/mempool/fee-estimator';
import type { PoolEntry } from '@resonancenet/mempool/pool-entry';
import { z } from 'zod';
import { rnt } from '../amounts.ts';
import type { LedgerApi } from '../ledger-api.ts';
import { hashParam } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';

type Json = Readonly<Record<string, unknown>>;

const entryText =
  'size, time, height, fees (base, ancestor, descendant in RNT), ancestor and descendant counts and sizes, depends, spentby';

function entryOf(node: LedgerApi, txid: Hex32): PoolEntry {
  const entry = node.pool.get(txid);
  if (entry === null) throw new RpcError(RPC_ERROR.notFound, `Transaction ${txid} is not in the pool.`);
  return entry;
}

function describeEntry(entry: PoolEntry): Json {
  const { bytes, fee, leaf, enteredUnixMs, enteredHeight, ancestors, descendants } = entry;
  return {
    hash: leaf,
    size: bytes,
    time: Math.floor(enteredUnixMs / 1000),
    height: enteredHeight,
    fees: { base: rnt(fee), ancestor: rnt(ancestors.fee), descendant: rnt(descendants.fee) },
    ancestorcount: ancestors.count,
    ancestorsize: ancestors.bytes,
    descendantcount: descendants.count,
    descendantsize: descendants.bytes,
    signatures: entry.signatures,
    depends: [...entry.parents].map(({ txid }) => txid),
    spentby: [...entry.children].map(({ txid }) => txid),
    local: entry.isLocal,
  };
}

/** All that is reached from an entry, without it. */
function reach(entry: PoolEntry, next: (entry: PoolEntry) => Iterable<PoolEntry>): PoolEntry[] {
  const found = new Set<PoolEntry>();
  const open = [entry];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const other of next(at))
      if (!found.has(other)) {
        found.add(other);
        open.push(other);
      }
  return [...found];
}

function listed(entries: Iterable<PoolEntry>, isVerbose: boolean): unknown {
  const list = [...entries];
  return isVerbose
    ? Object.fromEntries(list.map((entry) => [entry.txid, describeEntry(entry)]))
    : list.map(({ txid }) => txid);
}

export function mempoolMethods(node: LedgerApi): RpcMethod[] {
  return [...poolMethods(node), ...familyMethods(node), estimateMethod(node)];
}

function poolMethods(node: LedgerApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'getmempoolinfo',
      summary: 'How full the pool of unconfirmed transactions is, and what it asks for.',
      params: z.object({}),
      result:
        'size (transactions), bytes, usage and maxmempool (bytes with what is kept about them), total_fee (RNT), mempoolminfee and minrelaytxfee (RNT per 1,000 bytes), fullrbf',
      example: [],
      handler: () => {
        const { count, bytes, usedBytes, fees } = node.pool.totals();
        return {
          loaded: true,
          size: count,
          bytes,
          usage: usedBytes,
          maxmempool: node.maxPoolBytes,
          total_fee: rnt(fees),
          mempoolminfee: rnt(node.pool.leastRate(node.now())),
          minrelaytxfee: rnt(1000n * BigInt(node.minRelayFee)),
          fullrbf: true,
        };
      },
    }),
    rpcMethod({
      name: 'getrawmempool',
      summary: 'All unconfirmed transactions.',
      params: z.object({ verbose: z.boolean().optional() }),
      result: `list of ids; verbose: by id ${entryText}`,
      example: [true],
      handler: ({ verbose }) => listed(node.pool.entries(), verbose ?? false),
    }),
    rpcMethod({
      name: 'savemempool',
      summary: 'Stores the unconfirmed transactions now; this happens every five minutes and at the end anyway.',
      params: z.object({}),
      result: 'null',
      example: [],
      handler: () => node.savePool(),
    }),
  ];
}

function familyMethods(node: LedgerApi): RpcMethod[] {
  const familyParams = z.object({ txid: hashParam, verbose: z.boolean().optional() });
  return [
    rpcMethod({
      name: 'getmempoolentry',
      summary: 'One unconfirmed transaction among the others.',
      params: z.object({ txid: hashParam }),
      result: entryText,
      example: ['<txid>'],
      handler: ({ txid }) => describeEntry(entryOf(node, txid)),
    }),
    rpcMethod({
      name: 'getmempoolancestors',
      summary: 'Unconfirmed transactions that this one needs.',
      params: familyParams,
      result: `list of ids; verbose: by id ${entryText}`,
      example: ['<txid>'],
      handler: ({ txid, verbose }) =>
        listed(
          reach(entryOf(node, txid), ({ parents }) => parents),
          verbose ?? false,
        ),
    }),
    rpcMethod({
      name: 'getmempooldescendants',
      summary: 'Unconfirmed transactions that need this one.',
      params: familyParams,
      result: `list of ids; verbose: by id ${entryText}`,
      example: ['<txid>'],
      handler: ({ txid, verbose }) =>
        listed(
          reach(entryOf(node, txid), ({ children }) => children),
          verbose ?? false,
        ),
    }),
  ];
}

function estimateMethod(node: LedgerApi): RpcMethod {
  return rpcMethod({
    name: 'estimatesmartfee',
    summary:
      'What must be paid to be confirmed within so many blocks, or (0 and seconds) within so much time: blocks take minutes to hours.',
    params: z.object({
      conf_target: z.number().int().min(0).max(1008),
      seconds: z.number().int().min(1).max(31_536_000).optional(),
    }),
    result:
      'feerate (RNT per 1,000 bytes), blocks, and seconds (median, likely: in 85 of 100 cases) if enough blocks were seen; errors instead of a guess if too little was seen',
    example: [6],
    handler: ({ conf_target: blocks, seconds }) => {
      if ((blocks === 0) !== (seconds !== undefined))
        throw new RpcError(
          RPC_ERROR.outOfRange,
          'Give conf_target in blocks (1 to 1008), or 0 and the time in seconds.',
        );
      return describeEstimate(node.pool.estimateFee(seconds === undefined ? { blocks } : { seconds }));
    },
  });
}

function describeEstimate(estimate: FeeEstimate): Json {
  if (!estimate.ok) return { errors: [`${estimate.code}: ${estimate.detail}`] };
  const { rate, blocks, wait } = estimate;
  return { feerate: rnt(rate), blocks, ...(wait === null ? {} : { seconds: wait }) };
}

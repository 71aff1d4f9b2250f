// What the next block would be, for miners outside of this node.

import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { subsidyOf } from '@resonancenet/ledger/emission';
import { readTotals } from '@resonancenet/ledger/totals';
import { transactionCodec, txid, wtxLeaf } from '@resonancenet/primitives/transaction';
import { z } from 'zod';
import { rnt } from '../amounts.ts';
import { earliestTimestamp } from '../../mining/next-block.ts';
import type { LedgerApi } from '../ledger-api.ts';
import { type RpcMethod, rpcMethod } from '../rpc-method.ts';

export function templateMethods(node: LedgerApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'getblocktemplate',
      summary:
        'Transactions for the next block, and what its header must be. The reward depends on the loss that it reaches.',
      params: z.object({}),
      result:
        'version, height, previousblockhash, curtime, mintime, transactions (data, txid, hash, fee, depends), fees and subsidy (RNT), sizelimit, siglimit, and dModel, nLayers, growth, stagnation, dvalId, maxValLoss (micro-nats; null if the parent must be evaluated on a new set first)',
      example: [],
      handler: () => {
        const { template, next } = node.template();
        const { params } = node;
        const { id, height, header } = node.tip();
        const names = template.transactions.map((transaction) => toHex(txid(transaction)));
        return {
          version: 1,
          height: height + 1,
          previousblockhash: id,
          curtime: Number(next.timestamp),
          mintime: Number(earliestTimestamp(header, params)),
          transactions: template.transactions.map((transaction, place) => ({
            data: toHex(encode(transactionCodec, transaction)),
            txid: names[place],
            hash: toHex(wtxLeaf(transaction)),
            fee: rnt(node.pool.get(names[place]!)?.fee ?? 0n),
            // Places of those that must stand before it, counted from 1, as Bitcoin Core has it.
            depends: [...new Set(transaction.inputs.map(({ outpoint }) => 1 + names.indexOf(toHex(outpoint.txid))))]
              .filter((place) => place > 0)
              .sort((a, b) => a - b),
          })),
          fees: rnt(template.fees),
          subsidy: rnt(subsidyOf(readTotals(node.ledger), params)),
          sizelimit: params.maxBlockBytes,
          siglimit: params.maxBlockSignatures,
          dModel: next.shape.width,
          nLayers: next.shape.layers,
          growth: next.growth.toString(),
          stagnation: next.stagnation,
          dvalId: next.dvalId,
          maxValLoss: next.dvalChanges ? null : header.valLoss - params.lossStep,
        };
      },
    }),
  ];
}

// Blocks and the chain, named and shaped as Bitcoin Core's users expect where the same thing exists.

import { toHex } from '@resonancenet/bytes/hex';
import { parameterCount } from '@resonancenet/model/shape';
import { encode } from '@resonancenet/bytes/encode';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { blockCodec } from '@resonancenet/primitives/block';
import { HEADER_LENGTH, headerCodec } from '@resonancenet/primitives/header';
import { txid } from '@resonancenet/primitives/transaction';
import { z } from 'zod';
import { describeTransaction } from '../describe-transaction.ts';
import type { BlockView, NodeApi } from '../node-api.ts';
import { hashParam, verbosityParam } from '../parameters.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';

function knownBlock(node: NodeApi, hash: string): BlockView {
  const view = node.block(hash);
  if (view === null) throw new RpcError(RPC_ERROR.notFound, `No block ${hash} is known here.`);
  return view;
}

function headerObject(hash: string, view: BlockView): Record<string, unknown> {
  const { header } = view;
  return {
    hash,
    confirmations: view.confirmations,
    height: header.height,
    version: header.version,
    // What genesis has there is no block: it is the network's id.
    ...(header.height === 0 ? {} : { previousblockhash: toHex(header.prevHash) }),
    ...(view.next === null ? {} : { nextblockhash: view.next }),
    time: Number(header.timestamp),
    valLoss: header.valLoss,
    valLossNats: header.valLoss / 1e6,
    parentLoss: header.parentLoss,
    improvement: header.parentLoss - header.valLoss,
    lossRoot: toHex(header.lossRoot),
    dvalId: toHex(header.dvalId),
    checkpointRoot: toHex(header.checkpointRoot),
    dModel: header.dModel,
    nLayers: header.nLayers,
    growth: header.growth.toString(),
    stagnation: header.stagnation,
    merkleroot: toHex(header.txRoot),
    minerKey: toHex(header.minerKey),
    signature: toHex(header.signature),
    status: view.status,
  };
}

function blockObject(
  hash: string,
  view: BlockView,
  verbosity: number,
  params: NetworkParams,
): Record<string, unknown> | string {
  if (view.body === null && view.header.height > 0)
    throw new RpcError(RPC_ERROR.misc, `The body of block ${hash} is not here (${view.status}).`);
  // Genesis was never mined: it has no body, and so no transactions.
  const { transactions, windowSums } = view.body ?? { transactions: [], windowSums: [] };
  if (verbosity === 0)
    return toHex(
      view.body === null
        ? encode(headerCodec, view.header)
        : encode(blockCodec(params), { header: view.header, body: view.body }),
    );
  return {
    ...headerObject(hash, view),
    size: view.size ?? HEADER_LENGTH,
    nTx: transactions.length,
    windowSums: verbosity >= 2 ? windowSums : undefined,
    tx: transactions.map((transaction) =>
      verbosity < 2 ? toHex(txid(transaction)) : describeTransaction(transaction, params),
    ),
  };
}

export function chainMethods(node: NodeApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'getblockchaininfo',
      summary: 'Where the chain stands.',
      params: z.object({}),
      result:
        'chain, blocks, headers, bestblockhash, valLoss (micro-nats), dModel, nLayers, parameters, finalizedHeight, inSync, alarms',
      example: [],
      handler: () => {
        const hash = node.tip();
        const { header } = knownBlock(node, hash);
        const shape = { vocab: node.params.vocabulary.size, width: header.dModel, layers: header.nLayers };
        return {
          chain: node.params.name,
          blocks: header.height,
          headers: node.headersHeight(),
          bestblockhash: hash,
          time: Number(header.timestamp),
          valLoss: header.valLoss,
          valLossNats: header.valLoss / 1e6,
          dvalId: toHex(header.dvalId),
          dModel: header.dModel,
          nLayers: header.nLayers,
          parameters: parameterCount(shape),
          finalizedHeight: node.finalizedHeight(),
          inSync: node.inSync(),
          alarms: node.alarms(),
        };
      },
    }),
    rpcMethod({
      name: 'getbestblockhash',
      summary: 'Id of the tip.',
      params: z.object({}),
      result: 'hex',
      example: [],
      handler: () => node.tip(),
    }),
    rpcMethod({
      name: 'getblockcount',
      summary: 'Height of the tip.',
      params: z.object({}),
      result: 'number',
      example: [],
      handler: () => knownBlock(node, node.tip()).header.height,
    }),
    rpcMethod({
      name: 'getblockhash',
      summary: 'Id of the active chain’s block at a height.',
      params: z.object({ height: z.number().int().min(0) }),
      result: 'hex',
      example: [1],
      handler: ({ height }) => {
        const hash = node.hashAt(height);
        if (hash !== null) return hash;
        const top = knownBlock(node, node.tip()).header.height;
        throw new RpcError(RPC_ERROR.outOfRange, `There is no block at height ${height}; the tip is at ${top}.`);
      },
    }),
    rpcMethod({
      name: 'getblockheader',
      summary: 'Header of a block.',
      params: z.object({ blockhash: hashParam }),
      result: 'all fields, losses in micro-nats, confirmations, status',
      example: ['<hash>'],
      handler: ({ blockhash }) => headerObject(blockhash, knownBlock(node, blockhash)),
    }),
    rpcMethod({
      name: 'getblock',
      summary: 'A block: header and transactions.',
      params: z.object({ blockhash: hashParam, verbosity: verbosityParam.optional() }),
      result:
        'the header’s fields and transaction ids; with verbosity 0 the bytes in hex, with 2 decoded transactions and window sums',
      example: ['<hash>', 2],
      handler: ({ blockhash, verbosity }) =>
        blockObject(blockhash, knownBlock(node, blockhash), verbosity ?? 1, node.params),
    }),
    rpcMethod({
      name: 'getchaintips',
      summary: 'All ends of branches that are known, and how far each was checked.',
      params: z.object({}),
      result: 'list of hash, height, valLoss, status',
      example: [],
      handler: () => node.tips(),
    }),
    rpcMethod({
      name: 'invalidateblock',
      summary: 'Treats a block, and all on top of it, as invalid until reconsiderblock.',
      params: z.object({ blockhash: hashParam }),
      result: 'null',
      example: ['<hash>'],
      handler: ({ blockhash }) => {
        knownBlock(node, blockhash);
        if (blockhash === node.hashAt(0))
          throw new RpcError(RPC_ERROR.misc, 'The genesis block cannot be invalidated.');
        node.invalidate(blockhash);
      },
    }),
    rpcMethod({
      name: 'reconsiderblock',
      summary: 'Takes back invalidateblock; may also cross finality, on the operator’s word, after a partition.',
      params: z.object({ blockhash: hashParam }),
      result: 'null',
      example: ['<hash>'],
      handler: ({ blockhash }) => {
        knownBlock(node, blockhash);
        node.reconsider(blockhash);
      },
    }),
  ];
}

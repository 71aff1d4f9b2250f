// The node itself: peers, mining, model, control.

import { statSync } from 'node:fs';
import { toHex } from '@resonancenet/bytes/hex';
import { parameterCount } from '@resonancenet/model/shape';
import { z } from 'zod';
import type { NodeApi } from '../node-api.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '../rpc-method.ts';
import { rnt } from '../amounts.ts';

function tipHeader(node: NodeApi): NonNullable<ReturnType<NodeApi['block']>>['header'] {
  const view = node.block(node.tip());
  if (view === null) throw new Error('The tip is not in the index.');
  return view.header;
}

function needsTestClock(node: NodeApi): void {
  if (!node.params.testClock)
    throw new RpcError(
      RPC_ERROR.misc,
      `Network '${node.params.name}' has a real clock: this works on regtest and the like only.`,
    );
}

export function nodeMethods(node: NodeApi): RpcMethod[] {
  return [
    rpcMethod({
      name: 'getpeerinfo',
      summary: 'Peers of this node.',
      params: z.object({}),
      result: 'list of id, address, inbound, height, ping, bytes',
      example: [],
      handler: () => node.peers(),
    }),
    rpcMethod({
      name: 'getconnectioncount',
      summary: 'Number of peers.',
      params: z.object({}),
      result: 'number',
      example: [],
      handler: () => node.peers().length,
    }),
    rpcMethod({
      name: 'addnode',
      summary: 'Connects to a peer and keeps trying.',
      params: z.object({ address: z.string().min(1).max(300) }),
      result: 'null',
      example: ['127.0.0.1:29555'],
      handler: ({ address }) => node.addPeer(address),
    }),
    rpcMethod({
      name: 'disconnectnode',
      summary: 'Ends a connection.',
      params: z.object({ id: z.number().int() }),
      result: 'null',
      example: [1],
      handler: ({ id }) => {
        if (!node.disconnectPeer(id))
          throw new RpcError(RPC_ERROR.notFound, `There is no peer ${id}; getpeerinfo lists them.`);
      },
    }),
    rpcMethod({
      name: 'getmininginfo',
      summary: 'What the miner does, and why it was or was not paid.',
      params: z.object({}),
      result:
        'mining, waiting, payTo, tokensPerSecond, trainLoss, lastLook, blocksFound, earned (RNT), history with both numbers',
      example: [],
      handler: () => {
        const view = node.mining();
        const header = tipHeader(node);
        return {
          ...view,
          earned: rnt(view.earned),
          blocks: header.height,
          nextMaxLoss: header.valLoss - node.params.lossStep,
          lossStep: node.params.lossStep,
        };
      },
    }),
    rpcMethod({
      name: 'setmining',
      summary: 'Pauses or resumes mining until the node ends.',
      params: z.object({ enabled: z.boolean() }),
      result: 'null',
      example: [false],
      handler: ({ enabled }) => {
        if (!node.setMining(enabled))
          throw new RpcError(RPC_ERROR.misc, 'This node was started without a miner. Start it with --mine.');
      },
    }),
    rpcMethod({
      name: 'getmodelinfo',
      summary: 'The model at the tip.',
      params: z.object({}),
      result: 'shape, parameters, loss, checkpoint root, file and its size',
      example: [],
      handler: () => {
        const header = tipHeader(node);
        const path = node.tipCheckpoint();
        return {
          height: header.height,
          vocab: node.params.vocabulary.size,
          vocabulary: node.params.vocabulary.kind,
          dModel: header.dModel,
          nLayers: header.nLayers,
          parameters: parameterCount({
            vocab: node.params.vocabulary.size,
            width: header.dModel,
            layers: header.nLayers,
          }),
          growth: header.growth.toString(),
          valLoss: header.valLoss,
          valLossNats: header.valLoss / 1e6,
          checkpointRoot: toHex(header.checkpointRoot),
          file: path,
          bytes: statSync(path).size,
        };
      },
    }),
    rpcMethod({
      name: 'generate',
      summary: 'Text from the model at the tip.',
      params: z.object({
        prompt: z.string().max(100_000),
        tokens: z.number().int().min(1).max(10_000).optional(),
        temperature: z.number().min(0).max(100).optional(),
        topK: z.number().int().min(0).optional(),
        topP: z.number().gt(0).max(1).optional(),
        seed: z.number().int().min(0).max(0xffff_ffff).optional(),
      }),
      result: 'text, tokensPerSecond, and the block and height of the model',
      example: ['The', 100],
      handler: async ({ prompt, tokens, temperature, topK, topP, seed }) => {
        const header = tipHeader(node);
        const model = { blockhash: node.tip(), height: header.height };
        const made = await node.generate({
          prompt,
          tokens: tokens ?? 100,
          temperature: temperature ?? 0.8,
          topK: topK ?? 0,
          topP: topP ?? 1,
          seed: seed ?? 1,
        });
        return { ...made, ...model };
      },
    }),
    rpcMethod({
      name: 'mineblock',
      summary: 'Mines one block now (networks with a test clock).',
      params: z.object({}),
      result: 'id of the block',
      example: [],
      handler: async () => {
        needsTestClock(node);
        return node.mineBlock();
      },
    }),
    rpcMethod({
      name: 'setmocktime',
      summary: 'Sets the clock (networks with a test clock).',
      params: z.object({ timestamp: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
      result: 'null',
      example: [1_800_000_000],
      handler: ({ timestamp }) => {
        needsTestClock(node);
        node.setClock(timestamp);
      },
    }),
    rpcMethod({
      name: 'uptime',
      summary: 'Seconds since the node started.',
      params: z.object({}),
      result: 'number',
      example: [],
      handler: () => Math.floor((Date.now() - node.startedAtMs) / 1000),
    }),
    rpcMethod({
      name: 'stop',
      summary: 'Stops the node in an orderly way.',
      params: z.object({}),
      result: 'text',
      example: [],
      handler: () => {
        node.stop();
        return 'ResonanceNet is stopping';
      },
    }),
  ];
}

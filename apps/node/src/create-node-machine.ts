// The node's machine with this node's identity, addresses and relay of transactions.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { toHex } from '@resonancenet/bytes/hex';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { Now } from '@resonancenet/chain/events';
import { SERVICES } from '@resonancenet/p2p/messages/version';
import { NodeMachine } from '@resonancenet/p2p/node-machine';
import { networkId } from '@resonancenet/params/network-id';
import { chainView } from './chain-view.ts';
import { addressText, type NodeConfig } from './config/node-config.ts';
import type { DataFolder } from './data-folder.ts';
import { loadOrCreateKey } from './keys.ts';
import type { NodeBlocks } from './node-blocks.ts';
import type { NodePool } from './pool/node-pool.ts';
import { VERSION } from './version.ts';

export interface NodeMachineParts {
  readonly config: NodeConfig;
  readonly folder: DataFolder;
  readonly chain: ChainMachine;
  readonly blocks: NodeBlocks;
  readonly pool: NodePool;
  readonly now: Now;
}

/** @throws errors of the file system (the key of the node) */
export function createNodeMachine({ config, folder, chain, blocks, pool, now }: NodeMachineParts): NodeMachine {
  const { params } = config;
  return new NodeMachine({
    chain: chainView(chain),
    store: folder.store,
    checkpoints: folder.checkpoints,
    network: { ...params, id: toHex(networkId(params)) },
    staticSecret: loadOrCreateKey(join(config.folder, 'p2p.key')),
    nonce: randomBytes(8).readBigUInt64LE(),
    salt: randomBytes(4).readUInt32LE(),
    userAgent: `/resonancenet-ts:${VERSION}/`,
    services: config.archive ? SERVICES.full | SERVICES.archive : SERVICES.full,
    listenPort: config.listen?.port ?? 0,
    addresses: config.connect.map(addressText),
    relay: {
      pool: pool.machine,
      blocks: {
        header: (id) => chain.header(id),
        transactions: (id) => blocks.body(id)?.body.transactions ?? null,
      },
      seed: randomBytes(32),
    },
    now,
  });
}

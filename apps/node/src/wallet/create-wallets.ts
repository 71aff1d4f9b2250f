// The node's wallets from its parts.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { NodeMachine } from '@resonancenet/p2p/node-machine';
import type { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import type { NodeConfig } from '../config/node-config.ts';
import type { NodeBlocks } from '../node-blocks.ts';
import type { NodeClock } from '../node-clock.ts';
import type { NodeDeps } from '../node.ts';
import type { NodePool } from '../pool/node-pool.ts';
import { SignerClient } from '@resonancenet/signer/signer-client';
import { walletChain } from './wallet-chain.ts';
import { watchOnlySigner } from './watch-only-signer.ts';
import { WalletNetwork } from './wallet-network.ts';
import { walletPool, WalletService } from './wallet-service.ts';

/** What of a node its wallets use. */
export interface WalletsOfNode {
  readonly config: NodeConfig;
  readonly chain: ChainMachine;
  readonly blocks: NodeBlocks;
  readonly pool: NodePool;
  readonly store: LmdbChainStore;
  readonly clock: NodeClock;
  /** Made after the wallets. */
  readonly machine: Pick<NodeMachine, 'mayMine'>;
}

export function createWallets(
  node: WalletsOfNode,
  deps: Pick<NodeDeps, 'log' | 'onNews'>,
  onFatal: (error: unknown) => void,
): WalletService {
  const { config, chain, blocks, pool, store, clock } = node;
  const network = new WalletNetwork({
    params: config.params,
    pool: pool.machine,
    ledger: store,
    chain,
    minRelayFee: config.pool.minRelayFee,
    now: () => clock.now(),
  });
  return new WalletService({
    network,
    folder: config.folder,
    chain: walletChain(chain, blocks),
    pool: walletPool(pool.machine, pool),
    log: deps.log,
    unixMs: () => clock.unixMs(),
    isInSync: () => node.machine.mayMine(clock.now()).mayMine,
    signerOf: (name) => {
      const folder = join(config.folder, 'wallets', name);
      return existsSync(join(folder, 'secret')) ? new SignerClient(name, folder) : watchOnlySigner(name);
    },
    news: deps.onNews,
    onFatal,
  });
}

// Wires the questions of RPC methods about money to the node.

import { resolve } from 'node:path';
import { fromHex } from '@resonancenet/bytes/hex';
import type { ResonanceNode } from '../node.ts';
import { checkSnapshot, hashState, writeSnapshot } from '../ledger/ledger-files.ts';
import { nextBlock } from '../mining/next-block.ts';
import type { LedgerApi } from './ledger-api.ts';

export function makeLedgerApi(node: ResonanceNode): LedgerApi {
  const { chain, config, pool } = node;
  const { params } = config;
  return {
    params,
    genesisId: fromHex(chain.activeChainAt(0)!),
    hasTransactionIndex: config.transactionIndex,
    maxPoolBytes: config.pool.maxMegabytes * 1_000_000,
    minRelayFee: config.pool.minRelayFee,
    pool: pool.machine,
    ledger: node.store,
    now: () => node.clock.now(),
    tip: () => chain.tip(),
    block: (id) => {
      const header = chain.header(id);
      if (header === null) return null;
      const { height, timestamp } = header;
      const confirmations = chain.isActive(id) ? chain.tip().height - height + 1 : -1;
      return { height, timestamp: Number(timestamp), confirmations };
    },
    transactionsOf: (id) => (id === chain.activeChainAt(0) ? [] : (node.blocks.body(id)?.body.transactions ?? null)),
    confirmedTransaction: (id) => chain.transaction(id),
    submit: (encoded) => pool.submit(encoded),
    checkSignatures: (checks) => pool.checkSignatures(checks),
    template: () => {
      const { header } = chain.tip();
      const unixSeconds = BigInt(Math.floor(node.clock.unixMs() / 1000));
      const next = nextBlock(header, unixSeconds, params, (at) => node.blocks.dvalAt(at, new Map()));
      return { template: pool.template(node.minerIdentity.payTo), next };
    },
    hashState: () => hashState(node.store),
    writeSnapshot: (path) => writeSnapshot(node.store, params, path),
    checkSnapshot: (path, stateHash) => checkSnapshot(path, stateHash),
    pathOf: (name) => resolve(config.folder, name),
    savePool: () => pool.save(),
  };
}

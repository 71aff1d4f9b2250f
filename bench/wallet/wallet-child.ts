// A process that is the wallets of a node and its RPC, over a store of many blocks: without peers, miner and pool. Arguments: the network's folder.

import { join } from 'node:path';
import type { LedgerApi } from '@resonancenet/node/rpc/ledger-api';
import { walletCoinMethods } from '@resonancenet/node/rpc/methods/wallet-coin-methods';
import { walletHistoryMethods } from '@resonancenet/node/rpc/methods/wallet-history-methods';
import { walletMethods } from '@resonancenet/node/rpc/methods/wallet-methods';
import { walletPaymentMethods } from '@resonancenet/node/rpc/methods/wallet-payment-methods';
import { startRpcServer } from '@resonancenet/node/rpc/rpc-server';
import { FakePool } from '@resonancenet/node/wallet/testing/fake-chain';
import { openSigner, testNetwork } from '@resonancenet/node/wallet/testing/wallet-world';
import { WalletService } from '@resonancenet/node/wallet/wallet-service';
import { regtest } from '@resonancenet/params/regtest';
import { pino } from 'pino';
import { loadChain } from './load-chain.ts';

const [folder = ''] = process.argv.slice(2);
const log = pino({ enabled: false });
const chain = loadChain(join(folder, 'chain'));
const wallets = new WalletService({
  network: testNetwork(chain),
  folder,
  chain,
  pool: new FakePool(),
  log,
  unixMs: () => 0,
  isInSync: () => false,
  signerOf: openSigner,
  news: () => undefined,
  onFatal: (error) => {
    throw error;
  },
});
const ledger = { params: regtest, tip: () => chain.tip(), pool: { get: () => null } } as unknown as LedgerApi;
const api = { wallets, ledger };
const methods = [walletMethods, walletCoinMethods, walletHistoryMethods, walletPaymentMethods].flatMap((make) =>
  make(api),
);
const { port } = await startRpcServer({
  host: '127.0.0.1',
  port: 0,
  cookieFile: join(folder, '.cookie'),
  methods,
  log,
});
process.stdout.write(`${port}\n`);

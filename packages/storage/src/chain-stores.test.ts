import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbChainStore } from './lmdb-chain-store.ts';
import { MemoryChainStore } from '@resonancenet/chain/memory-store';
import { chainStoreContract } from './testing/chain-store-contract.ts';
import { LogChainStore } from './testing/log-chain-store.ts';
import { LossyFileLayer } from './testing/lossy-file-layer.ts';

chainStoreContract('MemoryChainStore', async () => {
  const store = new MemoryChainStore();
  return { store, reopen: async () => store, end: async () => undefined };
});

chainStoreContract('LmdbChainStore', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-store-'));
  let store = LmdbChainStore.open(folder);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = LmdbChainStore.open(folder);
      return store;
    },
    end: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

chainStoreContract('LogChainStore on a disk that loses what was not flushed', async () => {
  const layer = new LossyFileLayer(() => 0.5);
  const store = new LogChainStore('/data/chain.log', layer);
  return {
    store,
    reopen: async () => {
      layer.restart();
      return new LogChainStore('/data/chain.log', layer);
    },
    end: async () => undefined,
  };
});

// The state of a node's ledger and its operator: rebuilding, the index of transactions, snapshots.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { hashState, writeSnapshot } from '@resonancenet/node/ledger/ledger-files';
import { regtest } from '@resonancenet/params/regtest';
import { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import { NodeProcess, runRnt } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

async function withStore<T>(node: NodeProcess, work: (store: LmdbChainStore) => Promise<T>): Promise<T> {
  const store = LmdbChainStore.open(join(node.folder, 'chain'));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

test('the ledger is rebuilt, indexed, saved and taken over again, and is the same every time', async () => {
  const dataDir = tempFolder('ledger');
  const file = join(tempFolder('snapshot'), 'regtest.state');
  const first = await NodeProcess.start({ dataDir });
  const tip = (await first.mine(9)).at(-1)!;
  await first.stop();
  const start = (...flags: string[]): ReturnType<typeof runRnt> =>
    runRnt(['node', '--network', 'regtest', '--data-dir', dataDir, ...flags]);

  const [state, header] = await withStore(first, async (store) => [
    await hashState(store),
    await writeSnapshot(store, regtest, file),
  ]);
  assert.deepEqual([state.height, header.height, toHex(header.blockId).length], [9, 3, 64]);
  const same = async (node: NodeProcess): Promise<void> => {
    assert.equal((await node.info()).bestblockhash, tip);
    await node.stop();
    assert.deepEqual(await withStore(node, hashState), state);
  };

  const refused = await start('--txindex');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /index of transactions.*--reindex/);
  const hash = toHex(header.stateHash);
  const damaged = `${file}.damaged`;
  writeFileSync(damaged, readFileSync(file).subarray(0, -1));
  const short = await start('--load-snapshot', damaged, '--snapshot-hash', hash);
  assert.equal(short.code, 1);
  assert.match(short.stderr, /snapshot-truncated/);
  const wrong = await start('--load-snapshot', file, '--snapshot-hash', 'ab'.repeat(32));
  assert.match(wrong.stderr, /snapshot-state-hash.*(ab){32} was expected/);
  assert.equal((await start('--load-snapshot', file)).code, 2);

  await same(await NodeProcess.start({ dataDir, flags: ['--load-snapshot', file, '--snapshot-hash', hash] }));
  const indexed = await NodeProcess.start({ dataDir, flags: ['--txindex', '--reindex'] });
  assert.ok(indexed.log.some(({ msg, height }) => msg === 'the state of the ledger is rebuilt' && height === 9));
  await same(indexed);
  // The index is there now, and nothing has to be rebuilt.
  const again = await NodeProcess.start({ dataDir, flags: ['--txindex'] });
  assert.ok(!again.log.some(({ msg }) => msg.includes('rebuil')));
  await same(again);
});

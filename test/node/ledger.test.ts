// The state of a node's ledger and its operator: rebuilding, the index of transactions, snapshots.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { toHex } from '@resonancenet/bytes/hex';
import { LEDGER_KEY } from '@resonancenet/chain/ledger-record';
import { hashState, writeSnapshot } from '@resonancenet/node/ledger/ledger-files';
import { openChainStore } from '@resonancenet/node/ledger/open-chain-store';
import type { NodeNews } from '@resonancenet/node/node-events';
import { regtest } from '@resonancenet/params/regtest';
import { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import { pino } from 'pino';
import { NodeProcess, runRnt, spawnRnt } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { within } from '../support/wait.ts';

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
  assert.ok(refused.stderr.includes(`npx rnt node --network regtest --data-dir ${dataDir} --txindex --reindex\n`));
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
  assert.ok(indexed.log.some(({ msg, height }) => msg === 'rebuilt' && height === 9));
  await same(indexed);
  // The index is there now, and nothing has to be rebuilt.
  const again = await NodeProcess.start({ dataDir, flags: ['--txindex'] });
  assert.ok(!again.log.some(({ msg }) => msg.includes('rebuil')));
  await same(again);
});

/** Starts `rnt` with --reindex, and interrupts it when it says that it rebuilds; what it said, and its exit code. */
async function interrupted(
  args: readonly string[],
  signal: NodeJS.Signals,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawnRnt([...args, '--reindex']);
  let said = '';
  child.stdout?.on('data', (part: Buffer) => {
    if (!said.includes('rebuilding')) child.kill(signal);
    said += part.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code: await within(ended, 20_000, 'the rebuild ends'), said };
}

test('a rebuild shows how far it is, ends in order when it is interrupted, and the next start goes on', async () => {
  const dataDir = tempFolder('interrupted');
  const node = await NodeProcess.start({ dataDir });
  const tip = (await node.mine(120)).at(-1)!;
  await node.stop();
  const state = await withStore(node, hashState);

  const place = ['--network', 'regtest', '--data-dir', dataDir];
  const ports = ['--port', String(node.port), '--rpc-port', String(node.rpcPort)];
  for (const [command, signal, shown, stopped] of [
    ['node', 'SIGTERM', /"height":\d+,"tipHeight":120,.*"msg":"rebuilding"/, /"msg":"rebuild-stopped"/],
    [
      'start',
      'SIGINT',
      /rebuilding the ledger: block \d+ of 120/,
      /stopped at block \d+ of 120; the next start goes on/,
    ],
  ] as const) {
    let run = await interrupted([command, ...place, ...ports], signal);
    // On a busy machine the few blocks may be done before the signal is there.
    for (let tries = 1; tries < 5 && !stopped.test(run.said); tries += 1)
      run = await interrupted([command, ...place, ...ports], signal);
    assert.equal(run.code, 0, run.said);
    assert.match(run.said, shown);
    assert.match(run.said, stopped);
    assert.equal(existsSync(node.cookieFile), false);
  }

  const heights: number[] = [];
  const open = async (turns: number): Promise<void> => {
    const stop = new AbortController();
    const note = (news: NodeNews): void => {
      if ('tipHeight' in news) heights.push(news.height);
    };
    const ports = { log: pino({ enabled: false }), onNews: note, signal: stop.signal };
    const config = { folder: node.folder, params: regtest, reindex: false, transactionIndex: false, snapshot: null };
    const opened = openChainStore(config, ports);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    stop.abort(new Error('enough'));
    await assert.rejects(opened, /enough/);
  };
  await open(30);
  await open(20);
  const [first, middle, again, last] = heights;
  assert.ok(first! < middle! && middle === again && middle! < last! && last! < 120, heights.join());

  await node.restart();
  assert.ok(node.log.some(({ msg, height }) => msg === 'rebuilding' && height === last));
  assert.ok(node.log.some(({ msg, height }) => msg === 'rebuilt' && height === 120));
  assert.equal((await node.info()).bestblockhash, tip);
  await node.stop();
  assert.deepEqual(await withStore(node, hashState), state);
});

test('a store of a version that kept no ledger is named, and the command that is told helps', async () => {
  const dataDir = tempFolder('old');
  const node = await NodeProcess.start({ dataDir });
  const tip = (await node.mine(3)).at(-1)!;
  await node.stop();
  await withStore(node, async (store) => store.write({ puts: [], deletes: [{ table: 'meta', key: LEDGER_KEY }] }));
  const place = ['--network', 'regtest', '--data-dir', dataDir, '--port', String(node.port)];
  const typed = ['node', ...place, '--rpc-port', String(node.rpcPort)];
  const refused = await runRnt(typed);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /has to be rebuilt: the store was written by a version of this program that kept no/);
  const told = /The command is: npx rnt (.*)\n$/.exec(refused.stderr)?.[1];
  assert.equal(told, [...typed, '--reindex'].join(' '));
  const helped = await NodeProcess.start({
    ...node.options,
    port: node.port,
    rpcPort: node.rpcPort,
    flags: ['--reindex'],
  });
  assert.equal((await helped.info()).bestblockhash, tip);
  await helped.stop();
});

// A node and its operator: RPC as Bitcoin Core's users know it, signals, exit codes, and errors that say what to do.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { boundByPermissions, NOT_BOUND } from '@resonancenet/storage/testing/bound-by-permissions';
import { freePorts } from '../support/free-port.ts';
import { NodeProcess, runRnt } from '../support/node-process.ts';
import { post, RpcFailure } from '../support/rpc-client.ts';
import { tempFolder } from '../support/temp-folder.ts';

let node: NodeProcess;

before(async () => {
  node = await NodeProcess.start({ dataDir: tempFolder('control') });
});

after(async () => {
  await node?.stop();
});

interface Block {
  readonly hash: string;
  readonly confirmations: number;
  readonly height: number;
  readonly previousblockhash?: string;
  readonly nextblockhash?: string;
  readonly time: number;
  readonly valLoss: number;
  readonly parentLoss: number;
  readonly merkleroot: string;
  readonly size: number;
  readonly nTx: number;
  readonly tx: readonly unknown[];
  readonly windowSums?: readonly number[];
}

function isFailure(code: number, text: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof RpcFailure, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, text);
    return true;
  };
}

test('getblock, getblockheader, getblockhash and getblockcount agree, count confirmations from the tip, and link both ways', async () => {
  const ids = await node.mine(3);
  assert.equal(await node.rpc('getblockcount'), 3);
  assert.equal(await node.rpc('getbestblockhash'), ids[2]);
  for (const [index, hash] of ids.entries()) {
    assert.equal(await node.rpc('getblockhash', [index + 1]), hash);
    const block = await node.rpc<Block>('getblock', [hash]);
    const header = await node.rpc<Block>('getblockheader', [hash]);
    assert.deepEqual([block.hash, block.height, block.confirmations], [hash, index + 1, 3 - index]);
    assert.equal(block.previousblockhash, await node.rpc('getblockhash', [index]));
    assert.equal(block.nextblockhash, ids[index + 1]);
    for (const [name, value] of Object.entries(header))
      assert.deepEqual((block as unknown as Record<string, unknown>)[name], value);
    assert.deepEqual([block.nTx, block.tx.length, block.windowSums], [1, 1, undefined]);
    const whole = await node.rpc<Block>('getblock', [hash, 2]);
    assert.equal(whole.windowSums?.length, 4);
    const [coinbase] = whole.tx as readonly {
      readonly txid: string;
      readonly vout: readonly { readonly value: string }[];
    }[];
    assert.deepEqual([coinbase?.txid, coinbase?.vout[0]?.value], [block.tx[0], '50']);
  }
  const genesis = await node.rpc<Block>('getblock', [await node.rpc('getblockhash', [0])]);
  assert.deepEqual([genesis.height, genesis.confirmations, genesis.nextblockhash], [0, 4, ids[0]]);
  assert.deepEqual([genesis.previousblockhash, genesis.nTx, genesis.tx, genesis.size], [undefined, 0, [], 329]);
});

test('getblockchaininfo has the keys that scripts rely on', async () => {
  const info = await node.info();
  const { chain, blocks, bestblockhash, valLoss, dModel, nLayers, finalizedHeight } = info;
  assert.deepEqual(
    { chain, blocks, dModel, nLayers, finalizedHeight },
    {
      chain: 'regtest',
      blocks: await node.rpc<number>('getblockcount'),
      dModel: 16,
      nLayers: 1,
      finalizedHeight: 0,
    },
  );
  assert.equal(bestblockhash, await node.rpc('getbestblockhash'));
  assert.ok(Number.isSafeInteger(valLoss) && valLoss > 0);
});

test('six blocks on top make a block final', async () => {
  await node.mine(5);
  const info = await node.info();
  assert.ok(info.blocks >= 7);
  assert.equal(info.finalizedHeight, info.blocks - 6);
});

test('setmocktime sets the timestamps of blocks; stalled hours grow the model’s counter', async () => {
  const best = await node.rpc<Block & { readonly growth: string }>('getblock', [await node.rpc('getbestblockhash')]);
  const later = best.time + 3 * 60 + 5;
  await node.rpc('setmocktime', [later]);
  const [id] = await node.mine(1);
  const block = await node.rpc<Block & { readonly growth: string; readonly stagnation: number }>('getblock', [id]);
  assert.ok(block.time >= later && block.time <= later + 2);
  assert.equal(block.stagnation, 3);
  // Three rounds of 2 and the block's own.
  assert.equal(Number(block.growth) - Number(best.growth), 8);
});

test('unknown blocks, heights, methods and parameters are refused with the codes of Bitcoin Core and JSON-RPC', async () => {
  await assert.rejects(node.rpc('getblock', ['00'.repeat(32)]), isFailure(-5, /No block 0000/));
  await assert.rejects(node.rpc('getblockheader', ['ff'.repeat(32)]), isFailure(-5, /No block ffff/));
  await assert.rejects(
    node.rpc('getblockhash', [1_000_000]),
    isFailure(-8, /no block at height 1000000; the tip is at \d+/),
  );
  await assert.rejects(node.rpc('getblock', ['abc']), isFailure(-32602, /64 lower-case hex/));
  await assert.rejects(node.rpc('getblockhash', [1, 2]), isFailure(-32602, /takes 1 parameters/));
  await assert.rejects(node.rpc('getblok', []), isFailure(-32601, /no method 'getblok'/));
});

test('RPC answers nobody without the cookie, whose file only the owner can read; bad JSON and batches are answered as JSON-RPC has it', async () => {
  const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'uptime' });
  const cookie = readFileSync(node.cookieFile, 'utf8');
  for (const credentials of [null, 'user:password', `${cookie}0`, `__cookie__:${'0'.repeat(64)}`])
    assert.equal((await post(node.rpcPort, credentials, request)).status, 401);
  if (process.platform !== 'win32') assert.equal(statSync(node.cookieFile).mode & 0o777, 0o600);
  const bad = await post(node.rpcPort, cookie, '{"method":');
  assert.equal((bad.body as { readonly error: { readonly code: number } }).error.code, -32700);
  const batch = await post(node.rpcPort, cookie, `[${request},{"jsonrpc":"2.0","method":"uptime"},{"id":2}]`);
  const answers = batch.body as readonly { readonly id: number | null; readonly error?: { readonly code: number } }[];
  assert.deepEqual(
    answers.map(({ id, error }) => [id, error?.code]),
    [
      [1, undefined],
      [2, -32600],
    ],
  );
});

test('a second process on the same data directory is told who holds it, and ends with 1', async () => {
  const [port, rpcPort] = await freePorts(2);
  const { dataDir } = node.options;
  const ports = ['--port', String(port), '--rpc-port', String(rpcPort)];
  const second = await runRnt(['node', '--network', 'regtest', '--data-dir', dataDir, ...ports]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`in use by process ${node.pid}.*--data-dir`));
  await node.mine(1);
});

test('a port in use is named with the flag that changes it, and the process ends with 1', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = String(typeof address === 'object' && address !== null ? address.port : 0);
  const [other] = await freePorts(1);
  const start = (p2p: string, rpc: string): ReturnType<typeof runRnt> =>
    runRnt(['node', '--network', 'regtest', '--data-dir', tempFolder('port'), '--port', p2p, '--rpc-port', rpc]);
  try {
    const p2p = await start(port, String(other));
    assert.equal(p2p.code, 1);
    assert.match(p2p.stderr, new RegExp(`127.0.0.1:${port}.*--port`));
    const rpc = await start(String(other), port);
    assert.equal(rpc.code, 1);
    assert.match(rpc.stderr, new RegExp(`127.0.0.1:${port}.*--rpc-port`));
  } finally {
    taken.close();
  }
});

test('wrong settings end with 2 and name the flag, the variable or the line of the file', async () => {
  const folder = tempFolder('settings');
  const start = (
    flags: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): ReturnType<typeof runRnt> => runRnt(['node', '--data-dir', folder, ...flags], environment);
  const cases = [
    { flags: ['--network', 'nonet'], says: /--network nonet.*devnet/ },
    { flags: ['--port', '70000'], says: /--port/ },
    { flags: ['--connect', '127.0.0.1:0'], says: /--connect.*host:port/ },
    { flags: ['--pay-to', 'rrnt1nonsense'], says: /--pay-to/ },
    { flags: ['--no-such-flag'], says: /--no-such-flag/ },
    { flags: ['--network-file', join(folder, 'missing.json')], says: /missing\.json does not exist/ },
    { flags: [], environment: { RNT_THREADS: 'many' }, says: /RNT_THREADS/ },
  ];
  for (const { flags, environment, says } of cases) {
    const ended = await start(flags, environment);
    assert.equal(ended.code, 2, `${flags.join(' ')}\n${ended.stderr}`);
    assert.match(ended.stderr, says);
    assert.doesNotMatch(ended.stderr, /\n {4}at /, 'no stack for what the user can mend');
  }
  writeFileSync(join(folder, 'rnt.conf'), '# comment\nthreads = 2\nthread = 2\n');
  const file = await start([]);
  assert.equal(file.code, 2);
  assert.match(file.stderr, /rnt\.conf, line 3.*thread/);
});

test('a data directory that cannot be made is named, and the process ends with 1', async () => {
  const folder = tempFolder('unwritable');
  const inFile = join(folder, 'file');
  writeFileSync(inFile, '');
  const ended = await runRnt(['node', '--network', 'regtest', '--data-dir', join(inFile, 'below')]);
  assert.equal(ended.code, 1);
  assert.ok(ended.stderr.includes(inFile), ended.stderr);
  assert.doesNotMatch(ended.stderr, /\n {4}at /);
});

const bound = boundByPermissions();

test('a data directory that may not be written is named, and the process ends with 1', {
  skip: bound ? false : NOT_BOUND,
}, async () => {
  const closed = join(tempFolder('unwritable'), 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0o500);
  const refused = await runRnt(['node', '--network', 'regtest', '--data-dir', closed], {}, 30_000, bound);
  assert.equal(refused.code, 1);
  assert.ok(refused.stderr.includes(closed), refused.stderr);
});

for (const how of ['SIGINT', 'SIGTERM', 'stop'] as const) {
  test(`${how === 'stop' ? 'RPC stop' : how} ends a node in order: exit code 0, no cookie and no lock left, the tip kept`, async () => {
    const own = await NodeProcess.start({ dataDir: tempFolder('signal') });
    const [tip] = await own.mine(1);
    if (how === 'stop') await own.rpc('stop');
    else own.signal(how);
    assert.deepEqual(await own.ended(10_000), { code: 0, signal: null });
    assert.equal(existsSync(own.cookieFile), false);
    assert.equal(own.errors, '');
    await own.restart();
    assert.equal((await own.info()).bestblockhash, tip);
    await own.stop();
  });
}

test('the miner’s key is made once, readable by its owner only, and a damaged one is refused, not replaced', async () => {
  const own = await NodeProcess.start({ dataDir: tempFolder('key') });
  const file = join(own.folder, 'miner.key');
  if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
  const key = readFileSync(file, 'utf8');
  await own.stop();
  await own.restart();
  assert.equal(readFileSync(file, 'utf8'), key);
  await own.stop();
  writeFileSync(file, 'not a key');
  const ended = await runRnt(['node', '--network', 'regtest', '--data-dir', own.options.dataDir]);
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /miner\.key is not a key.*backup/);
  assert.equal(readFileSync(file, 'utf8'), 'not a key');
});

test('a miner whose text is not there, or is too short, ends with code 1 and says what to give it', async () => {
  const [port, rpcPort] = (await freePorts(2)).map(String) as [string, string];
  const folder = tempFolder('no-text');
  writeFileSync(join(folder, 'short.txt'), 'short');
  const mine = (data: string): ReturnType<typeof runRnt> =>
    runRnt(['mine', '--data-dir', folder, '--port', port, '--rpc-port', rpcPort, '--data', join(folder, data)]);
  const missing = await mine('none-*');
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^rnt: No file matches .*none-\*/);
  const short = await mine('short.txt');
  assert.equal(short.code, 1);
  assert.match(short.stderr, /^rnt: The text has \d+ ids, but one batch .* needs 1024/);
});

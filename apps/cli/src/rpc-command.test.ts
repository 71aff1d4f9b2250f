import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from '@resonancenet/node/rpc/rpc-method';
import { type RpcServer, startRpcServer } from '@resonancenet/node/rpc/rpc-server';
import { pino } from 'pino';
import { z } from 'zod';
import { type CliResult, endOf, runCli, startCli, twoAtATime } from './testing/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-rpc-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let warmUntil = 0;

const methods: RpcMethod[] = [
  rpcMethod({
    name: 'echo',
    summary: 'Gives its parameters back.',
    params: z.object({ first: z.unknown().optional(), second: z.unknown().optional(), third: z.unknown().optional() }),
    result: 'object',
    example: [],
    handler: (params) => params,
  }),
  rpcMethod({
    name: 'say',
    summary: 'A text of two lines.',
    params: z.object({}),
    result: 'text',
    example: [],
    handler: () => 'first line\nsecond "line"',
  }),
  rpcMethod({
    name: 'nothing',
    summary: 'No result.',
    params: z.object({}),
    result: 'null',
    example: [],
    handler: () => undefined,
  }),
  rpcMethod({
    name: 'warm',
    summary: 'Refuses while warming up.',
    params: z.object({}),
    result: 'text',
    example: [],
    handler: () => {
      if (Date.now() < warmUntil) throw new RpcError(RPC_ERROR.warmup, 'Loading the chain.');
      return 'ready';
    },
  }),
  rpcMethod({
    name: 'getblock',
    summary: 'Knows no block.',
    params: z.object({ hash: z.string() }),
    result: 'object',
    example: [],
    handler: ({ hash }) => {
      throw new RpcError(RPC_ERROR.notFound, `There is no block ${hash}.`);
    },
  }),
];

const servers: RpcServer[] = [];
after(async () => {
  for (const server of servers) await server.close();
});

/** A node's RPC server, with its cookie where a node of this folder name keeps it. */
async function startServer(name: string, port = 0): Promise<RpcServer> {
  mkdirSync(join(folder, name), { recursive: true });
  const server = await startRpcServer({
    ...{ host: '127.0.0.1', port, methods, log: pino({ enabled: false }) },
    cookieFile: join(folder, name, '.cookie'),
  });
  servers.push(server);
  return server;
}

let port = '';
before(async () => {
  port = String((await startServer('devnet')).port);
});

/** No settings of whoever runs the tests. */
const env = { RNT_NETWORK: '', RNT_DATA_DIR: '', RNT_INSTANCE: '', RNT_RPC_PORT: '' };
const ask = (...args: string[]): Promise<CliResult> => runCli(['rpc', '--data-dir', folder, ...args], { env });
const answer = async (...args: string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await ask('--rpc-port', port, ...args);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
};

test('rpc reads parameters as JSON where it can, else as text, by position and by name', async () => {
  const digits = '1'.repeat(64);
  const cases: [args: string[], result: unknown][] = [
    [['echo'], {}],
    [['echo', '12', 'twelve', 'true'], { first: 12, second: 'twelve', third: true }],
    [['echo', '[1,"a"]', '{"x":null}'], { first: [1, 'a'], second: { x: null } }],
    [['echo', digits, '"12"', '-5'], { first: digits, second: '12', third: -5 }],
    [['echo', '--named', 'second=2', 'first=a=b c'], { first: 'a=b c', second: 2 }],
    [['echo', '--named', 'third=', '--named', 'first=0'], { first: 0, third: '' }],
  ];
  await twoAtATime(cases, async ([args, result]) => assert.deepEqual(await answer(...args), result));
});

test('rpc prints objects as JSON in lines, text plainly, and one line of JSON with --json', async () => {
  const output = async (...args: string[]): Promise<string> => (await ask('--rpc-port', port, ...args)).stdout;
  assert.equal(await output('echo', '1'), '{\n  "first": 1\n}\n');
  assert.equal(await output('echo', '1', '--json'), '{"first":1}\n');
  assert.equal(await output('say'), 'first line\nsecond "line"\n');
  assert.equal(await output('say', '--json'), '"first line\\nsecond \\"line\\""\n');
  assert.equal(await output('nothing'), 'null\n');
});

test('rpc ends with 1 and the message of the node when the node refuses', async () => {
  const refused = await ask('--rpc-port', port, 'getblock', 'ff');
  assert.deepEqual(refused, { code: 1, stdout: '', stderr: 'rnt: There is no block ff.\n' });
  const asJson = await ask('--rpc-port', port, 'getblock', 'ff', '--json');
  assert.deepEqual(JSON.parse(asJson.stdout), {
    error: { code: RPC_ERROR.notFound, message: 'There is no block ff.' },
  });
  const unknown = await ask('--rpc-port', port, 'getblok');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /There is no method 'getblok'\. Call 'help'/);
});

test('rpc finds the node by network, instance, environment and rnt.conf', async () => {
  const second = await startServer('regtest-2');
  const secondPort = String(second.port);
  assert.equal((await ask('say', '--network', 'regtest', '--instance', '2', '--rpc-port', secondPort)).code, 0);
  const environment = {
    ...env,
    RNT_DATA_DIR: folder,
    RNT_NETWORK: 'regtest',
    RNT_INSTANCE: '2',
    RNT_RPC_PORT: secondPort,
  };
  assert.equal((await runCli(['rpc', 'say'], { env: environment })).code, 0);
  const other = join(folder, 'with-conf');
  mkdirSync(other);
  writeFileSync(join(other, 'rnt.conf'), `rpc-port = ${port}\n`);
  mkdirSync(join(other, 'devnet'));
  const wrongCookie = join(other, 'devnet', '.cookie');
  writeFileSync(wrongCookie, '__cookie__:wrong');
  const { code, stderr } = await runCli(['rpc', 'say', '--data-dir', other], { env });
  assert.equal(code, 1);
  assert.ok(stderr.includes(`127.0.0.1:${port} does not accept the cookie in ${wrongCookie}`));
  assert.match(stderr, /Say which node is meant with --data-dir, --network, --instance or --rpc-port/);
});

test('rpc without a running node says what was tried and how to start one', async () => {
  const absent = await ask('say', '--network', 'testnet', '--instance', '3');
  assert.equal(absent.code, 1);
  const cookie = join(folder, 'testnet-3', '.cookie');
  assert.ok(absent.stderr.includes(`No node is running: there is no ${cookie}`), absent.stderr);
  assert.match(absent.stderr, /Start it with rnt node --network testnet --instance 3,.*Asked: 127\.0\.0\.1:19574/s);
  // A cookie that a killed node left behind.
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const freePort = String((closed.address() as AddressInfo).port);
  await new Promise((resolve) => closed.close(resolve));
  const refused = await ask('say', '--rpc-port', freePort);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, new RegExp(`No node answers at 127\\.0\\.0\\.1:${freePort} \\(ECONNREFUSED\\)`));
  assert.match(refused.stderr, /Start it with rnt node --network devnet,/);
});

test('rpc tells another server from a node', async () => {
  const server = createServer((_request, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { code, stderr } = await ask('say', '--rpc-port', String((server.address() as AddressInfo).port));
  server.close();
  assert.equal(code, 1);
  assert.match(stderr, /What answers at .* \(HTTP 200\) is no ResonanceNet node/);
});

test('rpc --rpc-wait waits for the node to start and to warm up, or as long as it is told', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const late = (probe.address() as AddressInfo).port;
  await new Promise((resolve) => probe.close(resolve));
  const waiting = startCli(
    ['rpc', 'warm', '--data-dir', folder, '--network', 'growtest', '--rpc-port', String(late), '--rpc-wait'],
    { env },
  );
  const end = endOf(waiting);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.equal(waiting.exitCode, null);
  warmUntil = Date.now() + 600;
  await startServer('growtest', late);
  assert.deepEqual(await end, { code: 0, stdout: 'ready\n', stderr: '' });
  const given = await ask('warm', '--network', 'mainnet', '--rpc-wait', '--rpc-wait-timeout', '0.3');
  assert.equal(given.code, 1);
  assert.match(given.stderr, /No node is running/);
});

test('rpc refuses wrong usage with 2', async () => {
  const cases: [args: string[], says: RegExp][] = [
    [[], /missing required argument 'method'/],
    [['echo', '1', '--named', 'a=1'], /either in their order \(1\) or with --named/],
    [['echo', '--named', 'novalue'], /--named novalue: give key=value/],
    [['echo', '--network', 'venus'], /--network venus: there is no such network/],
    [['echo', '--rpc-port', '99999'], /--rpc-port/],
    [['echo', '--instance', '0'], /--instance/],
  ];
  await twoAtATime(cases, async ([args, says]) => {
    const { code, stderr } = await ask(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  });
});

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { z } from 'zod';
import { dispatch, type RpcResponse } from './dispatch.ts';
import { helpMethod } from './help-method.ts';
import { RPC_ERROR, RpcError, type RpcMethod, rpcMethod } from './rpc-method.ts';
import { RpcListenError, startRpcServer } from './rpc-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-rpc-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const methods: RpcMethod[] = [
  rpcMethod({
    name: 'add',
    summary: 'Adds.',
    params: z.object({ a: z.number(), b: z.number().optional() }),
    result: 'number',
    example: [1, 2],
    handler: ({ a, b }) => a + (b ?? 0),
  }),
  rpcMethod({
    name: 'lose',
    summary: 'Fails.',
    params: z.object({}),
    result: 'nothing',
    example: [],
    handler: () => {
      throw new RpcError(RPC_ERROR.notFound, 'No such block.');
    },
  }),
  helpMethod(() => methods),
];
const table = new Map(methods.map((method) => [method.name, method]));
const ask = async (body: unknown): Promise<RpcResponse> => (await dispatch(table, body)) as RpcResponse;

test('dispatch() takes parameters by position and by name', async () => {
  assert.equal((await ask({ jsonrpc: '2.0', id: 1, method: 'add', params: [1, 2] })).result, 3);
  assert.equal((await ask({ jsonrpc: '2.0', id: 1, method: 'add', params: { b: 2, a: 5 } })).result, 7);
  assert.equal((await ask({ jsonrpc: '2.0', id: 1, method: 'add', params: [4] })).result, 4);
});

test('dispatch() answers every wrong request with its code', async () => {
  const codeOf = async (body: unknown): Promise<number | undefined> => (await ask(body)).error?.code;
  assert.equal(await codeOf(5), RPC_ERROR.invalidRequest);
  assert.equal(await codeOf([]), RPC_ERROR.invalidRequest);
  assert.equal(await codeOf({ id: 1 }), RPC_ERROR.invalidRequest);
  assert.equal(await codeOf({ id: 1, method: 'subtract' }), RPC_ERROR.methodNotFound);
  assert.equal(await codeOf({ id: 1, method: 'add', params: ['one'] }), RPC_ERROR.invalidParams);
  assert.equal(await codeOf({ id: 1, method: 'add', params: [1, 2, 3] }), RPC_ERROR.invalidParams);
  assert.equal(await codeOf({ id: 1, method: 'add', params: { a: 1, c: 2 } }), RPC_ERROR.invalidParams);
  assert.equal(await codeOf({ id: 1, method: 'lose' }), RPC_ERROR.notFound);
  assert.equal(await codeOf({ id: 1, method: 'help', params: ['nothing'] }), RPC_ERROR.methodNotFound);
});

test('dispatch() answers a batch in order and notifications not at all', async () => {
  const answers = await dispatch(table, [
    { id: 1, method: 'add', params: [1] },
    { method: 'add', params: [2] },
    { id: 'x', method: 'help' },
  ]);
  assert.ok(Array.isArray(answers));
  assert.deepEqual(
    answers.map((answer) => answer.id),
    [1, 'x'],
  );
  assert.equal(await dispatch(table, { method: 'add', params: [1] }), null);
});

test('the server asks for the cookie, which only its account can read, and removes it at the end', async () => {
  const cookieFile = join(folder, '.cookie');
  const server = await startRpcServer({
    host: '127.0.0.1',
    port: 0,
    cookieFile,
    methods,
    log: pino({ enabled: false }),
  });
  const url = `http://127.0.0.1:${server.port}/`;
  assert.equal(statSync(cookieFile).mode & 0o777, 0o600);
  const post = (body: string, authorization?: string): Promise<Response> =>
    fetch(url, { method: 'POST', body, headers: authorization === undefined ? {} : { authorization } });
  const right = `Basic ${Buffer.from(readFileSync(cookieFile, 'utf8')).toString('base64')}`;
  assert.equal((await post('{}')).status, 401);
  assert.equal((await post('{}', `${right.slice(0, -4)}AAAA`)).status, 401);
  assert.equal((await post('no json', right)).status, 400);
  const answer = (await (await post('{"id":1,"method":"add","params":[2,3]}', right)).json()) as RpcResponse;
  assert.equal(answer.result, 5);
  await assert.rejects(
    startRpcServer({
      host: '127.0.0.1',
      port: server.port,
      cookieFile: join(folder, 'other'),
      methods,
      log: pino({ enabled: false }),
    }),
    (error: unknown) => error instanceof RpcListenError && /--rpc-port/.test(error.message),
  );
  await server.close();
  assert.equal(existsSync(cookieFile), false);
});

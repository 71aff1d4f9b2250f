import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { allMethods } from './all-methods.ts';
import { dispatch, type RpcResponse } from './dispatch.ts';
import type { LedgerApi } from './ledger-api.ts';
import type { NodeApi } from './node-api.ts';
import type { WalletService } from '../wallet/wallet-service.ts';

// Nothing here asks the node.
const methods = allMethods({} as NodeApi, {} as LedgerApi, {} as WalletService);
const table = new Map(methods.map((method) => [method.name, method]));

test('every method has a name of its own and stands in the document, and the document names no other', () => {
  assert.equal(table.size, methods.length);
  const text = readFileSync(new URL('../../../../docs/RPC.md', import.meta.url), 'utf8');
  const listed = [...text.slice(text.indexOf('## Methods')).matchAll(/`([a-z]+)`(?! and)/g)].map(([, name]) => name!);
  const named = new Set(listed.filter((name) => name !== 'blockhash'));
  assert.deepEqual([...named].sort(), [...table.keys()].sort());
});

test('help explains every method with an example that has no more parameters than the method', async () => {
  for (const { name, summary, example, params } of methods) {
    const answer = (await dispatch(table, { id: 1, method: 'help', params: [name] })) as RpcResponse;
    const text = String(answer.result);
    assert.ok(text.includes(summary) && text.includes(`$ rnt rpc ${name}`), name);
    assert.ok(example.length <= Object.keys(params.shape).length, name);
    assert.ok(/[.)]$/.test(summary), `${name}: ${summary}`);
  }
});

test('an example with JSON is quoted as a shell needs it', async () => {
  const answer = (await dispatch(table, { id: 1, method: 'help', params: ['createrawtransaction'] })) as RpcResponse;
  assert.match(String(answer.result), /rnt rpc createrawtransaction '\[\{"txid":"<txid>","vout":0\}\]' '\[/);
});

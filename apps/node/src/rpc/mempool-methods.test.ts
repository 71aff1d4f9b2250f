import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { amount } from '@resonancenet/primitives/amount';
import type { RpcResponse } from './dispatch.ts';
import { mempoolMethods } from './methods/mempool-methods.ts';
import { templateMethods } from './methods/template-methods.ts';
import { RPC_ERROR } from './rpc-method.ts';
import { LedgerWorld, RNT } from './testing/ledger-world.ts';

type Json = Record<string, unknown>;

interface Scene {
  readonly world: LedgerWorld;
  readonly parent: string;
  readonly child: string;
  ask(method: string, ...params: unknown[]): Promise<RpcResponse>;
}

/** A pool of a parent and its child, and what costs nothing to ask. */
async function scene(): Promise<Scene> {
  const world = new LedgerWorld();
  const methods = [...mempoolMethods(world.api), ...templateMethods(world.api)];
  const coin = world.coin(2, 5n * RNT);
  const parent = world.payment(2, coin, RNT / 100n);
  const output = { ...coin.output, amount: amount(5n * RNT - RNT / 100n) };
  const child = world.payment(2, { txid: fromHex(parent.txid), index: 0, output, height: 0 }, RNT / 50n);
  for (const { hex } of [parent, child]) await world.api.submit([fromHex(hex)]);
  return {
    world,
    parent: parent.txid,
    child: child.txid,
    ask: (method, ...params) => world.call(methods, method, params),
  };
}

test('getmempoolinfo and getrawmempool tell sums, ids and families', async () => {
  const { ask, parent, child, world } = await scene();
  const info = (await ask('getmempoolinfo')).result as Json;
  assert.deepEqual(
    [info['size'], info['total_fee'], info['mempoolminfee'], info['minrelaytxfee'], info['maxmempool']],
    [2, '0.03', '0.000001', '0.000001', world.world.limits.maxBytes],
  );
  assert.deepEqual((await ask('getrawmempool')).result, [parent, child]);
  const verbose = (await ask('getrawmempool', true)).result as Record<string, Json>;
  assert.deepEqual([verbose[child]?.['depends'], verbose[parent]?.['spentby']], [[parent], [child]]);
  const entry = (await ask('getmempoolentry', parent)).result as Json;
  assert.deepEqual(entry['fees'], { base: '0.01', ancestor: '0.01', descendant: '0.03' });
  assert.deepEqual([entry['ancestorcount'], entry['descendantcount'], entry['local']], [1, 2, true]);
  assert.deepEqual(entry, verbose[parent]);
  assert.deepEqual((await ask('getmempoolancestors', child)).result, [parent]);
  assert.deepEqual((await ask('getmempoolancestors', parent)).result, []);
  assert.deepEqual(Object.keys((await ask('getmempooldescendants', parent, true)).result as Json), [child]);
  assert.equal((await ask('savemempool')).error, undefined);
  assert.equal(world.saved, 1);
});

test('a transaction that is not in the pool is not found', async () => {
  const { ask } = await scene();
  for (const method of ['getmempoolentry', 'getmempoolancestors', 'getmempooldescendants']) {
    assert.equal((await ask(method, 'ab'.repeat(32))).error?.code, RPC_ERROR.notFound, method);
    assert.equal((await ask(method, 'ab')).error?.code, RPC_ERROR.invalidParams, method);
  }
  assert.equal((await ask('getrawmempool', 'yes')).error?.code, RPC_ERROR.invalidParams);
});

test('estimatesmartfee says what is missing instead of guessing, and takes blocks or seconds', async () => {
  const { ask } = await scene();
  const byBlocks = (await ask('estimatesmartfee', 6)).result as { errors: string[] };
  assert.match(byBlocks.errors[0]!, /^too-few-transactions: /);
  const byTime = (await ask('estimatesmartfee', 0, 3600)).result as { errors: string[] };
  assert.match(byTime.errors[0]!, /^too-few-blocks: /);
  for (const params of [[0], [6, 3600]])
    assert.equal((await ask('estimatesmartfee', ...params)).error?.code, RPC_ERROR.outOfRange);
  assert.equal((await ask('estimatesmartfee', 1.5)).error?.code, RPC_ERROR.invalidParams);
});

test('estimatesmartfee gives what was paid once enough was seen', async () => {
  const { ask, world } = await scene();
  world.world.mine([]);
  for (let round = 0; round < 30; round += 1) {
    const coin = world.world.fund(RNT)[0]!;
    const paid = world.world.payFee([coin], 2_000_000n);
    world.world.verifier = () => ({ kind: 'valid' });
    world.world.submit(paid);
    world.world.mine([paid]);
  }
  const estimate = (await ask('estimatesmartfee', 2)).result as Json;
  assert.match(String(estimate['feerate']), /^0\.00\d+$/);
  assert.equal(estimate['blocks'], 2);
  assert.deepEqual(Object.keys(estimate['seconds'] as Json), ['median', 'likely']);
});

test('getblocktemplate has parents before children, the fees, and what the header must be', async () => {
  const { ask, parent, child, world } = await scene();
  const template = (await ask('getblocktemplate')).result as { transactions: Json[] } & Json;
  assert.deepEqual(
    template.transactions.map(({ txid, fee, depends }) => [txid, fee, depends]),
    [
      [parent, '0.01', []],
      [child, '0.02', [1]],
    ],
  );
  const { tip, params } = world.api;
  assert.deepEqual(
    [template['height'], template['fees'], template['dvalId'], template['sizelimit']],
    [tip().height + 1, '0.03', toHex(tip().header.dvalId), params.maxBlockBytes],
  );
  assert.equal(template['maxValLoss'], tip().header.valLoss - params.lossStep);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { keyOf } from '@resonancenet/ledger/testing/build-transaction';
import { paying } from '@resonancenet/ledger/testing/ledger-chain';
import { MAX_MONEY } from '@resonancenet/params/protocol-constants';
import { keyLockId, lockIdOf } from '@resonancenet/primitives/lock';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { StorageError } from '@resonancenet/storage/storage-error';
import { describeSupply } from './describe-supply.ts';
import type { RpcResponse } from './dispatch.ts';
import { amountParam, parseRnt, rnt } from './amounts.ts';
import { coinMethods } from './methods/coin-methods.ts';
import { lockMethods } from './methods/lock-methods.ts';
import { RPC_ERROR } from './rpc-method.ts';
import { LedgerWorld, RNT } from './testing/ledger-world.ts';

type Json = Record<string, unknown>;

const ask = (world: LedgerWorld, method: string, ...params: unknown[]): Promise<RpcResponse> =>
  world.call([...coinMethods(world.api), ...lockMethods(world.api)], method, params);

test('amounts are text with ten decimals at most, and every resonance survives', () => {
  for (const resonances of [0n, 1n, 10n, RNT, MAX_MONEY - 1n, MAX_MONEY, 123_456_789_012n])
    assert.equal(parseRnt(rnt(resonances)), resonances);
  assert.equal(rnt(MAX_MONEY - 1n), '20999999.9999999999');
  for (const text of ['', '.5', '1.', '1e3', '-1', '0.00000000001', '21000000.0000000001', ' 1', '0x1'])
    assert.equal(parseRnt(text), null, text);
  assert.equal(amountParam.parse(0.1), RNT / 10n);
  for (const number of [1e-7, Number.NaN, 20999999.999999996])
    assert.equal(amountParam.safeParse(number).success, false, String(number));
});

test('gettxout knows confirmed, unconfirmed and spent outputs', async () => {
  const world = new LedgerWorld();
  const coin = world.coin(2, 5n * RNT);
  const txid = toHex(coin.txid);
  const confirmed = (await ask(world, 'gettxout', txid, 0)).result as Json;
  assert.deepEqual(
    [confirmed['value'], confirmed['address'], confirmed['coinbase'], confirmed['confirmations']],
    ['5', world.addressOf(2), true, world.world.chain.height - coin.height + 1],
  );
  const { params } = world.api;
  assert.equal(confirmed['spendableFrom'], coin.height + params.coinbaseMaturity);
  assert.equal(confirmed['returnsAt'], coin.height + params.recovery.builtInReturn);
  const spend = world.payment(2, coin, RNT);
  await world.api.submit([fromHex(spend.hex)]);
  assert.equal((await ask(world, 'gettxout', txid, 0)).result, null);
  assert.equal(((await ask(world, 'gettxout', txid, 0, false)).result as Json)['value'], '5');
  const fresh = (await ask(world, 'gettxout', spend.txid, 0)).result as Json;
  assert.deepEqual([fresh['value'], fresh['confirmations']], ['4', 0]);
  assert.equal((await ask(world, 'gettxout', spend.txid, 0, false)).result, null);
  assert.equal((await ask(world, 'gettxout', spend.txid, 1)).result, null);
  assert.equal((await ask(world, 'gettxout', txid, -1)).error?.code, RPC_ERROR.invalidParams);
});

test('the walks of the whole state and files are refused as they should be', async () => {
  const world = new LedgerWorld();
  const missing = await ask(world, 'loadtxoutset', 'state.dat', 'ab'.repeat(32));
  assert.equal(missing.error?.code, RPC_ERROR.outOfRange);
  assert.equal((await ask(world, 'loadtxoutset', 'state.dat')).error?.code, RPC_ERROR.invalidParams);
  assert.equal((await ask(world, 'dumptxoutset', '')).error?.code, RPC_ERROR.invalidParams);
  const full = () => Promise.reject(new StorageError('store-io', 'The disk is full.'));
  const dumped = await world.call(coinMethods({ ...world.api, writeSnapshot: full }), 'dumptxoutset', ['x']);
  assert.deepEqual(dumped.error, { code: RPC_ERROR.misc, message: 'The disk is full.' });
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const state = {
    blockId: 'ab'.repeat(32),
    height: 1,
    stateHash: new Uint8Array(32),
    counts: [1n, 0n, 0n, 0n, 0n, 1n],
  };
  const api = { ...world.api, hashState: () => held.then(() => state) };
  const methods = coinMethods(api);
  const first = world.call(methods, 'gettxoutsetinfo');
  assert.equal((await world.call(methods, 'gettxoutsetinfo')).error?.code, RPC_ERROR.misc);
  release();
  const { txouts, state_hash: hash, total_amount: total } = (await first).result as Json;
  // The tip of this world is another one: its sum would belong to another state.
  assert.deepEqual([txouts, hash, total], [1, '00'.repeat(32), undefined]);
  assert.equal((await world.call(methods, 'gettxoutsetinfo')).error, undefined);
});

test('getsupply explains every number, and the numbers add up', async () => {
  const world = new LedgerWorld();
  world.coin(2, 5n * RNT);
  const supply = (await ask(world, 'getsupply')).result as Record<string, { value: string; help: string }>;
  const { totals, params } = world.world.chain;
  assert.equal(supply['minted']?.value, rnt(totals.minted));
  assert.equal(supply['unspent']?.value, supply['minted']?.value);
  assert.equal(supply['subsidy']?.value, rnt(params.subsidy));
  for (const [name, entry] of Object.entries(supply)) if (name !== 'height') assert.ok(entry.help.length > 20, name);
});

test('getsupply at a halving, with lapsed and returned money', () => {
  const half = MAX_MONEY / 2n;
  const params = { subsidy: 50n * RNT, emission: { fullGain: 1_000, doubleGain: 10_000 } };
  const totals = { height: 9, minted: half + 3n, returned: 2n, lapsed: 1n, unspent: half, bonds: 1n };
  const at = describeSupply(totals, params) as Record<string, { value: unknown }>;
  assert.deepEqual(
    ['effective', 'left', 'halvings', 'subsidy', 'maximumReward', 'nextHalving'].map((name) => at[name]?.value),
    [rnt(half), rnt(half - 1n), 1, '25', '50', rnt((MAX_MONEY * 3n) / 4n)],
  );
  const before = describeSupply({ ...totals, lapsed: 2n }, params) as Record<string, { value: unknown }>;
  assert.deepEqual([before['halvings']?.value, before['subsidy']?.value], [0, '50']);
});

test('compilelock and decodelock are inverse, and say what opening takes', async () => {
  const world = new LedgerWorld();
  const [a, b] = [toHex(keyOf(1)), toHex(keyOf(2))];
  const terms = { type: 'heartbeat', interval: 10, timeout: 1, livenessKey: a };
  const text = 'or(key(A), and(older(144), key(B)))';
  const made = (await ask(world, 'compilelock', text, terms, { A: a, B: b })).result as Json;
  assert.equal(made['lock'], `or(key(${a}), and(older(144), key(${b})))`);
  const leaves = made['leaves'] as string[];
  assert.deepEqual((await ask(world, 'decodelock', leaves, terms)).result, made);
  const [first, second] = made['analysis'] as Json[];
  assert.deepEqual([first?.['signatures'], second?.['earliestAge'], made['cheapest']], [1, 144, 0]);
  const policyId = toHex(termsPolicyId({ type: 'heartbeat', interval: 10, timeout: 1, livenessKey: keyOf(1) }));
  assert.equal(made['policyId'], policyId);
  assert.match(String(made['address']), /^rrnt1/);
  const single = (await ask(world, 'compilelock', `key(${a})`)).result as Json;
  assert.deepEqual([single['lockId'], single['address']], [toHex(keyLockId(keyOf(1))), undefined]);
  assert.equal(lockIdOf([[{ kind: 'key', publicKey: keyOf(1) }]]).length, 24);
});

test('locks and policies that are none are refused with the place or the range', async () => {
  const world = new LedgerWorld();
  const key = toHex(keyOf(1));
  const message = async (method: string, ...params: unknown[]): Promise<string> =>
    (await ask(world, method, ...params)).error?.message ?? '';
  assert.match(await message('compilelock', 'key(A)'), /at character 5/);
  assert.match(await message('decodelock', ['00']), /Leaf 0/);
  const short = { type: 'heartbeat', interval: 1, timeout: 1, livenessKey: key };
  assert.match(await message('compilelock', `key(${key})`, short), /interval of 1 blocks; allowed are 10 to 500/);
  assert.match(await message('getpolicy', '09'.repeat(24)), /policy type 9/);
  assert.match(await message('getpolicy', 'ab'), /policy/);
  const twins = { type: 'social', wait: 100, livenessKey: key, required: 2, guardians: [key, key] };
  assert.match(await message('getpolicy', twins), /policy/);
});

test('getpolicy tells signs of life, ages and deadlines', async () => {
  const world = new LedgerWorld();
  const terms = { type: 'heartbeat', interval: 10, timeout: 1, livenessKey: toHex(keyOf(1)) };
  const policyId = termsPolicyId({ type: 'heartbeat', interval: 10, timeout: 1, livenessKey: keyOf(1) });
  const [coin] = world.world.fundOutputs(paying({ lockId: keyLockId(keyOf(2)), policyId }, 3n * RNT));
  const { height } = world.world.chain;
  const told = (await ask(world, 'getpolicy', terms)).result as Json;
  assert.deepEqual(
    [told['policyId'], told['type'], told['blocks'], told['builtIn'], told['lastSign'], told['announcement']],
    [toHex(policyId), 'heartbeat', 11, false, 0, null],
  );
  assert.deepEqual(told['ages'], [
    {
      since: coin!.height,
      outputs: 1,
      amount: '3',
      idle: height - coin!.height,
      lapsesAt: coin!.height + 11,
      lapsed: false,
    },
  ]);
  const { params } = world.api;
  const builtIn = world.coin(2, RNT).output.policyId;
  const bare = (await ask(world, 'getpolicy', toHex(builtIn))).result as Json;
  assert.deepEqual(
    [bare['type'], bare['builtIn'], bare['blocks'], bare['ages']],
    ['emissionReturn', true, params.recovery.builtInReturn, []],
  );
});

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { parseAddress } from '@resonancenet/primitives/address';
import type { Destination } from '@resonancenet/primitives/destination';
import { openSigner } from '../wallet/testing/wallet-world.ts';
import { type RpcWalletWorld, worldWith } from './testing/rpc-wallet-world.ts';

const RNT = 10_000_000_000n;

interface Paid {
  readonly txid: string;
  readonly complete: boolean;
  readonly repeated?: boolean;
}

function destinationOf(address: string): Destination {
  const parsed = parseAddress(regtest, address);
  assert.ok(parsed.ok);
  return parsed.destination;
}

/** A wallet with three ripe coins of 50, unlocked, and somebody to pay. */
async function funded(context: TestContext): Promise<{ world: RpcWalletWorld; bob: string }> {
  const world = await worldWith(context, 'alice', 'bob');
  for (let coins = 0; coins < 3; coins += 1)
    world.chain.mine(destinationOf(await world.result<string>('getnewaddress', [], 'alice')), [], 50n * RNT);
  for (let more = 0; more < regtest.coinbaseMaturity; more += 1) world.chain.mine();
  world.signers.set('alice', openSigner('alice'));
  await world.restart();
  world.pool.refusal = null;
  return { world, bob: await world.result<string>('getnewaddress', [], 'bob') };
}

const options = { reference: 'invoice-7' };

function pay(world: RpcWalletWorld, address: string, amount: string, more: object = options): Promise<Paid> {
  return world.result<Paid>('sendtoaddress', { address, amount, options: more }, 'alice');
}

test('WAL-47: a payment with a reference is made once: asked again at once, together, after a restart, and after its block', async (context) => {
  const { world, bob } = await funded(context);
  const [first, together] = await Promise.all([pay(world, bob, '5'), pay(world, bob, '5')]);
  assert.deepEqual(together, { txid: first.txid, complete: true, repeated: true });
  await world.restart();
  assert.deepEqual(await pay(world, bob, '5'), together);
  assert.deepEqual(world.pool.submitted.filter((txid) => txid === first.txid).length, 1);
  world.chain.mine(undefined, [world.pool.transaction(first.txid)!]);
  world.pool.remove(first.txid);
  assert.deepEqual(await pay(world, bob, '5'), together);
  await world.result('rescanblockchain', [true], 'alice');
  assert.deepEqual(await pay(world, bob, '5'), together);
  assert.notEqual((await pay(world, bob, '5', { reference: 'invoice-8' })).txid, first.txid);
  assert.equal((await world.result<Record<string, string>>('getbalances', [], 'bob'))['confirmed'], '5');
});

test('a reference stands for one payment: another amount or address under it is refused', async (context) => {
  const { world, bob } = await funded(context);
  const { txid } = await pay(world, bob, '5');
  for (const [address, amount] of [
    [bob, '5.0000000001'],
    [await world.result<string>('getnewaddress', [], 'bob'), '5'],
  ] as const) {
    const refused = await world.refusal('sendtoaddress', { address, amount, options }, 'alice');
    assert.match(
      refused.join(),
      new RegExp(`reference-used: .*'invoice-7' is that of payment ${txid}, and it pays som`),
    );
  }
  assert.match((await world.refusal('bumpfee', { txid, options }, 'alice')).join(), /sendtoaddress, send and sendall/);
});

test('what was never sent leaves its reference free; what was given up or taken back does not', async (context) => {
  const { world, bob } = await funded(context);
  world.pool.refusal = 'fee-too-low: refused by the test';
  const asked = { address: bob, amount: '5', options };
  assert.match((await world.refusal('sendtoaddress', asked, 'alice')).join(), /fee-too-low/);
  world.pool.refusal = null;
  const paid = await pay(world, bob, '5');
  assert.equal(paid.repeated, undefined);

  const better = await world.result<Paid>('bumpfee', { txid: paid.txid, options: { fee_rate: '0.01' } }, 'alice');
  world.pool.remove(paid.txid);
  assert.deepEqual(await pay(world, bob, '5'), { txid: better.txid, complete: true, repeated: true });
  world.pool.refusal = 'insufficient-fee: refused by the test';
  await world.refusal('canceltransaction', { txid: better.txid }, 'alice');
  world.pool.refusal = null;
  world.service.transactionAccepted(better.txid);
  assert.deepEqual(await pay(world, bob, '5'), { txid: better.txid, complete: true, repeated: true });
  await world.result('canceltransaction', { txid: better.txid }, 'alice');
  assert.match((await world.refusal('sendtoaddress', asked, 'alice')).join(), /reference-used: .*it was taken back/);

  const other = { address: bob, amount: '6', options: { reference: 'invoice-9' } };
  const given = await world.result<Paid>('sendtoaddress', other, 'alice');
  world.pool.remove(given.txid);
  await world.result('abandontransaction', [given.txid], 'alice');
  assert.match((await world.refusal('sendtoaddress', other, 'alice')).join(), /reference-used: .*it was given up/);
});

test('coins and history are read in pages', async (context) => {
  const { world, bob } = await funded(context);
  await pay(world, bob, '5');
  const all = await world.result<{ txid: string; vout: number }[]>('listunspent', [0], 'alice');
  assert.equal(all.length, 4);
  const paged: unknown[] = [];
  for (let after: string | undefined; paged.length < 10; ) {
    const page = await world.result<typeof all>('listunspent', { minconf: 0, count: 1, after }, 'alice');
    if (page.length === 0) break;
    paged.push(...page);
    after = `${page[0]!.txid}:${page[0]!.vout}`;
  }
  assert.deepEqual(paged, all);
  const history = await world.result<unknown[]>('listtransactions', [10], 'alice');
  assert.equal(history.length, 4);
  for (const [skip, entry] of history.entries())
    assert.deepEqual(await world.result('listtransactions', [1, skip], 'alice'), [entry]);
});

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fromHex } from '@resonancenet/bytes/hex';
import { regtest } from '@resonancenet/params/regtest';
import { parseAddress } from '@resonancenet/primitives/address';
import type { Destination } from '@resonancenet/primitives/destination';
import { openSigner } from '../wallet/testing/wallet-world.ts';
import { type RpcWalletWorld, worldWith } from './testing/rpc-wallet-world.ts';

const RNT = 10_000_000_000n;

interface Paid {
  readonly txid: string;
  readonly complete: boolean;
  readonly fee: string;
  readonly bytes: number;
  readonly change: string | null;
}

function destinationOf(address: string): Destination {
  const parsed = parseAddress(regtest, address);
  assert.ok(parsed.ok);
  return parsed.destination;
}

/** A wallet with ripe coins of so many RNT, unlocked, and somebody to pay. */
async function funded(
  context: TestContext,
  ...amounts: readonly bigint[]
): Promise<{ world: RpcWalletWorld; bob: string }> {
  const world = await worldWith(context, 'alice', 'bob');
  for (const amount of amounts)
    world.chain.mine(destinationOf(await world.result<string>('getnewaddress', [], 'alice')), [], amount * RNT);
  for (let more = 0; more < regtest.coinbaseMaturity; more += 1) world.chain.mine();
  world.signers.set('alice', openSigner('alice'));
  await world.restart();
  world.pool.refusal = null;
  return { world, bob: await world.result<string>('getnewaddress', [], 'bob') };
}

const balance = async (world: RpcWalletWorld, name = 'alice'): Promise<Record<string, string>> =>
  world.result('getbalances', [], name);

test('a payment is signed, kept, sent, and arrives to the resonance', async (context) => {
  const { world, bob } = await funded(context, 50n);
  const paid = await world.result<Paid>('sendtoaddress', [bob, '12.5', 'rent'], 'alice');
  assert.ok(paid.complete);
  const transaction = world.pool.transaction(paid.txid);
  assert.ok(transaction !== null);
  const [fee, change] = [Number(paid.fee), Number(paid.change)];
  assert.ok(Math.abs(50 - 12.5 - fee - change) < 1e-9);
  assert.equal((await balance(world))['pending'], paid.change);
  assert.equal((await balance(world, 'bob'))['incoming'], '0');
  world.service.transactionAccepted(paid.txid);
  assert.equal((await balance(world, 'bob'))['incoming'], '12.5');
  world.chain.mine(undefined, [transaction]);
  world.pool.remove(paid.txid);
  assert.equal((await balance(world, 'bob'))['confirmed'], '12.5');
  assert.equal((await balance(world))['confirmed'], paid.change);
  const [entry] = await world.result<Record<string, unknown>[]>('listtransactions', [1], 'alice');
  assert.deepEqual([entry!['label'], entry!['fee'], entry!['heartbeat']], ['rent', paid.fee, true]);
});

test('while the wallet is locked nothing is sent and nothing is taken', async (context) => {
  const { world, bob } = await funded(context, 50n);
  world.signers.delete('alice');
  await world.restart();
  assert.match((await world.refusal('sendtoaddress', [bob, '1'], 'alice')).join(), /^-13,.*rnt wallet unlock alice/);
  assert.equal((await balance(world))['confirmed'], '50');
  const funded1 = await world.result<{ rntp: string; fee: string }>('createfundedrntp', [{ [bob]: '1' }], 'alice');
  assert.ok(funded1.rntp.length > 100);
});

test('payments at the same time never take the same coin', async (context) => {
  const { world, bob } = await funded(context, 10n, 10n, 10n);
  const all = await Promise.all(
    [1, 2, 3].map((amount) => world.result<Paid>('sendtoaddress', [bob, String(amount)], 'alice')),
  );
  const spent = all.flatMap(({ txid }) => world.pool.transaction(txid)!.inputs.map(({ outpoint }) => outpoint));
  assert.equal(new Set(spent.map(({ txid, index }) => `${Buffer.from(txid).toString('hex')}:${index}`)).size, 3);
  assert.match((await world.refusal('sendtoaddress', [bob, '1'], 'alice')).join(), /^-6,insufficient-funds/);
});

test('what the pool refuses is not kept; what it leaves unanswered is sent again', async (context) => {
  const { world, bob } = await funded(context, 50n);
  world.pool.refusal = 'fee-too-low: by the test';
  assert.match((await world.refusal('sendtoaddress', [bob, '1'], 'alice')).join(), /^-26,fee-too-low/);
  assert.equal((await balance(world))['confirmed'], '50');
  world.pool.refusal = 'unknown';
  const { txid } = await world.result<Paid>('sendtoaddress', [bob, '1'], 'alice');
  assert.equal((await balance(world))['confirmed'], '0');
  assert.equal(world.pool.transaction(txid), null);
  world.pool.refusal = null;
  await world.restart();
  await balance(world);
  assert.notEqual(world.pool.transaction(txid), null);
});

test('a payment that waits is replaced by a better one, and taken back', async (context) => {
  const { world, bob } = await funded(context, 50n);
  const first = await world.result<Paid>('sendtoaddress', [bob, '1', 'tea'], 'alice');
  const better = await world.result<Paid>('bumpfee', [first.txid, { fee_rate: '0.001' }], 'alice');
  assert.ok(Number(better.fee) > Number(first.fee));
  assert.match((await world.refusal('gettransaction', [first.txid], 'alice')).join(), /^-5,/);
  const cancelled = await world.result<Paid>('canceltransaction', [better.txid, { fee_rate: '0.002' }], 'alice');
  const { outputs } = world.pool.transaction(cancelled.txid)!;
  assert.equal(outputs.length, 1);
  assert.equal((await world.result<{ ismine: boolean }>('getaddressinfo', [bob], 'alice')).ismine, false);
  assert.match((await world.refusal('bumpfee', [first.txid], 'alice')).join(), /not-pending/);
});

test('several are paid at once, all is sent, and options say how', async (context) => {
  const { world, bob } = await funded(context, 20n, 30n);
  const own = await world.result<string>('getnewaddress', [], 'alice');
  const many = await world.result<Paid>('send', [{ [bob]: '1', [own]: '2' }, { fee: '0.0002' }], 'alice');
  assert.equal(many.fee, '0.0002');
  assert.equal(world.pool.transaction(many.txid)!.outputs.length, 3);
  const rest = await world.result<Paid>('sendall', [bob, { unconfirmed: true, heartbeat: false }], 'alice');
  const transaction = world.pool.transaction(rest.txid)!;
  assert.deepEqual([transaction.outputs.length, transaction.actions.length, rest.change], [1, 0, null]);
  const refused = async (params: unknown): Promise<string> =>
    (await world.refusal('sendtoaddress', params, 'alice')).join();
  assert.match(await refused([bob, '0.0000000001']), /output-dust/);
  assert.match(await refused([bob, '1', 'x', { fee: '1', fee_rate: '1' }]), /^-32602,.*one of fee/);
  assert.match(await refused(['nowhere', '1']), /^-5,Invalid address/);
  assert.match(await refused([bob, '1', 'x', { fees: '1' }]), /^-32602/);
  assert.match(await refused([bob, '1', 'x', { account: 7 }]), /^-8,.*no account 7/);
});

test('a transaction goes from machine to machine: built, looked at, signed, joined, finished', async (context) => {
  const { world, bob } = await funded(context, 50n);
  const { rntp, fee } = await world.result<{ rntp: string; fee: string }>(
    'createfundedrntp',
    [[{ address: bob, amount: '3' }]],
    'alice',
  );
  const seen = await world.result<{ complete: boolean; feeAndBonds: string; missing: unknown[]; signers: unknown[] }>(
    'decoderntp',
    [rntp],
  );
  assert.deepEqual([seen.complete, seen.feeAndBonds, seen.missing.length], [false, fee, 2]);
  const review = await world.result<{ leaves: string; outputs: { own: boolean }[]; asks: { own: boolean }[] }>(
    'reviewrntp',
    [rntp],
    'alice',
  );
  assert.ok(Math.abs(Number(review.leaves) - 3 - Number(fee)) < 1e-9, review.leaves);
  assert.deepEqual(
    [review.outputs.map(({ own }) => own), review.asks.map(({ own }) => own)],
    [
      [false, true],
      [true, true],
    ],
  );
  const seenByPayee = await world.result<{ leaves: string }>('reviewrntp', [rntp], 'bob');
  assert.equal(seenByPayee.leaves, '-3');
  const open = await world.result<{ complete: boolean }>('finalizerntp', [rntp]);
  assert.equal(open.complete, false);
  const signed = await world.result<{ rntp: string; complete: boolean }>('walletprocessrntp', [rntp], 'alice');
  assert.ok(signed.complete);
  const joined = await world.result<{ rntp: string }>('combinerntp', [[rntp, signed.rntp]]);
  assert.equal(joined.rntp, signed.rntp);
  const done = await world.result<{ complete: boolean; hex: string }>('finalizerntp', [joined.rntp]);
  assert.ok(done.complete && fromHex(done.hex).length > 100);
  assert.match((await world.refusal('decoderntp', ['AAAA'])).join(), /^-22,/);
  assert.match((await world.refusal('decoderntp', ['!'])).join(), /^-32602,/);
});

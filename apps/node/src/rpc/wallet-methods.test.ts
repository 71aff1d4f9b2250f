import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { keyWindowCodec } from '@resonancenet/keys/key-window';
import { devnet } from '@resonancenet/params/devnet';
import { networkId } from '@resonancenet/params/network-id';
import { regtest } from '@resonancenet/params/regtest';
import { parseAddress } from '@resonancenet/primitives/address';
import type { Destination } from '@resonancenet/primitives/destination';
import { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { outpointOf, outputTo, spending } from '../wallet/testing/fake-chain.ts';
import { keyNamed, recordAccount, walletRecord } from '../wallet/testing/wallet-world.ts';
import { RpcWalletWorld, worldWith } from './testing/rpc-wallet-world.ts';

const RNT = 10_000_000_000n;

function destinationOf(address: string): Destination {
  const parsed = parseAddress(regtest, address);
  assert.ok(parsed.ok);
  return parsed.destination;
}

test('all wallets of the folder are loaded; one that cannot be is told of, and the others are', async (context) => {
  const world = new RpcWalletWorld();
  context.after(() => world.close());
  for (const name of ['alice', 'bob', 'carl']) world.write(walletRecord(name, [recordAccount(name, 0, 30)]));
  writeFileSync(join(world.folder, 'wallets', 'bob', 'public'), 'nonsense');
  world.write({ ...walletRecord('carl', [recordAccount('carl', 0, 30)]), networkId: networkId(devnet) });
  await world.service.start();
  assert.deepEqual(await world.result('listwallets'), ['alice']);
  assert.match(world.lines.join('\n'), /bob: not loaded: .*cannot be read/);
  assert.match(world.lines.join('\n'), /carl: not loaded: .*not of the network regtest/);
  assert.deepEqual(await world.result('listwalletdir'), {
    wallets: [{ name: 'alice' }, { name: 'bob' }, { name: 'carl' }],
  });
  assert.match((await world.refusal('loadwallet', ['bob'])).join(), /^-4,/);
  assert.match((await world.refusal('loadwallet', ['nobody'])).join(), /^-18,.*There is no wallet/);
  assert.match((await world.refusal('loadwallet', ['../alice'])).join(), /^-8,.*is no name/);
});

test('which wallet is meant: the only one, or the one in the path', async (context) => {
  const world = await worldWith(context, 'alice');
  assert.equal((await world.result('getwalletinfo'))['walletname'], 'alice');
  world.write(walletRecord('bob', [recordAccount('bob', 0, 30)]));
  assert.deepEqual(await world.result('loadwallet', ['bob']), { name: 'bob' });
  assert.match((await world.refusal('getwalletinfo')).join(), /^-19,2 wallets are loaded \(alice, bob\)/);
  assert.equal((await world.result('getwalletinfo', [], 'bob'))['walletname'], 'bob');
  assert.deepEqual(await world.result('unloadwallet', ['alice']), { name: 'alice' });
  assert.match((await world.refusal('getwalletinfo', [], 'alice')).join(), /^-18,/);
  assert.equal((await world.result('getwalletinfo'))['walletname'], 'bob');
  await world.result('unloadwallet');
  assert.match((await world.refusal('getbalances')).join(), /^-19,No wallet is loaded/);
});

test('addresses are new every time, also after a restart, up to the gap limit', async (context) => {
  const world = await worldWith(context, 'alice');
  const given = [await world.result<string>('getnewaddress', ['rent'])];
  await world.restart();
  for (let more = 1; more < 20; more += 1) given.push(await world.result<string>('getnewaddress'));
  assert.equal(new Set(given).size, 20);
  assert.match((await world.refusal('getnewaddress')).join(), /^-4,gap-limit: 20 addresses/);
  world.chain.mine(destinationOf(given[0]!));
  await world.result<string>('getnewaddress');
  const info = await world.result('getaddressinfo', [given[0]]);
  assert.deepEqual(
    [info['ismine'], info['account'], info['index'], info['labels'], info['pubkey']],
    [true, 0, 0, ['rent'], toHex(keyNamed('alice/0/receive/0'))],
  );
  const listed = await world.result<Record<string, unknown>[]>('listaddresses');
  assert.deepEqual(listed[0], { account: 0, index: 0, address: given[0], paid: true, label: 'rent' });
  assert.deepEqual([listed.length, listed[20]!['paid']], [21, false]);
  assert.equal((await world.result<unknown[]>('listaddresses', [0, 20, 5])).length, 1);
});

test('a payment is in balances, coins and history at once when its block is', async (context) => {
  const world = await worldWith(context, 'alice');
  const [first, second] = [await world.result<string>('getnewaddress'), await world.result<string>('getnewaddress')];
  const coinbase = world.chain.mine(destinationOf(first), [], 50n * RNT);
  assert.equal((await world.result('getbalances'))['immature'], '50');
  for (let more = 0; more < 100; more += 1) world.chain.mine();
  const before = await world.result<{ mine: unknown; final: string }>('getbalances');
  assert.deepEqual(before.mine, { trusted: '50', untrusted_pending: '0', immature: '0' });
  assert.equal(before.final, '50');
  const payment = spending([outpointOf(coinbase)], [outputTo(destinationOf(second), 49n * RNT)]);
  const txid = world.pool.add(payment);
  world.service.transactionAccepted(txid);
  const waiting = await world.result('getbalances');
  assert.deepEqual([waiting['confirmed'], waiting['spending'], waiting['pending']], ['0', '50', '49']);
  assert.equal((await world.result<unknown[]>('listunspent')).length, 1);
  assert.equal((await world.result<unknown[]>('listunspent', [0])).length, 2);
  assert.equal((await world.result('gettransaction', [txid]))['inpool'], true);
  world.chain.mine(undefined, [payment]);
  world.pool.remove(txid);
  const [coin] = await world.result<Record<string, unknown>[]>('listunspent');
  assert.deepEqual(
    [coin!['txid'], coin!['amount'], coin!['address'], coin!['status']],
    [txid, '49', second, 'spendable'],
  );
  assert.equal(coin!['deadline'], 102 + 200);
  await world.result('setlabel', [txid, 'consolidation']);
  const [sent, mined] = await world.result<Record<string, unknown>[]>('listtransactions');
  assert.deepEqual(
    [sent!['category'], sent!['amount'], sent!['fee'], sent!['label']],
    ['send', '-1', '1', 'consolidation'],
  );
  assert.deepEqual([mined!['category'], mined!['amount'], mined!['confirmations']], ['generate', '50', 102]);
  const one = await world.result<{ blockheight: number; details: unknown[] }>('gettransaction', [txid]);
  assert.deepEqual([one.blockheight, one.details.length], [102, 1]);
  assert.match((await world.refusal('gettransaction', ['ab'.repeat(32)])).join(), /^-5,/);
});

test('locked coins stay locked after a restart; all of a request are locked or none', async (context) => {
  const world = await worldWith(context, 'alice');
  world.chain.mine(destinationOf(await world.result<string>('getnewaddress')));
  const [{ txid }] = await world.result<[{ txid: string }]>('listunspent');
  const coin = { txid, vout: 0 };
  const unknown = { txid: 'ab'.repeat(32), vout: 0 };
  assert.match((await world.refusal('lockunspent', [false, [coin, unknown]])).join(), /^-8,/);
  assert.deepEqual(await world.result('listlockunspent'), []);
  assert.equal(await world.result('lockunspent', [false, [coin]]), true);
  await world.restart();
  assert.deepEqual(await world.result('listlockunspent'), [coin]);
  assert.match((await world.refusal('lockunspent', [true, [unknown]])).join(), /is not locked/);
  await world.result('lockunspent', [true]);
  assert.deepEqual(await world.result('listlockunspent'), []);
});

test('labels are kept for addresses, payees and transactions', async (context) => {
  const world = await worldWith(context, 'alice', 'bob');
  const own = await world.result<string>('getnewaddress', [], 'alice');
  const foreign = await world.result<string>('getnewaddress', [], 'bob');
  assert.deepEqual(await world.result('setlabel', [own, 'mine'], 'alice'), { kind: 'address' });
  assert.deepEqual(await world.result('setlabel', [foreign, 'Bob'], 'alice'), { kind: 'payee' });
  assert.deepEqual(await world.result('listlabels', ['payee'], 'alice'), [
    { kind: 'payee', name: foreign, label: 'Bob' },
  ]);
  await world.result('setlabel', [foreign, ''], 'alice');
  assert.deepEqual(await world.result('listlabels', ['payee'], 'alice'), []);
  assert.match((await world.refusal('setlabel', ['nowhere', 'x'], 'alice')).join(), /^-5,/);
});

test('a transaction that waits can be given up unless the pool has it', async (context) => {
  const world = await worldWith(context, 'alice');
  const address = await world.result<string>('getnewaddress');
  const coinbase = world.chain.mine(destinationOf(address));
  const payment = spending([outpointOf(coinbase)], [outputTo(destinationOf(address), 4n)]);
  const txid = world.pool.add(payment);
  world.service.transactionAccepted(txid);
  assert.match((await world.refusal('abandontransaction', [txid])).join(), /is in the pool/);
  world.pool.remove(txid);
  world.service.transactionRemoved(txid, 'evicted');
  assert.equal((await world.result('getbalances'))['spending'], '0.000000005');
  await world.result('abandontransaction', [txid]);
  assert.equal((await world.result('getbalances'))['spending'], '0');
});

test('the wallet asks its signer for keys before they end; while it is locked, it says so and reads again later', async (context) => {
  const world = await worldWith(context, 'alice');
  const account = recordAccount('alice', 0, 80);
  const lock = world.service.get(null).accounts.get(0)!;
  const late = recordAccount('alice', 0, 80);
  world.chain.mine(lock.destination('receive', 12)!);
  const info = await world.result<{ warnings: string[] }>('getwalletinfo');
  assert.match(info.warnings.join(), /no keys of the branch receive from 30 on.*unlock the wallet/);
  assert.match(world.lines.join(), /more keys are needed/);
  // Somebody else with the same words is paid far beyond what is known here.
  const watching = new RpcWalletWorld();
  context.after(() => watching.close());
  watching.write(walletRecord('alice', [late]));
  await watching.service.start();
  world.chain.mine(watching.service.get(null).accounts.get(0)!.destination('receive', 35)!);
  assert.equal((await world.result('getbalances'))['immature'], '0.000000005');
  const { policy, receive } = account;
  const keyWindow = {
    fingerprint: world.service.get(null).record.fingerprint,
    account: 0,
    ...policy,
    receive: { first: 30, publicKeys: receive.slice(30) },
    change: { first: 0, publicKeys: [] },
  };
  await world.service.get(null).addWindow(encode(keyWindowCodec, keyWindow));
  assert.equal((await world.result('getbalances'))['immature'], '0.00000001');
  await world.restart();
  assert.equal((await world.result('getbalances'))['immature'], '0.00000001');
  assert.deepEqual((await world.result<{ warnings: string[] }>('getwalletinfo')).warnings, []);
});

test('a rescan reads all again', async (context) => {
  const world = await worldWith(context, 'alice');
  world.chain.mine(destinationOf(await world.result<string>('getnewaddress')));
  world.chain.mine();
  assert.deepEqual(await world.result('rescanblockchain', [true]), { start_height: 1, stop_height: 2 });
  assert.equal((await world.result<unknown[]>('listtransactions')).length, 1);
});

test('what a restore from words needs, and what only a backup keeps', async (context) => {
  const world = await worldWith(context, 'alice');
  await world.result('getnewaddress', ['rent']);
  const info = await world.result<{ accounts: { policy: string; next: unknown }[]; labels: number }>('getbackupinfo');
  assert.deepEqual([info.accounts[0]!.policy, info.labels], ['emissionReturn(200)', 1]);
  assert.deepEqual(info.accounts[0]!.next, { receive: 1, change: 0 });
});

test('a backup gets the labels, the address book and the addresses given out; a restore hands them to the node', async (context) => {
  const world = await worldWith(context, 'alice', 'bob');
  const own = await world.result<string>('getnewaddress', ['rent'], 'alice');
  const foreign = await world.result<string>('getnewaddress', [], 'bob');
  await world.result('addcontact', ['Bob', foreign], 'alice');
  const { notes, labels, contacts } = await world.result<Record<string, unknown>>('getwalletnotes', [], 'alice');
  assert.deepEqual([labels, contacts], [1, 1]);
  const again = new RpcWalletWorld();
  context.after(() => again.close());
  again.write(walletRecord('alice', [recordAccount('alice', 0, 30)]));
  const file = join(again.folder, 'wallets/alice/notes');
  writeFileSync(file, Buffer.from(String(notes), 'base64'));
  await again.service.start();
  assert.equal(existsSync(file), false);
  assert.deepEqual(await again.result('listcontacts'), [{ name: 'Bob', address: foreign }]);
  assert.deepEqual(await again.result('listlabels', ['address']), [{ kind: 'address', name: own, label: 'rent' }]);
  assert.notEqual(await again.result<string>('getnewaddress'), own, 'what was given out is not given out again');
  writeFileSync(file, 'nonsense');
  await again.restart();
  assert.match(again.lines.join('\n'), /alice: .*notes cannot be read/);
  assert.equal(existsSync(file), true);
});

test('a name of the address book stands for its address in payments', async (context) => {
  const world = await worldWith(context, 'alice', 'bob');
  const foreign = await world.result<string>('getnewaddress', [], 'bob');
  const own = await world.result<string>('getnewaddress', [], 'alice');
  assert.match((await world.refusal('sendtoaddress', ['@Bob', '1'], 'alice')).join(), /contact-unknown/);
  assert.match((await world.refusal('addcontact', ['Me', own], 'alice')).join(), /an address of this wallet/);
  assert.match((await world.refusal('addcontact', ['X', 'nowhere'], 'alice')).join(), /^-5,/);
  await world.result('addcontact', ['Bob', foreign], 'alice');
  assert.match((await world.refusal('sendtoaddress', ['@Bob', '1'], 'alice')).join(), /insufficient-funds/);
  assert.match((await world.refusal('sendall', ['@Bob'], 'alice')).join(), /insufficient-funds|no coins|nothing/);
  assert.deepEqual(await world.result('removecontact', ['Bob'], 'alice'), { name: 'Bob' });
  assert.match((await world.refusal('removecontact', ['Bob'], 'alice')).join(), /contact-unknown/);
});

test('a wallet without keys takes further windows of its own accounts, and none of another wallet', async (context) => {
  const world = new RpcWalletWorld();
  context.after(() => world.close());
  await world.service.start();
  const { fingerprint } = walletRecord('cold', []);
  const windowOf = (account: number, first: number, count: number, of = fingerprint): Uint8Array => {
    const { policy, receive, change } = recordAccount('cold', account, 80);
    const range = (keys: readonly Uint8Array[]) => ({ first, publicKeys: keys.slice(first, first + count) });
    return encode(keyWindowCodec, {
      fingerprint: of,
      account,
      ...policy,
      receive: range(receive),
      change: range(change),
    });
  };
  const watch = (...windows: Uint8Array[]): [string, string] => ['cold', Buffer.concat(windows).toString('base64')];
  const made = await world.result('watchaccount', watch(windowOf(0, 0, 30)));
  assert.deepEqual(made['keys'], [{ account: 0, receive: 30, change: 30 }]);
  world.chain.mine(world.service.get(null).accounts.get(0)!.destination('receive', 15)!);
  assert.equal((await world.result<{ warnings: string[] }>('getwalletinfo')).warnings.length, 1);
  const paid = { fingerprint, ...recordAccount('cold', 1, 80), ranges: [] };
  const other = new WalletAccount({ ...paid, terms: paid.policy.terms, siblingHash: null });
  other.addRange({ branch: 'receive', first: 0, publicKeys: paid.receive });
  world.chain.mine(other.destination('receive', 3)!);
  assert.match((await world.refusal('watchaccount', watch(windowOf(0, 40, 9)))).join(), /30 are known/);
  assert.match(
    (await world.refusal('watchaccount', watch(windowOf(0, 30, 9, Uint8Array.of(1, 2, 3, 4))))).join(),
    /other/,
  );
  const longer = await world.result('watchaccount', watch(windowOf(0, 30, 50), windowOf(1, 0, 40)));
  assert.deepEqual(longer['accounts'], [0, 1]);
  const info = await world.result<{ warnings: string[]; accounts: { keys: unknown }[] }>('getwalletinfo');
  assert.deepEqual([info.warnings, info.accounts[0]!.keys], [[], { receive: 80, change: 80 }]);
  assert.equal((await world.result('getbalances'))['immature'], '0.00000001', 'of both accounts');
});

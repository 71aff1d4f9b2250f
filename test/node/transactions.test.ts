// Money from the operator's side: mined, spent, relayed, replaced, kept over a restart, brought back from a block.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAddress } from '@resonancenet/primitives/address';
import { keyDestination } from '@resonancenet/primitives/destination';
import { NodeProcess, untilSameTip } from '../support/node-process.ts';
import { RpcFailure } from '../support/rpc-client.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait.ts';

const owner = new Uint8Array(32).fill(11);
const receiver = new Uint8Array(32).fill(12);
const addressOf = (seed: Uint8Array): string =>
  encodeAddress(regtest.addressPrefix, keyDestination(publicKey(seed), regtest.recovery));

let alice: NodeProcess;
let bob: NodeProcess;
/** Ids of the coinbases of blocks 1, 2 and 3, which pay the owner 50 RNT each. */
let coins: readonly string[];

async function spend(node: NodeProcess, coin: string, value: string): Promise<string> {
  const raw = await node.rpc<string>('createrawtransaction', [
    [{ txid: coin, vout: 0 }],
    [{ [addressOf(receiver)]: value }],
  ]);
  const signed = await node.rpc<{ hex: string; complete: boolean }>('signrawtransactionwithkey', [raw, [toHex(owner)]]);
  assert.equal(signed.complete, true);
  return signed.hex;
}

const send = (node: NodeProcess, hex: string): Promise<string> => node.rpc<string>('sendrawtransaction', [hex]);
const poolOf = (node: NodeProcess): Promise<string[]> => node.rpc<string[]>('getrawmempool');

async function untilInPool(node: NodeProcess, txid: string): Promise<void> {
  await waitFor(async () => (await poolOf(node)).includes(txid), {
    what: () => `transaction ${txid} is in the pool\n${node.tail()}`,
    // The announcement waits for a random time with a mean of 5 s: one in fifty waits is longer than 20 s.
    timeoutMs: 60_000,
    intervalMs: 50,
  });
}

async function failure(call: Promise<unknown>): Promise<RpcFailure> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof RpcFailure);
    return error;
  }
  return assert.fail('the call succeeded');
}

before(async () => {
  alice = await NodeProcess.start({ dataDir: tempFolder('alice'), flags: ['--pay-to', addressOf(owner)] });
  const joined = NodeProcess.start({ dataDir: tempFolder('bob'), connect: [alice.address], flags: ['--txindex'] });
  const blocks = await alice.mine(8);
  bob = await joined;
  coins = await Promise.all(
    blocks.slice(0, 3).map(async (hash) => (await alice.rpc<{ tx: string[] }>('getblock', [hash])).tx[0]!),
  );
  await untilSameTip([alice, bob]);
});

test('a mined coin matures, is spent with a key, reaches the other node and is mined there', async () => {
  const young = (await alice.rpc<{ tx: string[] }>('getblock', [await alice.rpc('getbestblockhash')])).tx[0]!;
  const early = await failure(send(alice, await spend(alice, young, '49')));
  assert.equal(early.code, -26);
  assert.match(early.message, /tx-immature/);

  const hex = await spend(alice, coins[0]!, '49.99');
  const txid = await send(alice, hex);
  // Sent twice: no error, as in Bitcoin Core.
  assert.equal(await send(alice, hex), txid);
  assert.equal(await alice.rpc('gettxout', [coins[0], 0]), null);
  const unconfirmed = await alice.rpc<{ value: string; confirmations: number }>('gettxout', [txid, 0]);
  assert.deepEqual([unconfirmed.value, unconfirmed.confirmations], ['49.99', 0]);
  await untilInPool(bob, txid);

  const template = await bob.rpc<{ transactions: { txid: string; fee: string }[]; fees: string }>('getblocktemplate');
  assert.deepEqual(
    template.transactions.map((each) => each.txid),
    [txid],
  );
  assert.equal(template.fees, '0.01');
  const [hash] = await bob.mine(1);
  await alice.untilTip(hash!);
  assert.deepEqual(await poolOf(alice), []);
  const block = await alice.rpc<{ tx: { txid: string; vout: { value: string }[] }[] }>('getblock', [hash, 2]);
  assert.deepEqual(
    block.tx[0]!.vout.map(({ value }) => value),
    ['50.01'],
  );
  assert.equal(block.tx[1]!.txid, txid);
  assert.equal((await failure(send(alice, hex))).code, -27);
});

test('a double spend is refused, and replaced by one that pays more', async () => {
  const first = await send(alice, await spend(alice, coins[1]!, '49.99'));
  await untilInPool(bob, first);
  const poorer = await failure(send(alice, await spend(alice, coins[1]!, '49.995')));
  assert.equal(poorer.code, -26);
  assert.match(poorer.message, /replacement-(fee|rate)/);
  const better = await send(alice, await spend(alice, coins[1]!, '49.985'));
  assert.deepEqual(await poolOf(alice), [better]);
  await untilInPool(bob, better);
  assert.deepEqual(await poolOf(bob), [better]);
});

test('a restart keeps the unconfirmed transactions', async () => {
  const before = await poolOf(alice);
  assert.equal(before.length, 1);
  await alice.stop();
  await alice.restart();
  await waitFor(async () => (await poolOf(alice)).length > 0, { what: () => `the pool is loaded\n${alice.tail()}` });
  assert.deepEqual(await poolOf(alice), before);
});

test('a block that is taken back gives its transactions back, and they are mined again', async () => {
  const [txid] = await poolOf(alice);
  const [hash] = await alice.mine(1);
  assert.deepEqual(await poolOf(alice), []);
  await alice.rpc('invalidateblock', [hash]);
  await untilInPool(alice, txid!);
  const supply = await alice.rpc<{ height: number }>('getsupply');
  assert.equal(supply.height, 9);
  await alice.rpc('reconsiderblock', [hash]);
  await alice.untilTip(hash!);
  assert.deepEqual(await poolOf(alice), []);
  await bob.untilTip(hash!);
});

test('confirmed transactions are found by their block, or by the index', async () => {
  const tip = await alice.rpc<string>('getbestblockhash');
  const { tx } = await alice.rpc<{ tx: string[] }>('getblock', [tip]);
  const missing = await failure(alice.rpc('getrawtransaction', [tx[1]]));
  assert.equal(missing.code, -5);
  assert.match(missing.message, /--txindex/);
  const inBlock = await alice.rpc<{ blockhash: string; in_active_chain: boolean }>('getrawtransaction', [
    tx[1],
    1,
    tip,
  ]);
  assert.deepEqual([inBlock.blockhash, inBlock.in_active_chain], [tip, true]);
  await bob.untilTip(tip);
  const indexed = await bob.rpc<{ txid: string; confirmations: number }>('getrawtransaction', [tx[1], true]);
  assert.deepEqual([indexed.txid, indexed.confirmations], [tx[1], 1]);
});

test('both nodes have the same state, and a snapshot of it can be checked', async () => {
  const [ours, theirs] = await Promise.all(
    [alice, bob].map((node) => node.rpc<{ state_hash: string; txouts: number }>('gettxoutsetinfo')),
  );
  assert.deepEqual(ours, theirs);
  const dumped = await alice.rpc<{ path: string; base_height: number; state_hash: string }>('dumptxoutset', [
    'state.dat',
  ]);
  assert.equal(dumped.base_height, 4);
  assert.equal((await failure(alice.rpc('dumptxoutset', ['state.dat']))).code, -8);
  const checked = await alice.rpc<{ start: string[] }>('loadtxoutset', ['state.dat', dumped.state_hash]);
  assert.deepEqual(checked.start, ['--load-snapshot', dumped.path, '--snapshot-hash', dumped.state_hash]);
  const wrong = await failure(alice.rpc('loadtxoutset', ['state.dat', 'ab'.repeat(32)]));
  assert.equal(wrong.code, -25);
  assert.match(wrong.message, /snapshot-state-hash/);
});

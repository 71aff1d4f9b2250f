import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownerLeaf } from '@resonancenet/keys/account-policy';
import { build, heartbeat, type Spend } from '@resonancenet/ledger/testing/build-transaction';
import { amount } from '@resonancenet/primitives/amount';
import { type Transaction, txid } from '@resonancenet/primitives/transaction';
import { balanceOf } from './balance.ts';
import { walkCoins } from './coin-table.ts';
import { historyOf } from './history.ts';
import { readConfirmed } from './history-table.ts';
import { addPending, readPending } from './pending-table.ts';
import { missingKeys } from './scan-block.ts';
import { takeNextAddress } from './next-address.ts';
import { accountKinds, namedKey, returnPolicy, testAccount, WalletWorld } from './testing/test-wallet.ts';
import type { WalletAccount } from './wallet-account.ts';

const RNT = 10_000_000_000n;

/** A spend of a coin of an account under emission return, whose lock has one leaf. */
function spendOf(world: WalletWorld, account: WalletAccount, number = 0): Spend {
  const coin = [...walkCoins(world.wallet, account.number)][number]!;
  const output = { amount: coin.amount, ...account.destination(coin.branch, coin.index)! };
  const leaves = [ownerLeaf(account.keyAt(coin.branch, coin.index)!)];
  return { from: { ...coin.outpoint, output, height: coin.height }, leaves };
}

test('coins come with their block, mature, are spent, and all of it is undone byte for byte', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  const balance = () => balanceOf(world.wallet, account, world.params, world.chain.height - 6);
  const states: string[] = [];
  const step = (run: () => void): void => {
    states.push(world.wallet.dump());
    run();
  };
  step(() => world.mine([], { pay: world.pay(account, [3n * RNT, 2n * RNT]) }));
  assert.deepEqual([balance().immature, balance().confirmed], [5n * RNT, 0n]);
  for (let age = 1; age < 5; age++) step(() => world.mine());
  assert.deepEqual([balance().immature, balance().confirmed, balance().final], [5n * RNT, 0n, 0n]);
  step(() => world.mine());
  assert.deepEqual([balance().immature, balance().confirmed, balance().final], [0n, 5n * RNT, 0n]);
  step(() => world.mine());
  assert.equal(balance().final, 5n * RNT);
  const spend = spendOf(world, account);
  const held = spend.from.output.amount;
  const change = { amount: amount(held - RNT - 500n), ...account.destination('change', 0)! };
  const payment = build({ spends: [spend], outputs: [{ amount: amount(RNT), ...world.chain.miner }, change] });
  step(() => world.mine([payment]));
  assert.equal(balance().confirmed, 4n * RNT - 500n);
  const [entry] = historyOf(world.wallet, account, 1).entries;
  assert.deepEqual([entry!.credit, entry!.debit, entry!.feeAndBonds], [change.amount, held, 500n]);
  assert.deepEqual(readConfirmed(world.wallet, txid(payment))?.transaction, payment);
  while (states.length > 0) {
    world.undo();
    assert.equal(world.wallet.dump(), states.pop());
  }
});

test('what waits is pending, its inputs are being spent, and a block with a rival takes it and its children out', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [3n * RNT]));
  const spend = spendOf(world, account);
  const back = (resonances: bigint) => ({ amount: amount(resonances), ...account.destination('change', 0)! });
  const first = build({ spends: [spend], outputs: [back(2n * RNT)] });
  assert.ok(addPending(world.wallet, world.accounts, first, 1n));
  const balance = () => balanceOf(world.wallet, account, world.params, 0);
  assert.deepEqual([balance().confirmed, balance().spending, balance().pending], [0n, 3n * RNT, 2n * RNT]);
  const leaves = [ownerLeaf(account.keyAt('change', 0)!)];
  const child = build({
    spends: [{ from: { txid: txid(first), index: 0, output: back(2n * RNT), height: 0 }, leaves }],
    outputs: [back(RNT)],
  });
  assert.ok(addPending(world.wallet, world.accounts, child, 2n));
  assert.deepEqual([balance().pending, balance().total], [RNT, 3n * RNT]);
  const rival = build({ spends: [spend], outputs: [back(RNT + 5n)] });
  const before = world.wallet.dump();
  world.mine([rival]);
  assert.deepEqual([balance().confirmed, balance().pending, balance().spending], [RNT + 5n, 0n, 0n]);
  assert.equal(readPending(world.wallet, txid(child)), null);
  world.undo();
  assert.equal(world.wallet.dump(), before, 'both wait again');
  world.mine([first]);
  assert.deepEqual([balance().spending, balance().pending], [2n * RNT, RNT], 'the child goes on waiting');
});

test('somebody else’s unconfirmed payment is incoming; one that does not concern the wallet is left out', () => {
  const account = accountKinds.heartbeat('a');
  const world = new WalletWorld(account);
  const stranger = accountKinds.emissionReturn('b');
  world.fund(...world.pay(stranger, [RNT]));
  const from = { txid: new Uint8Array(32), index: 0, output: world.pay(stranger, [RNT])[0]!, height: 1 };
  const pay = (to: WalletAccount): Transaction =>
    build({ spends: [{ from, leaves: [ownerLeaf(namedKey('x'))] }], outputs: world.pay(to, [7n]) });
  assert.ok(addPending(world.wallet, world.accounts, pay(account), 1n));
  assert.ok(!addPending(world.wallet, world.accounts, pay(stranger), 1n));
  const { incoming, pending, total } = balanceOf(world.wallet, account, world.params, 0);
  assert.deepEqual([incoming, pending, total], [7n, 0n, 0n]);
});

test('LED-20: coins of emission return leave in the block of their deadline, one block later after a heartbeat', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  const created = 1;
  world.fund(...world.pay(account, [RNT, 2n * RNT]));
  const balance = () => balanceOf(world.wallet, account, world.params, 0);
  world.advance(created + 198 - world.chain.height);
  assert.deepEqual([balance().confirmed, balance().returning], [3n * RNT, 0n]);
  world.mine();
  assert.deepEqual([balance().confirmed, balance().returning], [0n, 3n * RNT], 'the next block is the deadline');
  world.mine();
  assert.equal(balance().total, 0n);
  const [entry] = historyOf(world.wallet, account, 5).entries;
  assert.deepEqual(
    [entry!.kind, entry!.debit, entry!.height, entry!.txid],
    ['returned', 3n * RNT, created + 200, null],
  );
  assert.equal(
    [...world.chain.view.range('coins', new Uint8Array(0), null)].some(([, value]) =>
      value.join().includes(account.policyId.join()),
    ),
    false,
    'the ledger says the same',
  );
});

test('a heartbeat in a block moves the deadlines of all coins', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  world.fund(...world.pay(account, [RNT, 2n * RNT]));
  world.advance(50);
  const spend = spendOf(world, account);
  const change = { amount: amount(spend.from.output.amount - 10n), ...account.destination('change', 0)! };
  world.mine([build({ spends: [spend], outputs: [change], actions: [heartbeat(account.terms)] })]);
  const signed = world.chain.height;
  assert.equal(historyOf(world.wallet, account, 1).entries[0]!.heartbeat, true);
  world.advance(198);
  assert.equal(balanceOf(world.wallet, account, world.params, 0).returning, 0n);
  world.mine();
  assert.equal(balanceOf(world.wallet, account, world.params, 0).returning, 3n * RNT - 10n);
  world.mine();
  assert.deepEqual([world.chain.height, balanceOf(world.wallet, account, world.params, 0).total], [signed + 200, 0n]);
});

test('WAL-22: twenty addresses ahead of the last paid one, no further; and the end of the keys is told in time', () => {
  const account = testAccount('a', 0, returnPolicy, 45);
  const world = new WalletWorld(account);
  for (let index = 0; index < 20; index++) {
    const next = takeNextAddress(world.wallet, account, 'receive');
    assert.ok(next.ok && next.index === index);
  }
  const refused = takeNextAddress(world.wallet, account, 'receive');
  assert.equal(refused.ok ? null : refused.code, 'gap-limit');
  assert.deepEqual(world.mine([], { pay: world.pay(account, [RNT], 4) }).missingKeys, []);
  const next = takeNextAddress(world.wallet, account, 'receive');
  assert.ok(next.ok && next.index === 20);
  const { missingKeys: told } = world.mine([], { pay: world.pay(account, [RNT], 25) });
  assert.deepEqual(told, [{ account: 0, branch: 'receive', first: 45 }], 'used up to 26, which needs keys up to 46');
  assert.deepEqual(missingKeys(world.wallet, world.accounts), told);
  const far = takeNextAddress(world.wallet, account, 'receive');
  assert.ok(far.ok && far.index === 26, 'a paid address is never given out');
});

test('a block that does not follow the last one is a bug of the caller', () => {
  const world = new WalletWorld(accountKinds.social('a'));
  world.mine();
  assert.throws(() => world.scan([]), /does not follow/);
});

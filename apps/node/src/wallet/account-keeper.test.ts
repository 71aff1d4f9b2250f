import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import { decodeAction } from '@resonancenet/primitives/action-content';
import { watchOnlySigner } from './watch-only-signer.ts';
import { keyNamed, openSigner, recordAccount, walletRecord, WalletTestWorld } from './testing/wallet-world.ts';

/** 300 blocks in all. */
const policy: AccountPolicy = { type: 'heartbeat', interval: 200, timeout: 100, recoveryKey: keyNamed('heir') };

async function owner(context: TestContext): Promise<WalletTestWorld> {
  const world = new WalletTestWorld();
  context.after(() => world.close());
  world.write(walletRecord('alice', [recordAccount('alice', 0, 30, policy)]));
  // Whose keys are elsewhere gives no signs of life; only that there is a secret counts here.
  writeFileSync(join(world.folder, 'wallets', 'alice', 'secret'), '');
  await world.service.start();
  world.pool.refusal = null;
  world.chain.mine(world.service.get(null).accounts.get(0)!.destination('receive', 0)!, [], 500_000_000_000n);
  return world;
}

async function mineTo(world: WalletTestWorld, height: number): Promise<void> {
  while (world.chain.tip().height < height) world.chain.mine();
  const { sync } = world.service.get(null);
  world.service.tipMoved();
  await sync.caughtUp();
  // Signing and sending have their turns.
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What was told of accounts, not of how far the wallet has read. */
const told = ({ lines }: WalletTestWorld): string[] => lines.filter((line) => line.includes(': account '));

test('WAL-71: a locked wallet reminds at half of the time; unlocked it sends the sign of life by itself', async (context) => {
  const world = await owner(context);
  await mineTo(world, 149);
  assert.deepEqual(told(world), []);
  await mineTo(world, 150);
  assert.match(
    world.lines.join('\n'),
    /alice: account 0: half of the time is left: 150 blocks until the heir .*block 301 on/,
  );
  assert.match(world.lines.join('\n'), /due and is not sent: .*rnt wallet unlock alice/);
  const before = told(world).length;
  await mineTo(world, 160);
  assert.equal(told(world).length, before, 'told once');
  world.signers.set('alice', openSigner('alice'));
  await world.restart();
  await mineTo(world, 161);
  assert.match(world.lines.join('\n'), /a sign of life is sent/);
  const [sent] = world.pool.submitted;
  const transaction = world.pool.transaction(sent!)!;
  const [action] = transaction.actions;
  assert.equal(decodeAction(action!).ok, true);
  world.chain.mine(undefined, [transaction]);
  world.pool.remove(sent!);
  await mineTo(world, 170);
  assert.equal(world.pool.submitted.length, 1);
});

test('a sign of life that no block takes is replaced by ones that pay more', async (context) => {
  const world = await owner(context);
  world.signers.set('alice', openSigner('alice'));
  await world.restart();
  await mineTo(world, 150);
  const fees = (): number[] =>
    world.pool.submitted.map((txid) => {
      const paid = world.pool.transaction(txid)!.outputs.reduce((sum, { amount }) => sum + amount, 0n);
      return Number(500_000_000_000n - paid);
    });
  assert.equal(fees().length, 1);
  for (let height = 151; height <= 156; height += 1) await mineTo(world, height);
  const [first, second, third] = fees();
  assert.ok(second! >= 2 * first! - 1 && third! > second!, fees().join());
  assert.equal(new Set(world.pool.submitted).size, world.pool.submitted.length);
});

test('while the node catches up, deadlines of the past are not acted on', async (context) => {
  const world = await owner(context);
  world.signers.set('alice', openSigner('alice'));
  await world.restart();
  world.isInSync = false;
  await mineTo(world, 290);
  assert.deepEqual([told(world), world.pool.submitted], [[], []]);
  world.isInSync = true;
  await mineTo(world, 291);
  assert.equal(world.pool.submitted.length, 1);
});

test('a wallet without its secret here is reminded of, and no sign of life is due from it', async (context) => {
  const world = new WalletTestWorld();
  context.after(() => world.close());
  world.write(walletRecord('alice', [recordAccount('alice', 0, 30, policy)]));
  world.signers.set('alice', watchOnlySigner('alice'));
  await world.service.start();
  world.chain.mine(world.service.get(null).accounts.get(0)!.destination('receive', 0)!);
  await mineTo(world, 300);
  assert.deepEqual(
    told(world).map((line) => /account 0: (.*?):/.exec(line)?.[1]),
    ['the time is over'],
  );
  assert.equal(world.service.troubleOfAccount('alice', 0), null);
  assert.deepEqual(world.pool.submitted, []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PolicyRecord, UNKNOWN_POLICY } from '@resonancenet/ledger/policy-registry';
import { accountKinds, WalletWorld } from '../testing/test-wallet.ts';
import type { WalletAccount } from '../wallet-account.ts';
import { recoveryRights } from './recovery-rights.ts';
import { recoveryStatus } from './recovery-status.ts';

const RNT = 10_000_000_000n;

/** `party deed from-until amount` of each. */
function rights(world: WalletWorld, account: WalletAccount, record: PolicyRecord = UNKNOWN_POLICY): string[] {
  return recoveryRights(account, recoveryStatus(world.wallet, account, record, 0)).map(
    ({ party, deed, from, until, amount }) =>
      `${party} ${deed} ${from}-${until ?? ''}${amount === null ? '' : ` ${amount / RNT}`}`,
  );
}

test('WAL-76: an heir may claim from the deadline on, and what is overdue counts together', () => {
  const account = accountKinds.heartbeat('a');
  const world = new WalletWorld(account);
  world.mine([], { pay: world.pay(account, [3n * RNT]) });
  world.mine([], { pay: world.pay(account, [2n * RNT], 1) });
  assert.deepEqual(rights(world, accountKinds.heartbeat('b', 1)), ['owner spend 3-'], 'without coins nothing is due');
  assert.deepEqual(rights(world, account), ['owner spend 3-', 'heir claim 12- 3']);
  assert.deepEqual(rights(world, account, { ...UNKNOWN_POLICY, lastSign: 2 }), ['owner spend 3-', 'heir claim 13- 5']);
  world.advance(13 - world.next);
  assert.deepEqual(rights(world, account), ['owner spend 13-', 'heir claim 13- 5']);
});

test('WAL-76: under emission return the owner’s last block is the one before the deadline', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  world.mine([], { pay: world.pay(account, [3n * RNT]) });
  assert.deepEqual(rights(world, account), ['owner spend 2-200', 'network return 201- 3']);
});

test('WAL-76: guardians announce, then wait; until they may claim the owner can stop them', () => {
  const account = accountKinds.social('a');
  const world = new WalletWorld(account);
  world.mine([], { pay: world.pay(account, [3n * RNT]) });
  assert.deepEqual(rights(world, account), ['owner spend 2-', 'guardians announce 2-', 'guardians claim 8-']);
  const announcement = { height: 1, destination: world.chain.miner, bonded: false };
  const announced = { ...UNKNOWN_POLICY, announcement };
  assert.deepEqual(rights(world, account, announced), ['owner spend 2-', 'owner cancel 2-6', 'guardians claim 7-']);
  world.advance(7 - world.next);
  assert.deepEqual(rights(world, account, announced), ['owner spend 7-', 'owner cancel 7-', 'guardians claim 7-']);
});

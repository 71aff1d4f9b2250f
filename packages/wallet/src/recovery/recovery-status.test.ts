import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNKNOWN_POLICY } from '@resonancenet/ledger/policy-registry';
import { accountKinds, WalletWorld } from '../testing/test-wallet.ts';
import { NO_ATTEMPTS, planHeartbeat } from './heartbeat-plan.ts';
import { recoveryStatus, reminderFor } from './recovery-status.ts';

const RNT = 10_000_000_000n;

test('WAL-70: deadlines follow from the coins and the last heartbeat, the next one first', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  const status = (lastSign = 0) => recoveryStatus(world.wallet, account, { ...UNKNOWN_POLICY, lastSign }, 600);
  world.mine();
  assert.deepEqual([status().blocksLeft, status().secondsLeft, status().reminder], [null, null, 'none']);
  world.mine([], { pay: world.pay(account, [RNT, 2n * RNT]) });
  world.mine([], { pay: world.pay(account, [4n * RNT], 2) });
  assert.deepEqual(status().deadlines, [
    { height: 202, amount: 3n * RNT, coins: 2 },
    { height: 203, amount: 4n * RNT, coins: 1 },
  ]);
  assert.deepEqual([status().next, status().blocksLeft, status().secondsLeft], [4, 198, 198 * 600]);
  assert.deepEqual(status(3).deadlines, [{ height: 203, amount: 7n * RNT, coins: 3 }]);
});

test('an announcement is shown with the height at which it opens; social accounts have no deadline', () => {
  const account = accountKinds.social('a');
  const world = new WalletWorld(account);
  world.mine([], { pay: world.pay(account, [RNT]) });
  const announcement = { height: 1, destination: world.chain.miner, bonded: false };
  const status = recoveryStatus(world.wallet, account, { ...UNKNOWN_POLICY, announcement }, 600);
  assert.deepEqual([status.deadlines, status.announcement?.opens], [[], 7]);
  assert.deepEqual(planHeartbeat(status, NO_ATTEMPTS), { kind: 'none' });
});

test('reminders come at half, a quarter and a tenth', () => {
  const at = (left: number): string => reminderFor(left, 1000);
  assert.deepEqual(
    [at(501), at(500), at(251), at(250), at(101), at(100), at(1), at(0)],
    ['none', 'half', 'half', 'quarter', 'quarter', 'tenth', 'tenth', 'passed'],
  );
});

test('WAL-71: heartbeats begin with a margin, and come again sooner than the deadline with better fees', () => {
  const account = accountKinds.emissionReturn('a');
  const world = new WalletWorld(account);
  world.mine([], { pay: world.pay(account, [RNT]) });
  const status = recoveryStatus(world.wallet, account, UNKNOWN_POLICY, 600);
  const at = (next: number) => ({ ...status, next, blocksLeft: 201 - next });
  assert.deepEqual(planHeartbeat(at(100), NO_ATTEMPTS), { kind: 'wait', until: 101 });
  assert.deepEqual(planHeartbeat(at(101), NO_ATTEMPTS), { kind: 'send', rateFactor: 1 });
  assert.deepEqual(planHeartbeat(at(101), NO_ATTEMPTS, 20), { kind: 'wait', until: 181 });
  assert.deepEqual(planHeartbeat(at(101), { count: 1, lastHeight: 100 }), { kind: 'wait', until: 102 });
  assert.deepEqual(planHeartbeat(at(102), { count: 1, lastHeight: 100 }), { kind: 'send', rateFactor: 2 });
  assert.deepEqual(planHeartbeat(at(150), { count: 9, lastHeight: 149 }), { kind: 'wait', until: 160 });
  assert.deepEqual(planHeartbeat(at(160), { count: 9, lastHeight: 149 }), { kind: 'send', rateFactor: 16 });
  // One attempt after the other from the first on: many of them come before the deadline.
  let attempts = NO_ATTEMPTS;
  let sent = 0;
  for (let next = 101; next < 201; next++) {
    if (planHeartbeat(at(next), attempts).kind !== 'send') continue;
    sent++;
    attempts = { count: attempts.count + 1, lastHeight: next - 1 };
  }
  assert.ok(sent >= 10, `${sent} attempts`);
});

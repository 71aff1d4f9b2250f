// A node keeps its wallets' accounts alive by itself, or says in time that it cannot: in its log, by RPC and by command.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { waitFor } from '../support/wait.ts';
import { WalletMachine } from '../support/wallet-machine.ts';

const { recovery } = regtest;

/** Of the policies: reminders at 50, 25 and 10 of 100 fall on whole blocks. */
const BLOCKS = 100;

interface Status {
  readonly lastSign: number | null;
  readonly reminder: string;
  readonly blocksLeft: number | null;
  readonly trouble: string | null;
  readonly unlocked: boolean;
  readonly heartbeat: { readonly due: number } | null;
  readonly deadlines: readonly { readonly height: number }[];
}

/** A machine with a wallet whose only coin is of block 1; the next blocks pay somebody else. */
async function withOwner(name: string): Promise<WalletMachine> {
  const machine = await WalletMachine.start(name);
  await machine.create('other', 'emissionReturn(10000)');
  const heir = await machine.keyText('other', 'recovery');
  await machine.create(
    'owner',
    `heartbeat(${BLOCKS - recovery.heartbeatTimeoutMin}, ${recovery.heartbeatTimeoutMin}, ${heir})`,
  );
  await machine.run(['mine', '--wallet', 'owner']);
  await machine.node.mine(1);
  await machine.run(['mine', '--wallet', 'other']);
  return machine;
}

async function statusOf(machine: WalletMachine): Promise<Status> {
  const [status] = await machine.ask<Status[]>('owner', 'recoverystatus');
  return status!;
}

/** Mines until so many blocks are left, and waits until the wallet has looked at them. */
async function until(machine: WalletMachine, left: number): Promise<Status> {
  const next = 1 + BLOCKS - left;
  await machine.node.mine(next - 1 - (await machine.node.rpc<number>('getblockcount')));
  return statusOf(machine);
}

const linesOf = (machine: WalletMachine): string[] => machine.node.log.flatMap(({ line }) => line ?? []);

test('WAL-70: a locked wallet reminds at a half, a quarter and a tenth, says why nothing is sent, and sends once it is unlocked', async () => {
  const machine = await withOwner('locked');
  const before = await until(machine, 51);
  assert.deepEqual([before.reminder, before.trouble, before.heartbeat], ['none', null, { due: 51 }]);
  for (const [left, reminder, words] of [
    [50, 'half', 'half of the time is left: 50 blocks until the heir can take the coins \\(from block 101 on\\)'],
    [25, 'quarter', 'a quarter of the time is left: 25 blocks'],
    [10, 'tenth', 'a tenth of the time is left: 10 blocks'],
  ] as const) {
    const above = await until(machine, left + 1);
    assert.notEqual(above.reminder, reminder, `${left + 1} blocks left`);
    const at = await until(machine, left);
    assert.deepEqual([at.reminder, at.blocksLeft, at.unlocked], [reminder, left, false]);
    await machine.node.untilLogged(reminder, ({ line }) => line !== undefined && new RegExp(words).test(line));
    const printed = await machine.print(['recovery', 'status', '--wallet', 'owner']);
    assert.match(printed, new RegExp(`LESS THAN (A )?${reminder.toUpperCase()} OF THE TIME IS LEFT`));
    assert.match(printed, /is locked; .*\n +! a sign of life is due and is not sent: .*rnt wallet unlock owner/);
  }
  assert.equal(linesOf(machine).filter((line) => line.includes('is due and is not sent')).length, 1, 'said once');

  await machine.unlock('owner');
  await machine.node.mine(1);
  await machine.node.untilLogged('the sign of life', ({ line }) => line?.includes('a sign of life is sent') === true);
  await machine.node.mine(1);
  const height = await machine.node.rpc<number>('getblockcount');
  const after = await statusOf(machine);
  assert.deepEqual([after.lastSign, after.reminder, after.trouble, after.unlocked], [height, 'none', null, true]);
  assert.equal(after.deadlines[0]?.height, height + BLOCKS);
});

test('WAL-71: an unlocked wallet sends at half of the time, again for the next half, and never comes near its deadline', async () => {
  const machine = await withOwner('unlocked');
  await machine.unlock('owner');
  await until(machine, 51);
  assert.deepEqual(await machine.node.rpc('getrawmempool'), []);
  let deadline = 1 + BLOCKS;
  for (let round = 0; round < 2; round += 1) {
    await machine.node.mine(deadline - BLOCKS / 2 - 1 - (await machine.node.rpc<number>('getblockcount')));
    await waitFor(async () => (await machine.node.rpc<string[]>('getrawmempool')).length === 1, {
      what: () => `a sign of life for block ${deadline} is in the pool\n${machine.node.tail()}`,
    });
    await machine.node.mine(1);
    const { lastSign, deadlines } = await statusOf(machine);
    assert.equal(lastSign, deadline - BLOCKS / 2);
    deadline = deadlines[0]!.height;
    assert.equal(deadline, lastSign + BLOCKS);
  }
  const told = linesOf(machine).filter((line) => line.includes('of the time is left'));
  assert.deepEqual([told.length, told.every((line) => line.includes('half of the time'))], [2, true]);
});

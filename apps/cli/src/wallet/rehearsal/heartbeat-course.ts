// Heartbeat: an heir takes the coins of an owner who is silent.

import { rnt } from '@resonancenet/node/rpc/amounts';
import { regtest } from '@resonancenet/params/regtest';
import { type Built, compared, type Course, deadlineOf, PLAIN, refusedEarly, SIGNING } from './course-checks.ts';
import { RehearsalError } from './rehearsal-error.ts';
import type { Tell } from './rehearsal-report.ts';
import type { RehearsalWorld } from './rehearsal-world.ts';

export const heartbeatCourse: Course = async (world, tell) => {
  const windows = await made(world, tell);
  const opens = await paidAndAlive(world, tell);
  const lost = await world.balance('owner');
  await world.lose('owner');
  await world.ask('watchaccount', { name: 'watched', windows });
  await tell(
    'lose',
    `the owner's folder is deleted, ${rnt(lost)} RNT with it; the heir watches the account as 'watched'`,
    'recovery watch watched FILE',
  );
  const destination = await world.newAddress('heir');
  await world.mineUntilNext(opens - 1);
  await refusedEarly(world, { destination }, 'watched', opens, tell);
  await world.mine(1);
  const built = await world.ask<Built>('claimrecovery', { destination }, 'watched');
  await world.unlock('heir');
  await world.signAndSend(built.rntp, 'heir');
  await world.mine(1);
  await tell(
    'recover',
    `the heir claims and signs: ${built.amount} RNT arrive, fee ${built.fee} RNT`,
    `recovery claim --wallet watched --to ADDRESS --out claim.rntp; ${SIGNING}`,
  );
  return await compared(world, tell, { opens, lost, built, to: 'heir', watched: 'watched' });
};

/** The owner's key windows, which the heir keeps. */
async function made(world: RehearsalWorld, tell: Tell): Promise<string> {
  const { heartbeatIntervalMin: interval, heartbeatTimeoutMin: timeout } = regtest.recovery;
  await world.create('heir', PLAIN);
  const key = await world.keyText('heir', 'recovery');
  await world.create('owner', `heartbeat(${interval}, ${timeout}, ${key})`);
  await tell(
    'create',
    `wallet 'heir' gives its key ${key}; wallet 'owner' is made with heartbeat(${interval}, ${timeout}, that key) and gives the heir its key windows`,
    'show-key recovery; create --strategy heartbeat --heir KEY; kit --window-out FILE',
  );
  return world.keyWindows('owner');
}

/** The height at which it opens after the owner's last sign of life. */
async function paidAndAlive(world: RehearsalWorld, tell: Tell): Promise<number> {
  await world.pay(['owner', '10'], ['owner', '2.5']);
  const first = deadlineOf(await world.status('owner'));
  await tell(
    'receive',
    `12.5 RNT in two payments; without a sign of life the heir can take them from block ${first} on`,
  );
  await world.unlock('owner');
  await world.ask('heartbeat', [], 'owner');
  await world.mine(1);
  const opens = deadlineOf(await world.status('owner'));
  if (opens !== first + 1) throw new RehearsalError(`The deadline moved from ${first} to ${opens}, not by a block.`);
  await tell(
    'sign',
    `the owner gives a sign of life, which cost its fee: the deadline moves to block ${opens}`,
    'recovery heartbeat',
  );
  return opens;
}

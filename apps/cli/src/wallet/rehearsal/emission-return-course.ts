// Emission return: what stays silent goes back to the network at its height; what a backup gives back in time is kept.

import { rnt } from '@resonancenet/node/rpc/amounts';
import { regtest } from '@resonancenet/params/regtest';
import { type Course, deadlineOf, refusedEarly, same } from './course-checks.ts';
import type { RehearsalEnd, Tell } from './rehearsal-report.ts';
import { type RehearsalWorld, resonances } from './rehearsal-world.ts';

const BLOCKS = regtest.recovery.emissionReturnMin;
const WATCHED = 'watched-silent';

export const emissionReturnCourse: Course = async (world, tell) => {
  const { opens, lost } = await madeLostAndFound(world, tell);
  await world.mineUntilNext(opens - 1);
  await refusedEarly(world, { destination: await world.newAddress('found') }, WATCHED, opens, tell);
  await world.unlock('found');
  const { fee } = await world.ask<{ fee: string }>('heartbeat', [], 'found');
  await world.mine(1);
  same(`one block before ${opens} 'silent' has`, await world.balance(WATCHED), resonances('2.5'));
  const moved = deadlineOf(await world.status('found'));
  await tell(
    'recover',
    `'found' gives a sign of life in block ${opens - 1}, the last that counts: its deadline moves to ${moved}`,
    'recovery heartbeat',
  );
  return await atTheDeadline(world, tell, { opens, lost, fee: resonances(fee) });
};

async function madeLostAndFound(
  world: RehearsalWorld,
  tell: Tell,
): Promise<{ readonly opens: number; readonly lost: bigint }> {
  for (const name of ['kept', 'silent']) await world.create(name, `emissionReturn(${BLOCKS})`);
  const backup = await world.backUp('kept', 'kept.backup');
  const windows = world.keyWindows('silent');
  await tell(
    'create',
    `wallets 'kept' and 'silent' with emissionReturn(${BLOCKS}); of 'kept' there is a backup`,
    `create --strategy emission-return --blocks ${BLOCKS}; backup`,
  );
  await world.pay(['kept', '10'], ['silent', '2.5']);
  const opens = deadlineOf(await world.status('silent'));
  await tell('receive', `10 RNT to 'kept', 2.5 RNT to 'silent'; without a sign of life they return at block ${opens}`);
  for (const name of ['kept', 'silent']) await world.lose(name);
  await world.ask('watchaccount', { name: WATCHED, windows });
  await world.restore('found', backup);
  const lost = await world.balance('found');
  same('the backup gives', lost, resonances('10'));
  await tell(
    'lose',
    `both folders are deleted; the backup gives wallet 'found' with ${rnt(lost)} RNT; of 'silent' nobody has anything`,
    'restore found --backup FILE',
  );
  return { opens, lost };
}

async function atTheDeadline(
  world: RehearsalWorld,
  tell: Tell,
  { opens, lost, fee }: Pick<RehearsalEnd, 'opens' | 'lost' | 'fee'>,
): Promise<RehearsalEnd> {
  const before = await world.returned();
  await world.mine(1);
  const returned = (await world.returned()) - before;
  same(`in block ${opens} return`, returned, resonances('2.5'));
  same(`then 'silent' has`, await world.balance(WATCHED), 0n);
  const recovered = await world.balance('found');
  same(`and 'found' has`, recovered, lost - fee);
  await tell(
    'balance',
    `block ${opens} gives exactly ${rnt(returned)} RNT of 'silent' back to the emission; 'found' has ${rnt(recovered)} RNT: all but the fee of ${rnt(fee)} RNT, to one resonance`,
  );
  return { opens, lost, recovered, fee, returned };
}

// Social recovery: two of three guardians bring the coins to a new wallet of the owner's.

import { regtest } from '@resonancenet/params/regtest';
import { type Built, compared, type Course, PLAIN, refusedEarly, SIGNING } from './course-checks.ts';
import { RehearsalError } from './rehearsal-error.ts';
import type { Tell } from './rehearsal-report.ts';
import { PAYER, type RehearsalWorld } from './rehearsal-world.ts';

const GUARDIANS = ['anna', 'boris', 'clara'] as const;
/** Enough of them. */
const SIGNERS = ['anna', 'clara'] as const;
const WAIT = regtest.recovery.socialWaitMin;
const WATCHED = 'watched-family';

export const socialCourse: Course = async (world, tell) => {
  const lost = await madeAndLost(world, tell);
  const opens = await announced(world, tell);
  await world.mineUntilNext(opens - 1);
  await refusedEarly(world, {}, WATCHED, opens, tell);
  await world.mine(1);
  const built = await world.ask<Built>('claimrecovery', {}, WATCHED);
  await world.signAndSend(built.rntp, ...SIGNERS);
  await world.mine(1);
  await tell(
    'recover',
    `${SIGNERS.join(' and ')} claim and sign: ${built.amount} RNT arrive, fee ${built.fee} RNT`,
    `recovery claim --wallet ${WATCHED} --out claim.rntp; ${SIGNING}`,
  );
  return await compared(world, tell, { opens, lost, built, to: 'again', watched: WATCHED });
};

/** What was in it. */
async function madeAndLost(world: RehearsalWorld, tell: Tell): Promise<bigint> {
  const keys: string[] = [];
  for (const name of GUARDIANS) {
    await world.create(name, PLAIN);
    keys.push(await world.keyText(name, 'guardian'));
  }
  await world.create('family', `social(${WAIT}, ${SIGNERS.length}, ${keys.join(', ')})`);
  const windows = world.keyWindows('family');
  await tell(
    'create',
    `two of three guardians (${GUARDIANS.join(', ')}) can move the coins of wallet 'family', ${WAIT} blocks after they say where to`,
    `show-key guardian; create --strategy social --wait ${WAIT} --required 2 --guardian KEY ...; kit --window-out FILE`,
  );
  await world.pay(['family', '10'], ['family', '2.5']);
  const lost = await world.balance('family');
  await tell('receive', '12.5 RNT in two payments');
  await world.lose('family');
  await world.ask('watchaccount', { name: WATCHED, windows });
  await tell(
    'lose',
    `the owner's folder is deleted; the guardians watch the account`,
    `recovery watch ${WATCHED} FILE`,
  );
  return lost;
}

/** The height at which it opens. */
async function announced(world: RehearsalWorld, tell: Tell): Promise<number> {
  await world.create('again', PLAIN);
  const destination = await world.newAddress('again');
  for (const name of SIGNERS) await world.unlock(name);
  const { rntp } = await world.ask<Built>('announcerecovery', { destination, payer: PAYER }, WATCHED);
  await world.signAndSend(rntp, ...SIGNERS, PAYER);
  await world.mine(1);
  const { announcement } = await world.status(WATCHED);
  if (announcement?.destination !== destination) throw new RehearsalError('The announcement does not stand.');
  await tell(
    'sign',
    `${SIGNERS.join(' and ')} announce the owner's new wallet 'again': ${destination}; in ${WAIT} blocks a sign of life would stop them`,
    `recovery announce ADDRESS --wallet ${WATCHED} --payer NAME --out claim.rntp; ${SIGNING}`,
  );
  return announcement.opens;
}

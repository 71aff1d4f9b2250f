// The course of each strategy: create, receive, lose, too early, recover, compare. What is not as it must be ends the rehearsal with an error.

import { rnt } from '@resonancenet/node/rpc/amounts';
import { regtest } from '@resonancenet/params/regtest';
import type { AccountStatus } from '../recovery-status-text.ts';
import type { Strategy } from '../strategies.ts';
import { RehearsalError } from './rehearsal-error.ts';
import type { RehearsalEnd, Tell } from './rehearsal-report.ts';
import { PAYER, type RehearsalWorld, resonances } from './rehearsal-world.ts';

type Course = (world: RehearsalWorld, tell: Tell) => Promise<RehearsalEnd>;

/** What follows a claim or an announcement. */
const signing = 'rntp sign claim.rntp; rntp join ...; rntp send all.rntp';

/** Long enough to be of no account in the wallets beside. */
const PLAIN = 'emissionReturn(10000)';

interface Built {
  readonly rntp: string;
  readonly fee: string;
  readonly amount: string;
}

export const courses: Readonly<Record<Strategy, Course>> = {
  heartbeat: heartbeatCourse,
  social: socialCourse,
  'emission-return': emissionReturnCourse,
};

async function heartbeatCourse(world: RehearsalWorld, tell: Tell): Promise<RehearsalEnd> {
  const { heartbeatIntervalMin: interval, heartbeatTimeoutMin: timeout } = regtest.recovery;
  await world.create('heir', PLAIN);
  const key = await world.keyText('heir', 'recovery');
  await world.create('owner', `heartbeat(${interval}, ${timeout}, ${key})`);
  const windows = world.keyWindows('owner');
  await tell(
    'create',
    `wallet 'heir' gives its key ${key}; wallet 'owner' is made with heartbeat(${interval}, ${timeout}, that key) and gives the heir its key windows`,
    'show-key recovery; create --strategy heartbeat --heir KEY; kit --window-out FILE',
  );
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
  const lost = await world.balance('owner');
  await tell(
    'sign',
    `the owner gives a sign of life, which cost its fee: the deadline moves to block ${opens}`,
    'recovery heartbeat',
  );
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
    `recovery claim --wallet watched --to ADDRESS --out claim.rntp; ${signing}`,
  );
  return await compared(world, tell, { opens, lost, built, to: 'heir', watched: 'watched' });
}

async function socialCourse(world: RehearsalWorld, tell: Tell): Promise<RehearsalEnd> {
  const { socialWaitMin: wait } = regtest.recovery;
  const guardians = ['anna', 'boris', 'clara'] as const;
  const keys: string[] = [];
  for (const name of guardians) {
    await world.create(name, PLAIN);
    keys.push(await world.keyText(name, 'guardian'));
  }
  await world.create('family', `social(${wait}, 2, ${keys.join(', ')})`);
  const windows = world.keyWindows('family');
  await tell(
    'create',
    `two of three guardians (${guardians.join(', ')}) can move the coins of wallet 'family', ${wait} blocks after they say where to`,
    'show-key guardian; create --strategy social --wait 6 --required 2 --guardian KEY ...; kit --window-out FILE',
  );
  await world.pay(['family', '10'], ['family', '2.5']);
  const lost = await world.balance('family');
  await tell('receive', '12.5 RNT in two payments');
  await world.lose('family');
  await world.ask('watchaccount', { name: 'watched-family', windows });
  await world.create('again', PLAIN);
  const destination = await world.newAddress('again');
  await tell(
    'lose',
    `the owner's folder is deleted; a new wallet 'again' gives the guardians an address: ${destination}`,
    'recovery watch watched-family FILE',
  );
  for (const name of ['anna', 'clara']) await world.unlock(name);
  const announced = await world.ask<Built>('announcerecovery', { destination, payer: PAYER }, 'watched-family');
  await world.signAndSend(announced.rntp, 'anna', 'clara', PAYER);
  await world.mine(1);
  const { announcement } = await world.status('watched-family');
  if (announcement?.destination !== destination) throw new RehearsalError('The announcement does not stand.');
  const { opens } = announcement;
  await tell(
    'sign',
    `anna and clara sign and announce; in ${wait} blocks a sign of life of the owner's would stop them`,
    `recovery announce ADDRESS --wallet watched-family --payer NAME --out claim.rntp; ${signing}`,
  );
  await world.mineUntilNext(opens - 1);
  await refusedEarly(world, {}, 'watched-family', opens, tell);
  await world.mine(1);
  const built = await world.ask<Built>('claimrecovery', {}, 'watched-family');
  await world.signAndSend(built.rntp, 'anna', 'clara');
  await world.mine(1);
  await tell(
    'recover',
    `anna and clara claim and sign: ${built.amount} RNT arrive, fee ${built.fee} RNT`,
    `recovery claim --wallet watched-family --out claim.rntp; ${signing}`,
  );
  return await compared(world, tell, { opens, lost, built, to: 'again', watched: 'watched-family' });
}

async function emissionReturnCourse(world: RehearsalWorld, tell: Tell): Promise<RehearsalEnd> {
  const { emissionReturnMin: blocks } = regtest.recovery;
  for (const name of ['kept', 'silent']) await world.create(name, `emissionReturn(${blocks})`);
  const backup = await world.backUp('kept', 'kept.backup');
  const windows = world.keyWindows('silent');
  await tell(
    'create',
    `wallets 'kept' and 'silent' with emissionReturn(${blocks}); of 'kept' there is a backup`,
    'create --strategy emission-return --blocks 200; backup',
  );
  await world.pay(['kept', '10'], ['silent', '2.5']);
  const opens = deadlineOf(await world.status('silent'));
  await tell('receive', `10 RNT to 'kept', 2.5 RNT to 'silent'; without a sign of life they return at block ${opens}`);
  for (const name of ['kept', 'silent']) await world.lose(name);
  await world.ask('watchaccount', { name: 'watched-silent', windows });
  await world.restore('found', backup);
  const lost = await world.balance('found');
  same('the backup gives', lost, resonances('10'));
  await tell(
    'lose',
    `both folders are deleted; the backup gives wallet 'found' with ${rnt(lost)} RNT; of 'silent' nobody has anything`,
    'restore found --backup FILE',
  );
  await world.mineUntilNext(opens - 1);
  const destination = await world.newAddress('found');
  await refusedEarly(world, { destination }, 'watched-silent', opens, tell);
  await world.unlock('found');
  const { fee } = await world.ask<{ fee: string }>('heartbeat', [], 'found');
  await world.mine(1);
  same(`one block before ${opens} 'silent' has`, await world.balance('watched-silent'), resonances('2.5'));
  const moved = deadlineOf(await world.status('found'));
  await tell(
    'recover',
    `'found' gives a sign of life in block ${opens - 1}, the last that counts: its deadline moves to ${moved}`,
    'recovery heartbeat',
  );
  const before = await world.returned();
  await world.mine(1);
  const returned = (await world.returned()) - before;
  same(`in block ${opens} return`, returned, resonances('2.5'));
  same(`then 'silent' has`, await world.balance('watched-silent'), 0n);
  const recovered = await world.balance('found');
  same(`and 'found' has`, recovered, lost - resonances(fee));
  await tell(
    'balance',
    `block ${opens} gives exactly ${rnt(returned)} RNT of 'silent' back to the emission; 'found' has ${rnt(recovered)} RNT: all but the fee of ${fee} RNT, to one resonance`,
  );
  return { opens, lost, recovered, fee: resonances(fee), returned };
}

/** One block before it opens; the answer must name the height. */
async function refusedEarly(
  world: RehearsalWorld,
  params: Readonly<Record<string, string>>,
  watched: string,
  opens: number,
  tell: Tell,
): Promise<void> {
  const said = await world.refusal('claimrecovery', params, watched);
  if (!said.includes(`at height ${opens}, the next block is ${opens - 1}`))
    throw new RehearsalError(`One block before ${opens} the claim is refused with: ${said}`);
  await tell('too-early', `one block before, a claim is refused: ${said}`);
}

interface Claimed {
  readonly opens: number;
  readonly lost: bigint;
  readonly built: Built;
  /** Who has the coins now, and had none before. */
  readonly to: string;
  readonly watched: string;
}

async function compared(
  world: RehearsalWorld,
  tell: Tell,
  { opens, lost, built, to, watched }: Claimed,
): Promise<RehearsalEnd> {
  const [recovered, fee] = [await world.balance(to), resonances(built.fee)];
  same(`'${to}' has`, recovered, lost - fee);
  same(`'${watched}' has`, await world.balance(watched), 0n);
  await tell(
    'balance',
    `'${to}' has ${rnt(recovered)} RNT: ${rnt(lost)} less the fee of ${built.fee} RNT, to one resonance`,
  );
  return { opens, lost, recovered, fee, returned: 0n };
}

function same(what: string, found: bigint, expected: bigint): void {
  if (found !== expected) throw new RehearsalError(`${what} ${rnt(found)} RNT instead of ${rnt(expected)}.`);
}

function deadlineOf({ deadlines }: AccountStatus): number {
  const [first] = deadlines;
  if (first === undefined) throw new RehearsalError('An account with coins has no deadline.');
  return first.height;
}

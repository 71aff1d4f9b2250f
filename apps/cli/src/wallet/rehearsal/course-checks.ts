// What every course has in common: parts that it is made of, and what must be true of it.

import { rnt } from '@resonancenet/node/rpc/amounts';
import type { AccountStatus } from '../recovery-status-text.ts';
import { RehearsalError } from './rehearsal-error.ts';
import type { RehearsalEnd, Tell } from './rehearsal-report.ts';
import { type RehearsalWorld, resonances } from './rehearsal-world.ts';

export type Course = (world: RehearsalWorld, tell: Tell) => Promise<RehearsalEnd>;

/** What a claim or an announcement begins as. */
export interface Built {
  readonly rntp: string;
  readonly fee: string;
  readonly amount: string;
}

/** What follows a claim or an announcement. */
export const SIGNING = 'rntp sign claim.rntp; rntp join ...; rntp send all.rntp';

/** Policy of the wallets beside: long enough to be of no account. */
export const PLAIN = 'emissionReturn(10000)';

/** One block before it opens; the answer must name the height. */
export async function refusedEarly(
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

export interface Claimed {
  readonly opens: number;
  readonly lost: bigint;
  readonly built: Built;
  /** Who has the coins now, and had none before. */
  readonly to: string;
  readonly watched: string;
}

export async function compared(
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

export function same(what: string, found: bigint, expected: bigint): void {
  if (found !== expected) throw new RehearsalError(`${what} ${rnt(found)} RNT instead of ${rnt(expected)}.`);
}

/** Of an account with coins. */
export function deadlineOf({ deadlines }: AccountStatus): number {
  const [first] = deadlines;
  if (first === undefined) throw new RehearsalError('An account with coins has no deadline.');
  return first.height;
}

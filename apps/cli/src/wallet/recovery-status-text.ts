// How an account stands, in words: since when it is silent, who can do what at which height, and what the wallet does about it (WAL-70, WAL-76).

import { timeText } from './block-time.ts';

/** What the node's recoverystatus gives for each account. */
export interface AccountStatus {
  readonly account: number;
  readonly policy: string | null;
  readonly policyType: 'heartbeat' | 'social' | 'emissionReturn';
  readonly policyBlocks: number;
  readonly watched: boolean;
  readonly unlocked: boolean;
  readonly lastSign: number | null;
  readonly next: number;
  readonly blocksLeft: number | null;
  readonly secondsLeft: number | null;
  readonly reminder: 'none' | 'half' | 'quarter' | 'tenth' | 'passed';
  readonly deadlines: readonly Deadline[];
  readonly rights: readonly Right[];
  readonly heartbeat: { readonly due: number } | null;
  readonly waiting: string | null;
  readonly trouble: string | null;
  readonly announcement: { readonly height: number; readonly destination: string; readonly opens: number } | null;
  readonly meaning: string;
}

interface Deadline {
  readonly height: number;
  readonly amount: string;
  readonly coins: number;
  readonly secondsLeft: number;
}

interface Right {
  readonly party: 'owner' | 'heir' | 'guardians' | 'network';
  readonly deed: 'spend' | 'announce' | 'cancel' | 'claim' | 'return';
  readonly from: number;
  readonly until: number | null;
  readonly amount: string | null;
  readonly secondsLeft: number;
}

const REMINDERS: Readonly<Record<AccountStatus['reminder'], string | null>> = {
  none: null,
  half: 'LESS THAN HALF OF THE TIME IS LEFT',
  quarter: 'LESS THAN A QUARTER OF THE TIME IS LEFT',
  tenth: 'LESS THAN A TENTH OF THE TIME IS LEFT',
  passed: 'THE TIME IS OVER',
};

/** Deadlines after the first that are listed. */
const MORE_DEADLINES = 4;
const NAME_WIDTH = 20;

export function accountStatusText(status: AccountStatus): string {
  const { account, policy, policyType, policyBlocks, lastSign, next, reminder, announcement, meaning } = status;
  const urgent = [
    REMINDERS[reminder],
    announcement === null
      ? null
      : `THE GUARDIANS HAVE ANNOUNCED A RECOVERY in block ${announcement.height}, to ${announcement.destination}`,
  ].filter((line) => line !== null);
  return [
    `account ${account}: ${policy ?? `${policyType}, ${policyBlocks} blocks, the heir is not known here`}`,
    ...urgent.map((line) => `  ! ${line}`),
    row('next block', String(next)),
    row('last sign of life', lastSign === null ? noSignText(status) : `block ${lastSign}`),
    ...deadlineRows(status),
    ...status.rights.map((right) => row(right.party, rightText(right, status))),
    ...serviceRows(status),
    row('in short', meaning),
  ].join('\n');
}

function noSignText({ policyType }: AccountStatus): string {
  return policyType === 'social' ? 'none yet' : 'none yet: each coin counts from its own block';
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(NAME_WIDTH)}${text}`;
}

function deadlineRows({ policyType, deadlines, next }: AccountStatus): string[] {
  if (policyType === 'social') return [];
  const [first, ...others] = deadlines;
  if (first === undefined) return [row('deadline', 'none: there are no coins')];
  const shown = others.slice(0, MORE_DEADLINES);
  return [
    row('deadline', deadlineText(first, next)),
    ...shown.map((deadline) => row('', deadlineText(deadline, next))),
    ...(others.length > shown.length ? [row('', `and ${others.length - shown.length} later ones`)] : []),
  ];
}

function deadlineText({ height, amount, coins, secondsLeft }: Deadline, next: number): string {
  return `block ${height}, ${distance(height - next, secondsLeft)}: ${amount} RNT in ${coins} ${coins === 1 ? 'coin' : 'coins'}`;
}

/** `in 20 blocks, about 3.5 days`; without a time where blocks took none. */
function distance(blocks: number, seconds: number): string {
  if (blocks <= 0) return 'now';
  const time = seconds < 1 ? '' : `, about ${timeText(seconds)}`;
  return `in ${blocks} ${blocks === 1 ? 'block' : 'blocks'}${time}`;
}

function rightText({ party, deed, from, until, amount, secondsLeft }: Right, status: AccountStatus): string {
  const { next, announcement } = status;
  const when = from <= next ? 'from now on' : `from block ${from} on (${distance(from - next, secondsLeft)})`;
  const what = amount === null ? 'the coins' : `${amount} RNT`;
  switch (deed) {
    case 'spend':
      return `can pay and give signs of life ${when}${until === null ? ', as long as the coins are there' : `, the last time in block ${until}`}`;
    case 'announce':
      return `can announce where the coins shall go ${when}`;
    case 'cancel':
      return `can stop the guardians: rnt wallet recovery cancel, ${until === null ? 'as long as they have not taken the coins' : `in time up to block ${until}`}`;
    case 'claim':
      return party === 'heir'
        ? `can take ${what} ${when}, unless a sign of life comes before`
        : `can take ${what} ${when}${announcement === null ? ' at the earliest, after an announcement now' : ''}`;
    case 'return':
      return `takes ${what} back into the emission in block ${from} (${distance(from - next, secondsLeft)}), for good, unless a sign of life comes before`;
  }
}

function serviceRows({ watched, unlocked, heartbeat, waiting, trouble, next }: AccountStatus): string[] {
  if (watched) return [row('this wallet', 'watches only: its keys are elsewhere')];
  const state = unlocked ? 'unlocked' : 'locked';
  const plan =
    heartbeat === null
      ? 'sends no signs of life by itself'
      : `sends a sign of life by itself ${heartbeat.due <= next ? 'with the next block' : `from block ${heartbeat.due} on`}, while it is unlocked`;
  return [
    row('this wallet', `is ${state}; ${plan}`),
    ...(waiting === null ? [] : [row('', `a sign of life waits for a block: ${waiting}`)]),
    ...(trouble === null ? [] : [row('', `! a sign of life is due and is not sent: ${trouble}`)]),
  ];
}

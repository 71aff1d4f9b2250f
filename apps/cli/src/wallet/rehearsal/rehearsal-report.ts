// What a rehearsal shows.

import type { Strategy } from '../strategies.ts';

/** What happens, in the order of a course. */
export type RehearsalStep = 'create' | 'receive' | 'sign' | 'lose' | 'too-early' | 'recover' | 'balance';

export interface RehearsalLine {
  readonly strategy: Strategy;
  readonly step: RehearsalStep;
  /** Of the tip. */
  readonly height: number;
  readonly text: string;
  /** By which a person does the same; null: nothing is typed. */
  readonly command: string | null;
}

/** How a course ended. Amounts in resonances. */
export interface RehearsalEnd {
  /** First height at which the recovery was possible. */
  readonly opens: number;
  readonly lost: bigint;
  readonly recovered: bigint;
  readonly fee: bigint;
  /** Given back to the emission. */
  readonly returned: bigint;
}

export type Tell = (step: RehearsalStep, text: string, command?: string) => Promise<void>;

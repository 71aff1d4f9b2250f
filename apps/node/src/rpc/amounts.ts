// Amounts in RPC: decimal RNT in text, because JSON's numbers cannot hold all of them (21,000,000 RNT have eighteen digits).

import { isAmount } from '@resonancenet/primitives/amount';
import { z } from 'zod';

const DECIMALS = 10;
const RESONANCES_PER_RNT: bigint = 10n ** BigInt(DECIMALS);

/** Resonances as RNT: no more decimals than needed, no exponent. */
export function rnt(resonances: bigint): string {
  if (resonances < 0n) return `-${rnt(-resonances)}`;
  const whole = resonances / RESONANCES_PER_RNT;
  const rest = (resonances % RESONANCES_PER_RNT).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
  return rest === '' ? whole.toString() : `${whole}.${rest}`;
}

/** RNT in text as resonances; null if it is no such amount: another form, more than ten decimals, more than can exist. */
export function parseRnt(text: string): bigint | null {
  const match = /^(\d{1,8})(?:\.(\d{1,10}))?$/.exec(text);
  if (match === null) return null;
  const resonances = BigInt(match[1]!) * RESONANCES_PER_RNT + BigInt((match[2] ?? '').padEnd(DECIMALS, '0'));
  return isAmount(resonances) ? resonances : null;
}

/** Decimal digits that every JSON number keeps. */
const SAFE_DIGITS = 15;

/** An amount as a parameter: text, or a number of so few digits that it is what was typed. */
export const amountParam: z.ZodType<bigint> = z.union([z.string(), z.number()]).transform((value, context) => {
  const text = String(value);
  const isSafe = typeof value === 'string' || text.replace(/\D/g, '').length <= SAFE_DIGITS;
  const resonances = isSafe ? parseRnt(text) : null;
  if (resonances !== null) return resonances;
  context.addIssue('must be RNT in text with at most ten decimals, such as "1.5"');
  return z.NEVER;
});

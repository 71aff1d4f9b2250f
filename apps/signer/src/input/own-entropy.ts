// Chance of one's own for new words: rolls of a die, or hexadecimal digits (WAL-94). Nothing is mixed into it, so that anybody can compute it again.

import { createHash } from 'node:crypto';
import { SignerError } from '../signer-error.ts';
import type { EntropySource } from '../signer-job.ts';
import type { SecretInput } from './secret-input.ts';

/** 2.58 bits each: 100 of them are more than 256. */
const LEAST_ROLLS = 100;

/** A fair die shows none of its six faces more often, in 100 rolls, but once in 10^20. */
const MOST_OF_ONE_FACE = 0.6;

const ENTROPY_LENGTH = 32;
const [ONE, SIX] = [0x31, 0x36];

/** 32 bytes that a person or a program gives. @throws SignerError */
export async function askEntropy(input: SecretInput, source: Exclude<EntropySource, 'system'>): Promise<Uint8Array> {
  const prompt =
    source === 'dice'
      ? `At least ${LEAST_ROLLS} rolls of a die, digits 1 to 6`
      : `${2 * ENTROPY_LENGTH} hexadecimal digits`;
  const typed = await input.page(() => input.ask(prompt, true));
  const digits = typed.filter((byte) => byte !== 0x20);
  typed.fill(0);
  try {
    return source === 'dice' ? ofRolls(digits) : ofDigits(digits);
  } finally {
    digits.fill(0);
  }
}

/** SHA-256 of the digits in ASCII. */
function ofRolls(rolls: Uint8Array): Uint8Array {
  if (rolls.some((byte) => byte < ONE || byte > SIX)) throw refused('a roll of a die is a digit from 1 to 6');
  if (rolls.length < LEAST_ROLLS) throw refused(`${rolls.length} rolls; at least ${LEAST_ROLLS} are needed`);
  const counts = new Array<number>(SIX - ONE + 1).fill(0);
  for (const byte of rolls) counts[byte - ONE]! += 1;
  if (Math.max(...counts) > MOST_OF_ONE_FACE * rolls.length) throw refused('one face comes too often for a die');
  const hash = createHash('sha256').update(rolls).digest();
  const entropy = new Uint8Array(hash);
  hash.fill(0);
  return entropy;
}

function ofDigits(digits: Uint8Array): Uint8Array {
  const entropy = new Uint8Array(ENTROPY_LENGTH);
  const values = digits.map(digitValue);
  const isRight = digits.length === 2 * ENTROPY_LENGTH && values.every((value) => value < 16);
  if (isRight)
    for (let index = 0; index < ENTROPY_LENGTH; index++)
      entropy[index] = (values[2 * index]! << 4) | values[2 * index + 1]!;
  values.fill(0);
  if (!isRight) throw refused(`give exactly ${2 * ENTROPY_LENGTH} hexadecimal digits`);
  if (new Set(entropy).size < 8) throw refused('these digits repeat: take them from a good source of chance');
  return entropy;
}

/** Of a hexadecimal digit; 255: it is none. */
function digitValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : 255;
}

function refused(why: string): SignerError {
  return new SignerError('bad-entropy', `No words can be made of this: ${why}.`);
}

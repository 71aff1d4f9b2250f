// Paths from a wallet's master key to its keys (WAL-4): BIP 44's form, every step hardened, because Ed25519 has no others (SLIP-10).

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, list, refine, u32 } from '@resonancenet/bytes/codec';

/** Indexes are below this; the bit above them says "hardened" and stands in every step. */
export const HARDENED_LIMIT: number = 2 ** 31;

/** Steps of a path; the wallet's own have five. */
export const MAX_PATH_DEPTH = 16;

/** Indexes from the master key on, each without the hardened bit. */
export type DerivationPath = readonly number[];

export type PathProblem = 'bad-start' | 'bad-step' | 'not-hardened' | 'out-of-range' | 'too-deep';

export type PathResult =
  | { readonly ok: true; readonly path: DerivationPath }
  | { readonly ok: false; readonly code: PathProblem; readonly detail: string };

/** An index below 2^31 as u32. */
export const hardenedIndexCodec: Codec<number> = refine(u32, (index) =>
  index < HARDENED_LIMIT ? null : `an index of ${index}; hardened ones are below ${HARDENED_LIMIT}`,
);

/** Number of steps as varint, at most 16, and the indexes as u32. */
export const derivationPathCodec: Codec<DerivationPath> = list(hardenedIndexCodec, { max: MAX_PATH_DEPTH });

/** Branches of an account (WAL-5). */
export const BRANCH = { receive: 0, change: 1, liveness: 2, guardian: 3, recovery: 4 } as const;

export type Branch = keyof typeof BRANCH;

const PURPOSE = 44;

/** m/44'/coin type'/account'/branch'/index' (WAL-4). */
export function keyPath(coinType: number, account: number, branch: Branch, index: number): DerivationPath {
  return [PURPOSE, coinType, account, BRANCH[branch], index];
}

/** `m/44'/9555'/0'`; `m` is the master key. */
export function printPath(path: DerivationPath): string {
  assert(path.length <= MAX_PATH_DEPTH && path.every(isIndex), `${path.join('/')} is no path`);
  return ['m', ...path.map((index) => `${index}'`)].join('/');
}

/** The path of a text; `h` and `H` stand for `'` too. */
export function parsePath(text: string): PathResult {
  // A step has at most 11 characters and a slash before it.
  if (text.length > 1 + 12 * MAX_PATH_DEPTH) return tooDeep();
  const [start, ...steps] = text.split('/');
  if (start !== 'm') return fail('bad-start', "a path begins with m, the master key, as in m/44'/9555'/0'");
  if (steps.length > MAX_PATH_DEPTH) return tooDeep();
  const path: number[] = [];
  for (const [number, step] of steps.entries()) {
    const form = /^(0|[1-9][0-9]{0,9})(['hH]?)$/.exec(step);
    if (form === null) return fail('bad-step', `step ${number + 1} is no number; write decimal digits and '`);
    const index = Number(form[1]);
    if (!isIndex(index))
      return fail('out-of-range', `step ${number + 1} is ${index}; indexes are below ${HARDENED_LIMIT}`);
    if (form[2] === '')
      return fail('not-hardened', `step ${number + 1} is not hardened; Ed25519 has no other: write ${index}'`);
    path.push(index);
  }
  return { ok: true, path };
}

function isIndex(index: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < HARDENED_LIMIT;
}

function tooDeep(): PathResult {
  return fail('too-deep', `a path has at most ${MAX_PATH_DEPTH} steps`);
}

function fail(code: PathProblem, detail: string): PathResult {
  return { ok: false, code, detail };
}

// An account's policy as one readable line (WAL-11), the line that a recovery kit prints:
//   emissionReturn(BLOCKS)
//   heartbeat(INTERVAL, TIMEOUT, KEY)
//   social(WAIT, REQUIRED, KEY, ...)
// KEY is a key text (WAL-10). White space between the parts means nothing.

import { assert } from '@resonancenet/bytes/assert';
import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import { PUBLIC_KEY_LENGTH } from '@resonancenet/crypto/ed25519';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { MAX_POLICY_BLOCKS } from '@resonancenet/primitives/policy';
import { termsProblem } from '@resonancenet/primitives/policy-terms';
import { MAX_QUORUM_KEYS, quorumProblem } from '@resonancenet/primitives/quorum';
import { type AccountPolicy, accountTerms } from './account-policy.ts';
import { decodeKeyText, encodeKeyText } from './key-text.ts';

/** What of a network a policy's text depends on. */
export type PolicyTextParams = Pick<NetworkParams, 'addressPrefix' | 'recovery'>;

export type PolicyTextProblem =
  | 'too-long'
  | 'bad-form'
  | 'unknown-policy'
  | 'wrong-count'
  | 'bad-number'
  | 'bad-key'
  | 'repeated-key'
  | 'out-of-range';

export type PolicyTextResult =
  | { readonly ok: true; readonly policy: AccountPolicy }
  | {
      readonly ok: false;
      readonly code: PolicyTextProblem;
      /** The part in the parentheses that is wrong, from 1; 0: the text as a whole. */
      readonly part: number;
      readonly detail: string;
    };

/** Characters of a text; that of sixteen guardians has some 1,100. */
export const MAX_POLICY_TEXT_LENGTH = 2_048;

/** The one text of a policy. `parsePolicyText` gives the same policy back. */
export function printPolicyText(policy: AccountPolicy, addressPrefix: string): string {
  const keys = (list: readonly Uint8Array[]): string[] => list.map((key) => encodeKeyText(addressPrefix, key));
  switch (policy.type) {
    case 'emissionReturn':
      return joined(policy.type, [policy.blocks]);
    case 'heartbeat':
      return joined(policy.type, [policy.interval, policy.timeout, ...keys([policy.recoveryKey])]);
    case 'social': {
      const { wait, required, guardians } = policy;
      const problem = quorumProblem({ required, publicKeys: guardians });
      assert(problem === null, problem ?? '');
      return joined(policy.type, [wait, required, ...keys(guardians)]);
    }
  }
}

/** The policy that a text describes, if the network allows it. Guardians may stand in any order. */
export function parsePolicyText(text: string, params: PolicyTextParams): PolicyTextResult {
  try {
    const policy = parse(text, params);
    const problem = policyRangeProblem(policy, params);
    if (problem !== null) refuse('out-of-range', 0, problem);
    return { ok: true, policy };
  } catch (error) {
    if (error instanceof PolicyTextError) return error.result;
    throw error;
  }
}

/** Why a network does not allow a policy's numbers, or null. */
export function policyRangeProblem(
  policy: AccountPolicy,
  { recovery }: Pick<PolicyTextParams, 'recovery'>,
): string | null {
  return termsProblem(accountTerms(policy, new Uint8Array(PUBLIC_KEY_LENGTH)), recovery);
}

/** Carries the first problem out of the parser; `parsePolicyText` turns it into a result. */
class PolicyTextError extends Error {
  override readonly name: string = 'PolicyTextError';
  readonly result: Extract<PolicyTextResult, { readonly ok: false }>;

  constructor(code: PolicyTextProblem, part: number, detail: string) {
    super(detail);
    this.result = { ok: false, code, part, detail };
  }
}

function refuse(code: PolicyTextProblem, part: number, detail: string): never {
  throw new PolicyTextError(code, part, detail);
}

function joined(name: AccountPolicy['type'], parts: readonly (number | string)[]): string {
  return `${name}(${parts.join(', ')})`;
}

function parse(text: string, params: PolicyTextParams): AccountPolicy {
  if (text.length > MAX_POLICY_TEXT_LENGTH) {
    refuse(
      'too-long',
      0,
      `${text.length} characters; a policy has at most ${MAX_POLICY_TEXT_LENGTH}: copy one line only`,
    );
  }
  const form = /^\s*([A-Za-z]+)\s*\(([^()]*)\)\s*$/.exec(text);
  if (form === null) {
    refuse(
      'bad-form',
      0,
      'a policy is a name and its parts in parentheses, as in emissionReturn(200000); copy the whole line',
    );
  }
  const name = form[1]!;
  const parts = form[2]!.split(',').map((part) => part.trim());
  switch (name) {
    case 'emissionReturn':
      checkCount(parts, 1, 1, 'the number of blocks');
      return { type: name, blocks: blocksAt(parts, 0) };
    case 'heartbeat':
      checkCount(parts, 3, 3, 'interval, timeout and the key of the heir');
      return {
        type: name,
        interval: blocksAt(parts, 0),
        timeout: blocksAt(parts, 1),
        recoveryKey: keyAt(parts, 2, params.addressPrefix),
      };
    case 'social':
      checkCount(parts, 3, 2 + MAX_QUORUM_KEYS, `waiting time, number of signatures and 1 to ${MAX_QUORUM_KEYS} keys`);
      return { type: name, wait: blocksAt(parts, 0), ...parseGuardians(parts, params.addressPrefix) };
    default: {
      const known = 'emissionReturn, heartbeat or social';
      return refuse('unknown-policy', 0, `'${shortened(name)}' is no policy; write ${known}`);
    }
  }
}

function parseGuardians(
  parts: readonly string[],
  addressPrefix: string,
): { readonly required: number; readonly guardians: readonly Uint8Array[] } {
  const required = numberAt(parts, 1);
  const guardians: Uint8Array[] = [];
  for (let index = 2; index < parts.length; index++) {
    const key = keyAt(parts, index, addressPrefix);
    if (guardians.some((other) => equalBytes(other, key))) {
      refuse('repeated-key', index + 1, `part ${index + 1} repeats a guardian; name each once`);
    }
    guardians.push(key);
  }
  guardians.sort(compareBytes);
  const problem = quorumProblem({ required, publicKeys: guardians });
  if (problem !== null) refuse('out-of-range', 2, problem);
  return { required, guardians };
}

function checkCount(parts: readonly string[], least: number, most: number, wanted: string): void {
  if (parts.length < least || parts.length > most) {
    refuse('wrong-count', 0, `${parts.length} parts in the parentheses; write ${wanted}`);
  }
}

/** A u24: what a policy id can hold (BLK-17). */
function blocksAt(parts: readonly string[], index: number): number {
  const blocks = numberAt(parts, index);
  if (blocks <= MAX_POLICY_BLOCKS) return blocks;
  return refuse(
    'out-of-range',
    index + 1,
    `part ${index + 1} is ${blocks} blocks; a policy has at most ${MAX_POLICY_BLOCKS}`,
  );
}

function numberAt(parts: readonly string[], index: number): number {
  const part = parts[index]!;
  if (/^(0|[1-9][0-9]{0,7})$/.test(part)) return Number(part);
  const detail = `part ${index + 1}, '${shortened(part)}', is no number; write decimal digits without zeros before them`;
  return refuse('bad-number', index + 1, detail);
}

function keyAt(parts: readonly string[], index: number, addressPrefix: string): Uint8Array {
  const result = decodeKeyText(addressPrefix, parts[index]!);
  return result.ok ? result.publicKey : refuse('bad-key', index + 1, `part ${index + 1}: ${result.detail}`);
}

/** At most 20 characters, without those that terminals obey. */
function shortened(text: string): string {
  const shown = text.slice(0, 20).replaceAll(/[^\x20-\x7e]/g, '?');
  return text.length > 20 ? `${shown}...` : shown;
}

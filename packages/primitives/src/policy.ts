// Recovery policies (BLK-17, BLK-18; white paper section 7): what becomes of an output that nobody touches.

import { assert } from '@resonancenet/bytes/assert';
import { Writer } from '@resonancenet/bytes/writer';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import type { RecoveryParams } from '@resonancenet/params/network-params';
import { POLICY_ID_LENGTH, type PolicyId } from './ids.ts';

/** First byte of a policy id, by type. */
export const POLICY_TYPE = {
  heartbeat: 0x01,
  social: 0x02,
  emissionReturn: 0x03,
  base58: 0x04,
  channel: 0x05,
} as const;

export type PolicyType = keyof typeof POLICY_TYPE;

const typeNames: ReadonlyMap<number, PolicyType> = new Map(
  (Object.keys(POLICY_TYPE) as PolicyType[]).map((name) => [POLICY_TYPE[name], name]),
);

const TERMS_HASH_AT = 4;
const TERMS_HASH_LENGTH = 20;
/** Largest u24. */
export const MAX_POLICY_BLOCKS = 0xff_ffff;

/** What is read from a policy id alone. */
export interface PolicyIdParts {
  readonly type: PolicyType;
  /** Deadline in blocks: of idleness, or of waiting after an announcement. */
  readonly blocks: number;
  /** First 20 bytes of hash(TAG.policyTerms, terms). */
  readonly termsHash: Uint8Array;
}

/** type (1) || blocks (u24) || first 20 bytes of hash(tag, terms): 24 bytes (BLK-17). */
export function policyId(type: PolicyType, blocks: number, terms: Uint8Array): PolicyId {
  assert(
    blocks >= 0 && blocks <= MAX_POLICY_BLOCKS,
    `a policy of ${blocks} blocks; a u24 holds at most ${MAX_POLICY_BLOCKS}`,
  );
  return new Writer(POLICY_ID_LENGTH).u8(POLICY_TYPE[type]).u24(blocks).bytes(termsHash(terms)).finish();
}

/** The parts of a policy id, or null if no such type exists. Whether the blocks are in range, `policyProblem` says. */
export function parsePolicyId(id: PolicyId): PolicyIdParts | null {
  const type = typeNames.get(id[0]!);
  return type === undefined ? null : { type, blocks: blocksOf(id), termsHash: id.slice(TERMS_HASH_AT) };
}

function blocksOf(id: PolicyId): number {
  return id[1]! | (id[2]! << 8) | (id[3]! << 16);
}

/** The policy of outputs to a bare key, such as a miner's: they age singly, nobody can send a sign of life for them. */
export function builtInReturnPolicyId(recovery: RecoveryParams): PolicyId {
  return policyId('emissionReturn', recovery.builtInReturn, noTerms);
}

/** The policy of Base58Check outputs. */
export function base58PolicyId(recovery: RecoveryParams): PolicyId {
  return policyId('base58', recovery.base58Return, noTerms);
}

/** The policy of Lightning's outputs. */
export function channelPolicyId(recovery: RecoveryParams): PolicyId {
  return policyId('channel', recovery.channelReturn, noTerms);
}

/** Why an output with this policy would be invalid, or null: unknown type, deadline out of the network's range, or terms where there are none (BLK-18). */
export function policyProblem(id: PolicyId, recovery: RecoveryParams): string | null {
  const type = typeNames.get(id[0]!);
  if (type === undefined) return `policy type ${id[0]}; use one of ${Object.values(POLICY_TYPE).join(', ')}`;
  const blocks = blocksOf(id);
  const [least, most] = blockRange(type, recovery);
  if (blocks < least || blocks > most) return `${type} policy of ${blocks} blocks; allowed are ${least} to ${most}`;
  if ((type === 'base58' || type === 'channel') && !isBuiltIn(id))
    return `a ${type} policy has no terms; use its built-in id`;
  return null;
}

const noTerms = new Uint8Array(0);

/** The hash in the ids of built-in policies, which have no terms: 20 bytes. */
export const builtInTermsHash: Uint8Array = termsHash(noTerms);

/** Whether a policy's hash is that of no terms: nobody can send a sign of life for it (LED-12). */
export function isBuiltIn(id: PolicyId): boolean {
  for (let at = 0; at < TERMS_HASH_LENGTH; at++) if (id[TERMS_HASH_AT + at] !== builtInTermsHash[at]) return false;
  return true;
}

function termsHash(terms: Uint8Array): Uint8Array {
  return hash(TAG.policyTerms, terms).subarray(0, TERMS_HASH_LENGTH);
}

function blockRange(type: PolicyType, recovery: RecoveryParams): readonly [least: number, most: number] {
  switch (type) {
    case 'heartbeat':
      return [
        recovery.heartbeatIntervalMin + recovery.heartbeatTimeoutMin,
        recovery.heartbeatIntervalMax + recovery.heartbeatTimeoutMax,
      ];
    case 'social':
      return [recovery.socialWaitMin, MAX_POLICY_BLOCKS];
    case 'emissionReturn':
      return [recovery.emissionReturnMin, MAX_POLICY_BLOCKS];
    case 'base58':
      return [recovery.base58Return, recovery.base58Return];
    case 'channel':
      return [recovery.channelReturn, recovery.channelReturn];
  }
}

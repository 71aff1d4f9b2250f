// The terms behind a policy id (LED-12): hidden in it until somebody acts under the policy.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, mapped, struct, u24 } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { PUBLIC_KEY_LENGTH } from '@resonancenet/crypto/ed25519';
import type { RecoveryParams } from '@resonancenet/params/network-params';
import type { PolicyId } from './ids.ts';
import { MAX_POLICY_BLOCKS, type PolicyType, policyId } from './policy.ts';
import { type Quorum, quorumCodec } from './quorum.ts';

/** A recovery key may spend after `interval + timeout` blocks without a sign of life. */
export interface HeartbeatTerms {
  readonly type: 'heartbeat';
  readonly interval: number;
  readonly timeout: number;
  readonly livenessKey: Uint8Array;
}

/** `required` of the guardians announce a recovery; the owner has `wait` blocks to cancel it. */
export interface SocialTerms {
  readonly type: 'social';
  readonly wait: number;
  readonly livenessKey: Uint8Array;
  readonly required: number;
  /** Public keys, strictly ascending. */
  readonly guardians: readonly Uint8Array[];
}

/** Outputs return to the emission after so many idle blocks. */
export interface EmissionReturnTerms {
  readonly type: 'emissionReturn';
  readonly blocks: number;
  readonly livenessKey: Uint8Array;
}

export type PolicyTerms = HeartbeatTerms | SocialTerms | EmissionReturnTerms;

export type DecodedTerms =
  | { readonly ok: true; readonly terms: PolicyTerms }
  | { readonly ok: false; readonly detail: string };

type Fields<T> = Omit<T, 'type'>;

const key = fixedBytes(PUBLIC_KEY_LENGTH);

export const heartbeatTermsCodec: Codec<HeartbeatTerms> = typed(
  'heartbeat',
  struct<Fields<HeartbeatTerms>>({ interval: u24, timeout: u24, livenessKey: key }),
);

export const socialTermsCodec: Codec<SocialTerms> = mapped(
  struct<{ readonly wait: number; readonly livenessKey: Uint8Array; readonly quorum: Quorum }>({
    wait: u24,
    livenessKey: key,
    quorum: quorumCodec,
  }),
  ({ wait, livenessKey, quorum }) => ({
    type: 'social',
    wait,
    livenessKey,
    required: quorum.required,
    guardians: quorum.publicKeys,
  }),
  ({ wait, livenessKey, required, guardians }) => ({
    wait,
    livenessKey,
    quorum: { required, publicKeys: guardians },
  }),
);

export const emissionReturnTermsCodec: Codec<EmissionReturnTerms> = typed(
  'emissionReturn',
  struct<Fields<EmissionReturnTerms>>({ blocks: u24, livenessKey: key }),
);

/** Codec of a type's terms; null for the types that have none. */
export function termsCodec(type: PolicyType): Codec<PolicyTerms> | null {
  switch (type) {
    case 'heartbeat':
      return heartbeatTermsCodec as Codec<PolicyTerms>;
    case 'social':
      return socialTermsCodec as Codec<PolicyTerms>;
    case 'emissionReturn':
      return emissionReturnTermsCodec as Codec<PolicyTerms>;
    case 'base58':
    case 'channel':
      return null;
  }
}

/** The bytes that a policy id commits to. */
export function encodeTerms(terms: PolicyTerms): Uint8Array {
  const codec = termsCodec(terms.type);
  assert(codec !== null, `a ${terms.type} policy has no terms`);
  return encode(codec, terms);
}

/** Terms of a policy type from their bytes. Whether a network allows them, `termsProblem` says. */
export function decodeTerms(type: PolicyType, bytes: Uint8Array): DecodedTerms {
  const codec = termsCodec(type);
  if (codec === null) return { ok: false, detail: `a ${type} policy has no terms` };
  const result = decode(codec, bytes);
  return result.ok ? { ok: true, terms: result.value } : { ok: false, detail: result.error.message };
}

/** Id of the policy with these terms (BLK-17). */
export function termsPolicyId(terms: PolicyTerms): PolicyId {
  return policyId(terms.type, termsBlocks(terms), encodeTerms(terms));
}

function termsBlocks(terms: PolicyTerms): number {
  switch (terms.type) {
    case 'heartbeat':
      return terms.interval + terms.timeout;
    case 'social':
      return terms.wait;
    case 'emissionReturn':
      return terms.blocks;
  }
}

/** Why nobody may act under these terms on a network, or null: a number out of its range (LED-12). */
export function termsProblem(terms: PolicyTerms, recovery: RecoveryParams): string | null {
  switch (terms.type) {
    case 'heartbeat':
      return (
        rangeProblem('interval', terms.interval, recovery.heartbeatIntervalMin, recovery.heartbeatIntervalMax) ??
        rangeProblem('timeout', terms.timeout, recovery.heartbeatTimeoutMin, recovery.heartbeatTimeoutMax)
      );
    case 'social':
      return rangeProblem('wait', terms.wait, recovery.socialWaitMin, MAX_POLICY_BLOCKS);
    case 'emissionReturn':
      return rangeProblem('blocks', terms.blocks, recovery.emissionReturnMin, MAX_POLICY_BLOCKS);
  }
}

function rangeProblem(name: string, blocks: number, least: number, most: number): string | null {
  return blocks >= least && blocks <= most ? null : `${name} of ${blocks} blocks; allowed are ${least} to ${most}`;
}

function typed<T extends PolicyTerms>(type: T['type'], fields: Codec<Fields<T>>): Codec<T> {
  return mapped(
    fields,
    (value) => ({ type, ...value }) as unknown as T,
    (value) => value,
  );
}

// Policies for tests on regtest's block counts, and destinations under them.

import { regtest } from '@resonancenet/params/regtest';
import type { Leaf } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import { base58PolicyId, builtInReturnPolicyId, channelPolicyId } from '@resonancenet/primitives/policy';
import type { PolicyTerms, SocialTerms } from '@resonancenet/primitives/policy-terms';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { PolicyId } from '@resonancenet/primitives/ids';
import { base58Lock, byKey, keyOf, keysOf, lockOf } from './build-transaction.ts';

/** Key number of the owner's liveness key in all policies here. */
export const LIVENESS = 40;

/** Idle after 11 blocks. */
export const heartbeatTerms: PolicyTerms = {
  type: 'heartbeat',
  interval: 10,
  timeout: 1,
  livenessKey: keyOf(LIVENESS),
};

/** Two of three guardians, six blocks to cancel. */
export const socialTerms: SocialTerms = {
  type: 'social',
  wait: 6,
  livenessKey: keyOf(LIVENESS),
  required: 2,
  guardians: keysOf(51, 52, 53),
};

/** Returns after 200 idle blocks, with signs of life. */
export const returnTerms: PolicyTerms = { type: 'emissionReturn', blocks: 200, livenessKey: keyOf(LIVENESS) };

export const HEARTBEAT: PolicyId = termsPolicyId(heartbeatTerms);
export const SOCIAL: PolicyId = termsPolicyId(socialTerms);
export const RETURN: PolicyId = termsPolicyId(returnTerms);
export const BUILT_IN: PolicyId = builtInReturnPolicyId(regtest.recovery);
export const BASE58: PolicyId = base58PolicyId(regtest.recovery);
export const CHANNEL: PolicyId = channelPolicyId(regtest.recovery);

/** The lock of key 1 alone. */
export const keyLeaves: readonly Leaf[] = [[byKey(1)]];

/** These leaves under a policy. */
export function under(policyId: PolicyId, leaves: readonly Leaf[] = keyLeaves): Destination {
  return { lockId: lockOf(leaves), policyId };
}

/** The Base58 destination of key number `number`. */
export function base58(number: number): Destination {
  return { lockId: base58Lock(number), policyId: BASE58 };
}

// Whom the story of the crash suite is about: keys, policies with the shortest deadlines, and validation sets, all by number.

import { publicKey } from '@resonancenet/crypto/ed25519';
import { encodeDval, dvalTokens } from '@resonancenet/params/dval';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { Leaf } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import { proposalHash } from '@resonancenet/primitives/dval-vote';
import { lockIdOf } from '@resonancenet/primitives/lock';
import { type PolicyTerms, type SocialTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { byKey, publicKeys } from '@resonancenet/primitives/testing/signed-transaction';

interface Place<T extends PolicyTerms> {
  readonly terms: T;
  readonly leaves: readonly Leaf[];
  readonly destination: Destination;
}

/** Seeds of keys, and outputs' destinations. Second leaves are those of the recoveries. */
export interface People {
  readonly recovery: Uint8Array;
  readonly liveness: Uint8Array;
  readonly guardians: readonly Uint8Array[];
  readonly heartbeat: Place<PolicyTerms>;
  readonly social: Place<SocialTerms>;
  readonly emissionReturn: Place<PolicyTerms>;
}

export interface StorySet {
  readonly salt: Uint8Array;
  readonly shard: Uint8Array;
  readonly proposal: Uint8Array;
}

export function peopleOf(number: number): People {
  const seed = (role: number): Uint8Array => new Uint8Array(32).fill(number).fill(role, 16);
  const [owner, recovery, liveness] = [seed(1), seed(2), seed(3)];
  const guardians = [seed(4), seed(5)];
  const livenessKey = publicKey(liveness);
  return {
    recovery,
    liveness,
    guardians,
    heartbeat: placeOf({ type: 'heartbeat', interval: 1, timeout: 1, livenessKey }, [
      [byKey(owner)],
      [{ kind: 'idle' }, byKey(recovery)],
    ]),
    social: placeOf({ type: 'social', wait: 1, livenessKey, required: 2, guardians: publicKeys(guardians) }, [
      [byKey(owner)],
      [{ kind: 'announced' }],
    ]),
    emissionReturn: placeOf({ type: 'emissionReturn', blocks: 3, livenessKey }, [[byKey(owner)]]),
  };
}

export function storySet(number: number, params: NetworkParams): StorySet {
  const shard = encodeDval(Uint16Array.from({ length: dvalTokens(params) }, (_, index) => (number * 37 + index) % 256));
  const salt = new Uint8Array(32).fill(number);
  return { salt, shard, proposal: proposalHash(salt, shard) };
}

function placeOf<T extends PolicyTerms>(terms: T, leaves: readonly Leaf[]): Place<T> {
  return { terms, leaves, destination: { lockId: lockIdOf(leaves), policyId: termsPolicyId(terms) } };
}

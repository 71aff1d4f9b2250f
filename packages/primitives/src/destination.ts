// Where money goes: a lock and a policy, the content of an address and of an output (BLK-16).

import { keyLockId } from './lock.ts';
import type { LockId, PolicyId } from './ids.ts';
import { builtInReturnPolicyId, POLICY_TYPE, policyProblem } from './policy.ts';
import type { RecoveryParams } from '@resonancenet/params/network-params';

export interface Destination {
  readonly lockId: LockId;
  readonly policyId: PolicyId;
}

/** Where a bare key's money goes, such as a miner's: its own lock and the built-in emission-return policy (BLK-18). */
export function keyDestination(publicKey: Uint8Array, recovery: RecoveryParams): Destination {
  return { lockId: keyLockId(publicKey), policyId: builtInReturnPolicyId(recovery) };
}

/** Why nothing may be paid there on this network, or null (BLK-18, BLK-19). */
export function destinationProblem(destination: Destination, recovery: RecoveryParams): string | null {
  const problem = policyProblem(destination.policyId, recovery);
  if (problem !== null) return problem;
  return destination.policyId[0] === POLICY_TYPE.base58 && destination.lockId.subarray(20).some((byte) => byte !== 0)
    ? 'the lock id of a Base58 output ends with four zero bytes; use a key hash of 20 bytes'
    : null;
}

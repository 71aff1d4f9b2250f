// What the rules read from a policy id without taking it apart (BLK-17): this is done for every output and input.

import type { PolicyId } from '@resonancenet/primitives/ids';
import { isBuiltIn, POLICY_TYPE } from '@resonancenet/primitives/policy';

/** Deadline of a policy, in blocks. */
export function policyBlocks(id: PolicyId): number {
  return id[1]! | (id[2]! << 8) | (id[3]! << 16);
}

/** Whether outputs lapse when they are idle for the policy's blocks (LED-15). */
export function lapses(id: PolicyId): boolean {
  return id[0] === POLICY_TYPE.heartbeat;
}

/** Whether outputs return to the pool when they are idle for the policy's blocks (LED-20). */
export function returns(id: PolicyId): boolean {
  return id[0] === POLICY_TYPE.emissionReturn || id[0] === POLICY_TYPE.base58 || id[0] === POLICY_TYPE.channel;
}

/** Whether a sign of life can come for the policy; for others the registry holds nothing (LED-12). */
export function canSign(id: PolicyId): boolean {
  return id[0]! < POLICY_TYPE.base58 && !isBuiltIn(id);
}

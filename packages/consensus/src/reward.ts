// What a block may mint (CON-17).

import type { NetworkParams } from '@resonancenet/params/network-params';

/**
 * Reward of a block in resonances: the flat subsidy, whatever the improvement. The amount a coinbase pays is exactly this
 * (there are no fees while a block holds nothing but its coinbase, CON-20).
 */
export function blockReward(params: NetworkParams): bigint {
  return params.subsidy;
}

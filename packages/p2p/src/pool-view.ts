// What relaying asks of the pool of unconfirmed transactions. MempoolMachine is one; tests use a small one of their own.

import type { Hex32, Now } from '@resonancenet/chain/events';
import type { FeeRate } from '@resonancenet/mempool/fee-rate';
import type { MempoolAction, MempoolEvent } from '@resonancenet/mempool/mempool-events';
import type { PoolEntry } from '@resonancenet/mempool/pool-entry';

/** A transaction of the pool, as it is passed on. */
export type PooledTransaction = Pick<PoolEntry, 'txid' | 'leaf' | 'encoded' | 'bytes' | 'fee' | 'order' | 'ancestors'>;

export interface PoolView {
  step(event: MempoolEvent, now: Now): readonly MempoolAction[];
  get(txid: Hex32): PooledTransaction | null;
  getByLeaf(leaf: Hex32): PooledTransaction | null;
  entries(): Iterable<PooledTransaction>;
  /** Whether one that was announced should be asked for. */
  wants(leaf: Hex32): boolean;
  /** Whether this peer should be asked for more. */
  isIdle(peer: string): boolean;
  /** The least fee rate that is taken now. */
  leastRate(now: Now): FeeRate;
}

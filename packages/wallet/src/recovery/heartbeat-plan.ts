// When a wallet sends a heartbeat by itself (WAL-71): with a margin before the deadline, again with a better fee as long as none is in a block.

import type { RecoveryStatus } from './recovery-status.ts';

/** Heartbeats sent since the last one in a block. */
export interface HeartbeatAttempts {
  readonly count: number;
  /** Height of the tip when the last of them was sent. */
  readonly lastHeight: number;
}

export const NO_ATTEMPTS: HeartbeatAttempts = { count: 0, lastHeight: 0 };

export type HeartbeatPlan =
  /** Now, at so many times the usual fee rate. */
  | { readonly kind: 'send'; readonly rateFactor: number }
  /** Not before the block after this one is built on. */
  | { readonly kind: 'wait'; readonly until: number }
  /** There is no deadline: no coins, or a policy without one. */
  | { readonly kind: 'none' };

/** The fee rate never rises above so many times the usual one. */
const MAX_RATE_FACTOR = 16;

/** Between two attempts at most so many blocks pass. */
const MAX_BACKOFF = 64;

/**
 * `margin`: blocks before the first deadline at which the first attempt is due; half of the policy's blocks if it is not given. Attempts follow after 1,
 * 2, 4 ... blocks, and never so late that fewer than a tenth of the margin's blocks are let pass.
 */
export function planHeartbeat(
  status: RecoveryStatus,
  attempts: HeartbeatAttempts,
  margin: number = Math.ceil(status.blocks / 2),
): HeartbeatPlan {
  const { blocksLeft, next } = status;
  if (blocksLeft === null) return { kind: 'none' };
  if (blocksLeft > margin) return { kind: 'wait', until: next + blocksLeft - margin };
  if (attempts.count === 0) return { kind: 'send', rateFactor: 1 };
  const pause = Math.max(1, Math.min(2 ** (attempts.count - 1), MAX_BACKOFF, Math.floor(margin / 10)));
  const due = attempts.lastHeight + 1 + pause;
  return next >= due
    ? { kind: 'send', rateFactor: Math.min(2 ** attempts.count, MAX_RATE_FACTOR) }
    : { kind: 'wait', until: due };
}

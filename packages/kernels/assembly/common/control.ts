// Layout of the control block: the first page of the shared memory, written by the host (src/wasm/control-block.ts holds the same numbers).
// Words that different threads spin on lie 128 bytes apart, so that they never share a cache line or a prefetched pair of lines.

/** Set to 1 when any thread has failed: every wait ends in a trap, so that one crash never leaves the others waiting. */
export const ABORT: usize = 128;
export const BARRIER_GENERATION: usize = 512;
export const BARRIER_ARRIVED: usize = 640;
export const BARRIER_SLEEPERS: usize = 768;
/** How often a waiting thread looks before it sleeps. Set by the host. */
export const SPIN_LIMIT: usize = 896;
/** Seconds without progress after which a sleeping thread gives up. Set by the host. */
export const STALL_SECONDS: usize = 900;

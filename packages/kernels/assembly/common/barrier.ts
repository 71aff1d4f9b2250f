import { ABORT, BARRIER_ARRIVED, BARRIER_GENERATION, BARRIER_SLEEPERS, SPIN_LIMIT, STALL_SECONDS } from './control';

/**
 * Waits until all `threads` threads of the pool have arrived; what they wrote before is then visible to all.
 * Every thread of the pool must call it equally often within one op. Spins briefly, then sleeps.
 * Traps if another thread has failed, or after the stall limit.
 */
export function barrier(threads: i32): void {
  if (threads == 1) return;
  const generation = atomic.load<i32>(BARRIER_GENERATION);
  if (atomic.add<i32>(BARRIER_ARRIVED, 1) == threads - 1) {
    atomic.store<i32>(BARRIER_ARRIVED, 0);
    atomic.store<i32>(BARRIER_GENERATION, generation + 1);
    // The call that wakes costs far more than this look, and in small ops nobody sleeps.
    if (atomic.load<i32>(BARRIER_SLEEPERS) != 0) atomic.notify(BARRIER_GENERATION, -1);
    return;
  }
  for (let i = load<i32>(SPIN_LIMIT); i > 0; i--) {
    if (atomic.load<i32>(BARRIER_GENERATION) != generation) return;
  }
  atomic.add<i32>(BARRIER_SLEEPERS, 1);
  let seconds = 0;
  while (atomic.load<i32>(BARRIER_GENERATION) == generation) {
    if (atomic.load<i32>(ABORT) != 0) unreachable();
    if (atomic.wait<i32>(BARRIER_GENERATION, generation, 1_000_000_000) == 2) {
      if (++seconds >= load<i32>(STALL_SECONDS)) unreachable();
    }
  }
  atomic.sub<i32>(BARRIER_SLEEPERS, 1);
}

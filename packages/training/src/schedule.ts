// Learning rate over a run: warm-up, plateau, linear decay ("WSD").

export interface Schedule {
  /** Steps of linear warm-up from 1/warmup to 1. */
  readonly warmup: number;
  /** Steps in all; Infinity for a run without an end (mining), which never decays. */
  readonly total: number;
  /** Share of the run, at its end, in which the rate falls linearly to zero. */
  readonly decay: number;
}

/** Factor on the learning rate for the update number `step` (from 0). */
export function scheduleFactor(schedule: Schedule, step: number): number {
  const { warmup, total, decay } = schedule;
  const rise = warmup > 0 ? Math.min(1, (step + 1) / warmup) : 1;
  if (!Number.isFinite(total) || decay <= 0) return rise;
  const start = total * (1 - decay);
  const fall = step < start ? 1 : Math.max(0, (total - step) / (total - start));
  return Math.min(rise, fall);
}

// How long the long runs are: `SIM_RUNS=5 npm run test:slow -- sim` multiplies their number by five.

/** So many runs, scaled. */
export function runs(count: number): number {
  return Math.max(1, Math.round(count * Number(process.env['SIM_RUNS'] ?? 1)));
}

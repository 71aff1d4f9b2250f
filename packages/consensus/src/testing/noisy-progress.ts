// How far miners get in one spacing, for the simulations: strengths with noise. Not consensus; the engine's maths is good enough here.

/** A standard normal number (Box and Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Log-normal noise of mean 1: what data and luck make of a miner's strength. */
export function noise(random: () => number, sigma: number): number {
  return Math.exp(sigma * normal(random) - (sigma * sigma) / 2);
}

/** Progress of the best of `miners` equal miners. */
export function bestOf(miners: number, strength: number, sigma: number, random: () => number): number {
  let best = 0;
  for (let i = 0; i < miners; i += 1) best = Math.max(best, strength * noise(random, sigma));
  return best;
}

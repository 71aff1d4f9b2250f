// What a miner gains by not publishing all that it has. One round is one spacing; progress is the relative fall of the loss, so that the loss after
// progress x is exp(-x) of what it was. Every miner trains from the best weights that it has: its own or the best revealed.

import { bestOf, noise } from './noisy-progress.ts';
import { seededRandom } from './sample-chain.ts';

export interface HoldBackSetting {
  /** Honest rivals of strength 1. */
  readonly rivals: number;
  /** Strength of the miner under test. */
  readonly strength: number;
  readonly sigma: number;
  /** Relative improvement of an average miner in a round. */
  readonly relativeGain: number;
  readonly rounds: number;
  readonly seed: number;
}

/**
 * What the miner announces: the progress of the block it offers, given the tip, its own best weights and the best announcement of its rivals (a header
 * shows its val_loss before its weights are revealed). Never more than its own.
 */
export type HoldBackStrategy = (tip: number, own: number, rival: number, setting: HoldBackSetting) => number;

export const strategies: Readonly<Record<string, HoldBackStrategy>> = {
  /** Everything, every round. */
  honest: (_tip, own) => own,
  /** Waits for the rivals' headers, then offers just enough. */
  snipe: (tip, own, rival, s) => (own > rival ? Math.min(own, Math.max(rival, tip) + 0.01 * s.relativeGain) : own),
  /** The same, but gives half of its lead away. */
  'snipe half': (_tip, own, rival) => (own > rival ? (own + rival) / 2 : own),
  /** Cannot see rivals: never offers more than one and a half rounds of an average miner. */
  'blind drip 1.5': (tip, own, _rival, s) => Math.min(own, tip + 1.5 * s.relativeGain),
  'blind drip 2.5': (tip, own, _rival, s) => Math.min(own, tip + 2.5 * s.relativeGain),
  /** Splits what it has into two blocks. */
  halves: (tip, own) => tip + (own - tip) / 2,
};

export interface HoldBackResult {
  /** Part of the blocks won. */
  readonly blocks: number;
  /** Part of all rewards: flat, and scaled by the relative improvement as the white paper's performance bonus will. */
  readonly flat: number;
  readonly scaled: number;
  /** Progress of the chain per round, in units of an average miner's. */
  readonly progress: number;
}

/** Reward in subsidies for a relative improvement r: r / 0.1% below 0.1%, else 1 + min(1, r / 1%). */
function scaledReward(r: number): number {
  return r < 0.001 ? r / 0.001 : 1 + Math.min(1, r / 0.01);
}

export function playHoldBack(strategy: HoldBackStrategy, setting: HoldBackSetting): HoldBackResult {
  const { rivals, strength, sigma, relativeGain, rounds, seed } = setting;
  const random = seededRandom(seed);
  let tip = 0;
  let own = 0;
  let won = 0;
  let scaledOwn = 0;
  let scaledAll = 0;
  for (let round = 0; round < rounds; round += 1) {
    const rival = tip + relativeGain * bestOf(rivals, 1, sigma, random);
    own = Math.max(own, tip) + relativeGain * strength * noise(random, sigma);
    const offer = strategy(tip, own, rival, setting);
    const next = Math.max(offer, rival);
    const reward = scaledReward(1 - Math.exp(tip - next));
    scaledAll += reward;
    if (offer > rival) {
      won += 1;
      scaledOwn += reward;
    }
    tip = next;
  }
  const blocks = won / rounds;
  return { blocks, flat: blocks, scaled: scaledOwn / scaledAll, progress: tip / (rounds * relativeGain) };
}

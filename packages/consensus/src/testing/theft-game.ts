// A thief who signs revealed blocks anew and goes on mining on top of the copy, decided by the real fork choice.

import { compareBranches } from '../fork-choice.ts';
import { branchOf, rootBlock } from './fork-trees.ts';
import { bestOf, noise } from './noisy-progress.ts';
import { seededRandom } from './sample-chain.ts';

export interface TheftSetting {
  /** Honest rivals of strength 1. */
  readonly rivals: number;
  readonly strength: number;
  readonly sigma: number;
  /** Blocks that the thief copies; the last one improved by a thousandth. */
  readonly copied: number;
  /** With false a late branch wins by score alone, as if CON-27 did not exist. */
  readonly lateRule: boolean;
  readonly seed: number;
}

export interface TheftResult {
  /** Blocks on the thief's branch when it became active; 0 if it never did. */
  readonly blocks: number;
  /** Heights that the thief spent on its branch instead of on the active one. */
  readonly heights: number;
}

/** One attempt: it ends with success, at finality of the first copied block, or when the thief is two average blocks behind. */
export function playTheft({ rivals, strength, sigma, copied, lateRule, seed }: TheftSetting): TheftResult {
  const random = seededRandom(seed);
  const best = (): number => Math.round(2000 * bestOf(rivals, 1, sigma, random));
  const honest = Array.from({ length: copied }, best);
  const stolen = honest.map((gain, i) => (i === copied - 1 ? Math.ceil(gain * 1.001) : gain));
  const average = honest.reduce((sum, gain) => sum + gain, 0) / copied;
  for (let heights = 0; ; heights += 1) {
    const root = rootBlock();
    // Copies are seen after everything was revealed; what the thief mines afterwards is on time.
    const active = branchOf(root, 'h', honest, (i) => [10 * i, 10 * i + 2]).at(-1)!;
    const thief = branchOf(root, 't', stolen, (i) => [i < copied ? 10 * copied : 10 * i, Infinity]).at(-1)!;
    const verdict = compareBranches(active, thief, active.height);
    const succeeds = lateRule ? verdict.prefer === 'challenger' : verdict.challenger.score < verdict.active.score;
    if (succeeds) return { blocks: stolen.length, heights };
    const behind = Number(verdict.active.fall - verdict.challenger.fall);
    if (honest.length > 6 || behind > 2 * average) return { blocks: 0, heights };
    honest.push(best());
    stolen.push(Math.round(2000 * strength * noise(random, sigma)));
  }
}

/**
 * A miner that keeps its blocks to itself for `withheld` heights and then reveals them at once. Whether the branch becomes active.
 */
export function playWithheldBranch(setting: Omit<TheftSetting, 'copied'> & { readonly withheld: number }): boolean {
  const { rivals, strength, sigma, withheld, lateRule, seed } = setting;
  const random = seededRandom(seed);
  const root = rootBlock();
  const gains = (draw: () => number): number[] => Array.from({ length: withheld }, () => Math.round(2000 * draw()));
  const honest = gains(() => bestOf(rivals, 1, sigma, random));
  const own = gains(() => strength * noise(random, sigma));
  const active = branchOf(root, 'h', honest, (i) => [10 * i, 10 * i + 2]).at(-1)!;
  const hidden = branchOf(root, 'w', own, () => [10 * withheld, Infinity]).at(-1)!;
  const verdict = compareBranches(active, hidden, active.height);
  return lateRule ? verdict.prefer === 'challenger' : verdict.challenger.score < verdict.active.score;
}

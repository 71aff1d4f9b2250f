// Two halves of a network that mine apart and meet again, decided by the real fork choice from each half's own view.

import { selectTip } from '../fork-choice.ts';
import { type Outage, revealedAt } from '../late.ts';
import { branchOf, rootBlock } from './fork-trees.ts';
import { bestOf } from './noisy-progress.ts';
import { seededRandom } from './sample-chain.ts';

export interface PartitionSetting {
  /** Miners on either side, all of strength 1. */
  readonly sides: readonly [number, number];
  readonly sigma: number;
  /** Mean of the exponential delay of a block beyond its spacing, in spacings. */
  readonly jitter: number;
  /** They meet when the longer branch has so many blocks. */
  readonly depth: number;
  /** Whether the nodes know that they were out of contact. */
  readonly outageKnown: boolean;
  readonly seed: number;
}

const SPACING = 600;
const SPACING_MS = 1000 * SPACING;
const HEADER_MS = 2000;
const CHUNKS_MS = 30_000;
const FINALITY = 6;
const GIVE_UP_HEIGHT = 40;

interface Mined {
  readonly gain: number;
  readonly at: number;
}

/** Height of the longer branch above the fork when one half gave way; null if both made different blocks final, or never agreed. */
export function playPartition(setting: PartitionSetting): number | null {
  const { sides, sigma, jitter, depth, outageKnown, seed } = setting;
  const random = seededRandom(seed);
  const delay = (): number => SPACING_MS * (1 - jitter * Math.log(1 - random()));
  const branches: [Mined[], Mined[]] = [[], []];
  const next = [delay(), delay()];
  const final = [false, false];
  let metAt: number | null = null;
  for (;;) {
    const side = next[0]! <= next[1]! ? 0 : 1;
    const now = next[side]!;
    branches[side].push({ gain: Math.round(2000 * bestOf(sides[side], 1, sigma, random)), at: now });
    next[side] = now + delay();
    const longest = Math.max(branches[0].length, branches[1].length);
    if (metAt === null && longest >= depth) metAt = now + 1;
    if (metAt === null) continue;
    const outages: Outage[] = outageKnown ? [{ from: 0, to: metAt }] : [];
    for (const view of [0, 1] as const) {
      if (!final[view] && followsOther(branches, view, metAt, outages)) return longest;
      final[view] ||= branches[view].length > FINALITY;
    }
    if ((final[0] && final[1]) || longest > GIVE_UP_HEIGHT) return null;
  }
}

/** Whether nodes of one half, active on their own branch, change to the other's. */
function followsOther(
  branches: readonly [readonly Mined[], readonly Mined[]],
  view: 0 | 1,
  metAt: number,
  outages: readonly Outage[],
): boolean {
  const root = rootBlock();
  const [own, other] = ([view, 1 - view] as const).map((side) => {
    const blocks = branches[side as 0 | 1];
    const foreign = side !== view;
    return branchOf(
      root,
      foreign ? 'other' : 'own',
      blocks.map((block) => block.gain),
      (i) => {
        const start = foreign ? Math.max(blocks[i]!.at, metAt) : blocks[i]!.at;
        return [start + (foreign ? HEADER_MS : 0), revealedAt(start + (foreign ? CHUNKS_MS : 0), outages, SPACING)];
      },
    ).at(-1);
  });
  if (other === undefined) return false;
  const active = own ?? root;
  return selectTip([active, other], active).tip === other;
}

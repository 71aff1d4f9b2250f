// How long blocks have taken lately. They take minutes to hours, so that a wait in blocks says little about a wait in time.

/** One block by the seconds of its timestamp. */
export interface BlockTime {
  readonly height: number;
  readonly timestamp: number;
}

/** Intervals that are looked at. */
const KEPT = 144;

/** With fewer of them nothing is said. */
export const MIN_INTERVALS = 16;

/** Seconds in which a number of blocks came. */
export interface Wait {
  /** In half of the cases. */
  readonly median: number;
  /** In 85 of 100 cases. */
  readonly likely: number;
}

export class BlockIntervals {
  #times: BlockTime[] = [];

  constructor(times: readonly BlockTime[] = []) {
    for (const time of times) this.add(time);
  }

  /** Oldest first. */
  get times(): readonly BlockTime[] {
    return this.#times;
  }

  /** Intervals that are known. */
  get count(): number {
    return Math.max(0, this.#times.length - 1);
  }

  /** A block of the active chain; it takes the place of those at its height and above. What does not follow begins anew. */
  add(time: BlockTime): void {
    const kept = this.#times.filter(({ height }) => height < time.height);
    this.#times = kept.at(-1)?.height === time.height - 1 ? [...kept, time].slice(-(KEPT + 1)) : [time];
  }

  /** How long so many blocks took, over all stretches of so many; null if too few were seen. */
  waitFor(blocks: number): Wait | null {
    const spans = this.#spans(blocks);
    if (spans === null) return null;
    return { median: quantile(spans, 50), likely: quantile(spans, 85) };
  }

  /** The most blocks that came within so many seconds in 85 of 100 cases, at most `most`; null if too few were seen. */
  blocksWithin(seconds: number, most: number): number | null {
    if (this.count < MIN_INTERVALS) return null;
    let blocks = 0;
    while (blocks < most) {
      const wait = this.waitFor(blocks + 1);
      if (wait === null || wait.likely > seconds) break;
      blocks += 1;
    }
    return blocks;
  }

  /** Sorted. A stretch may be half as long as what is known, so that there are enough of them. */
  #spans(blocks: number): number[] | null {
    if (this.count < MIN_INTERVALS || 2 * blocks > this.count) return null;
    const spans: number[] = [];
    for (let end = blocks; end < this.#times.length; end += 1)
      spans.push(this.#times[end]!.timestamp - this.#times[end - blocks]!.timestamp);
    return spans.sort((a, b) => a - b);
  }
}

/** The least value that so many of 100 do not exceed. */
function quantile(sorted: readonly number[], percent: number): number {
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0;
}

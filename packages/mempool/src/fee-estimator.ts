// What has to be paid to be in a block soon, from what was paid and how long it took. Counts lose a hundredth with every block, so that about the
// last seventy count for half.

import type { Hex32 } from '@resonancenet/chain/events';
import { BlockIntervals, type BlockTime, MIN_INTERVALS, type Wait } from './block-intervals.ts';
import { BUCKETS, bucketBounds, bucketOf } from './fee-buckets.ts';
import type { FeeRate } from './fee-rate.ts';

/** Most blocks for which there is an estimate. */
export const MAX_TARGET = 48;

/** What a count keeps with each block. */
const DECAY = 0.99;

/** Transactions, aged as above, that a range of classes must have seen before anything is concluded from it. */
export const MIN_SEEN = 5;

/** A rate suffices if so large a share of those that paid it was in time. */
const SUFFICIENT = 0.85;

/** Confirmation within so many blocks, or so many seconds. */
export type FeeTarget = { readonly blocks: number } | { readonly seconds: number };

export type FeeEstimate =
  | {
      readonly ok: true;
      readonly rate: FeeRate;
      /** The blocks within which 85 of 100 such transactions were confirmed. */
      readonly blocks: number;
      /** How long so many blocks took; null if too few were seen. */
      readonly wait: Wait | null;
    }
  | {
      readonly ok: false;
      readonly code: 'too-few-transactions' | 'too-few-blocks' | 'no-block-in-time' | 'no-rate-suffices';
      /** With both numbers. */
      readonly detail: string;
    };

/** What is kept over restarts: counts by class, and by target and class, in units of 2^-16. */
export interface FeeHistory {
  readonly paid: readonly bigint[];
  readonly confirmed: readonly number[];
  readonly within: readonly number[];
  readonly failed: readonly number[];
  readonly times: readonly BlockTime[];
}

const UNIT = 65_536;

interface Waiting {
  readonly bucket: number;
  readonly rate: FeeRate;
  readonly height: number;
}

export class FeeEstimator {
  readonly #bounds: readonly FeeRate[];
  readonly #intervals: BlockIntervals;
  /** Of those that were confirmed, by class: how many, and the sum of their rates. */
  readonly #confirmed = new Float64Array(BUCKETS);
  readonly #paid = new Float64Array(BUCKETS);
  /** By target and class: confirmed within so many blocks, and gone unconfirmed after at least so many. */
  readonly #within = new Float64Array(MAX_TARGET * BUCKETS);
  readonly #failed = new Float64Array(MAX_TARGET * BUCKETS);
  readonly #waiting = new Map<Hex32, Waiting>();
  #height = 0;

  /** `least`: the least rate that is relayed. */
  constructor(least: FeeRate, history: FeeHistory | null = null) {
    this.#bounds = bucketBounds(least);
    this.#intervals = new BlockIntervals(history?.times);
    if (history === null) return;
    this.#height = history.times.at(-1)?.height ?? 0;
    for (let at = 0; at < BUCKETS; at += 1) {
      this.#confirmed[at] = (history.confirmed[at] ?? 0) / UNIT;
      this.#paid[at] = Number(history.paid[at] ?? 0n) / UNIT;
    }
    for (let at = 0; at < MAX_TARGET * BUCKETS; at += 1) {
      this.#within[at] = (history.within[at] ?? 0) / UNIT;
      this.#failed[at] = (history.failed[at] ?? 0) / UNIT;
    }
  }

  history(): FeeHistory {
    const units = (counts: Float64Array): number[] =>
      Array.from(counts, (count) => Math.min(0xffff_ffff, Math.round(count * UNIT)));
    return {
      paid: Array.from(this.#paid, (sum) => BigInt(Math.min(Number.MAX_SAFE_INTEGER, Math.round(sum * UNIT)))),
      confirmed: units(this.#confirmed),
      within: units(this.#within),
      failed: units(this.#failed),
      times: this.#intervals.times,
    };
  }

  /** A transaction that stands by itself came into the pool while the tip had this height. */
  entered(txid: Hex32, rate: FeeRate, height: number): void {
    this.#waiting.set(txid, { bucket: bucketOf(rate, this.#bounds), rate, height });
  }

  /** It went without having been confirmed. `hadTime`: it could have been: it was not replaced or in conflict with a block. */
  left(txid: Hex32, hadTime: boolean): void {
    const waiting = this.#waiting.get(txid);
    if (waiting === undefined) return;
    this.#waiting.delete(txid);
    if (!hadTime) return;
    const passed = Math.min(MAX_TARGET, this.#height - waiting.height);
    for (let target = 1; target <= passed; target += 1) this.#failed[place(target, waiting.bucket)]! += 1;
  }

  /** A block of the active chain with the ids of its transactions. Heights that were had already teach nothing anew. */
  block(time: BlockTime, confirmed: Iterable<Hex32>): void {
    const isNew = time.height > this.#height;
    this.#intervals.add(time);
    this.#height = time.height;
    if (isNew) for (const counts of [this.#confirmed, this.#paid, this.#within, this.#failed]) age(counts);
    for (const txid of confirmed) {
      const waiting = this.#waiting.get(txid);
      if (waiting === undefined) continue;
      this.#waiting.delete(txid);
      const blocks = time.height - waiting.height;
      if (!isNew || blocks < 1) continue;
      this.#confirmed[waiting.bucket]! += 1;
      this.#paid[waiting.bucket]! += Number(waiting.rate);
      for (let target = blocks; target <= MAX_TARGET; target += 1) this.#within[place(target, waiting.bucket)]! += 1;
    }
  }

  estimate(target: FeeTarget): FeeEstimate {
    const blocks = 'blocks' in target ? Math.min(target.blocks, MAX_TARGET) : this.#blocksWithin(target.seconds);
    return typeof blocks === 'number' ? this.#estimateBlocks(Math.max(1, blocks)) : blocks;
  }

  #blocksWithin(seconds: number): number | FeeEstimate {
    const blocks = this.#intervals.blocksWithin(seconds, MAX_TARGET);
    if (blocks === null) {
      const detail = `${this.#intervals.count} intervals between blocks were seen, ${MIN_INTERVALS} are needed`;
      return { ok: false, code: 'too-few-blocks', detail };
    }
    if (blocks > 0) return blocks;
    const likely = this.#intervals.waitFor(1)?.likely ?? 0;
    const detail = `no fee makes a block come within ${seconds} s: 85 of 100 came within ${likely} s`;
    return { ok: false, code: 'no-block-in-time', detail };
  }

  /** Goes down from the highest class, taking so many together that they mean something, as long as they suffice. */
  #estimateBlocks(blocks: number): FeeEstimate {
    const stuck = this.#stuck(blocks);
    let range = { from: BUCKETS, seen: 0, inTime: 0 };
    let best: readonly [from: number, to: number] | null = null;
    let total = 0;
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket -= 1) {
      const at = place(blocks, bucket);
      range.seen += this.#confirmed[bucket]! + this.#failed[at]! + stuck[bucket]!;
      range.inTime += this.#within[at]!;
      if (range.seen < MIN_SEEN) continue;
      total += range.seen;
      if (range.inTime < SUFFICIENT * range.seen) break;
      best = [bucket, range.from];
      range = { from: bucket, seen: 0, inTime: 0 };
    }
    if (best !== null) {
      const rate = this.#medianRate(...best);
      return { ok: true, rate, blocks, wait: this.#intervals.waitFor(blocks) };
    }
    if (total === 0) {
      const detail = `about ${Math.round(range.seen)} transactions were seen lately, ${MIN_SEEN} are needed`;
      return { ok: false, code: 'too-few-transactions', detail };
    }
    const share = Math.floor((100 * range.inTime) / range.seen);
    const detail = `of those that paid most ${share} of 100 were confirmed within ${blocks} blocks, 85 are asked for`;
    return { ok: false, code: 'no-rate-suffices', detail };
  }

  /** Transactions by class that have waited for so many blocks and still wait. */
  #stuck(blocks: number): Float64Array {
    const stuck = new Float64Array(BUCKETS);
    for (const { bucket, height } of this.#waiting.values()) if (this.#height - height >= blocks) stuck[bucket]! += 1;
    return stuck;
  }

  /** The mean rate of the class in which the median of those from one class up to another lies. */
  #medianRate(from: number, to: number): FeeRate {
    let half = 0;
    for (let bucket = from; bucket < to; bucket += 1) half += this.#confirmed[bucket]! / 2;
    for (let bucket = from; bucket < to; bucket += 1) {
      half -= this.#confirmed[bucket]!;
      if (half <= 0 && this.#confirmed[bucket]! > 0)
        return BigInt(Math.round(this.#paid[bucket]! / this.#confirmed[bucket]!));
    }
    return this.#bounds[from] ?? 0n;
  }
}

function place(target: number, bucket: number): number {
  return (target - 1) * BUCKETS + bucket;
}

function age(counts: Float64Array): void {
  for (let at = 0; at < counts.length; at += 1) counts[at]! *= DECAY;
}

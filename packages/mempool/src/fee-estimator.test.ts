import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BUCKETS, bucketBounds, bucketOf } from './fee-buckets.ts';
import { FeeEstimator, MAX_TARGET } from './fee-estimator.ts';

const LEAST = 10_000n;
const id = (number: number): string => number.toString(16).padStart(64, '0');

/** Blocks of 600 s that each confirm what paid at least `floor`; what pays less waits for `patience` blocks. */
function run(estimator: FeeEstimator, blocks: number, floor: bigint, patience: number, perBlock = 2): void {
  const waiting: { readonly txid: string; readonly rate: bigint; readonly height: number }[] = [];
  for (let height = 1; height <= blocks; height += 1) {
    const confirmed = waiting.filter((each) => each.rate >= floor || height - each.height >= patience);
    for (const each of confirmed) waiting.splice(waiting.indexOf(each), 1);
    estimator.block(
      { height, timestamp: 1_000_000 + 600 * height },
      confirmed.map(({ txid }) => txid),
    );
    for (const [index, rate] of [20_000n, 100_000n, 500_000n].entries())
      for (let copy = 0; copy < perBlock; copy += 1) {
        const txid = id(1000 * height + 10 * index + copy);
        estimator.entered(txid, rate, height);
        waiting.push({ txid, rate, height });
      }
  }
}

test('fee buckets: every rate lies in the class whose bounds surround it', () => {
  const bounds = bucketBounds(LEAST);
  assert.equal(bounds.length, BUCKETS);
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 12n), (rate) => {
      const bucket = bucketOf(rate, bounds);
      assert.ok(bucket === 0 || bounds[bucket]! <= rate);
      assert.ok(bucket === BUCKETS - 1 || rate < bounds[bucket + 1]!);
    }),
  );
});

test('feature_fee_estimation: a node that has seen too little says so, with both numbers', () => {
  const estimator = new FeeEstimator(LEAST);
  const none = estimator.estimate({ blocks: 1 });
  assert.equal(none.ok, false);
  assert.equal(!none.ok && none.code, 'too-few-transactions');
  assert.match(none.ok ? '' : none.detail, /about 0 transactions .* 5 are needed/);
  const early = estimator.estimate({ seconds: 3600 });
  assert.equal(!early.ok && early.code, 'too-few-blocks');
  assert.match(early.ok ? '' : early.detail, /0 intervals .* 16 are needed/);
});

test('feature_fee_estimation: the rate for the next block is what the next block took, the rate for more blocks what they took', () => {
  const estimator = new FeeEstimator(LEAST);
  run(estimator, 60, 100_000n, 4);
  const next = estimator.estimate({ blocks: 1 });
  assert.ok(next.ok);
  assert.equal(next.rate, 100_000n);
  assert.deepEqual(next.wait, { median: 600, likely: 600 });
  assert.equal(next.blocks, 1);
  const soon = estimator.estimate({ blocks: 3 });
  assert.equal(soon.ok && soon.rate, 100_000n);
  const later = estimator.estimate({ blocks: 4 });
  assert.equal(later.ok && later.rate, 20_000n);
});

test('feature_fee_estimation: by wall-clock time, an honest no where no block comes in time', () => {
  const estimator = new FeeEstimator(LEAST);
  run(estimator, 60, 100_000n, 4);
  const none = estimator.estimate({ seconds: 599 });
  assert.equal(!none.ok && none.code, 'no-block-in-time');
  assert.match(none.ok ? '' : none.detail, /within 599 s: 85 of 100 came within 600 s/);
  const quick = estimator.estimate({ seconds: 600 });
  assert.equal(quick.ok && quick.rate, 100_000n);
  const slow = estimator.estimate({ seconds: 2400 });
  assert.equal(slow.ok && slow.rate, 20_000n);
  assert.equal(slow.ok && slow.blocks, 4);
});

test('FeeEstimator: what waits in vain counts against its rate, and if nothing suffices it says so', () => {
  const estimator = new FeeEstimator(LEAST);
  run(estimator, 40, 10n ** 9n, 10_000);
  const stuck = estimator.estimate({ blocks: 2 });
  assert.equal(!stuck.ok && stuck.code, 'no-rate-suffices');
  assert.match(stuck.ok ? '' : stuck.detail, /0 of 100 were confirmed within 2 blocks/);
});

test('FeeEstimator: a block at a height that was had already teaches nothing', () => {
  const estimator = new FeeEstimator(LEAST);
  run(estimator, 40, 100_000n, 4);
  const before = estimator.history();
  estimator.entered(id(1), 500_000n, 39);
  estimator.block({ height: 40, timestamp: 2_000_000 }, [id(1)]);
  assert.deepEqual(estimator.history().confirmed, before.confirmed);
});

test('FeeEstimator: evicted and expired ones count as failed, replaced ones do not', () => {
  const failed = (hadTime: boolean): boolean => {
    const estimator = new FeeEstimator(LEAST);
    for (let number = 0; number < 20; number += 1) estimator.entered(id(number), 50_000n, 0);
    for (let height = 1; height <= 3; height += 1) estimator.block({ height, timestamp: height }, []);
    for (let number = 0; number < 20; number += 1) estimator.left(id(number), hadTime);
    return estimator.history().failed.some((count) => count > 0);
  };
  assert.equal(failed(true), true);
  assert.equal(failed(false), false);
});

test('FeeEstimator goes on from its history', () => {
  const estimator = new FeeEstimator(LEAST);
  run(estimator, 60, 100_000n, 4);
  const again = new FeeEstimator(LEAST, estimator.history());
  for (const blocks of [1, 4, MAX_TARGET, 1000]) {
    const [left, right] = [estimator, again].map((each) => each.estimate({ blocks }));
    assert.equal(left!.ok, right!.ok);
    if (left!.ok && right!.ok) assert.ok(left!.rate - right!.rate < 10n && right!.rate - left!.rate < 10n);
  }
  assert.deepEqual(new FeeEstimator(LEAST, again.history()).history(), again.history());
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockIntervals, MIN_INTERVALS } from './block-intervals.ts';

function spaced(seconds: readonly number[], first = 100): BlockIntervals {
  let timestamp = 1_000_000;
  const intervals = new BlockIntervals([{ height: first, timestamp }]);
  for (const [index, step] of seconds.entries()) {
    timestamp += step;
    intervals.add({ height: first + 1 + index, timestamp });
  }
  return intervals;
}

test('BlockIntervals says nothing before it has seen enough', () => {
  const few = spaced(Array.from({ length: MIN_INTERVALS - 1 }, () => 600));
  assert.equal(few.waitFor(1), null);
  assert.equal(few.blocksWithin(100_000, 10), null);
  const enough = spaced(Array.from({ length: MIN_INTERVALS }, () => 600));
  assert.deepEqual(enough.waitFor(1), { median: 600, likely: 600 });
  assert.equal(enough.waitFor(MIN_INTERVALS / 2 + 1), null, 'too few stretches of so many blocks');
});

test('BlockIntervals turns seconds into blocks by how long blocks took, not by their mean', () => {
  const even = spaced(Array.from({ length: 40 }, () => 600));
  assert.equal(even.blocksWithin(599, 48), 0);
  assert.equal(even.blocksWithin(600, 48), 1);
  assert.equal(even.blocksWithin(3600, 48), 6);
  assert.equal(even.blocksWithin(36_000, 4), 4);
  // One in four takes three hours: an hour is not enough for one block in 85 of 100 cases.
  const uneven = spaced(Array.from({ length: 40 }, (_, index) => (index % 4 === 0 ? 10_800 : 600)));
  assert.equal(uneven.blocksWithin(3600, 48), 0);
  assert.deepEqual(uneven.waitFor(1), { median: 600, likely: 10_800 });
  assert.equal(uneven.blocksWithin(12_600, 48), 4);
});

test('BlockIntervals follows the active chain through a reorganisation', () => {
  const intervals = spaced(Array.from({ length: 20 }, () => 600));
  const before = intervals.times.length;
  const last = intervals.times.at(-2)!;
  intervals.add({ height: last.height, timestamp: last.timestamp + 60 });
  assert.equal(intervals.times.length, before - 1);
  assert.equal(intervals.times.at(-1)?.timestamp, last.timestamp + 60);
  intervals.add({ height: 500, timestamp: 5_000_000 });
  assert.equal(intervals.count, 0, 'heights in between are not known');
});

test('BlockIntervals keeps a bounded number', () => {
  assert.equal(spaced(Array.from({ length: 1000 }, () => 1)).count, 144);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RebuildPace } from './rebuild-pace.ts';

const at = (height: number): { phase: 'connect'; height: number; tipHeight: number } => ({
  phase: 'connect',
  height,
  tipHeight: 1_000,
});

test('a rebuild is told of at once, then every second, with the time that the rest takes at the pace of this run', () => {
  const pace = new RebuildPace(at(200), 10_000);
  assert.deepEqual(pace.report(at(200), 10_000), { height: 200, tipHeight: 1_000, secondsLeft: null });
  assert.equal(pace.report(at(300), 10_999), null);
  // 100 blocks in a second, 700 are left.
  assert.deepEqual(pace.report(at(300), 11_000), { height: 300, tipHeight: 1_000, secondsLeft: 7 });
  assert.equal(pace.report(at(999), 11_500), null);
  assert.deepEqual(pace.report(at(1_000), 14_000), { height: 1_000, tipHeight: 1_000, secondsLeft: 0 });
});

test('no time is told before the pace is known', () => {
  const pace = new RebuildPace(at(0), 0);
  assert.equal(pace.report(at(1), 499)?.secondsLeft, null);
  assert.equal(new RebuildPace(at(0), 0).report(at(0), 5_000)?.secondsLeft, null);
  assert.equal(new RebuildPace(at(0), 0).report(at(1), 500)?.secondsLeft, 500);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentSet } from './recent-set.ts';

test('RecentSet forgets the oldest value when one more than its capacity comes', () => {
  const set = new RecentSet<number>(3);
  for (const value of [1, 2, 3]) set.add(value);
  assert.deepEqual(
    [1, 2, 3].map((value) => set.has(value)),
    [true, true, true],
  );
  set.add(4);
  assert.deepEqual(
    [1, 2, 3, 4].map((value) => set.has(value)),
    [false, true, true, true],
  );
  assert.equal(set.size, 3);
});

test('RecentSet counts a value that is added again as new', () => {
  const set = new RecentSet<string>(2);
  set.add('a');
  set.add('b');
  set.add('a');
  set.add('c');
  assert.deepEqual(
    ['a', 'b', 'c'].map((value) => set.has(value)),
    [true, false, true],
  );
  set.clear();
  assert.equal(set.size, 0);
});

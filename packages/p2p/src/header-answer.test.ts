import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { headerAnswer } from './header-answer.ts';
import { HostLimits } from './host-limits.ts';
import { NO_ID } from './messages/ids.ts';
import { RecentSet } from '@resonancenet/bytes/recent-set';
import { FakeChain, fakeGenesis, fakeHeader, fakeRow, idOf } from './testing/fake-chain.ts';

const main = fakeRow(20);
const at = (height: number): string => idOf(height === 0 ? fakeGenesis : main[height - 1]!);

/** A branch of three on height 15, known but not active. */
const branch: BlockHeader[] = [];
for (let height = 16; height <= 18; height += 1)
  branch.push(fakeHeader(height === 16 ? at(15) : idOf(branch.at(-1)!), height, 9));
const chain = new FakeChain().seed(main);
for (const header of branch) chain.step({ type: 'header', header, peer: null });
const branchTip = idOf(branch[2]!);

const heights = (locator: readonly string[], stop = NO_ID): number[] =>
  headerAnswer(chain, locator, stop).map(({ height }) => height);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('headerAnswer() begins after the first locator id on the active chain and ends at the tip', () => {
  assert.deepEqual(heights([at(17), at(10)]), range(18, 20));
  assert.deepEqual(heights(['ee'.repeat(32), at(10)]), range(11, 20));
  assert.deepEqual(heights([at(20)]), []);
});

test('headerAnswer() without a common id begins after block 0', () => {
  assert.deepEqual(heights([]), range(1, 20));
  assert.deepEqual(heights(['ee'.repeat(32)]), range(1, 20));
});

test('headerAnswer() ends at a stop on the active chain, and ignores one that is not known', () => {
  assert.deepEqual(heights([at(10)], at(12)), [11, 12]);
  assert.deepEqual(heights([at(12)], at(12)), []);
  assert.deepEqual(heights([at(18)], 'ee'.repeat(32)), [19, 20]);
});

test('headerAnswer() follows the branch that the stop lies on', () => {
  const ids = (locator: readonly string[]): string[] => headerAnswer(chain, locator, branchTip).map(idOf);
  assert.deepEqual(ids([at(20)]), branch.map(idOf), 'the asker is beyond the fork: the branch alone');
  assert.deepEqual(ids([at(13)]), [at(14), at(15), ...branch.map(idOf)], 'below it: the way there, then the branch');
  assert.deepEqual(ids([idOf(branch[0]!), at(15)]), branch.slice(1).map(idOf), 'on the branch: the rest of it');
});

test('every answer of headerAnswer() is a row', () => {
  for (const locator of [[], [at(3)], [at(15)], [at(16)], [idOf(branch[1]!)]])
    for (const stop of [NO_ID, at(18), branchTip]) {
      const answer = headerAnswer(chain, locator, stop);
      for (const [index, header] of answer.entries())
        if (index > 0) assert.equal(Buffer.from(header.prevHash).toString('hex'), idOf(answer[index - 1]!));
    }
});

test('RecentSet forgets the oldest', () => {
  const set = new RecentSet<number>(3);
  for (const value of [1, 2, 3, 1, 4]) set.add(value);
  assert.deepEqual(
    [1, 2, 3, 4].map((value) => set.has(value)),
    [true, false, true, true],
  );
  assert.equal(set.size, 3);
});

test('HostLimits gives all connections of a host one budget, and remembers a bounded number of hosts', () => {
  const limits = new HostLimits();
  assert.equal(limits.budget('host', 0).announced.take(256, 0), true);
  assert.equal(limits.budget('host', 0).announced.take(1, 0), false);
  assert.equal(limits.budget('other', 0).announced.take(1, 0), true);
  for (let index = 0; index < 1100; index += 1) limits.budget(`crowd-${index}`, 0);
  assert.equal(limits.budget('host', 0).announced.take(256, 0), true, 'forgotten');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { devnet } from '@resonancenet/params/devnet';
import { advanceFinality, type ConnectedBlock, finalityHeight, isAlarming, nextFinalityMs } from './finality.ts';

/** Blocks 1 .. count, connected every 2 s from 2 s on, spacing 2 s. */
function chain(count: number, connectedAt: (height: number) => number | null = (h) => 2000 * h): ConnectedBlock[] {
  return Array.from({ length: count }, (_, i) => ({ height: i + 1, connectedAt: connectedAt(i + 1), spacing: 2 }));
}

test('a block is final with six blocks on top of it, not with five', () => {
  assert.equal(finalityHeight(5, devnet), 0);
  assert.equal(finalityHeight(6, devnet), 0);
  assert.equal(finalityHeight(7, devnet), 1);
  assert.equal(advanceFinality(0, chain(6), 6, 1e9, devnet), 0);
  assert.equal(advanceFinality(0, chain(7), 7, 1e9, devnet), 1);
  assert.equal(advanceFinality(0, chain(20), 20, 1e9, devnet), 14);
});

test('a node in sync waits three spacings since it connected the block, to the millisecond', () => {
  const burst = chain(9, () => 1000);
  assert.equal(advanceFinality(0, burst, 9, 6999, devnet), 0);
  assert.equal(advanceFinality(0, burst, 9, 7000, devnet), 3);
  assert.equal(nextFinalityMs(0, burst, 9, devnet), 7000);
  assert.equal(nextFinalityMs(3, burst, 9, devnet), null);
});

test('blocks connected during catch-up, or before a restart, do not wait', () => {
  assert.equal(
    advanceFinality(
      0,
      chain(9, () => null),
      9,
      0,
      devnet,
    ),
    3,
  );
  assert.equal(
    nextFinalityMs(
      0,
      chain(9, () => null),
      9,
      devnet,
    ),
    null,
  );
});

test('finality moves block by block: one that must wait holds up those above it', () => {
  const blocks = chain(12, (h) => (h === 3 ? 50_000 : 0));
  assert.equal(advanceFinality(0, blocks, 12, 10_000, devnet), 2);
  assert.equal(nextFinalityMs(2, blocks.slice(2), 12, devnet), 56_000);
  assert.equal(advanceFinality(2, blocks.slice(2), 12, 56_000, devnet), 6);
});

test('finality never moves back, even if the tip did', () => {
  assert.equal(advanceFinality(5, chain(9).slice(5), 9, 1e9, devnet), 5);
});

test('the operator is alarmed by forks of depth 3 and more', () => {
  assert.equal(isAlarming(10, 8), false);
  assert.equal(isAlarming(10, 7), true);
  assert.equal(isAlarming(10, 0), true);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mainnet } from '@resonancenet/params/mainnet';
import { regtest } from '@resonancenet/params/regtest';
import fc from 'fast-check';
import { blockReward, halvingsAt, halvingsOf, subsidyOf } from './emission.ts';
import type { Totals } from './totals.ts';

const ALL = 210_000_000_000_000_000n;
const FIFTY = 500_000_000_000n;

function totals(minted: bigint, returned = 0n, lapsed = 0n): Totals {
  return { height: 9, minted, returned, lapsed, unspent: minted - returned, bonds: 0n };
}

/** Reward on mainnet with nothing minted yet. */
function rewardOf(parentLoss: number, valLoss: number): bigint {
  return blockReward(parentLoss, valLoss, totals(0n), mainnet).reward;
}

test('the subsidy halves when half of what was left is out, not one resonance earlier (LED-22)', () => {
  assert.equal(halvingsAt(0n), 0);
  assert.deepEqual([halvingsAt(ALL / 2n - 1n), halvingsAt(ALL / 2n)], [0, 1]);
  assert.deepEqual([halvingsAt(157_499_999_999_999_999n), halvingsAt(157_500_000_000_000_000n)], [1, 2]);
  for (let i = 1n; i <= 57n; i++) {
    const at = ALL - ALL / 2n ** i;
    // Where 21M / 2^i and 21M / 2^(i + 1) round to the same number of resonances, two come at once.
    assert.ok(halvingsAt(at) >= Number(i), `${i}`);
    assert.ok(halvingsAt(at - 1n) < Number(i), `${i}`);
  }
  assert.equal(halvingsAt(ALL), 64);
  assert.equal(halvingsAt(ALL - 1n), 57);
});

test('lapsed coins bring back one halving at most', () => {
  const half = ALL / 2n;
  assert.equal(halvingsOf(totals(half)), 1);
  assert.equal(halvingsOf(totals(half, 0n, 1n)), 0);
  const three = ALL - ALL / 8n;
  assert.equal(halvingsOf(totals(three, 0n, 0n)), 3);
  assert.equal(halvingsOf(totals(three, 0n, 1n)), 2);
  assert.equal(halvingsOf(totals(three, 0n, three)), 2);
  assert.equal(subsidyOf(totals(three, 0n, three), mainnet), FIFTY / 4n);
});

test('what returned is as if it had never been minted', () => {
  const half = ALL / 2n;
  assert.equal(halvingsOf(totals(half + 7n, 7n)), 1);
  assert.equal(halvingsOf(totals(half + 7n, 8n)), 0);
  const three = ALL - ALL / 8n;
  assert.equal(halvingsOf(totals(three, three)), 0);
});

test('below 0.1 % the reward is in proportion, from exactly 0.1 % on it is whole', () => {
  assert.equal(rewardOf(5_000_000, 5_000_000), 0n);
  assert.equal(rewardOf(5_000_000, 4_999_999), 100_000_000n);
  assert.equal(rewardOf(5_000_000, 4_995_001), 499_900_000_000n);
  assert.equal(rewardOf(5_000_000, 4_995_000), FIFTY + 50_000_000_000n);
  // Floors: 5 * 10^11 * 1 / 5,333.333.
  assert.equal(rewardOf(5_333_333, 5_333_332), 93_750_005n);
});

test('the bonus grows up to exactly 1 %, and not beyond', () => {
  assert.equal(rewardOf(5_000_000, 4_950_001), FIFTY + 499_990_000_000n);
  assert.equal(rewardOf(5_000_000, 4_950_000), 2n * FIFTY);
  assert.equal(rewardOf(5_000_000, 4_949_999), 2n * FIFTY);
  assert.equal(rewardOf(5_000_000, 0), 2n * FIFTY);
});

test('a parent without any loss is paid the subsidy without a bonus', () => {
  assert.equal(rewardOf(0, 0), FIFTY);
  assert.equal(blockReward(0, 0, totals(0n), regtest).reward, FIFTY);
});

test('where the whole subsidy needs no improvement a block that repeats its parent’s loss earns it', () => {
  assert.equal(blockReward(5_000_000, 5_000_000, totals(0n), regtest).reward, FIFTY);
  assert.equal(blockReward(5_000_000, 4_975_000, totals(0n), regtest).reward, FIFTY + FIFTY / 2n);
});

test('nothing is minted beyond 21,000,000 RNT; what returned can be minted again', () => {
  const free = { subsidy: FIFTY, emission: regtest.emission };
  const near = blockReward(5_000_000, 5_000_000, totals(ALL - 1n, 0n, ALL - 1n), free);
  assert.deepEqual([near.halvings, near.reward, near.left], [56, 0n, 1n]);
  const rich = { ...free, subsidy: ALL };
  const first = (minted: bigint, returned: bigint): bigint =>
    blockReward(5_000_000, 5_000_000, totals(minted, returned), rich).reward;
  assert.equal(first(ALL / 2n - 1n, 0n), ALL / 2n + 1n);
  assert.equal(first(ALL, 0n), 0n);
  assert.equal(first(ALL, ALL), ALL);
});

test('the reward never exceeds twice the subsidy nor what is left, and is what the parts say', () => {
  const amounts = fc.bigInt(0n, ALL);
  fc.assert(
    fc.property(amounts, amounts, amounts, fc.nat(64_000_000), fc.nat(64_000_000), (a, b, c, x, y) => {
      const [low, middle, high] = [a, b, c].sort((p, q) => (p < q ? -1 : 1)) as [bigint, bigint, bigint];
      const state = totals(high, low, middle - low);
      const found = blockReward(Math.max(x, y), Math.min(x, y), state, mainnet);
      assert.ok(found.reward <= 2n * found.subsidy && found.reward <= ALL - high + low && found.reward >= 0n);
      assert.ok(found.base <= found.subsidy && (found.bonus === 0n || found.base === found.subsidy));
      assert.equal(found.subsidy, FIFTY / 2n ** BigInt(found.halvings));
    }),
  );
});

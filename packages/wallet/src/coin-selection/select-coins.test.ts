import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { branchAndBound as branchAndBoundInParts } from './branch-and-bound.ts';
import { largestFirst } from './largest-first.ts';
import { byEffective, type Candidate, type Selection, type SelectionGoal, selectionOf } from './selection-goal.ts';
import { selectCoins as selectCoinsInParts, type SelectionResult } from './select-coins.ts';
import { type RandomBelow, singleRandomDraw } from './single-random-draw.ts';
import { atOnce, sorted } from '../work.ts';

const goal: SelectionGoal = {
  target: 1000n,
  inputFee: 10n,
  usualInputFee: 5n,
  changeFee: 6n,
  changeSpendFee: 5n,
  leastChange: 8n,
  maxInputs: 10,
};
const first = (): number => 0;
const coins = (...amounts: readonly number[]) => amounts.map((each) => ({ amount: BigInt(each) }));
const candidates = (...amounts: readonly number[]) =>
  coins(...amounts)
    .map((coin) => ({ coin, effective: coin.amount - goal.inputFee }))
    .sort(byEffective);
const amountsOf = (selection: { readonly coins: readonly { readonly amount: bigint }[] } | null) =>
  selection?.coins.map(({ amount }) => Number(amount)) ?? null;

interface Coin {
  readonly amount: bigint;
}

function branchAndBound(from: readonly Candidate<Coin>[], wanted: SelectionGoal): Selection<Coin> | null {
  return atOnce(branchAndBoundInParts(from, wanted));
}

function selectCoins(from: readonly Coin[], wanted: SelectionGoal, random: RandomBelow): SelectionResult<Coin> {
  return atOnce(selectCoinsInParts(from, wanted, random));
}

test('coins are sorted in parts as they are at once, and what is equal stays in its order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 5_000, minLength: 3_000 }), (numbers) => {
      const items = numbers.map((value, place) => ({ value, place }));
      const byValue = (a: { value: number }, b: { value: number }): number => b.value - a.value;
      assert.deepEqual(atOnce(sorted(items, byValue)), items.toSorted(byValue));
    }),
    { numRuns: 10 },
  );
});

test('branch and bound finds the set that needs no change, and nothing if there is none', () => {
  assert.deepEqual(amountsOf(branchAndBound(candidates(900, 700, 320, 510, 60), goal)), [700, 320]);
  // Above the target by what change costs, 11, and by one more.
  assert.deepEqual(amountsOf(branchAndBound(candidates(1021), goal)), [1021]);
  assert.equal(branchAndBound(candidates(1022), goal), null);
  assert.equal(branchAndBound(candidates(1009), goal), null);
  assert.deepEqual(amountsOf(branchAndBound(candidates(1010), goal)), [1010]);
});

test('branch and bound keeps to the number of inputs', () => {
  const tens = candidates(...Array.from({ length: 10 }, () => 110));
  assert.equal(branchAndBound(tens, goal)?.coins.length, 10);
  assert.equal(branchAndBound(tens, { ...goal, maxInputs: 9 }), null);
});

test('branch and bound is right about every small set of coins', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 11, max: 400 }), { maxLength: 9 }),
      fc.integer({ min: 1, max: 1500 }),
      (amounts, target) => {
        const wish = { ...goal, target: BigInt(target) };
        const sorted = candidates(...amounts);
        let best: bigint | null = null;
        for (let set = 1; set < 2 ** sorted.length; set++) {
          const chosen = sorted.filter((_, index) => (set >> index) % 2 === 1);
          const reached = chosen.reduce((sum, { effective }) => sum + effective, 0n);
          if (reached < wish.target || reached > wish.target + 11n) continue;
          const { waste } = selectionOf(chosen, wish);
          if (best === null || waste < best) best = waste;
        }
        assert.equal(branchAndBound(sorted, wish)?.waste ?? null, best);
      },
    ),
    { numRuns: 300 },
  );
});

test('largest first takes the fewest, and goes without change where it must', () => {
  assert.deepEqual(amountsOf(largestFirst(candidates(300, 900, 200), goal)), [900, 300]);
  // 1,013 above their fees: 13 are left, change needs 14.
  const short = largestFirst(candidates(713, 320), goal);
  assert.deepEqual([amountsOf(short), short?.hasChange, short?.waste], [[713, 320], false, 2n * 5n + 13n]);
  const enough = largestFirst(candidates(714, 320), goal);
  assert.deepEqual([enough?.hasChange, enough?.waste], [true, 2n * 5n + 11n]);
  assert.equal(largestFirst(candidates(500, 300), goal), null);
});

test('single random draw follows the injected chance', () => {
  const three = candidates(2000, 1500, 1400);
  assert.deepEqual(amountsOf(singleRandomDraw(three, goal, first)), [2000]);
  assert.deepEqual(amountsOf(singleRandomDraw(three, goal, (limit) => limit - 1)), [1400]);
  assert.equal(singleRandomDraw(candidates(400, 400, 400), { ...goal, maxInputs: 2 }, first), null);
});

test('WAL-41: the least waste wins, and what cannot be reached is told with both numbers', () => {
  const exact = selectCoins(coins(5000, 700, 320), goal, first);
  assert.ok(exact.ok);
  assert.deepEqual([amountsOf(exact), exact.waste], [[700, 320], 2n * 5n], 'less than one input and change, 5 + 11');
  const dear = selectCoins(coins(5000, 720, 340), { ...goal, inputFee: 30n }, first);
  assert.ok(dear.ok);
  assert.deepEqual(
    [amountsOf(dear), dear.waste],
    [[5000], 25n + 11n],
    'while fees are high fewer inputs are taken: 2 * 25',
  );
  assert.deepEqual(selectCoins(coins(500, 300, 10), goal, first), { ok: false, reachable: 780n, all: 780n });
  assert.deepEqual(selectCoins(coins(500, 500, 500), { ...goal, maxInputs: 1 }, first), {
    ok: false,
    reachable: 490n,
    all: 1470n,
  });
});

test('every selection reaches its target, has no coin twice and no more than allowed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 40 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.nat(),
      (amounts, target, seed) => {
        let state = seed;
        const random = (limit: number): number => {
          state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
          return state % limit;
        };
        const all = coins(...amounts);
        const wish = { ...goal, target: BigInt(target) };
        const result = selectCoins(all, wish, random);
        const most = [...all]
          .map(({ amount }) => amount - 10n)
          .filter((each) => each > 0n)
          .sort((a, b) => (a < b ? 1 : -1))
          .slice(0, 10)
          .reduce((sum, each) => sum + each, 0n);
        assert.equal(result.ok, most >= wish.target, 'found if and only if the largest suffice');
        if (!result.ok) return;
        assert.equal(new Set(result.coins).size, result.coins.length);
        assert.ok(result.coins.length <= 10);
        const excess = result.coins.reduce((sum, { amount }) => sum + amount - 10n, 0n) - wish.target;
        assert.ok(excess >= 0n);
        assert.equal(result.hasChange, excess >= 14n);
      },
    ),
    { numRuns: 300 },
  );
});

test('100,000 coins are selected from in under a second', () => {
  let state = 7;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state % limit;
  };
  const many = Array.from({ length: 100_000 }, () => ({ amount: BigInt(1000 + random(1_000_000_000)) * 1000n }));
  // Of this process alone: a loaded machine makes nobody fail.
  const started = process.cpuUsage();
  for (const target of [10n ** 12n, 10n ** 18n]) {
    selectCoins(many, { ...goal, target, inputFee: 1750n, usualInputFee: 1750n, maxInputs: 2200 }, random);
  }
  const { user, system } = process.cpuUsage(started);
  const each = (user + system) / 2000;
  assert.ok(each < 1000, `${each} ms`);
});

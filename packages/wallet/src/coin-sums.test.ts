import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALL_HEIGHTS, type CoinChange, type CoinSums, countCoin, sumsBetween, walkHeights } from './coin-sums.ts';
import { MemoryWallet } from './testing/memory-wallet.ts';

/** Near the borders of the buckets of every level. */
const heights = fc.oneof(
  fc.nat(300),
  fc
    .tuple(fc.constantFrom(2 ** 7, 2 ** 14, 2 ** 21, 2 ** 31, 2 ** 32), fc.integer({ min: -2, max: 1 }))
    .map(([border, beside]) => Math.min(border + beside, ALL_HEIGHTS - 1)),
);
const coins: fc.Arbitrary<CoinChange> = fc.record({
  account: fc.nat(1),
  height: heights,
  coinbase: fc.boolean(),
  amount: fc.oneof(fc.bigInt(1n, 1_000n), fc.constant(210_000_000_000_000_000n)),
});

function added(all: readonly CoinChange[], account: number, from: number, to: number): CoinSums {
  const within = all.filter((coin) => coin.account === account && coin.height >= from && coin.height < to);
  const sum = (some: readonly CoinChange[]): bigint => some.reduce((total, { amount }) => total + amount, 0n);
  return { amount: sum(within), coinbase: sum(within.filter(({ coinbase }) => coinbase)), coins: within.length };
}

test('the sums of any heights are those of the coins, and nothing is left of coins that went', () => {
  fc.assert(
    fc.property(
      fc.array(coins, { maxLength: 30 }),
      fc.nat(30),
      heights,
      fc.oneof(heights, fc.constant(ALL_HEIGHTS)),
      (all, gone, from, to) => {
        const view = new MemoryWallet();
        for (const coin of all) countCoin(view, coin, 1);
        for (const coin of all.slice(0, gone)) countCoin(view, coin, -1);
        const left = all.slice(gone);
        for (const account of [0, 1]) {
          assert.deepEqual(sumsBetween(view, account, from, to), added(left, account, from, to));
          assert.deepEqual(sumsBetween(view, account, 0, ALL_HEIGHTS), added(left, account, 0, ALL_HEIGHTS));
          const own = left.filter((coin) => coin.account === account && coin.height >= from);
          const each = [...new Set(own.map(({ height }) => height))].sort((a, b) => a - b);
          assert.deepEqual(
            [...walkHeights(view, account, from)],
            each.map((height) => ({ height, ...added(own, account, height, height + 1) })),
          );
        }
        for (const coin of left) countCoin(view, coin, -1);
        assert.equal(view.dump(), '');
      },
    ),
    {
      examples: [
        [[{ account: 0, height: ALL_HEIGHTS - 1, coinbase: false, amount: 1n }], 0, ALL_HEIGHTS - 1, ALL_HEIGHTS],
      ],
    },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareFeeRates, feeAtRate, feeRateOf, feeRatePerByte, showFeeRate } from './fee-rate.ts';

test('compareFeeRates() is exact where doubles are not', () => {
  const fee = 210_000_000_000_000_000n;
  assert.equal(compareFeeRates({ fee, bytes: 100 }, { fee: fee - 1n, bytes: 100 }), 1);
  assert.equal(compareFeeRates({ fee: 10n, bytes: 3 }, { fee: 20n, bytes: 6 }), 0);
  assert.equal(compareFeeRates({ fee: 10n, bytes: 4 }, { fee: 10n, bytes: 3 }), -1);
});

test('feeAtRate() is the least fee with that rate', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 12n), fc.integer({ min: 1, max: 400_000 }), (rate, bytes) => {
      const fee = feeAtRate(rate, bytes);
      assert.ok(feeRateOf({ fee, bytes }) >= rate);
      if (fee > 0n) assert.ok((fee - 1n) * 1000n < rate * BigInt(bytes));
    }),
  );
});

test('rates are shown per byte with three decimals', () => {
  assert.equal(feeRatePerByte(10), 10_000n);
  assert.equal(showFeeRate(10_007n), '10.007 resonances per byte');
});

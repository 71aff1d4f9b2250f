import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { MemoryLedger } from './testing/memory-ledger.ts';
import { effectiveSupply, forfeitBond, readTotals, writeTotals } from './totals.ts';

const good = { height: 3, minted: 100n, returned: 10n, lapsed: 85n, unspent: 85n, bonds: 5n };

test('totals come back as they were written; of nothing they are zeros', () => {
  const view = new MemoryLedger();
  assert.deepEqual(readTotals(view), { height: 0, minted: 0n, returned: 0n, lapsed: 0n, unspent: 0n, bonds: 0n });
  writeTotals(view, good);
  assert.deepEqual(readTotals(view), good);
});

test('money neither appears nor vanishes: one resonance off is a bug (LED-23)', () => {
  const view = new MemoryLedger();
  for (const wrong of [{ minted: 101n }, { unspent: 84n }, { bonds: 4n }, { returned: 11n }, { lapsed: 86n }]) {
    assert.throws(() => writeTotals(view, { ...good, ...wrong }), AssertionFailure);
  }
  assert.throws(() => writeTotals(view, { ...good, lapsed: -1n }), AssertionFailure);
  assert.throws(() => writeTotals(view, { ...good, bonds: -1n, unspent: 91n }), AssertionFailure);
});

test('effective supply is what was minted, has not returned and has not lapsed (LED-21)', () => {
  assert.equal(effectiveSupply(good), 5n);
});

test('a forfeited bond returns', () => {
  const totals = { ...good };
  forfeitBond(totals, 5n);
  assert.deepEqual([totals.bonds, totals.returned], [0n, 15n]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes } from '@resonancenet/bytes/compare';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { OverlayView } from './overlay-view.ts';

const emptyState: LedgerReader = { get: () => null, range: () => [] };

test('OverlayView reads, deletes and walks as if everything lay in one table, and leaves what is below as it was', () => {
  const key = fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => bytes.map((byte) => byte % 5));
  const step = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 2 })) });
  const rows = fc.array(step, { maxLength: 30 });
  fc.assert(
    fc.property(rows, rows, key, fc.option(key), (lower, upper, from, to) => {
      const base = new OverlayView(emptyState);
      const view = new OverlayView(base);
      const model = new Map<string, readonly [Uint8Array, Uint8Array]>();
      const change = (target: OverlayView, row: (typeof lower)[number]): void => {
        if (row.value === null) target.delete('coins', row.key);
        else target.put('coins', row.key, row.value);
        if (row.value === null) model.delete(row.key.join());
        else model.set(row.key.join(), [row.key, row.value]);
      };
      for (const row of lower) change(base, row);
      const before = [...base.range('coins', Uint8Array.of(), null)];
      for (const row of upper) change(view, row);
      for (const [text, [at, value]] of model) assert.equal(view.get('coins', at), value, text);
      const expected = [...model.values()]
        .filter(([at]) => compareBytes(at, from) >= 0 && (to === null || compareBytes(at, to) < 0))
        .sort(([a], [b]) => compareBytes(a, b));
      assert.deepEqual([...view.range('coins', from, to)], expected);
      assert.deepEqual([...view.range('policies', from, to)], []);
      assert.deepEqual([...base.range('coins', Uint8Array.of(), null)], before);
    }),
  );
});

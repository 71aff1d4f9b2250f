import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryWallet } from './testing/memory-wallet.ts';
import { decodeWalletUndo, encodeWalletUndo, WalletChanges } from './wallet-changes.ts';
import type { WalletTable } from './wallet-view.ts';

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const key = bytes(2);
const step = fc.record({ table: fc.constantFrom<WalletTable>('coins', 'labels'), key, value: fc.option(bytes(3)) });

function run(
  view: { put: MemoryWallet['put']; delete: MemoryWallet['delete'] },
  steps: readonly { table: WalletTable; key: Uint8Array; value: Uint8Array | null }[],
): void {
  for (const { table, key: at, value } of steps) {
    if (value === null) view.delete(table, at);
    else view.put(table, at, value);
  }
}

test('changes over a store read like the changed store, and their record takes them back byte for byte', () => {
  fc.assert(
    fc.property(fc.array(step), fc.array(step), key, fc.option(key), (stored, changed, from, to) => {
      const [base, plain] = [new MemoryWallet(), new MemoryWallet()];
      run(base, stored);
      run(plain, [...stored, ...changed]);
      const before = base.dump();
      const changes = new WalletChanges(base);
      run(changes, changed);
      assert.deepEqual([...changes.range('coins', from, to)], [...plain.range('coins', from, to)]);
      assert.deepEqual(changes.get('labels', from), plain.get('labels', from));
      assert.equal(base.dump(), before, 'the store is not touched');
      base.apply(changes.changes());
      assert.equal(base.dump(), plain.dump());
      const record = decodeWalletUndo(encodeWalletUndo(changes.changes()));
      assert.ok(record.ok);
      const back = new WalletChanges(base);
      back.undo(record.value);
      base.apply(back.changes());
      assert.equal(base.dump(), before);
    }),
  );
});

test('a record that is cut, of another version or about an unknown table is refused', () => {
  const record = encodeWalletUndo([{ table: 'tip', key: Uint8Array.of(1), before: null, after: Uint8Array.of(2) }]);
  assert.ok(decodeWalletUndo(record).ok);
  assert.ok(!decodeWalletUndo(record.subarray(0, -1)).ok);
  for (const [at, value] of [
    [0, 2],
    [2, 200],
    [5, 2],
  ] as const)
    assert.ok(!decodeWalletUndo(record.with(at, value)).ok);
});

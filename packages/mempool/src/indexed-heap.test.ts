import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IndexedHeap } from './indexed-heap.ts';

interface Item {
  readonly name: number;
  rank: number;
}

test('IndexedHeap always has the first item on top, whatever is added, moved and taken out', () => {
  const step = fc.record({ what: fc.integer({ min: 0, max: 3 }), name: fc.nat(20), rank: fc.nat(9) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new IndexedHeap<Item>((a, b) => a.rank - b.rank || a.name - b.name);
      const held = new Map<number, Item>();
      const first = (): Item | null => [...held.values()].sort((a, b) => a.rank - b.rank || a.name - b.name)[0] ?? null;
      for (const { what, name, rank } of steps) {
        const item = held.get(name) ?? { name, rank };
        if (what === 0) {
          heap.remove(item);
          held.delete(name);
        } else if (what === 1) {
          const expected = first();
          assert.equal(heap.pop(), expected);
          if (expected !== null) held.delete(expected.name);
        } else {
          item.rank = rank;
          heap.update(item);
          held.set(name, item);
        }
        assert.equal(heap.size, held.size);
        assert.equal(heap.peek(), first());
        assert.equal(heap.has(item), held.has(name));
      }
    }),
  );
});

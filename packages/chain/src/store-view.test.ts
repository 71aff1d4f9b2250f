import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryChainStore } from './memory-store.ts';
import { StoreView } from './store-view.ts';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function entries(view: StoreView, from: Uint8Array = bytes(), to: Uint8Array | null = null): string[] {
  return [...view.range('coins', from, to)].map(([key, value]) => `${key}=${value}`);
}

function storeWith(...keys: number[]): MemoryChainStore {
  const store = new MemoryChainStore();
  store.write({ puts: keys.map((key) => ({ table: 'coins', key: bytes(key), value: bytes(1) })), deletes: [] });
  return store;
}

test('what was changed lies over what is stored, in key order', () => {
  const view = new StoreView(storeWith(2, 4, 6));
  view.put('coins', bytes(5), bytes(9));
  view.put('coins', bytes(4), bytes(8));
  view.delete('coins', bytes(6));
  view.put('coins', bytes(1), bytes(7));
  view.put('policies', bytes(3), bytes(1));
  assert.deepEqual(entries(view), ['1=7', '2=1', '4=8', '5=9']);
  assert.deepEqual(entries(view, bytes(2), bytes(5)), ['2=1', '4=8']);
  assert.deepEqual(entries(view, bytes(5), bytes(7)), ['5=9']);
  view.put('coins', bytes(3), bytes(0));
  assert.deepEqual(entries(view, bytes(2), bytes(4)), ['2=1', '3=0'], 'also after it was walked before');
});

test('a rollback leaves the changes before the mark, and only those', () => {
  const view = new StoreView(storeWith(2));
  view.put('coins', bytes(1), bytes(7));
  view.delete('coins', bytes(2));
  const mark = view.mark();
  view.put('coins', bytes(1), bytes(8));
  view.put('coins', bytes(2), bytes(8));
  view.put('coins', bytes(3), bytes(8));
  assert.deepEqual(entries(view), ['1=8', '2=8', '3=8']);
  view.rollback(mark);
  assert.deepEqual(entries(view), ['1=7']);
  assert.equal(view.size, 2);
  const batch = view.take();
  assert.deepEqual([batch.puts.length, batch.deletes.length], [1, 1]);
  assert.equal(view.isEmpty, true);
});

test('a change that was taken back altogether leaves nothing to write', () => {
  const view = new StoreView(storeWith());
  const mark = view.mark();
  view.put('coins', bytes(1), bytes(8));
  view.rollback(mark);
  assert.equal(view.isEmpty, true);
});

test('the journal has each entry once with what was there at the mark, and not what ends as it began', () => {
  const view = new StoreView(storeWith(2, 3));
  view.put('coins', bytes(4), bytes(4));
  const mark = view.mark();
  view.put('coins', bytes(4), bytes(5));
  view.put('coins', bytes(4), bytes(6));
  view.delete('coins', bytes(2));
  view.put('coins', bytes(9), bytes(9));
  view.delete('coins', bytes(9));
  view.put('coins', bytes(3), bytes(1));
  view.put('coins', bytes(7), bytes(7));
  assert.deepEqual(
    view.changesSince(mark).map(({ key, before, after }) => [key[0], before?.[0] ?? null, after?.[0] ?? null]),
    [
      [4, 4, 6],
      [2, 1, null],
      [7, null, 7],
    ],
  );
});

test('of what is known to be there or not the store is not asked, and the journal says what it was', () => {
  const asked: number[] = [];
  const store = storeWith(1);
  const view = new StoreView({
    get: (table, key) => {
      asked.push(key[0]!);
      return store.get(table, key);
    },
    range: (table, from, to) => store.range(table, from, to),
  });
  const mark = view.mark();
  view.create('coins', bytes(5), bytes(1));
  view.create('coins', bytes(6), bytes(1));
  view.delete('coins', bytes(6));
  view.put('coins', bytes(7), bytes(1));
  view.remove('coins', bytes(1), bytes(1));
  const changes = view.changesSince(mark);
  assert.deepEqual(
    changes.map(({ key, before }) => [key[0], before?.[0] ?? null]),
    [
      [5, null],
      [7, null],
      [1, 1],
    ],
  );
  assert.deepEqual(asked, [7]);
  view.rollback(mark);
  assert.deepEqual(entries(view), ['1=1']);
  view.apply(changes);
  assert.deepEqual(entries(view), ['5=1', '7=1']);
});

test('walking may end early, and changing while walking does no harm', () => {
  const view = new StoreView(storeWith(1, 2, 3));
  view.put('coins', bytes(5), bytes(1));
  for (const [key] of view.range('coins', bytes(0), null)) {
    if (key[0] === 5) break;
    view.delete('coins', key);
    view.put('coins', bytes(key[0]! + 100), bytes(2));
  }
  assert.deepEqual(entries(view, bytes(0), bytes(100)), ['5=1']);
});

type Step =
  | { readonly do: 'put' | 'create' | 'delete'; readonly key: number; readonly value: number }
  | { readonly do: 'mark' | 'rollback' | 'commit' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('put' as const), key: fc.nat(15), value: fc.nat(255) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('create' as const), key: fc.nat(15), value: fc.nat(255) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('delete' as const), key: fc.nat(15), value: fc.nat(0) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('mark' as const, 'rollback' as const, 'commit' as const) }) },
);

test('after any changes, marks, rollbacks and batches the view shows what a plain map holds', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = new MemoryChainStore();
      const view = new StoreView(store);
      let model = new Map<number, number>();
      let marks: { readonly mark: ReturnType<StoreView['mark']>; readonly model: Map<number, number> }[] = [];
      for (const each of steps) {
        if (each.do === 'put') {
          view.put('coins', bytes(each.key), bytes(each.value));
          model.set(each.key, each.value);
        } else if (each.do === 'create') {
          // Only what is not there is created.
          if (model.has(each.key)) continue;
          view.create('coins', bytes(each.key), bytes(each.value));
          model.set(each.key, each.value);
        } else if (each.do === 'delete') {
          view.delete('coins', bytes(each.key));
          model.delete(each.key);
        } else if (each.do === 'mark') marks.push({ mark: view.mark(), model: new Map(model) });
        else if (each.do === 'commit') {
          store.write(view.take());
          marks = [];
        } else {
          const last = marks.pop();
          if (last === undefined) continue;
          const undo = view.changesSince(last.mark);
          view.rollback(last.mark);
          for (const { key, before } of undo)
            assert.equal(view.get('coins', key)?.[0], before?.[0], 'the journal says what was there');
          model = last.model;
        }
        const expected = [...model].sort(([a], [b]) => a - b).map(([key, value]) => `${key}=${value}`);
        assert.deepEqual(entries(view), expected);
        assert.deepEqual(
          entries(view, bytes(4), bytes(9)),
          expected.filter((text) => Number.parseInt(text, 10) >= 4 && Number.parseInt(text, 10) < 9),
        );
      }
    }),
    { numRuns: 300 },
  );
});

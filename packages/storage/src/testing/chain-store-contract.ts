// What every ChainStore must do, as one suite.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHAIN_TABLES, type ChainBatch } from '@resonancenet/chain/events';
import type { ChainStore } from '@resonancenet/chain/ports';

export interface StoreUnderTest {
  readonly store: ChainStore;
  /** Closes the store and opens what it left, as after a restart; the same object for stores that live in memory only. */
  reopen(): Promise<ChainStore>;
  end(): Promise<void>;
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const put = (table: (typeof CHAIN_TABLES)[number], key: string, value: string): ChainBatch['puts'][number] => ({
  table,
  key: bytes(key),
  value: bytes(value),
});

function contentOf(store: ChainStore): Record<string, string[]> {
  const content: Record<string, string[]> = {};
  for (const table of CHAIN_TABLES)
    content[table] = [...store.entries(table)].map(
      ([key, value]) => `${Buffer.from(key).toString('latin1')}=${Buffer.from(value).toString('latin1')}`,
    );
  return content;
}

export function chainStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  const check = (title: string, work: (subject: StoreUnderTest) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const subject = await make();
      try {
        await work(subject);
      } finally {
        await subject.end();
      }
    });
  };

  check('returns null for what was never written', async ({ store }) => {
    for (const table of CHAIN_TABLES) assert.equal(store.get(table, bytes('absent')), null);
  });

  check('keeps tables apart and lists keys in byte order', async ({ store }) => {
    store.write({
      puts: [
        put('headers', 'b', '1'),
        put('headers', 'a\u0000', '2'),
        put('headers', 'a', '3'),
        put('bodies', 'a', 'body'),
        { table: 'heights', key: Uint8Array.of(0xff), value: bytes('high') },
        { table: 'heights', key: Uint8Array.of(0x00), value: bytes('low') },
        { table: 'heights', key: Uint8Array.of(0x7f, 0x00), value: bytes('middle') },
      ],
      deletes: [],
    });
    const content = contentOf(store);
    assert.deepEqual(content['headers'], ['a=3', 'a\u0000=2', 'b=1']);
    assert.deepEqual(content['bodies'], ['a=body']);
    assert.deepEqual(content['heights'], ['\u0000=low', '\u007f\u0000=middle', '\u00ff=high']);
    assert.deepEqual(content['meta'], []);
  });

  check('applies puts, then deletes, and an empty batch', async ({ store }) => {
    store.write({ puts: [put('meta', 'k', 'old'), put('meta', 'l', 'stays')], deletes: [] });
    store.write({
      puts: [put('meta', 'k', 'new')],
      deletes: [
        { table: 'meta', key: bytes('k') },
        { table: 'meta', key: bytes('was never there') },
      ],
    });
    store.write({ puts: [], deletes: [] });
    assert.deepEqual(contentOf(store)['meta'], ['l=stays']);
  });

  check('keeps values of every length, also empty ones, and gives copies', async ({ store }) => {
    for (const length of [0, 1, 100, 5_000, 300_000]) {
      const key = bytes(`length ${length}`);
      const value = new Uint8Array(length).fill(7);
      store.write({ puts: [{ table: 'bodies', key, value }], deletes: [] });
      value.fill(9);
      const first = store.get('bodies', key)!;
      assert.equal(first.length, length);
      assert.ok(first.every((byte) => byte === 7));
      const kept = first.slice();
      store.get('bodies', bytes('length 5000'));
      assert.deepEqual(first, kept, 'a later read must not change what an earlier one returned');
      first.fill(1);
      assert.deepEqual(store.get('bodies', key), kept);
    }
  });

  check('holds everything after a restart', async ({ store, reopen }) => {
    for (let round = 0; round < 30; round++) {
      store.write({
        puts: [put('headers', `h${round}`, `v${round}`), put('meta', 'tip', `${round}`)],
        deletes: round % 3 === 0 ? [{ table: 'headers', key: bytes(`h${round - 1}`) }] : [],
      });
    }
    const before = contentOf(store);
    assert.deepEqual(contentOf(await reopen()), before);
  });

  check('takes one batch of 20 MB', async ({ store, reopen }) => {
    const value = new Uint8Array(100_000).fill(3);
    store.write({
      puts: Array.from({ length: 200 }, (_, index) => ({ table: 'bodies' as const, key: bytes(`k${index}`), value })),
      deletes: [],
    });
    assert.equal([...(await reopen()).entries('bodies')].length, 200);
  });

  check('walks a range in byte order, from the first key on and short of the last', async ({ store, reopen }) => {
    const keys = ['a', 'a\u0000', 'ab', 'b', 'b\u00ff', 'c'];
    store.write({
      puts: [...keys.toReversed().map((key) => put('coins', key, `v${key}`)), put('policies', 'aa', 'other table')],
      deletes: [],
    });
    store.write({ puts: [], deletes: [{ table: 'coins', key: bytes('ab') }] });
    const walk = (from: Uint8Array, to: Uint8Array | null, of: ChainStore = store): string[] =>
      [...of.range('coins', from, to)].map(([key]) => Buffer.from(key).toString('utf8'));
    assert.deepEqual(walk(bytes('a'), bytes('b')), ['a', 'a\u0000']);
    assert.deepEqual(walk(bytes('a\u0000'), null), ['a\u0000', 'b', 'b\u00ff', 'c']);
    assert.deepEqual(walk(new Uint8Array(0), bytes('b\u00ff')), ['a', 'a\u0000', 'b']);
    assert.deepEqual(walk(bytes('b'), bytes('b')), []);
    assert.deepEqual(walk(bytes('c'), bytes('a')), []);
    assert.deepEqual(walk(bytes('d'), null), []);
    const [first] = store.range('coins', bytes('a'), null);
    assert.deepEqual(first, [bytes('a'), bytes('va')], 'a walk may end early');
    store.write({ puts: [put('coins', 'ab', 'again')], deletes: [{ table: 'coins', key: bytes('a') }] });
    assert.deepEqual(walk(bytes('a'), bytes('b')), ['a\u0000', 'ab']);
    assert.deepEqual(walk(bytes('a'), bytes('b'), await reopen()), ['a\u0000', 'ab']);
  });

  check('gives a snapshot that later writes do not change', async ({ store }) => {
    store.write({ puts: [put('coins', 'a', 'old'), put('coins', 'b', 'old')], deletes: [] });
    const snapshot = store.snapshot();
    store.write({
      puts: [put('coins', 'a', 'new'), put('coins', 'c', 'new')],
      deletes: [{ table: 'coins', key: bytes('b') }],
    });
    const text = ([key, value]: readonly [Uint8Array, Uint8Array]): string =>
      `${Buffer.from(key).toString()}=${Buffer.from(value).toString()}`;
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual([...snapshot.range('coins', new Uint8Array(0), null)].map(text), ['a=old', 'b=old']);
    assert.deepEqual(snapshot.get('coins', bytes('b')), bytes('old'));
    assert.equal(snapshot.get('coins', bytes('c')), null);
    snapshot.close();
    assert.deepEqual([...store.entries('coins')].map(text), ['a=new', 'c=new']);
  });
}

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { LmdbTables } from './lmdb-tables.ts';
import { LmdbWalletStore } from './lmdb-wallet-store.ts';
import { StorageError } from './storage-error.ts';

const key = Uint8Array.of(7);
const value = Uint8Array.of(1, 2, 3);

/** A state with a coin, its sums, a label and a reference, and what takes a block back. */
async function written(context: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-wallet-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const store = LmdbWalletStore.open(folder);
  const changes = (['coins', 'sums', 'tip', 'labels', 'references'] as const).map((table) => ({
    table,
    key,
    before: null,
    after: value,
  }));
  store.write({ changes, undo: [{ height: 3, record: value }] });
  await store.close();
  return folder;
}

async function setFormat(folder: string, format: number): Promise<void> {
  const tables = LmdbTables.open<'meta'>(folder, { all: ['meta'], small: [] }, 'the test');
  tables.commit((writer) => writer.put('meta', Uint8Array.of(0), Uint8Array.of(format)));
  await tables.close();
}

test('a state of the format without sums keeps what the user wrote and forgets the blocks, which are read again', async (context) => {
  const folder = await written(context);
  await setFormat(folder, 1);
  for (const _ of ['first', 'again']) {
    const store = LmdbWalletStore.open(folder);
    assert.deepEqual(
      (['coins', 'sums', 'tip'] as const).map((table) => store.get(table, key)),
      [null, null, null],
    );
    assert.equal(store.undoOf(3), null);
    for (const table of ['labels', 'references'] as const) assert.deepEqual(store.get(table, key), value);
    await store.close();
  }
});

test('a state of this format is as it was; one of an unknown format is not touched', async (context) => {
  const folder = await written(context);
  const store = LmdbWalletStore.open(folder);
  assert.deepEqual(store.get('coins', key), value);
  assert.deepEqual(store.undoOf(3), value);
  await store.close();
  await setFormat(folder, 3);
  assert.throws(
    () => LmdbWalletStore.open(folder),
    (error: unknown) =>
      error instanceof StorageError && error.code === 'store-version' && /has format 3, .* reads 2/.test(error.message),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChain } from './create-chain.ts';
import { CHAIN_TABLES, type ChainBatch } from './events.ts';
import { isRebuildPending, LedgerRebuild } from './ledger-rebuild.ts';
import { LEDGER_KEY } from './ledger-record.ts';
import { MemoryChainStore, MemoryCheckpointStore } from './memory-store.ts';
import type { ChainStore } from './ports.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { sampleChain, sampleParams } from './testing/sample-blocks.ts';
import { ledgerTables, TestLedger } from './testing/test-ledger.ts';

const now = { unixMs: Number(sampleParams.genesis.timestamp) * 1000 + 10_000_000, monotonicMs: 0 };

function grown(transactionIndex = false, ledger = new TestLedger()): MachineDriver {
  const node = new MachineDriver({ params: sampleParams, ledger, options: { transactionIndex } });
  node.grow(sampleChain(node.genesis, sampleParams, 12, { gain: 1_000 }));
  return node;
}

function content(store: ChainStore): string[] {
  return CHAIN_TABLES.flatMap((table) => [...store.entries(table)].map(([key, value]) => `${table} ${key} ${value}`));
}

function rebuild(store: ChainStore, changesPerStep = 10, transactionIndex = false): LedgerRebuild {
  return new LedgerRebuild({ params: sampleParams, store, ledger: new TestLedger(), transactionIndex, changesPerStep });
}

function damage(store: ChainStore): void {
  const [key] = [...store.entries('coins')][0]!;
  store.write({
    puts: [
      { table: 'coins', key: Uint8Array.of(200), value: Uint8Array.of(1) },
      { table: 'undo', key: Uint8Array.of(200), value: Uint8Array.of(1) },
    ],
    deletes: [{ table: 'coins', key }],
  });
}

test('a rebuilt state and its undo records are what they were, to the byte', () => {
  for (const index of [false, true]) {
    const { store } = grown(index);
    const before = content(store);
    damage(store);
    assert.notDeepEqual(content(store), before);
    const work = rebuild(store, 50, index);
    let steps = 0;
    for (; !work.step(); steps++) assert.ok(isRebuildPending(store));
    assert.ok(steps > 4);
    assert.deepEqual(content(store), before);
    assert.deepEqual(work.progress, { phase: 'ready', height: 0, tipHeight: 12 });
  }
});

test('interrupted after any of its writes it goes on where it was, and ends the same', () => {
  const { store } = grown();
  const before = content(store);
  damage(store);
  let heights = 0;
  for (let lives = 0; ; lives++) {
    assert.ok(lives < 200);
    // One write in each life: the one after the first of a new rebuild is repeated by nobody.
    const work = rebuild(store);
    heights = Math.max(heights, work.progress.height);
    if (work.step()) break;
  }
  assert.ok(heights > 3, 'it did not begin anew each time');
  assert.deepEqual(content(store), before);
});

test('what is saved in between is gone on with, however little it is', () => {
  const { store } = grown();
  const before = content(store);
  damage(store);
  const work = rebuild(store, 100_000);
  while (work.progress.height < 5) assert.equal(work.step(), false);
  assert.deepEqual(rebuild(store).progress, { phase: 'connect', height: 0, tipHeight: 12 });
  work.save();
  const later = rebuild(store, 100_000);
  assert.deepEqual(later.progress, { phase: 'connect', height: 5, tipHeight: 12 });
  while (!later.step());
  assert.deepEqual(content(store), before);
});

test('a damaged record of the ledger is no obstacle', () => {
  const { store } = grown();
  const before = content(store);
  store.write({ puts: [{ table: 'meta', key: LEDGER_KEY, value: Uint8Array.of(1, 9) }], deletes: [] });
  assert.throws(() => isRebuildPending(store), { code: 'chain-corrupt' });
  for (const work = rebuild(store); !work.step(); );
  assert.deepEqual(content(store), before);
});

test('a write that never happened changes nothing', () => {
  const { store } = grown();
  const before = content(store);
  let left = 6;
  const dying: ChainStore = {
    get: (table, key) => store.get(table, key),
    range: (table, from, to) => store.range(table, from, to),
    entries: (table) => store.entries(table),
    snapshot: () => store.snapshot(),
    write: (batch: ChainBatch) => {
      if (left-- === 0) throw new Error('the power failed');
      store.write(batch);
    },
  };
  assert.throws(() => {
    for (const work = rebuild(dying); !work.step(); );
  }, /power/);
  assert.ok(isRebuildPending(store));
  for (const work = rebuild(store); !work.step(); );
  assert.deepEqual(content(store), before);
});

test('a store that is being rebuilt, or has none of what it should, opens with a named error that says what to do', () => {
  const { store, checkpoints } = grown();
  const open = (transactionIndex = false): unknown =>
    createChain(
      { params: sampleParams, store, checkpoints, ledger: new TestLedger(), options: { transactionIndex } },
      now,
    );
  const refused = (why: RegExp, transactionIndex?: boolean): void =>
    assert.throws(
      () => open(transactionIndex),
      (error: { code?: string; message?: string }) => {
        assert.equal(error.code, 'chain-reindex');
        assert.match(error.message ?? '', why);
        return /--reindex/.test(error.message ?? '');
      },
    );
  assert.doesNotThrow(() => open());
  refused(/index of transactions/, true);
  rebuild(store).step();
  refused(/did not end/);
  for (const work = rebuild(store, 50, true); !work.step(); );
  assert.doesNotThrow(() => open(true));
  store.write({ puts: [], deletes: [{ table: 'meta', key: LEDGER_KEY }] });
  refused(/kept no ledger/);
});

test('the index that was switched off counts as incomplete from then on', () => {
  const node = grown(true);
  const again = (transactionIndex: boolean): MachineDriver =>
    new MachineDriver({ ...node, params: sampleParams, ledger: new TestLedger(), options: { transactionIndex } });
  again(false);
  assert.throws(() => again(true), { code: 'chain-reindex' });
});

test('a damaged body, a missing one and a block that the ledger refuses end the rebuild with a named error', () => {
  const cases: readonly (readonly [(store: ChainStore, ledger: TestLedger) => void, RegExp])[] = [
    [
      (store) => store.write({ puts: [], deletes: [{ table: 'bodies', key: [...store.entries('bodies')][3]![0] }] }),
      /missing/,
    ],
    [
      (store) => {
        const [key, value] = [...store.entries('bodies')][3]!;
        store.write({ puts: [{ table: 'bodies', key, value: value.with(-5, value.at(-5)! ^ 1) }], deletes: [] });
      },
      /damaged: /,
    ],
    [
      (store, ledger) => ledger.refused.add(Buffer.from([...store.entries('heights')][5]![1]).toString('hex')),
      /height 5: body-coinbase-amount/,
    ],
  ];
  for (const [spoil, message] of cases) {
    const { store } = grown();
    const ledger = new TestLedger();
    spoil(store, ledger);
    const work = new LedgerRebuild({ params: sampleParams, store, ledger, transactionIndex: false });
    assert.throws(
      () => {
        while (!work.step());
      },
      (error: { code?: string; message?: string }) =>
        error.code === 'chain-corrupt' && message.test(error.message ?? ''),
    );
  }
});

test('an empty store needs no work', () => {
  const store = new MemoryChainStore();
  const work = rebuild(store);
  while (!work.step());
  assert.equal(isRebuildPending(store), false);
  assert.doesNotThrow(() =>
    createChain(
      { params: sampleParams, store, checkpoints: new MemoryCheckpointStore(), ledger: new TestLedger() },
      now,
    ),
  );
  assert.deepEqual(ledgerTables(store), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { LEDGER_TABLES } from '@resonancenet/ledger/ledger-view';
import { stateHash } from '@resonancenet/ledger/state-hash';
import { CHAIN_TABLES } from './events.ts';
import { LedgerRebuild } from './ledger-rebuild.ts';
import { stateAtFinal, stateAtTip, summarize } from './ledger-state.ts';
import { MemoryChainStore } from './memory-store.ts';
import type { ChainStore } from './ports.ts';
import { exportSnapshot } from './snapshot-export.ts';
import {
  MAX_SNAPSHOT_KEY,
  MAX_SNAPSHOT_VALUE,
  SNAPSHOT_CODES,
  SNAPSHOT_HEADER_LENGTH,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  snapshotEntryCodec,
  type SnapshotHeader,
  snapshotHeaderCodec,
} from './snapshot-format.ts';
import { type ImportResult, importSnapshot } from './snapshot-import.ts';
import type { SnapshotSource } from './snapshot-reader.ts';
import { StoreView } from './store-view.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { sampleChain, sampleParams } from './testing/sample-blocks.ts';
import { applyBlocks, ledgerTables, TestLedger, tablesAfter } from './testing/test-ledger.ts';

const blocks = sampleChain(new MachineDriver({ params: sampleParams }).genesis, sampleParams, 12, { gain: 1_000 });

function grown(count = 12): MachineDriver {
  const node = new MachineDriver({ params: sampleParams, ledger: new TestLedger() });
  node.grow(blocks.slice(0, count));
  return node;
}

function run<T>(work: Generator<unknown, T>): T {
  let turn = work.next();
  while (turn.done !== true) turn = work.next();
  return turn.value;
}

interface Exported {
  readonly header: SnapshotHeader;
  readonly file: Uint8Array;
}

function exported(store: ChainStore): Exported {
  const parts: Uint8Array[] = [];
  const snapshot = store.snapshot();
  const header = run(exportSnapshot(snapshot, sampleParams, (part) => parts.push(part)));
  snapshot.close();
  return { header, file: concatBytes(...parts) };
}

function source(file: Uint8Array): SnapshotSource {
  return {
    length: file.length,
    read: (offset, length) => {
      assert.ok(offset + length <= file.length, 'nothing is read beyond the end');
      return file.slice(offset, offset + length);
    },
  };
}

function take(store: ChainStore, file: Uint8Array, hash: Uint8Array, changesPerStep = 1000): ImportResult {
  return run(importSnapshot({ params: sampleParams, store, source: source(file), stateHash: hash, changesPerStep }));
}

function content(store: ChainStore): string[] {
  return CHAIN_TABLES.flatMap((table) => [...store.entries(table)].map(([key, value]) => `${table} ${key} ${value}`));
}

const node = grown();
const { header, file } = exported(node.store);

/** The file with another header. */
function withHeader(change: Partial<SnapshotHeader>): Uint8Array {
  const bytes = encode(snapshotHeaderCodec, { magic: SNAPSHOT_MAGIC, version: SNAPSHOT_VERSION, ...header, ...change });
  return concatBytes(bytes, file.subarray(SNAPSHOT_HEADER_LENGTH));
}

function entryAt(table: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  return encode(snapshotEntryCodec, { table, key, value });
}

/** Entries as the file holds them. */
const entries: Uint8Array[] = LEDGER_TABLES.flatMap((name, table) =>
  [...stateAtFinal(node.store).reader.range(name, new Uint8Array(0), null)].map(([key, value]) =>
    entryAt(table, key, value),
  ),
);

function withEntries(list: readonly Uint8Array[], change: Partial<SnapshotHeader> = {}): Uint8Array {
  return concatBytes(withHeader(change).subarray(0, SNAPSHOT_HEADER_LENGTH), ...list, Uint8Array.of(0xff));
}

test('the state of the last final block is that of its own chain, whatever lies above it', () => {
  const state = stateAtFinal(node.store.snapshot());
  assert.deepEqual([state.height, state.blockId], [6, blocks[5]!.id]);
  assert.deepEqual(ledgerTables(state.reader as StoreView), tablesAfter(blocks.slice(0, 6).map(({ id }) => id)));
  const tip = stateAtTip(node.store.snapshot());
  assert.deepEqual([tip.height, tip.blockId], [12, blocks[11]!.id]);
  assert.deepEqual(ledgerTables(tip.reader as StoreView), ledgerTables(node.store));
});

test('the summary counts entries and gives the state hash', () => {
  const summary = run(summarize(stateAtTip(node.store).reader));
  assert.deepEqual(summary.stateHash, stateHash(new StoreView(node.store)));
  assert.deepEqual(
    summary.counts,
    LEDGER_TABLES.map((table) => BigInt([...node.store.entries(table)].length)),
  );
});

test('a snapshot has the header that its layout says, and the same state has the same bytes', () => {
  assert.equal(Buffer.from(file.subarray(0, 8)).toString('latin1'), 'RNTSTATE');
  assert.equal(file[8], 1);
  assert.deepEqual(file.subarray(41, 73), fromHex(blocks[5]!.id));
  assert.equal(new DataView(file.buffer, file.byteOffset).getUint32(73, true), 6);
  assert.equal(SNAPSHOT_HEADER_LENGTH, 8 + 1 + 32 + 32 + 4 + 8 * LEDGER_TABLES.length + 32);
  assert.equal(file.at(-1), 0xff);
  assert.deepEqual(withEntries(entries), file);
  assert.deepEqual(exported(grown().store).file, file);
});

test('an imported snapshot, with the blocks above it connected, is the state of the tip to the byte', () => {
  const { store } = grown();
  const before = content(store);
  store.write({ puts: [{ table: 'coins', key: Uint8Array.of(222), value: Uint8Array.of(1) }], deletes: [] });
  const result = take(store, file, header.stateHash, 7);
  assert.deepEqual(result, { ok: true, header });
  const work = new LedgerRebuild({ params: sampleParams, store, ledger: new TestLedger(), transactionIndex: false });
  assert.deepEqual([work.progress.phase, work.progress.height], ['connect', 6]);
  while (!work.step());
  assert.deepEqual(content(store), before);
});

test('an import that was interrupted becomes a rebuild from the first block', () => {
  const { store } = grown();
  const before = content(store);
  const work = importSnapshot({ params: sampleParams, store, source: source(file), stateHash: header.stateHash });
  for (let turn = work.next(); turn.done !== true && turn.value.phase !== 'clear'; ) turn = work.next();
  const rebuild = new LedgerRebuild({ params: sampleParams, store, ledger: new TestLedger(), transactionIndex: false });
  assert.deepEqual([rebuild.progress.phase, rebuild.progress.height], ['clear', 0]);
  while (!rebuild.step());
  assert.deepEqual(content(store), before);
});

const [first, second] = entries as [Uint8Array, Uint8Array];
const { length } = entries;
const countsWith = (table: number, change: bigint): readonly bigint[] =>
  header.counts.with(table, header.counts[table]! + change);
const lastTable = LEDGER_TABLES.length - 1;
const hash = header.stateHash;
/** One bit of a value in the middle of the file. */
const flip = (at: number): Uint8Array => file.with(at, file[at]! ^ 1);
const altered = (place: 'key' | 'value'): Uint8Array => {
  const { key, value } = { key: first.slice(2, 2 + first[1]!), value: first.slice(3 + first[1]!) };
  const entry =
    place === 'key'
      ? entryAt(0, concatBytes(key.with(-1, 0), Uint8Array.of(9)), value)
      : entryAt(0, key, value.with(0, value[0]! ^ 1));
  return withEntries([entry, ...entries.slice(1)]);
};

const refusals: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
  ['an empty file', new Uint8Array(0), 'snapshot-format', /does not begin/],
  ['another file', flip(3), 'snapshot-format', /does not begin/],
  ['another version', file.with(8, 2), 'snapshot-version', /version 2.* 1/],
  ['a header cut short', file.subarray(0, SNAPSHOT_HEADER_LENGTH - 1), 'snapshot-truncated', /header takes/],
  ['another network', flip(10), 'snapshot-network', /genesis/],
  ['an unknown block', flip(50), 'snapshot-unknown-block', /not known/],
  ['a known block of another height', withHeader({ height: 7 }), 'snapshot-unknown-block', /height 7/],
  [
    'a block that is not final',
    withHeader({ height: 7, blockId: fromHex(blocks[6]!.id) }),
    'snapshot-not-final',
    /height 7.*final height is 6/,
  ],
  ['a file without its last byte', file.subarray(0, -1), 'snapshot-truncated', /ends after/],
  ['a file cut within an entry', file.subarray(0, -9), 'snapshot-truncated', /ends after/],
  ['a file of nothing but a header', file.subarray(0, SNAPSHOT_HEADER_LENGTH), 'snapshot-truncated', /ends after/],
  ['a byte after the end', concatBytes(file, Uint8Array.of(0)), 'snapshot-trailing', /1 bytes/],
  [
    'one entry more than announced in the first table',
    withHeader({ counts: countsWith(0, -1n) }),
    'snapshot-count',
    /more than/,
  ],
  [
    'one entry less than announced in the first table',
    withHeader({ counts: countsWith(0, 1n) }),
    'snapshot-count',
    /announced/,
  ],
  [
    'one entry more than announced in the last table',
    withHeader({ counts: countsWith(lastTable, -1n) }),
    'snapshot-count',
    /more than/,
  ],
  [
    'one entry less than announced in the last table',
    withHeader({ counts: countsWith(lastTable, 1n) }),
    'snapshot-count',
    /announced/,
  ],
  [
    'a count of 2^64 - 1',
    withHeader({ counts: header.counts.with(2, 2n ** 64n - 1n) }),
    'snapshot-count',
    /18446744073709551615/,
  ],
  ['an altered value', altered('value'), 'snapshot-state-hash', /entries give [0-9a-f]{64}.*[0-9a-f]{64}/],
  ['an altered key', altered('key'), 'snapshot-state-hash', /entries give/],
  [
    'a wrong state hash in the header',
    withHeader({ stateHash: hash.with(0, hash[0]! ^ 1) }),
    'snapshot-state-hash',
    /header says/,
  ],
  ['keys in another order', withEntries([second, first, ...entries.slice(2)]), 'snapshot-order', /comes after/],
  ['a key twice', withEntries([first, first, ...entries.slice(2)]), 'snapshot-order', /comes after/],
  [
    'tables in another order',
    withEntries([...entries.slice(-1), ...entries.slice(0, -1)]),
    'snapshot-count',
    /0 entries/,
  ],
  [
    'a table that does not exist',
    withEntries([...entries.slice(0, length - 1), first.with(0, 77)]),
    'snapshot-count',
    /announced/,
  ],
  ['an empty key', withEntries([Uint8Array.of(0, 0, 0), ...entries.slice(1)]), 'snapshot-entry', /count/],
  [
    'a key too long',
    withEntries([concatBytes(Uint8Array.of(0, 0xfd, 1, 2), new Uint8Array(600)), ...entries]),
    'snapshot-entry',
    new RegExp(`${MAX_SNAPSHOT_KEY}`),
  ],
  [
    'a value too long',
    withEntries([Uint8Array.of(0, 1, 0, 0xfe, 1, 0, 16, 0), ...entries]),
    'snapshot-entry',
    new RegExp(`${MAX_SNAPSHOT_VALUE}`),
  ],
  [
    'a length in more bytes than it needs',
    withEntries([concatBytes(Uint8Array.of(0, 0xfd, 2, 0), first.subarray(2)), ...entries.slice(1)]),
    'snapshot-entry',
    /varint/,
  ],
];

for (const [what, bytes, code, detail] of refusals)
  test(`${what} is refused as ${code}, and the store stays as it was`, () => {
    const { store } = node;
    const before = content(store);
    const result = take(store, bytes, hash);
    assert.ok(!result.ok);
    assert.equal(result.code, code, result.detail);
    assert.match(result.detail, detail);
    assert.deepEqual(content(store), before);
  });

test('a snapshot that is right in itself is refused if its state is not the one that the operator trusts', () => {
  const other = withEntries([], {
    counts: header.counts.map(() => 0n),
    stateHash: stateHash(new StoreView(new MemoryChainStore())),
  });
  const result = take(grown().store, other, hash);
  assert.ok(!result.ok);
  assert.equal(result.code, 'snapshot-state-hash');
  assert.match(result.detail, new RegExp(`c24a68b7.*${toHex(hash)} was expected`));
});

test('a snapshot of a final block below the last one is taken too', () => {
  const view = new StoreView(new MemoryChainStore());
  const below = blocks.slice(0, 4).map(({ id }) => id);
  applyBlocks(below, view);
  const summary = run(summarize(view));
  const list = LEDGER_TABLES.flatMap((name, table) =>
    [...view.range(name, new Uint8Array(0), null)].map(([key, value]) => entryAt(table, key, value)),
  );
  const bytes = withEntries(list, { ...summary, height: 4, blockId: fromHex(blocks[3]!.id) });
  const { store } = grown();
  const before = content(store);
  assert.ok(take(store, bytes, summary.stateHash).ok);
  const work = new LedgerRebuild({ params: sampleParams, store, ledger: new TestLedger(), transactionIndex: false });
  while (!work.step());
  assert.deepEqual(content(store), before);
});

test('whatever is done to a snapshot, it is taken as it is or refused by a name, and never read beyond its end', () => {
  let state = 7;
  const random = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const seen = new Set<string>();
  for (let round = 0; round < 400; round++) {
    let bytes: Uint8Array = file.slice();
    for (let change = 0; change <= random(3); change++) {
      const at = random(bytes.length);
      const kind = random(4);
      if (kind === 0) bytes = bytes.with(at, random(256));
      else if (kind === 1) bytes = bytes.slice(0, at);
      else if (kind === 2) bytes = concatBytes(bytes.subarray(0, at), bytes.subarray(at + 1 + random(5)));
      else bytes = concatBytes(bytes.subarray(0, at), Uint8Array.of(random(256)), bytes.subarray(at));
      if (bytes.length === 0) break;
    }
    const result = take(node.store, bytes, hash);
    if (result.ok) {
      assert.deepEqual(bytes, file);
      for (
        const work = new LedgerRebuild({
          params: sampleParams,
          store: node.store,
          ledger: new TestLedger(),
          transactionIndex: false,
        });
        !work.step();
      );
    } else seen.add(result.code);
  }
  assert.ok(seen.size >= 8, [...seen].join(' '));
});

test('every code of the list is tested', () => {
  const tested = new Set(refusals.map(([, , code]) => code));
  assert.deepEqual(
    SNAPSHOT_CODES.filter((code) => !tested.has(code)),
    [],
  );
});

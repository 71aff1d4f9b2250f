// Changes that lie over a wallet's tables until they are stored as one batch, and the record that takes a block's changes back.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, list, oneOf, optional, refine, struct, u8, varBytes } from '@resonancenet/bytes/codec';
import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import { type DecodeResult, decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { WALLET_TABLES, type WalletReader, type WalletTable, type WalletView } from './wallet-view.ts';

/** An entry that is not what it was; null: there is none. */
export interface WalletChange {
  readonly table: WalletTable;
  readonly key: Uint8Array;
  readonly before: Uint8Array | null;
  readonly after: Uint8Array | null;
}

/** What an entry that a block changed was before it. */
export type WalletUndo = Omit<WalletChange, 'after'>;

type Entry = readonly [key: Uint8Array, value: Uint8Array];

export class WalletChanges implements WalletView {
  readonly #base: WalletReader;
  readonly #tables = new Map<WalletTable, Map<string, WalletChange>>();

  constructor(base: WalletReader) {
    this.#base = base;
  }

  get(table: WalletTable, key: Uint8Array): Uint8Array | null {
    const change = this.#tables.get(table)?.get(toHex(key));
    return change === undefined ? this.#base.get(table, key) : change.after;
  }

  *range(table: WalletTable, from: Uint8Array, to: Uint8Array | null): Iterable<Entry> {
    const changed = this.#tables.get(table);
    if (changed === undefined) yield* this.#base.range(table, from, to);
    else yield* merged(this.#base.range(table, from, to), changesWithin(changed, from, to));
  }

  put(table: WalletTable, key: Uint8Array, value: Uint8Array): void {
    this.#change(table, key, value);
  }

  delete(table: WalletTable, key: Uint8Array): void {
    this.#change(table, key, null);
  }

  /** All entries that are not what they were, the last change of each. */
  changes(): readonly WalletChange[] {
    const all = [...this.#tables.values()].flatMap((table) => [...table.values()]);
    return all.filter(({ before, after }) => !isSame(before, after));
  }

  /** Restores the entries of an undo record. */
  undo(entries: readonly WalletUndo[]): void {
    for (const { table, key, before } of entries) this.#change(table, key, before);
  }

  #change(table: WalletTable, key: Uint8Array, after: Uint8Array | null): void {
    const changes = this.#tables.get(table) ?? new Map<string, WalletChange>();
    this.#tables.set(table, changes);
    const name = toHex(key);
    const known = changes.get(name);
    changes.set(name, { table, key, before: known === undefined ? this.#base.get(table, key) : known.before, after });
  }
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b);
}

function changesWithin(
  changed: ReadonlyMap<string, WalletChange>,
  from: Uint8Array,
  to: Uint8Array | null,
): WalletChange[] {
  const inside = [...changed.values()].filter(
    ({ key }) => compareBytes(key, from) >= 0 && (to === null || compareBytes(key, to) < 0),
  );
  return inside.sort((a, b) => compareBytes(a.key, b.key));
}

function* merged(stored: Iterable<Entry>, changes: readonly WalletChange[]): Iterable<Entry> {
  let next = 0;
  for (const entry of stored) {
    for (; next < changes.length && compareBytes(changes[next]!.key, entry[0]) < 0; next++)
      yield* present(changes[next]!);
    if (next < changes.length && equalBytes(changes[next]!.key, entry[0])) yield* present(changes[next++]!);
    else yield entry;
  }
  for (; next < changes.length; next++) yield* present(changes[next]!);
}

function* present({ key, after }: WalletChange): Iterable<Entry> {
  if (after !== null) yield [key, after];
}

const anyBytes: Codec<Uint8Array> = varBytes();

const undoCodec: Codec<{ readonly version: number; readonly entries: readonly WalletUndo[] }> = struct<{
  readonly version: number;
  readonly entries: readonly WalletUndo[];
}>({
  version: refine(u8, (value) => (value === 1 ? null : `a record of version ${value}; this program reads 1`)),
  entries: list(
    struct<WalletUndo>({ table: oneOf('table', WALLET_TABLES), key: anyBytes, before: optional(anyBytes) }),
  ),
});

/** The record that takes these changes back. */
export function encodeWalletUndo(changes: readonly WalletChange[]): Uint8Array {
  return encode(undoCodec, { version: 1, entries: changes });
}

export function decodeWalletUndo(bytes: Uint8Array): DecodeResult<readonly WalletUndo[]> {
  const result = decode(undoCodec, bytes);
  return result.ok ? { ok: true, value: result.value.entries } : result;
}

/** A store's bytes as the value they must hold. */
export function decodeStored<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const result = decode(codec, bytes);
  assert(result.ok, `a stored record cannot be read: ${result.ok ? '' : result.error.message}`);
  return result.value;
}

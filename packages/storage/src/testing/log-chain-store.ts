// A chain store on the file layer: an append-only log of batches. It lets the crash suite run the same script on a disk that loses and
// tears what was not flushed, which LMDB, being native code, cannot be put on.

import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { Reader } from '@resonancenet/bytes/reader';
import { Writer } from '@resonancenet/bytes/writer';
import { CHAIN_TABLES, type ChainBatch, type ChainTable } from '@resonancenet/chain/events';
import type { ChainSnapshot, ChainStore, StoredEntry } from '@resonancenet/chain/ports';
import type { FileLayer } from '../file-layer.ts';
import { MemoryChainStore } from '@resonancenet/chain/memory-store';

/** Per record: length u32le, crc32 u32le, payload. */
const HEADER = 8;

export class LogChainStore implements ChainStore {
  readonly #layer: FileLayer;
  readonly #path: string;
  readonly #memory = new MemoryChainStore();
  #end = 0;

  constructor(path: string, layer: FileLayer) {
    this.#layer = layer;
    this.#path = path;
    layer.makeFolder(dirname(path));
    const length = layer.sizeOf(path) ?? 0;
    const bytes = length === 0 ? new Uint8Array(0) : layer.read(path, 0, length);
    const view = new DataView(bytes.buffer);
    while (this.#end + HEADER <= length) {
      const size = view.getUint32(this.#end, true);
      const payload = bytes.subarray(this.#end + HEADER, this.#end + HEADER + size);
      if (size === 0 || payload.length < size || crc32(payload) !== view.getUint32(this.#end + 4, true)) break;
      this.#memory.write(decodeBatch(payload));
      this.#end += HEADER + size;
    }
    layer.truncate(path, this.#end);
    layer.syncFile(path);
    layer.syncFolder(dirname(path));
  }

  get(table: ChainTable, key: Uint8Array): Uint8Array | null {
    return this.#memory.get(table, key);
  }

  entries(table: ChainTable): Iterable<StoredEntry> {
    return this.#memory.entries(table);
  }

  range(table: ChainTable, from: Uint8Array, to: Uint8Array | null): Iterable<StoredEntry> {
    return this.#memory.range(table, from, to);
  }

  snapshot(): ChainSnapshot {
    return this.#memory.snapshot();
  }

  write(batch: ChainBatch): void {
    const payload = encodeBatch(batch);
    const record = new Uint8Array(HEADER + payload.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, payload.length, true);
    view.setUint32(4, crc32(payload), true);
    record.set(payload, HEADER);
    this.#layer.write(this.#path, this.#end, record);
    this.#layer.syncFile(this.#path);
    this.#end += record.length;
    this.#memory.write(batch);
  }
}

function encodeBatch(batch: ChainBatch): Uint8Array {
  const entries = [...batch.puts, ...batch.deletes.map((removal) => ({ ...removal, value: new Uint8Array(0) }))];
  const writer = new Writer(entries.reduce((sum, { key, value }) => sum + key.length + value.length + 19, 18));
  writer.varint(batch.puts.length);
  for (const { table, key, value } of batch.puts)
    writer.u8(CHAIN_TABLES.indexOf(table)).varint(key.length).bytes(key).varint(value.length).bytes(value);
  writer.varint(batch.deletes.length);
  for (const { table, key } of batch.deletes) writer.u8(CHAIN_TABLES.indexOf(table)).varint(key.length).bytes(key);
  return writer.finish();
}

function decodeBatch(bytes: Uint8Array): ChainBatch {
  const reader = new Reader(bytes);
  const table = (): ChainTable => CHAIN_TABLES[reader.u8()]!;
  const field = (): Uint8Array => reader.bytes(reader.varint());
  const puts = Array.from({ length: reader.varint() }, () => ({ table: table(), key: field(), value: field() }));
  const deletes = Array.from({ length: reader.varint() }, () => ({ table: table(), key: field() }));
  reader.finish();
  return { puts, deletes };
}

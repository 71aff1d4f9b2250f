// Reads a snapshot as what it is: a file from anybody. Nothing is allocated that the file's own length does not cover, and every refusal has a name.

import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import { DecodeError } from '@resonancenet/bytes/decode-error';
import { decode } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import { Reader } from '@resonancenet/bytes/reader';
import { LEDGER_TABLES } from '@resonancenet/ledger/ledger-view';
import { StateHash } from '@resonancenet/ledger/state-hash';
import {
  MAX_ENTRY_LENGTH,
  SNAPSHOT_END,
  SNAPSHOT_HEADER_LENGTH,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  type SnapshotCode,
  type SnapshotEntry,
  snapshotEntryCodec,
  type SnapshotHeader,
  snapshotHeaderCodec,
} from './snapshot-format.ts';

/** The bytes of a file; the same ones whenever they are read. */
export interface SnapshotSource {
  readonly length: number;
  /** Exactly `length` bytes, which the file has. */
  read(offset: number, length: number): Uint8Array;
}

export interface SnapshotRefusal {
  readonly ok: false;
  readonly code: SnapshotCode;
  /** With both numbers where there are two. */
  readonly detail: string;
}

/** Thrown within this file only. */
class Refused extends Error {
  readonly refusal: SnapshotRefusal;

  constructor(code: SnapshotCode, detail: string) {
    super(detail);
    this.refusal = { ok: false, code, detail };
  }
}

const PART_BYTES: number = 4 * MAX_ENTRY_LENGTH;
const ENTRIES_PER_TURN = 1_000;

export function readSnapshotHeader(
  source: SnapshotSource,
): { readonly ok: true; readonly header: SnapshotHeader } | SnapshotRefusal {
  const start = source.read(0, Math.min(source.length, SNAPSHOT_HEADER_LENGTH));
  const magic = start.subarray(0, SNAPSHOT_MAGIC.length);
  if (!equalBytes(magic, SNAPSHOT_MAGIC.subarray(0, magic.length)) || magic.length === 0)
    return refuse('snapshot-format', 'the file does not begin as a snapshot does');
  const version = start[SNAPSHOT_MAGIC.length];
  if (version !== undefined && version !== SNAPSHOT_VERSION)
    return refuse('snapshot-version', `the snapshot has version ${version}, this program reads ${SNAPSHOT_VERSION}`);
  if (start.length < SNAPSHOT_HEADER_LENGTH)
    return refuse(
      'snapshot-truncated',
      `the file has ${source.length} bytes, its header takes ${SNAPSHOT_HEADER_LENGTH}`,
    );
  const decoded = decode(snapshotHeaderCodec, start);
  if (!decoded.ok) return refuse('snapshot-format', decoded.error.message);
  const { magic: _, version: __, ...header } = decoded.value;
  return { ok: true, header };
}

/**
 * Goes over all entries: yields the bytes done so far, returns null if the file is what its header says and gives `stateHash`.
 * `take` sees each entry before the whole is known to be right.
 */
export function* readSnapshotEntries(
  source: SnapshotSource,
  header: SnapshotHeader,
  stateHash: Uint8Array,
  take: (entry: SnapshotEntry) => void,
): Generator<number, SnapshotRefusal | null> {
  try {
    const cursor = new Cursor(source);
    const sum = new StateHash();
    for (const [table, expected] of header.counts.entries()) {
      let last: Uint8Array | null = null;
      for (let count = 0n; count < expected; count++) {
        const entry = cursor.entry(table, count, expected);
        if (last !== null && compareBytes(last, entry.key) >= 0)
          throw new Refused(
            'snapshot-order',
            `key ${toHex(entry.key)} of table '${LEDGER_TABLES[table]}' comes after ${toHex(last)}`,
          );
        last = entry.key;
        sum.add(LEDGER_TABLES[table]!, entry.key, entry.value);
        take(entry);
        if (cursor.entries % ENTRIES_PER_TURN === 0) yield cursor.offset;
      }
      cursor.endOf(table, expected);
    }
    cursor.finish();
    const found = sum.digest();
    if (!equalBytes(found, header.stateHash))
      throw new Refused(
        'snapshot-state-hash',
        `the entries give ${toHex(found)}, the header says ${toHex(header.stateHash)}`,
      );
    if (!equalBytes(found, stateHash))
      throw new Refused('snapshot-state-hash', `the entries give ${toHex(found)}, ${toHex(stateHash)} was expected`);
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** Walks the file in parts. */
class Cursor {
  entries = 0;
  readonly #source: SnapshotSource;
  /** Where the part begins in the file. */
  #start = SNAPSHOT_HEADER_LENGTH;
  #part: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: SnapshotSource) {
    this.#source = source;
  }

  get offset(): number {
    return this.#start + this.#at;
  }

  entry(table: number, count: bigint, expected: bigint): SnapshotEntry {
    const mark = this.#peek();
    if (mark !== table) {
      if (mark === SNAPSHOT_END || mark > table) throw wrongCount(table, count, expected);
      throw new Refused(
        'snapshot-order',
        `at byte ${this.offset} an entry of table ${mark} comes after those of table ${table}`,
      );
    }
    const reader = new Reader(this.#part.subarray(this.#at));
    try {
      const entry = snapshotEntryCodec.read(reader);
      this.#at += reader.offset;
      this.entries += 1;
      return entry;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const isCut = error.reason === 'truncated' || error.reason === 'count-exceeds-bytes';
      throw isCut ? this.#truncated() : new Refused('snapshot-entry', `at byte ${this.offset}: ${error.message}`);
    }
  }

  /** No further entry of the table may follow. */
  endOf(table: number, expected: bigint): void {
    if (this.#peek() === table)
      throw new Refused(
        'snapshot-count',
        `table '${LEDGER_TABLES[table]}' has more than the announced ${expected} entries`,
      );
  }

  finish(): void {
    const mark = this.#peek();
    if (mark !== SNAPSHOT_END)
      throw new Refused('snapshot-entry', `at byte ${this.offset} there is table ${mark}, the end was expected`);
    const rest = this.#source.length - this.offset - 1;
    if (rest > 0) throw new Refused('snapshot-trailing', `${rest} bytes follow the end at byte ${this.offset}`);
  }

  /** The byte at which the next entry begins, with all of the entry in the part. */
  #peek(): number {
    if (this.#part.length - this.#at < MAX_ENTRY_LENGTH) this.#refill();
    const mark = this.#part[this.#at];
    if (mark === undefined) throw this.#truncated();
    return mark;
  }

  #refill(): void {
    const start = this.offset;
    const end = Math.min(this.#source.length, start + PART_BYTES);
    if (end === this.#start + this.#part.length) return;
    this.#part = this.#source.read(start, end - start);
    this.#start = start;
    this.#at = 0;
  }

  #truncated(): Refused {
    return new Refused(
      'snapshot-truncated',
      `the file ends after ${this.#source.length} bytes, within an entry or before the end`,
    );
  }
}

function wrongCount(table: number, count: bigint, expected: bigint): Refused {
  return new Refused(
    'snapshot-count',
    `table '${LEDGER_TABLES[table]}' has ${count} entries, ${expected} were announced`,
  );
}

function refuse(code: SnapshotCode, detail: string): SnapshotRefusal {
  return { ok: false, code, detail };
}

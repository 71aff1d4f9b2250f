// The file of a snapshot, byte for byte: the whole state of the ledger after one block. Entries lie in the order of their tables and keys, so that a
// state has one file.
//
//   'RNTSTATE' || version u8 || genesis id 32 || block id 32 || height u32 || entries of each table, u64 each || state hash 32 (LED-30)
//   entries: table u8 || key varbytes || value varbytes
//   0xff

import { type Codec, fixedBytes, refine, struct, u32, u64, u8, varBytes } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { utf8 } from '@resonancenet/bytes/utf8';
import { LEDGER_TABLES } from '@resonancenet/ledger/ledger-view';

/** Why a snapshot is not taken. Closed list. */
export const SNAPSHOT_CODES = [
  /** It does not begin as a snapshot does. */
  'snapshot-format',
  /** Written in a format that this program does not read. */
  'snapshot-version',
  /** Of another network. */
  'snapshot-network',
  /** Of a block that this node does not know. */
  'snapshot-unknown-block',
  /** Of a block that is not final here. */
  'snapshot-not-final',
  /** The file ends too early. */
  'snapshot-truncated',
  /** An entry cannot be read. */
  'snapshot-entry',
  /** Tables or keys are not in ascending order. */
  'snapshot-order',
  /** A table has other than the announced number of entries. */
  'snapshot-count',
  /** Something follows the end. */
  'snapshot-trailing',
  /** The entries do not give the state hash that they should. */
  'snapshot-state-hash',
] as const;

export type SnapshotCode = (typeof SNAPSHOT_CODES)[number];

export interface SnapshotHeader {
  readonly genesisId: Uint8Array;
  readonly blockId: Uint8Array;
  readonly height: number;
  /** Entries of each table, in the order of LEDGER_TABLES. */
  readonly counts: readonly bigint[];
  readonly stateHash: Uint8Array;
}

interface StoredHeader extends SnapshotHeader {
  readonly magic: Uint8Array;
  readonly version: number;
}

export const SNAPSHOT_MAGIC: Uint8Array = utf8('RNTSTATE');
export const SNAPSHOT_VERSION = 1;
export const SNAPSHOT_END = 0xff;

/** A key is a few ids long, and no value longer than a whole D_val with what is known of it. */
export const MAX_SNAPSHOT_KEY = 512;
export const MAX_SNAPSHOT_VALUE: number = 2 ** 20;

/** No entry takes more bytes. */
export const MAX_ENTRY_LENGTH: number = 1 + 3 + MAX_SNAPSHOT_KEY + 5 + MAX_SNAPSHOT_VALUE;

const counts: Codec<readonly bigint[]> = {
  minSize: 8 * LEDGER_TABLES.length,
  read: (reader) => LEDGER_TABLES.map(() => u64.read(reader)),
  write: (writer, values) => {
    for (const value of values) u64.write(writer, value);
  },
};

export const snapshotHeaderCodec: Codec<StoredHeader> = struct<StoredHeader>({
  magic: refine(fixedBytes(SNAPSHOT_MAGIC.length), (value) =>
    equalBytes(value, SNAPSHOT_MAGIC) ? null : 'no snapshot',
  ),
  version: refine(u8, (value) => (value === SNAPSHOT_VERSION ? null : `version ${value}`)),
  genesisId: fixedBytes(32),
  blockId: fixedBytes(32),
  height: u32,
  counts,
  stateHash: fixedBytes(32),
});

/** All of them have the same length. */
export const SNAPSHOT_HEADER_LENGTH: number = snapshotHeaderCodec.minSize;

export interface SnapshotEntry {
  /** Place in LEDGER_TABLES. */
  readonly table: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export const snapshotEntryCodec: Codec<SnapshotEntry> = struct<SnapshotEntry>({
  table: refine(u8, (value) => (value < LEDGER_TABLES.length ? null : `table ${value} does not exist`)),
  key: varBytes({ min: 1, max: MAX_SNAPSHOT_KEY }),
  value: varBytes({ max: MAX_SNAPSHOT_VALUE }),
});

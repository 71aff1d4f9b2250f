// What undoes a block, byte for byte: every entry of the ledger's tables that it changed, as it was before (LED-29).

import { type Codec, list, oneOf, optional, refine, struct, u8, varBytes } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { LEDGER_TABLES } from '@resonancenet/ledger/ledger-view';
import { ChainError } from './chain-error.ts';
import type { ChainTable } from './events.ts';

/** Tables that a block changes and its undo record restores. Their places in the list are part of the record. */
export const UNDO_TABLES: readonly ChainTable[] = ['transactions', ...LEDGER_TABLES];

export interface UndoEntry {
  readonly table: ChainTable;
  readonly key: Uint8Array;
  /** null: there was no such entry. */
  readonly before: Uint8Array | null;
}

interface StoredUndo {
  readonly version: number;
  readonly entries: readonly UndoEntry[];
}

const anyBytes: Codec<Uint8Array> = varBytes();

const storedUndo: Codec<StoredUndo> = struct<StoredUndo>({
  version: refine(u8, (value) => (value === 1 ? null : `a record of version ${value}; this program reads 1`)),
  entries: list(struct<UndoEntry>({ table: oneOf('table', UNDO_TABLES), key: anyBytes, before: optional(anyBytes) })),
});

export function encodeUndo(entries: readonly UndoEntry[]): Uint8Array {
  return encode(storedUndo, { version: 1, entries });
}

/** @throws ChainError `chain-corrupt` */
export function decodeUndo(bytes: Uint8Array, blockId: string): readonly UndoEntry[] {
  const result = decode(storedUndo, bytes);
  if (result.ok) return result.value.entries;
  throw new ChainError(
    'chain-corrupt',
    `What undoes block ${blockId} cannot be read: ${result.error.message}. Start once with --reindex.`,
    { cause: result.error },
  );
}

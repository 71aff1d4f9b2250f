// Writes the state after the last final block as a snapshot.

import { encode } from '@resonancenet/bytes/encode';
import { fromHex } from '@resonancenet/bytes/hex';
import { Writer } from '@resonancenet/bytes/writer';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { LEDGER_TABLES } from '@resonancenet/ledger/ledger-view';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { blockId } from '@resonancenet/primitives/header';
import { stateAtFinal, summarize } from './ledger-state.ts';
import type { ChainReader } from './ports.ts';
import {
  SNAPSHOT_END,
  SNAPSHOT_MAGIC,
  SNAPSHOT_VERSION,
  snapshotEntryCodec,
  type SnapshotHeader,
  snapshotHeaderCodec,
} from './snapshot-format.ts';

export interface SnapshotProgress {
  /** Entries done, and how many there are; null while they are being counted. */
  readonly entries: number;
  readonly of: number | null;
}

/** Bytes that are written at once. */
const PART_BYTES: number = 2 ** 20;

const nothing = new Uint8Array(0);

/**
 * Hands the file to `write` part by part, in order, and returns its header. `reader`: a snapshot of the store, closed by the caller. Between two steps
 * of the generator anything else may be done.
 */
export function* exportSnapshot(
  reader: ChainReader,
  params: NetworkParams,
  write: (part: Uint8Array) => void,
): Generator<SnapshotProgress, SnapshotHeader> {
  const state = stateAtFinal(reader);
  const counting = summarize(state.reader);
  let turn = counting.next();
  for (; turn.done !== true; turn = counting.next()) yield { entries: turn.value, of: null };
  const header: SnapshotHeader = {
    genesisId: blockId(genesisHeader(params)),
    blockId: fromHex(state.blockId),
    height: state.height,
    ...turn.value,
  };
  write(encode(snapshotHeaderCodec, { magic: SNAPSHOT_MAGIC, version: SNAPSHOT_VERSION, ...header }));
  const of = Number(header.counts.reduce((sum, count) => sum + count, 0n));
  let entries = 0;
  let writer = new Writer(PART_BYTES);
  for (const [table, name] of LEDGER_TABLES.entries()) {
    for (const [key, value] of state.reader.range(name, nothing, null)) {
      snapshotEntryCodec.write(writer, { table, key, value });
      entries += 1;
      if (writer.length < PART_BYTES) continue;
      write(writer.finish());
      writer = new Writer(PART_BYTES);
      yield { entries, of };
    }
  }
  write(writer.u8(SNAPSHOT_END).finish());
  return header;
}

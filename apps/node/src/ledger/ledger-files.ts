// The state of the ledger as files and numbers: what walks all of it gives way to everything else after each piece.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { stateAtTip, summarize } from '@resonancenet/chain/ledger-state';
import type { ChainStore } from '@resonancenet/chain/ports';
import { exportSnapshot } from '@resonancenet/chain/snapshot-export';
import type { SnapshotHeader } from '@resonancenet/chain/snapshot-format';
import { importSnapshot } from '@resonancenet/chain/snapshot-import';
import { readSnapshotEntries, readSnapshotHeader, type SnapshotRefusal } from '@resonancenet/chain/snapshot-reader';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { openSnapshot, SnapshotFile } from '@resonancenet/storage/snapshot-file';

export interface StateAtTip {
  readonly blockId: string;
  readonly height: number;
  /** LED-30. */
  readonly stateHash: Uint8Array;
  /** Entries of each table, in the order of LEDGER_TABLES. */
  readonly counts: readonly bigint[];
}

/** Hash and size of the state after the tip as it is now, whatever is connected meanwhile. About 15 us for each entry. */
export async function hashState(store: ChainStore): Promise<StateAtTip> {
  const snapshot = store.snapshot();
  try {
    const { blockId, height, reader } = stateAtTip(snapshot);
    return { blockId, height, ...(await finished(summarize(reader))) };
  } finally {
    snapshot.close();
  }
}

/** Writes the state after the last final block; the file appears under its name when it is whole. Throws StorageError. */
export async function writeSnapshot(store: ChainStore, params: NetworkParams, path: string): Promise<SnapshotHeader> {
  const snapshot = store.snapshot();
  const file = new SnapshotFile(path);
  try {
    const header = await finished(exportSnapshot(snapshot, params, (part) => file.write(part)));
    file.finish();
    return header;
  } catch (error) {
    file.discard();
    throw error;
  } finally {
    snapshot.close();
  }
}

/** A snapshot that is not what it should be; `code` is one of SNAPSHOT_CODES. */
export class SnapshotError extends Error {
  readonly code: SnapshotRefusal['code'];

  constructor({ code, detail }: SnapshotRefusal, path: string) {
    super(`The snapshot ${path} is not taken: ${code}, ${detail}. Get it again, or start without it.`);
    this.name = 'SnapshotError';
    this.code = code;
  }
}

/**
 * Takes a snapshot over as the state; nothing else uses the store meanwhile, and a rebuild must follow. `stateHash`: what the operator trusts.
 * @throws SnapshotError before anything is changed; StorageError; the signal's reason if it aborts
 */
export async function loadSnapshot(
  store: ChainStore,
  params: NetworkParams,
  { file, stateHash }: { readonly file: string; readonly stateHash: Uint8Array },
  signal: AbortSignal,
): Promise<SnapshotHeader> {
  const result = await finished(importSnapshot({ params, store, source: openSnapshot(file), stateHash }), signal);
  if (!result.ok) throw new SnapshotError(result, file);
  return result.header;
}

/** Reads all of a snapshot; nothing changes. Throws StorageError. */
export async function checkSnapshot(
  path: string,
  stateHash: Uint8Array,
): Promise<{ readonly ok: true; readonly header: SnapshotHeader } | SnapshotRefusal> {
  const source = openSnapshot(path);
  const start = readSnapshotHeader(source);
  if (!start.ok) return start;
  const refusal = await finished(readSnapshotEntries(source, start.header, stateHash, () => undefined));
  return refusal ?? start;
}

async function finished<T>(work: Generator<unknown, T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    signal?.throwIfAborted();
    const turn = work.next();
    if (turn.done === true) return turn.value;
    await nextTurn();
  }
}

// What an operator does to the ledger of a node that does not run.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { LedgerRebuild } from '@resonancenet/chain/ledger-rebuild';
import { exportSnapshot } from '@resonancenet/chain/snapshot-export';
import { importSnapshot } from '@resonancenet/chain/snapshot-import';
import { stateHash } from '@resonancenet/ledger/state-hash';
import type { SimNode } from '../sim-node.ts';

/** Builds the state anew from the node's blocks, as `--reindex` does; it must be what it was. */
export function rebuildLedger({ name, store, params }: SimNode, transactionIndex: boolean): void {
  const before = toHex(stateHash(store));
  const work = new LedgerRebuild({ params, store, transactionIndex, changesPerStep: 5_000 });
  while (!work.step());
  assert(toHex(stateHash(store)) === before, `${name} has another state after it was rebuilt`);
}

/** A node's state after its last final block, as a file. */
export function makeSnapshot({ store, params }: SimNode): {
  readonly bytes: Uint8Array;
  readonly stateHash: Uint8Array;
} {
  const parts: Uint8Array[] = [];
  const reader = store.snapshot();
  const header = drain(exportSnapshot(reader, params, (part) => parts.push(part)));
  reader.close();
  return { bytes: Buffer.concat(parts), stateHash: header.stateHash };
}

/** Such a file becomes the state of a node, which connects the blocks above it; the state of its tip must be what it was. */
export function takeSnapshot({ name, store, params }: SimNode, snapshot: ReturnType<typeof makeSnapshot>): void {
  const before = toHex(stateHash(store));
  const { bytes, stateHash: trusted } = snapshot;
  const source = {
    length: bytes.length,
    read: (offset: number, length: number) => bytes.subarray(offset, offset + length),
  };
  const result = drain(importSnapshot({ params, store, source, stateHash: trusted, changesPerStep: 5_000 }));
  assert(result.ok, `the snapshot is refused: ${result.ok ? '' : result.detail}`);
  const work = new LedgerRebuild({ params, store, transactionIndex: false, changesPerStep: 5_000 });
  while (!work.step());
  assert(toHex(stateHash(store)) === before, `${name} has another state after it took a snapshot over`);
}

/** Runs a generator to its end. */
function drain<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const turn = work.next();
    if (turn.done === true) return turn.value;
  }
}

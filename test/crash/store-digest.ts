// What two runs must agree on in the end: everything in the stores but the times at which it came.

import { toHex } from '@resonancenet/bytes/hex';
import { CHAIN_TABLES } from '@resonancenet/chain/events';
import type { ChainStore, CheckpointStore } from '@resonancenet/chain/ports';
import { decodeBlockRecord, decodeStateRecord } from '@resonancenet/chain/records';
import { stateHash } from '@resonancenet/ledger/state-hash';
import { blockId } from '@resonancenet/primitives/header';

export interface StoreDigest {
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Complete checkpoints, each hashed again. */
  readonly checkpoints: readonly string[];
  /** Of the ledger at the tip (LED-30), as hex. */
  readonly stateHash: string;
}

export function storeDigest(store: ChainStore, checkpoints: CheckpointStore): StoreDigest {
  const tables: Record<string, string[]> = {};
  for (const table of CHAIN_TABLES)
    tables[table] = [...store.entries(table)].map(([key, value]) => `${toHex(key)} ${describe(table, key, value)}`);
  const roots = [...new Set(checkpoints.roots())].sort();
  const sound = roots.map((root) => `${root} ${checkpoints.verify(root) ? 'sound' : 'damaged'}`);
  return { tables, checkpoints: sound, stateHash: toHex(stateHash(store)) };
}

function describe(table: string, key: Uint8Array, value: Uint8Array): string {
  if (table === 'headers') {
    const { header, stage, ours, inSync, forbidden, excused, invalid } = decodeBlockRecord(value);
    return JSON.stringify({ id: toHex(blockId(header)), stage, ours, inSync, forbidden, excused, invalid });
  }
  if (table === 'meta' && Buffer.from(key).toString() === 'state') {
    const { tip, finalHeight, finalId, prunedHeight } = decodeStateRecord(value);
    return JSON.stringify({ tip, finalHeight, finalId, prunedHeight });
  }
  return toHex(value);
}

/** The first difference in words; null if there is none. */
export function digestDifference(expected: StoreDigest, found: StoreDigest): string | null {
  const lists: [string, readonly string[], readonly string[]][] = [
    ['state hash', [expected.stateHash], [found.stateHash]],
    ['checkpoints', expected.checkpoints, found.checkpoints],
    ...Object.keys(expected.tables).map((table): [string, readonly string[], readonly string[]] => [
      `table '${table}'`,
      expected.tables[table] ?? [],
      found.tables[table] ?? [],
    ]),
  ];
  for (const [name, want, have] of lists) {
    const missing = want.find((line) => !have.includes(line));
    if (missing !== undefined) return `${name} lacks ${missing}`;
    const extra = have.find((line) => !want.includes(line));
    if (extra !== undefined) return `${name} has ${extra} too many`;
  }
  return null;
}

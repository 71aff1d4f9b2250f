// A ledger for tests of the chain: what a block changes follows from its id and the state before it, and the test says which blocks are refused,
// whose signatures are to be checked, and which ask for a loss.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { reject } from '@resonancenet/consensus/verdict';
import { hashUntagged } from '@resonancenet/crypto/hash';
import type { ConnectResult, SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { LedgerBlock } from '@resonancenet/ledger/ledger-context';
import { LEDGER_TABLES, type LedgerView } from '@resonancenet/ledger/ledger-view';
import type { Hex32 } from '../events.ts';
import type { Ledger, LossLookup } from '../ledger.ts';
import { MemoryChainStore } from '../memory-store.ts';
import type { ChainReader } from '../ports.ts';
import { StoreView } from '../store-view.ts';

/** Keys per table: few, so that blocks meet each other's entries. */
const KEYS = 24;

export class TestLedger implements Ledger {
  readonly refused: Set<Hex32> = new Set();
  readonly signatures: Map<Hex32, readonly SignatureCheck[]> = new Map();
  /** D_val ids on which blocks ask for their parent's loss. */
  readonly asked: Map<Hex32, Hex32> = new Map();
  /** Losses that were answered, by block. */
  readonly answered: Map<Hex32, number> = new Map();
  /** Blocks that were connected, in order. */
  readonly connected: Hex32[] = [];

  connect({ id, parent }: LedgerBlock, view: LedgerView, lossOf: LossLookup): ConnectResult {
    const hex = toHex(id);
    changeState(id, view);
    const dvalId = this.asked.get(hex);
    if (dvalId !== undefined) {
      const loss = lossOf(parent.checkpointRoot, fromHex(dvalId));
      if (loss === null) {
        const needs = { checkpointRoot: parent.checkpointRoot, dvalId: fromHex(dvalId) };
        return { ok: false, code: null, needs };
      }
      this.answered.set(hex, loss);
    }
    if (this.refused.has(hex))
      return reject('body-coinbase-amount', { claimed: 51n, expected: 50n, reward: 50n, fees: 0n });
    this.connected.push(hex);
    return { ok: true, signatures: this.signatures.get(hex) ?? [], reward: 50n, fees: 0n };
  }
}

/** Adds, replaces, removes and walks, the same for the same block on the same state. */
function changeState(id: Uint8Array, view: LedgerView): void {
  for (const [index, table] of LEDGER_TABLES.entries()) {
    const dice = hashUntagged(Uint8Array.of(index), id);
    const key = (at: number): Uint8Array => Uint8Array.of(dice[at]! % KEYS, 0xff);
    for (let at = 0; at < 6; at++) view.put(table, key(at), dice.slice(at, at + 1 + (dice[at]! % 9)));
    for (let at = 6; at < 9; at++) view.delete(table, key(at));
    // One that is there only within this block.
    view.put(table, Uint8Array.of(KEYS + 1), id);
    view.delete(table, Uint8Array.of(KEYS + 1));
    // What is found depends on everything before.
    const low = dice[9]! % KEYS;
    const found = [...view.range(table, Uint8Array.of(low), Uint8Array.of(low + 5))];
    const first = found[0];
    if (first !== undefined) view.put(table, first[0], hashUntagged(first[1], id).slice(0, 8));
    const old = view.get(table, key(10));
    if (old !== null) view.put(table, key(11), old);
    else view.delete(table, key(11));
  }
}

/** Changes the tables of a view as these blocks do. */
export function applyBlocks(ids: readonly Hex32[], view: LedgerView): void {
  for (const id of ids) changeState(fromHex(id), view);
}

/** All entries of the ledger's tables as text. */
export function ledgerTables(reader: Pick<ChainReader, 'range'>): string[] {
  return LEDGER_TABLES.flatMap((table) =>
    [...reader.range(table, new Uint8Array(0), null)].map(([key, value]) => `${table} ${toHex(key)}=${toHex(value)}`),
  );
}

/** The tables after these blocks on an empty state, by connecting and nothing else. */
export function tablesAfter(ids: readonly Hex32[]): string[] {
  const view = new StoreView(new MemoryChainStore());
  applyBlocks(ids, view);
  return ledgerTables(view);
}

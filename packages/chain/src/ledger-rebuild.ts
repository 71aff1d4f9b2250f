// Builds the state of the ledger anew from the stored blocks of the active chain, block by block and with atomic writes: whoever is interrupted goes on
// where the last one was. As long as it is not finished the store opens for nothing else. Signatures were checked when the blocks were connected, and
// their bytes still lead to the roots of their headers.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { checkEncodedBody } from '@resonancenet/consensus/body-checks';
import { explain } from '@resonancenet/consensus/explain';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { transactionsIn } from '@resonancenet/primitives/block';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { ChainError } from './chain-error.ts';
import { chainLimits } from './chain-limits.ts';
import type { ChainTable } from './events.ts';
import { connectJournaled } from './journal-block.ts';
import { type Ledger, networkLedger, trustedLosses } from './ledger.ts';
import { encodeLedgerRecord, LEDGER_KEY, type LedgerRecord, readLedgerRecord } from './ledger-record.ts';
import type { ChainReader, ChainStore } from './ports.ts';
import { decodeBlockRecord, decodeStateRecord, encodeHeight, STATE_KEY } from './records.ts';
import { StoreView } from './store-view.ts';
import { UNDO_TABLES } from './undo-record.ts';

export interface RebuildOptions {
  readonly params: NetworkParams;
  readonly store: ChainStore;
  readonly transactionIndex: boolean;
  readonly ledger?: Ledger;
  /** Entries that are changed before they are written. */
  readonly changesPerStep?: number;
}

export interface RebuildProgress {
  readonly phase: LedgerRecord['phase'];
  /** Of the state so far, and of the tip. */
  readonly height: number;
  readonly tipHeight: number;
}

/** Whether a rebuild began and did not end. */
export function isRebuildPending(store: Pick<ChainReader, 'get'>): boolean {
  const record = readLedgerRecord(store);
  return record !== null && record.phase !== 'ready';
}

export class LedgerRebuild {
  readonly #params: NetworkParams;
  readonly #store: ChainStore;
  readonly #ledger: Ledger;
  readonly #changesPerStep: number;
  readonly #view: StoreView;
  readonly #tipHeight: number;
  #record: LedgerRecord;

  /** Goes on with a rebuild from the blocks that did not end; begins anew with `begin`. */
  constructor(options: RebuildOptions) {
    const { params, store, transactionIndex } = options;
    this.#params = params;
    this.#store = store;
    this.#ledger = options.ledger ?? networkLedger(params, toHex(blockId(genesisHeader(params))));
    this.#changesPerStep = options.changesPerStep ?? chainLimits.changesPerStep;
    this.#view = new StoreView(store);
    this.#tipHeight = this.#findTip();
    const record = readableRecord(store);
    const isResumable = record !== null && (record.phase === 'clear' || record.phase === 'connect');
    const fresh = record === null || !isResumable || record.transactionIndex !== transactionIndex;
    this.#record = fresh ? { phase: 'clear', height: 0, transactionIndex } : record;
    // Before anything is taken away, the store says so.
    if (fresh) this.#write(this.#record);
  }

  get progress(): RebuildProgress {
    const { phase, height } = this.#record;
    return { phase, height, tipHeight: this.#tipHeight };
  }

  /** Does one piece of the work, a block at most, and stores what has gathered; true when all is done and stored. */
  step(): boolean {
    if (this.#record.phase === 'clear') this.#clear();
    else if (this.#record.phase === 'connect') this.#connect();
    return this.#record.phase === 'ready';
  }

  #clear(): void {
    const full = clearTables(this.#view, ['undo', ...UNDO_TABLES], this.#changesPerStep);
    this.#write(full ? this.#record : { ...this.#record, phase: 'connect', height: 0 });
  }

  #connect(): void {
    const height = Math.min(this.#record.height + 1, this.#tipHeight);
    if (height > this.#record.height) this.#connectAt(height);
    this.#record = { ...this.#record, height };
    if (height === this.#tipHeight) this.#write({ ...this.#record, phase: 'ready' });
    else if (this.#view.size >= this.#changesPerStep) this.save();
  }

  /** Stores what is done so far: whoever goes on later begins there. */
  save(): void {
    this.#write(this.#record);
  }

  #connectAt(height: number): void {
    const header = this.#headerAt(height);
    const parent = this.#headerAt(height - 1);
    const transactions = this.#transactionsOf(header);
    const block = { id: blockId(header), header, parent, transactions };
    const losses = trustedLosses({ dvalId: toHex(header.dvalId), parentLoss: header.parentLoss });
    const { result } = connectJournaled(block, this.#view, this.#ledger, losses, this.#record.transactionIndex);
    if (result.ok) return;
    const why = result.code === null ? 'it needs a loss' : `${result.code}, ${explain(result)}`;
    throw corrupt(`the ledger refuses block ${toHex(block.id)} of height ${height}: ${why}`);
  }

  #transactionsOf(header: BlockHeader): Iterable<Transaction> {
    const id = blockId(header);
    const bytes = this.#store.get('bodies', id);
    if (bytes === null) throw corrupt(`the body of block ${toHex(id)} is missing`);
    const verdict = checkEncodedBody(header, bytes, this.#params);
    if (!verdict.ok) throw corrupt(`the body of block ${toHex(id)} is damaged: ${explain(verdict)}`);
    return transactionsIn(bytes);
  }

  #headerAt(height: number): BlockHeader {
    const id = this.#store.get('heights', encodeHeight(height));
    const bytes = id === null ? null : this.#store.get('headers', id);
    if (bytes === null) throw corrupt(`there is no block at height ${height}`);
    return decodeBlockRecord(bytes).header;
  }

  #findTip(): number {
    const bytes = this.#store.get('meta', STATE_KEY);
    if (bytes === null) return 0;
    const header = this.#store.get('headers', fromHex(decodeStateRecord(bytes).tip));
    if (header === null) throw corrupt('the tip has no record');
    return decodeBlockRecord(header).header.height;
  }

  #write(record: LedgerRecord): void {
    this.#record = record.phase === 'ready' ? { ...record, height: 0 } : record;
    this.#view.put('meta', LEDGER_KEY, encodeLedgerRecord(this.#record));
    this.#view.setPurpose('rebuild');
    this.#store.write(this.#view.take());
  }
}

/** null for one that is damaged, too: everything is built anew. */
function readableRecord(store: ChainReader): LedgerRecord | null {
  try {
    return readLedgerRecord(store);
  } catch (error) {
    if (error instanceof ChainError) return null;
    throw error;
  }
}

/** Removes up to `limit` entries of the tables; true if there may be more. */
export function clearTables(view: StoreView, tables: readonly ChainTable[], limit: number): boolean {
  let removed = 0;
  for (const table of tables) {
    for (const [key] of view.stored(table)) {
      if (removed >= limit) return true;
      view.delete(table, key);
      removed += 1;
    }
  }
  return false;
}

function corrupt(what: string): ChainError {
  return new ChainError(
    'chain-corrupt',
    `The state of the ledger cannot be rebuilt: ${what}. Move the store away and start again: the node downloads and verifies what is missing.`,
  );
}

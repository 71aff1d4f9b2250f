// Blocks that a wallet has read and not stored yet. They are stored together, with the wallet's tip, in one transaction: a crash leaves the wallet
// at a block that it knows whole.

import type { LmdbWalletStore, BlockUndo } from '@resonancenet/storage/lmdb-wallet-store';
import { type ScannedBlock, scanBlock, type WalletBlock } from '@resonancenet/wallet/scan-block';
import type { WalletAccounts } from '@resonancenet/wallet/wallet-accounts';
import { encodeWalletUndo, WalletChanges } from '@resonancenet/wallet/wallet-changes';
import type { WalletReader } from '@resonancenet/wallet/wallet-view';

/** A commit waits for the disk: many blocks share one. What a crash loses is read again. */
const MAX_TRANSACTIONS = 500;
const LEAST_TRANSACTIONS = 16;
const MAX_BLOCKS = 250;

/** The node's thread is held by a commit: about so long, milliseconds, whatever the disk and the processor are. */
const COMMIT_MS = 20;

export class ScanBatch {
  readonly #store: LmdbWalletStore;
  #changes: WalletChanges;
  #undo: BlockUndo[] = [];
  #blocks = 0;
  #transactions = 0;
  /** Transactions whose commit takes about as long as it may, by the last one's. */
  #room = LEAST_TRANSACTIONS;

  constructor(store: LmdbWalletStore) {
    this.#store = store;
    this.#changes = new WalletChanges(store);
  }

  get isEmpty(): boolean {
    return this.#blocks === 0;
  }

  /** Whether what is held should be stored before more is read. */
  get isFull(): boolean {
    return this.#blocks >= MAX_BLOCKS || this.#transactions >= this.#room;
  }

  /** The wallet after the blocks of the batch. */
  get view(): WalletReader {
    return this.#changes;
  }

  /** Reads the block after the last one. Nothing is kept to take back a final one. */
  connect(block: WalletBlock, accounts: WalletAccounts, isFinal: boolean): ScannedBlock {
    const changes = isFinal ? this.#changes : new WalletChanges(this.#changes);
    const scanned = scanBlock(block, changes, accounts);
    if (changes !== this.#changes) this.#add(block.height, changes);
    this.#blocks += 1;
    this.#transactions += scanned.transactions.length;
    return scanned;
  }

  /** Stores all of it; blocks up to `finalHeight` are never taken back. Throws StorageError: then none of it is stored. */
  commit(finalHeight: number): void {
    if (this.isEmpty) return;
    const started = performance.now();
    this.#store.write({ changes: this.#changes.changes(), undo: this.#undo, dropUndoTo: finalHeight });
    this.#adapt(performance.now() - started);
    this.drop();
  }

  /** Forgets what is not stored. */
  drop(): void {
    this.#changes = new WalletChanges(this.#store);
    this.#undo = [];
    this.#blocks = 0;
    this.#transactions = 0;
  }

  /** Short ones, as of the last block alone, tell nothing. */
  #adapt(ms: number): void {
    const fits = this.#transactions * (COMMIT_MS / Math.max(ms, 1));
    const room = Math.min(fits, 2 * this.#room);
    if (this.#transactions >= LEAST_TRANSACTIONS || ms > COMMIT_MS)
      this.#room = Math.round(Math.min(MAX_TRANSACTIONS, Math.max(LEAST_TRANSACTIONS, room)));
  }

  #add(height: number, block: WalletChanges): void {
    const changed = block.changes();
    this.#undo.push({ height, record: encodeWalletUndo(changed) });
    for (const { table, key, after } of changed) {
      if (after === null) this.#changes.delete(table, key);
      else this.#changes.put(table, key, after);
    }
  }
}

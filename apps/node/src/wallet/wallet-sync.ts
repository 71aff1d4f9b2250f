// One wallet follows the node's chain and pool: it catches up after a start, reads all again when it is told to, and takes blocks back with the
// chain. It works in slices and gives way to the node after each.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { assert } from '@resonancenet/bytes/assert';
import type { Hex32 } from '@resonancenet/chain/events';
import { crashPoint } from '@resonancenet/storage/crash-point';
import type { LmdbWalletStore } from '@resonancenet/storage/lmdb-wallet-store';
import { readTip, type WalletTip } from '@resonancenet/wallet/account-state';
import type { MissingKeys } from '@resonancenet/wallet/scan-block';
import type { WalletAccounts } from '@resonancenet/wallet/wallet-accounts';
import { decodeWalletUndo, WalletChanges } from '@resonancenet/wallet/wallet-changes';
import type { WalletView } from '@resonancenet/wallet/wallet-view';
import { RebuildPace, type RebuildReport } from '../ledger/rebuild-pace.ts';
import { Slices } from './in-turns.ts';
import { PendingSync } from './pending-sync.ts';
import { ScanBatch } from './scan-batch.ts';
import { hexId, type WalletChain, type WalletPool } from './wallet-chain.ts';

/** Fewer blocks are read at once and need no progress. */
const SHOWN_FROM_BLOCKS = 100;

export interface WalletSyncParts {
  readonly store: LmdbWalletStore;
  readonly accounts: WalletAccounts;
  /** Of the first block that can concern the wallet. */
  readonly birthHeight: number;
  readonly chain: WalletChain;
  readonly pool: WalletPool;
  unixMs(): number;
  /** The keys end: asks for more; whether there are some now. */
  moreKeys(missing: readonly MissingKeys[]): Promise<boolean>;
  /** So far has it come with many blocks. */
  onProgress(report: RebuildReport): void;
  /** It has the chain's tip and the pool. */
  onCaughtUp(): void;
  /** It cannot go on; the next block tries again. */
  onTrouble(error: unknown): void;
  /** A transaction that the wallet sent is not in the pool, and is not taken back into it. */
  onNotResent(txid: Hex32, reason: string): void;
}

export class WalletSync {
  readonly #parts: WalletSyncParts;
  readonly #batch: ScanBatch;
  readonly #pending: PendingSync;
  #tip: WalletTip | null;
  #pace: RebuildPace | null = null;
  #progress: RebuildReport | null = null;
  #missing: readonly MissingKeys[] = [];
  /** A block has just shown that they are missing. */
  #asksForKeys = false;
  #blocked: string | null = null;
  #again = false;
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(parts: WalletSyncParts) {
    this.#parts = parts;
    this.#batch = new ScanBatch(parts.store);
    this.#pending = new PendingSync(parts, (work) => this.change(work));
    this.#tip = readTip(parts.store);
  }

  /** The last block that it has read; null: none. */
  get tip(): WalletTip | null {
    return this.#tip;
  }

  /** How far it is with many blocks; null: it is not behind. */
  get progress(): RebuildReport | null {
    return this.#progress;
  }

  /** Keys without which payments may be lost from sight. */
  get missingKeys(): readonly MissingKeys[] {
    return this.#missing;
  }

  /** Why it cannot read on; null: it can. */
  get blocked(): string | null {
    return this.#blocked;
  }

  /** The tip has moved, or the pool has changed. Gives at once. */
  wake(): void {
    if (this.#isClosed) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      // Told of something while the last turn ended.
      if (this.#again) this.wake();
    });
  }

  /** When it has what the chain and the pool hold now, or cannot go on. */
  async caughtUp(): Promise<void> {
    this.wake();
    while (this.#running !== null) await this.#running;
  }

  transactionAccepted(txid: Hex32): void {
    this.#pending.accepted(txid);
    this.wake();
  }

  /** `isDead`: it can never be in a block any more. */
  transactionRemoved(txid: Hex32, isDead: boolean): void {
    this.#pending.removed(txid, isDead);
    this.wake();
  }

  /** What waits may not be what the pool has. */
  comparePool(): void {
    this.#pending.sweep();
    this.wake();
  }

  /** Changes what the user keeps; it is on the disk when this returns. */
  change<T>(work: (view: WalletView) => T): T {
    this.#commit();
    const { store } = this.#parts;
    const view = new WalletChanges(store);
    const result = work(view);
    const changes = view.changes();
    if (changes.length > 0) store.write({ changes });
    return result;
  }

  /** Forgets all blocks and reads them again. */
  rescan(): void {
    this.#batch.drop();
    this.#parts.store.clearBlocks();
    crashPoint('wallet-cleared');
    // What is still missing, reading again shows.
    this.#missing = [];
    this.#tip = null;
    this.#pace = null;
    this.#pending.sweep();
    this.wake();
  }

  /** Stops at once; the next start goes on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#running !== null) await this.#running;
    this.#commit();
  }

  async #run(): Promise<void> {
    // Not within the step of the node that told of it.
    await nextTurn();
    while (this.#again && !this.#isClosed) {
      this.#again = false;
      try {
        await this.#followChain();
        if (this.#isAtTip())
          await this.#pending.follow(this.#parts.chain.tip().id, () => this.#isClosed || !this.#isAtTip());
        if (this.#isAtTip() && !this.#isClosed) this.#parts.onCaughtUp();
      } catch (error) {
        this.#batch.drop();
        this.#tip = readTip(this.#parts.store);
        this.#again = false;
        this.#parts.onTrouble(error);
      }
    }
  }

  async #followChain(): Promise<void> {
    const slices = new Slices();
    this.#blocked = null;
    while (!this.#isClosed && this.#step()) {
      if (this.#asksForKeys) await this.#askForKeys();
      if (!slices.isOver && !this.#batch.isFull) continue;
      if (this.#batch.isFull) this.#commit();
      this.#report();
      await slices.next();
    }
    this.#commit();
    if (this.#isClosed) return;
    this.#pace = null;
    this.#progress = null;
  }

  /** One block more or less; false: there is nothing to do. */
  #step(): boolean {
    const { chain, accounts, birthHeight } = this.#parts;
    const tip = this.#tip;
    if (tip !== null && chain.idAt(tip.height) !== hexId(tip.id)) {
      this.#disconnect(tip);
      return true;
    }
    // Genesis pays nobody.
    const height = tip === null ? Math.max(1, birthHeight) : tip.height + 1;
    const id = chain.idAt(height);
    if (id === null) return false;
    const block = chain.block(id);
    if (block === null) {
      this.#blocked = `the transactions of block ${height} are not here`;
      return false;
    }
    const { missingKeys } = this.#batch.connect(block, accounts, height <= chain.finalHeight());
    this.#tip = { height, id: block.id };
    if (missingKeys.length > 0) {
      this.#missing = missingKeys;
      this.#asksForKeys = true;
    }
    return true;
  }

  /** Takes the last block back; without what that needs, all blocks. */
  #disconnect(tip: WalletTip): void {
    const { store } = this.#parts;
    this.#commit();
    this.#pending.sweep();
    const record = store.undoOf(tip.height);
    if (record === null) {
      this.#tip = null;
      store.clearBlocks();
      return;
    }
    const undo = decodeWalletUndo(record);
    assert(undo.ok, `the undo record of block ${tip.height} cannot be read`);
    const view = new WalletChanges(store);
    view.undo(undo.value);
    crashPoint('wallet-undo');
    store.write({ changes: view.changes(), dropUndoFrom: tip.height });
    this.#tip = readTip(store);
  }

  /** Before the next block: with the keys that it may pay to, nothing has to be read twice. */
  async #askForKeys(): Promise<void> {
    this.#asksForKeys = false;
    this.#commit();
    if (await this.#parts.moreKeys(this.#missing)) this.#missing = [];
  }

  #commit(): void {
    this.#batch.commit(this.#parts.chain.finalHeight());
  }

  #isAtTip(): boolean {
    const { chain, birthHeight } = this.#parts;
    const { height, id } = chain.tip();
    if (this.#tip === null) return height < Math.max(1, birthHeight);
    return this.#tip.height === height && hexId(this.#tip.id) === id;
  }

  #report(): void {
    const { chain, birthHeight, onProgress } = this.#parts;
    const at = { height: this.#tip?.height ?? birthHeight, tipHeight: chain.tip().height };
    if (this.#pace === null) {
      if (at.tipHeight - at.height < SHOWN_FROM_BLOCKS) return;
      this.#pace = new RebuildPace(at, performance.now());
    }
    const report = this.#pace.report(at, performance.now());
    this.#progress = report ?? { ...at, secondsLeft: this.#progress?.secondsLeft ?? null };
    if (report !== null) onProgress(report);
  }
}

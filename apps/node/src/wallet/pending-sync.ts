// The pool's transactions as a wallet's waiting ones. What the wallet sent waits until a block decides, also while it is not in the pool; what came
// from others waits as long as the pool has it.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import type { TxId } from '@resonancenet/primitives/ids';
import type { LmdbWalletStore } from '@resonancenet/storage/lmdb-wallet-store';
import {
  addPending,
  type PendingTransaction,
  readPending,
  removePending,
  walkPending,
} from '@resonancenet/wallet/pending-table';
import type { WalletAccounts } from '@resonancenet/wallet/wallet-accounts';
import type { WalletView } from '@resonancenet/wallet/wallet-view';
import { hexId, type WalletPool } from './wallet-chain.ts';

/** Transactions looked at before the node has its turn. */
const PER_SLICE = 100;

export interface PendingSyncParts {
  readonly store: LmdbWalletStore;
  readonly accounts: WalletAccounts;
  readonly pool: WalletPool;
  unixMs(): number;
  onNotResent(txid: Hex32, reason: string): void;
}

export class PendingSync {
  readonly #parts: PendingSyncParts;
  readonly #change: (work: (view: WalletView) => void) => void;
  readonly #accepted = new Set<Hex32>();
  readonly #dead = new Set<Hex32>();
  #sweepDue = true;
  /** At the last sweep something of the wallet's own was not in the pool: the next block's sweep tries again. */
  #hasAbsent = false;
  #sweptTip: Hex32 | null = null;

  constructor(parts: PendingSyncParts, change: (work: (view: WalletView) => void) => void) {
    this.#parts = parts;
    this.#change = change;
    this.sweep();
  }

  accepted(txid: Hex32): void {
    this.#dead.delete(txid);
    this.#accepted.add(txid);
  }

  removed(txid: Hex32, isDead: boolean): void {
    this.#accepted.delete(txid);
    if (isDead) this.#dead.add(txid);
    else this.#sweepDue = true;
  }

  /** The pool and what waits are compared as a whole: after a start, and when blocks were taken back. */
  sweep(): void {
    this.#sweepDue = true;
    for (const txid of this.#parts.pool.ids()) this.#accepted.add(txid);
  }

  /** Brings what waits to what the pool has. The wallet has this tip, else `isOver`: then it goes on the next time. */
  async follow(tip: Hex32, isOver: () => boolean): Promise<void> {
    this.#takeDead();
    while (this.#accepted.size > 0) {
      if (isOver()) return;
      this.#takeAccepted();
      await nextTurn();
    }
    if (!isOver() && (this.#sweepDue || (this.#hasAbsent && this.#sweptTip !== tip))) this.#sweep(tip);
  }

  #takeDead(): void {
    const known = [...this.#dead].map((txid) => fromHex(txid)).filter((id) => readPending(this.#parts.store, id));
    this.#dead.clear();
    this.#remove(known);
  }

  #takeAccepted(): void {
    const { store, accounts, pool } = this.#parts;
    const now = BigInt(this.#parts.unixMs());
    const taken = [...this.#accepted].slice(0, PER_SLICE);
    this.#change((view) => {
      for (const txid of taken) {
        this.#accepted.delete(txid);
        const transaction = readPending(store, fromHex(txid)) === null ? pool.transaction(txid) : null;
        if (transaction !== null) addPending(view, accounts, transaction, now);
      }
    });
  }

  /** What waits and is not in the pool. */
  #sweep(tip: Hex32): void {
    const { store, pool } = this.#parts;
    this.#sweepDue = false;
    this.#sweptTip = tip;
    const absent = [...walkPending(store)].filter(({ txid }) => pool.transaction(hexId(txid)) === null);
    const lost = absent.filter(({ own }) => !own);
    this.#remove(lost.map(({ txid }) => txid));
    for (const pending of absent) if (pending.own) void this.#resend(pending);
    this.#hasAbsent = absent.some(({ own }) => own);
  }

  #remove(ids: readonly TxId[]): void {
    if (ids.length === 0) return;
    this.#change((view) => {
      for (const id of ids) removePending(view, id);
    });
  }

  async #resend({ txid, transaction }: PendingTransaction): Promise<void> {
    const said = await this.#parts.pool.submit(transaction);
    if (said.kind !== 'taken') this.#parts.onNotResent(hexId(txid), said.reason);
  }
}

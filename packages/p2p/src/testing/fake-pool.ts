// A pool without rules for tests of relay: what is put into it is in it, what peers send is taken unless its first byte is 0xff.

import type { Hex32, Now } from '@resonancenet/chain/events';
import type { MempoolAction, MempoolEvent } from '@resonancenet/mempool/mempool-events';
import { leafOf } from '@resonancenet/mempool/parsed-transaction';
import type { PooledTransaction, PoolView } from '../pool-view.ts';

export class FakePool implements PoolView {
  readonly events: MempoolEvent[] = [];
  readonly refused: Set<Hex32> = new Set();
  /** What the next step returns besides. */
  readonly nextActions: MempoolAction[] = [];
  idle = true;
  rate = 10_000n;
  readonly #byLeaf = new Map<Hex32, PooledTransaction>();
  #order = 0;

  /** Puts a transaction in; the actions that say so. */
  put(encoded: Uint8Array, fee = 1_000_000n, isLocal = false, peer: string | null = null, count = 1): MempoolAction[] {
    const leaf = leafOf(encoded);
    this.#order += 1;
    const bytes = encoded.length;
    const ancestors = { count, bytes, fee, signatures: 0 };
    // Its id is told apart from its leaf by one digit.
    const txid = this.txidOf(leaf);
    this.#byLeaf.set(leaf, { txid, leaf, encoded, bytes, fee, order: this.#order, ancestors });
    return [{ type: 'transaction-accepted', txid, leaf, peer, ticket: null, isLocal }];
  }

  drop(leaf: Hex32): void {
    this.#byLeaf.delete(leaf);
  }

  txidOf(leaf: Hex32): Hex32 {
    return `f${leaf.slice(1)}`;
  }

  step(event: MempoolEvent, _now: Now): MempoolAction[] {
    this.events.push(event);
    return [...this.nextActions.splice(0), ...this.#answer(event)];
  }

  #answer(event: MempoolEvent): MempoolAction[] {
    if (event.type !== 'transactions') return [];
    const [encoded] = event.encoded;
    if (encoded === undefined) return [];
    const { peer } = event;
    if (encoded[0] !== 0xff) return this.put(encoded, 1_000_000n, peer === null, peer);
    const leaf = leafOf(encoded);
    this.refused.add(leaf);
    const about = { leaf, txid: null, peer, ticket: null };
    return [{ type: 'transaction-refused', ...about, code: 'malformed', peerFault: peer !== null, detail: 'as told' }];
  }

  get(txid: Hex32): PooledTransaction | null {
    return [...this.#byLeaf.values()].find((transaction) => transaction.txid === txid) ?? null;
  }

  getByLeaf(leaf: Hex32): PooledTransaction | null {
    return this.#byLeaf.get(leaf) ?? null;
  }

  entries(): Iterable<PooledTransaction> {
    return this.#byLeaf.values();
  }

  wants(leaf: Hex32): boolean {
    return !this.#byLeaf.has(leaf) && !this.refused.has(leaf);
  }

  isIdle(): boolean {
    return this.idle;
  }

  leastRate(): bigint {
    return this.rate;
  }
}

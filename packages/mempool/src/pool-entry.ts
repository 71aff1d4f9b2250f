// One unconfirmed transaction as the pool holds it. The transaction itself is kept as its bytes: decoded, it takes many times as much.

import type { Hex32 } from '@resonancenet/chain/events';
import type { PaidBytes } from './fee-rate.ts';
import type { Sensitivity } from './sensitivity.ts';

/** Sums over a transaction and its unconfirmed ancestors or descendants, itself included. */
export interface Totals extends PaidBytes {
  readonly count: number;
  readonly bytes: number;
  readonly fee: bigint;
  readonly signatures: number;
}

/** What is known of a transaction once the ledger's rules have accepted it. */
export interface PoolTransaction extends PaidBytes {
  /** Without witnesses (BLK-11). */
  readonly txid: Hex32;
  /** With witnesses: its leaf in a block's tree (BLK-12). What peers announce. */
  readonly leaf: Hex32;
  readonly encoded: Uint8Array;
  /** Length of `encoded`. */
  readonly bytes: number;
  /** Resonances. */
  readonly fee: bigint;
  /** Signatures that it brings (LED-6). */
  readonly signatures: number;
  /** What no second unconfirmed transaction may use (claims.ts); the outpoints of its inputs first. */
  readonly claims: readonly string[];
  /** Outputs that cost more to spend than they hold. */
  readonly dust: readonly number[];
  readonly sensitivity: Sensitivity;
  /** When it came into the pool; kept over restarts. */
  readonly enteredUnixMs: number;
  /** The tip's height at that time. */
  readonly enteredHeight: number;
  /** Handed in by this node's operator. */
  readonly isLocal: boolean;
}

/** A transaction in its place among the others. The graph alone changes it. */
export interface PoolEntry extends PoolTransaction {
  /** Counts up: later ones are greater. */
  readonly order: number;
  sensitivity: Sensitivity;
  readonly parents: Set<PoolEntry>;
  readonly children: Set<PoolEntry>;
  ancestors: Totals;
  descendants: Totals;
}

// What goes into and comes out of the machine of the pool. Sans-IO: `step(event, now)` changes its memory and returns actions, which the caller
// carries out in order.

import type { Hex32, PeerId } from '@resonancenet/chain/events';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { VerdictCode } from '@resonancenet/consensus/verdict-codes';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { MempoolCode, RemovalReason } from './mempool-code.ts';
import type { PoolFileEntry } from './pool-file.ts';

/** A block that the active chain has gained or lost. */
export interface ChainBlock {
  readonly height: number;
  /** Of its header, seconds. */
  readonly timestamp: number;
  /** The coinbase first. */
  readonly transactions: readonly Transaction[];
}

/** What checking signatures under the strict rule can end with (LED-6: what only ZIP-215 accepts is not relayed). */
export type StrictOutcome =
  | { readonly kind: 'valid' }
  /** The signature at `index` does not hold in the strict sense. Under ZIP-215 it holds, or nobody looked: that costs ten times as much. */
  | { readonly kind: 'lenient'; readonly index: number }
  /** The signature at `index` does not hold. */
  | { readonly kind: 'invalid'; readonly index: number }
  /** Operational trouble: says nothing about the signatures. */
  | { readonly kind: 'failed'; readonly detail: string };

export type MempoolEvent =
  /** One transaction, or a package: parents in an order in which they can be applied, their child last. `peer` null: from the operator. */
  | {
      readonly type: 'transactions';
      readonly encoded: readonly Uint8Array[];
      readonly peer: PeerId;
      /** Comes back with the actions that answer it; null if nobody waits for an answer. */
      readonly ticket: number | null;
    }
  /** The answer to `verify-transaction`. */
  | { readonly type: 'transaction-signatures'; readonly job: number; readonly outcome: StrictOutcome }
  /** The tip has moved; the chain's state is that of the new tip already. Both lists lowest first. */
  | { readonly type: 'tip'; readonly connected: readonly ChainBlock[]; readonly disconnected: readonly ChainBlock[] }
  /** What a file of an earlier run held (pool-file.ts). */
  | { readonly type: 'load-transactions'; readonly transactions: readonly PoolFileEntry[] }
  | { readonly type: 'peer-gone'; readonly peer: string }
  | { readonly type: 'tick' };

export type MempoolAction =
  /** Check these strictly and answer with `transaction-signatures`. */
  | { readonly type: 'verify-transaction'; readonly job: number; readonly checks: readonly SignatureCheck[] }
  /** It is in the pool: it may be announced. */
  | {
      readonly type: 'transaction-accepted';
      readonly txid: Hex32;
      readonly leaf: Hex32;
      readonly peer: PeerId;
      readonly ticket: number | null;
      readonly isLocal: boolean;
    }
  | {
      readonly type: 'transaction-removed';
      readonly txid: Hex32;
      readonly leaf: Hex32;
      readonly reason: RemovalReason;
      readonly detail: string;
    }
  | {
      readonly type: 'transaction-refused';
      readonly code: MempoolCode | VerdictCode;
      /** Null: the bytes are no transaction. */
      readonly txid: Hex32 | null;
      readonly leaf: Hex32;
      /** Who sent it. */
      readonly peer: PeerId;
      readonly peerFault: boolean;
      readonly ticket: number | null;
      readonly detail: string;
    }
  /** Ask this peer for these transactions by their ids: a child of theirs came from it. */
  | { readonly type: 'want-parents'; readonly peer: string; readonly txids: readonly Hex32[] }
  /** Call `step({type: 'tick'})` no later than this. Replaces the wake before it. */
  | { readonly type: 'wake'; readonly atMonotonicMs: number };

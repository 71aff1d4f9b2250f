// What goes into and comes out of the chain machine. The machine is sans-IO: `step(event, now)` changes its memory and returns
// actions, which the caller carries out in order. `persist` comes before everything that promises its content to others.

import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { LEDGER_TABLES, type LedgerTable } from '@resonancenet/ledger/ledger-view';
import type { CheckpointDescription } from '@resonancenet/model/checkpoint-header';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { VerdictCode } from '@resonancenet/consensus/verdict-codes';

/** Two clocks: wall time for rules about timestamps, monotonic time for everything that measures a duration. Milliseconds. */
export interface Now {
  readonly unixMs: number;
  readonly monotonicMs: number;
}

/** Name of a connection, unique for the life of the process; null is ourselves (miner, RPC, start-up). */
export type PeerId = string | null;

/** 32-byte ids as lower-case hex: comparable, usable as map keys. */
export type Hex32 = string;

export type ChainEvent =
  /** A header somebody sent. Headers whose parent is unknown are refused with a code; the caller then asks for the gap. */
  | { readonly type: 'header'; readonly header: BlockHeader; readonly peer: PeerId }
  /** The body (window sums and transactions) of a known header, as encoded bytes. */
  | { readonly type: 'body'; readonly blockId: Hex32; readonly bytes: Uint8Array; readonly peer: PeerId }
  /** A chunk of a checkpoint with its Merkle branch. */
  | {
      readonly type: 'chunk';
      readonly root: Hex32;
      readonly index: number;
      readonly branch: readonly Uint8Array[];
      readonly bytes: Uint8Array;
      readonly peer: PeerId;
    }
  /**
   * Our own miner hands over a whole checkpoint file that already lies in the checkpoint store under this root. `evaluation`: all its window
   * sums, computed by our own exact evaluator, so that they are not computed again.
   */
  | {
      readonly type: 'checkpoint-stored';
      readonly root: Hex32;
      readonly evaluation?: { readonly dvalId: Hex32; readonly growth: bigint; readonly sums: readonly number[] };
    }
  /** Answer to `evaluate`. `invalid`: the file or a value in it breaks a rule; `mismatch`: a window differs from the claim. */
  | { readonly type: 'evaluated'; readonly job: number; readonly outcome: EvaluationOutcome }
  /** Answer to `verify-signatures`. */
  | { readonly type: 'signatures'; readonly job: number; readonly outcome: SignatureOutcome }
  /** Time has passed (a `wake` came due, or any coarse tick). */
  | { readonly type: 'tick' }
  | { readonly type: 'invalidate'; readonly blockId: Hex32 }
  | { readonly type: 'reconsider'; readonly blockId: Hex32 }
  /** Whether we are in sync with our peers (decides the within-half-spacing and finality rules). */
  | { readonly type: 'in-sync'; readonly value: boolean }
  /**
   * Whether we are in contact with most of the peers that we chose (CON-28), and since when: the loss of contact is noticed after it
   * happened. A caller that never tells is taken to be in contact while it is in sync.
   */
  | { readonly type: 'contact'; readonly value: boolean; readonly sinceMonotonicMs: number };

export type EvaluationOutcome =
  | { readonly kind: 'sums'; readonly sums: readonly number[] }
  | {
      readonly kind: 'mismatch';
      readonly window: number;
      readonly claimed: number;
      readonly computed: number;
    }
  | { readonly kind: 'invalid'; readonly code: VerdictCode; readonly detail: string }
  /** Operational trouble (no memory, worker died): says nothing about the block; it is tried again. */
  | { readonly kind: 'failed'; readonly detail: string };

export type SignatureOutcome =
  | { readonly kind: 'valid' }
  /** `index`: one of the checks that failed. */
  | { readonly kind: 'invalid'; readonly index: number }
  /** Operational trouble: says nothing about the signatures; they are asked for again. */
  | { readonly kind: 'failed'; readonly detail: string };

export type ChainAction =
  /** Write atomically and durably before carrying out what follows. */
  | { readonly type: 'persist'; readonly batch: ChainBatch }
  | { readonly type: 'want-body'; readonly blockId: Hex32 }
  | { readonly type: 'want-chunks'; readonly root: Hex32; readonly missing: readonly number[] }
  | { readonly type: 'unwant'; readonly root: Hex32 }
  /** Evaluate exactly, in windows of random order, and stop at the first that differs from `claimed` (null: compute all). */
  | {
      readonly type: 'evaluate';
      readonly job: number;
      readonly root: Hex32;
      readonly dvalId: Hex32;
      /** What the file's metadata and shape must be at the height of its block. */
      readonly expected: CheckpointDescription;
      readonly claimed: readonly number[] | null;
    }
  | { readonly type: 'cancel-evaluate'; readonly job: number }
  /** Check all of these by HASH-10 and answer with `signatures`. */
  | { readonly type: 'verify-signatures'; readonly job: number; readonly checks: readonly SignatureCheck[] }
  /** The header passed its cheap checks: it may be announced. */
  | { readonly type: 'header-accepted'; readonly blockId: Hex32 }
  /** The block is fully verified: its chunks may be offered. */
  | { readonly type: 'verified'; readonly blockId: Hex32; readonly root: Hex32 }
  | {
      readonly type: 'tip';
      readonly from: Hex32;
      readonly to: Hex32;
      readonly height: number;
      readonly disconnected: number;
    }
  | { readonly type: 'finalized'; readonly blockId: Hex32; readonly height: number }
  /** Both numbers are always in `detail`. `peerFault`: disconnect that peer. */
  | {
      readonly type: 'refused';
      readonly code: VerdictCode;
      readonly blockId: Hex32 | null;
      readonly peer: PeerId;
      readonly peerFault: boolean;
      readonly detail: string;
    }
  /** Why a valid block did not become the tip (rival won, late challenger, ...), with both numbers. */
  | { readonly type: 'not-active'; readonly blockId: Hex32; readonly reason: string }
  /** A reorganisation of depth 3 or more, or a fork below finality: the operator must look. */
  | { readonly type: 'alarm'; readonly reason: string; readonly blockId: Hex32 }
  | { readonly type: 'delete-checkpoint'; readonly root: Hex32 }
  /** Call `step({type: 'tick'})` no later than this. */
  | { readonly type: 'wake'; readonly atMonotonicMs: number };

/** One atomic write: puts and deletes by table. Keys and values are encoded bytes (chain/records.ts). */
export interface ChainBatch {
  /** What the batch does, for logs and crash tests; left out where it only adds. */
  readonly purpose?: 'extend' | 'reorganize' | 'recover' | 'rebuild';
  readonly puts: readonly { readonly table: ChainTable; readonly key: Uint8Array; readonly value: Uint8Array }[];
  readonly deletes: readonly { readonly table: ChainTable; readonly key: Uint8Array }[];
}

const chainTables = ['headers', 'bodies', 'heights', 'roots', 'live', 'undo', 'transactions', 'meta'] as const;

export type ChainTable = (typeof chainTables)[number] | LedgerTable;

/** Tables of the store, in the order in which they are made. */
export const CHAIN_TABLES: readonly ChainTable[] = [...chainTables, ...LEDGER_TABLES];

// What the main thread and the mining thread say to each other.

import type { InitialAmplitudes } from '@resonancenet/model/random-weights';
import type { MiningTarget, Shortfall } from './mining-session.ts';

/** Where the text to train on comes from. */
export type MiningText =
  | { readonly kind: 'files'; readonly patterns: readonly string[] }
  /** Half 0 or 1 of the devnet corpus (never its validation tenth). */
  | { readonly kind: 'embedded'; readonly half: 0 | 1 };

export interface MiningWorkerData {
  readonly backend: string;
  readonly threads: number;
  readonly vocabulary: string;
  readonly text: MiningText;
  /** Folder for ids of texts that need tokenising, and for candidates. */
  readonly folder: string;
  readonly baseLayers: number;
  readonly amplitudes: InitialAmplitudes;
  readonly batch: number;
  readonly window: number;
  /** Seed of the order of batches: miners with the same text should differ. */
  readonly seed: number;
  /** CodeTrust.shared of the process. */
  readonly trust: SharedArrayBuffer;
}

export type MiningRequest =
  | {
      readonly type: 'work';
      readonly target: MiningTarget;
      /** The tip's checkpoint, or null to go on with the present weights. */
      readonly start: { readonly path: string } | null;
      /** The tip's timestamp (Unix milliseconds of the system's clock). */
      readonly tipMs: number;
      /** A candidate is of no use before this time (Unix milliseconds). */
      readonly lookFromMs: number;
    }
  | { readonly type: 'pause' };

/** What the thread says: replies, and why it gave up the fast code for exact evaluation. */
export type MiningMessage = MiningReply | { readonly type: 'distrust'; readonly why: string };

export type MiningReply =
  | { readonly type: 'ready'; readonly tokensOfText: number }
  | {
      readonly type: 'progress';
      readonly target: number;
      readonly loss: number;
      readonly tokensPerSecond: number;
      readonly steps: number;
    }
  /** A look that did not reach the target. */
  | { readonly type: 'no-improvement'; readonly target: number; readonly rate: number; readonly look: Shortfall }
  | {
      readonly type: 'candidate';
      readonly target: number;
      readonly path: string;
      readonly root: string;
      /** Hashes of the file's chunks, so that the main thread need not hash it again. */
      readonly leaves: readonly Uint8Array[];
      readonly sums: readonly number[];
    }
  | {
      readonly type: 'failed';
      /** For people. */
      readonly message: string;
      /** For us: where it happened. */
      readonly detail: string;
      /** Of an operational error, such as a text that is not there; null for anything that should not happen. */
      readonly code: string | null;
    };

/** Why the thread ended. */
export function describeFailure(error: unknown): Extract<MiningReply, { type: 'failed' }> {
  if (!(error instanceof Error)) return { type: 'failed', message: String(error), detail: String(error), code: null };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  return { type: 'failed', message: error.message, detail: error.stack ?? error.message, code };
}

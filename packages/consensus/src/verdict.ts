// Verdicts: the only thing that checks return (CON-1). No check throws for any input from outside.

import type { CheckpointCode, CheckpointInvalid } from '@resonancenet/model/checkpoint-verdict';
import type { TransactionFacts } from './transaction-codes.ts';
import { type CodeInfo, type VerdictCode, verdictCodes } from './verdict-codes.ts';

/** What was found and what would have been right. Ids are lower-case hex. */
interface Compared<T> {
  readonly claimed: T;
  readonly expected: T;
}

/** Why a checkpoint file was refused; for a forbidden value also where it stands. */
export type CheckpointFacts = Pick<CheckpointInvalid, 'detail' | 'tensor' | 'index'>;

/** Facts that go with each code, so that every refusal can be explained with both numbers. */
export interface VerdictFacts extends Readonly<Record<CheckpointCode, CheckpointFacts>>, Readonly<TransactionFacts> {
  'header-malformed': { readonly detail: string };
  'body-malformed': { readonly detail: string };
  'body-size': { readonly bytes: number; readonly limit: number };
  'header-unknown-parent': { readonly parent: string };
  'header-invalid-parent': { readonly parent: string };
  'header-below-finality': { readonly height: number; readonly finalHeight: number };
  'header-quota': { readonly limit: number };
  'header-version': Compared<number>;
  'header-height': Compared<number>;
  'header-link': Compared<string>;
  'header-stagnation': Compared<number>;
  'header-growth': Compared<bigint>;
  'header-width': Compared<number>;
  'header-layers': Compared<number>;
  'header-too-early': { readonly timestamp: bigint; readonly earliest: bigint };
  'header-loss-range': { readonly claimed: number; readonly limit: number };
  'header-dval': Compared<string>;
  'header-dval-bounds': { readonly parentLoss: number; readonly least: number; readonly most: number };
  'header-parent-loss': Compared<number>;
  'header-loss-step': { readonly valLoss: number; readonly parentLoss: number; readonly lossStep: number };
  'header-repeated-checkpoint': { readonly root: string };
  'header-future': { readonly timestamp: bigint; readonly latest: bigint };
  'header-signature': { readonly minerKey: string };
  'body-loss-root': { readonly claimed: string; readonly computed: string };
  'body-window-count': Compared<number>;
  'body-window-range': { readonly window: number; readonly claimed: number; readonly limit: number };
  'body-val-loss': { readonly claimed: number; readonly computed: number };
  'body-tx-root': { readonly claimed: string; readonly computed: string };
  'body-coinbase-count': Compared<number>;
  'body-coinbase-place': { readonly transaction: number };
  'body-coinbase-form': { readonly detail: string };
  'body-coinbase-height': Compared<number>;
  'body-coinbase-amount': Compared<bigint> & { readonly reward: bigint; readonly fees: bigint };
  'body-signature-count': { readonly signatures: number; readonly limit: number };
  'body-coinbase-destination': { readonly output: number; readonly detail: string };
  'checkpoint-chunk': { readonly chunk: number; readonly root: string };
  'checkpoint-withheld': { readonly missing: number; readonly chunks: number };
  'evaluation-unavailable': { readonly detail: string };
  'evaluation-non-finite': { readonly window: number };
  'evaluation-window-sum': {
    readonly window: number;
    readonly claimed: number;
    readonly computed: number;
    /** val_loss of the header. */
    readonly claimedLoss: number;
    /** What val_loss is at least, from the windows evaluated so far; all of them: what it is. */
    readonly lossAtLeast: number;
    readonly evaluatedWindows: number;
    readonly windows: number;
  };
  'evaluation-parent-loss': { readonly claimed: number; readonly computed: number };
}

/** A refusal of one given code. */
export type RejectionOf<C extends VerdictCode> = { readonly ok: false; readonly code: C } & CodeInfo & {
    readonly facts: VerdictFacts[C];
  };

/** A refusal: narrow on `code` to read `facts`. */
export type Rejection = { [C in VerdictCode]: RejectionOf<C> }[VerdictCode];

export type Verdict = { readonly ok: true } | Rejection;

export const ACCEPTED: Verdict = { ok: true };

/** A refusal with its facts. */
export function reject<C extends VerdictCode>(code: C, facts: VerdictFacts[C]): RejectionOf<C> {
  return { ok: false, code, ...verdictCodes[code], facts };
}

/** The refusal of a block whose checkpoint file the model's parser refused. */
export function rejectCheckpoint(invalid: CheckpointInvalid): Rejection {
  const { ok: _, code, ...facts } = invalid;
  return reject(code, facts) as Rejection;
}

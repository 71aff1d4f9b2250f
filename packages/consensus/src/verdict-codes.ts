// The one closed list of reasons for which something that claims to be part of the chain is not accepted (CON-1).
// Every code cites the rule it defends, says whether the peer is at fault, and what the failure was determined by. The codes `ckpt-*` of a
// checkpoint file are the model's (model/checkpoint-verdict.ts), the codes `tx-*` stand in transaction-codes.ts; both are part of this list.

import { CHECKPOINT_RULES, type CheckpointCode } from '@resonancenet/model/checkpoint-verdict';
import { type TransactionCode, transactionCodes } from './transaction-codes.ts';

/** What a refusal means for the one who sent the message. */
export type Fault =
  /** No honest and correct node sends this: the peer is disconnected. */
  | 'peer'
  /** It may become acceptable later without any change: keep it or ask again. */
  | 'wait'
  /** Nobody's fault. */
  | 'none';

/** What a refusal condemns. */
export type Condemns =
  /** The failure follows from bytes under the block id: this id, and all that descend from it, are invalid for ever. */
  | 'id'
  /** Only this message: the same id may still be completed by another one. */
  | 'message';

/** The stages of checking, cheapest first (CON-2). */
export type Stage = 'decoding' | 'header' | 'signature' | 'body' | 'transaction' | 'checkpoint' | 'evaluation';

export interface CodeInfo {
  readonly rule: string;
  readonly stage: Stage;
  readonly fault: Fault;
  readonly condemns: Condemns;
}

const codes = {
  'header-malformed': { rule: 'BLK-1', stage: 'decoding', fault: 'peer', condemns: 'message' },
  'body-malformed': { rule: 'BLK-6', stage: 'decoding', fault: 'peer', condemns: 'message' },
  'body-size': { rule: 'CON-16', stage: 'decoding', fault: 'peer', condemns: 'message' },

  'header-unknown-parent': { rule: 'CON-4', stage: 'header', fault: 'none', condemns: 'message' },
  'header-invalid-parent': { rule: 'CON-4', stage: 'header', fault: 'none', condemns: 'id' },
  'header-below-finality': { rule: 'CON-29', stage: 'header', fault: 'none', condemns: 'message' },
  'header-quota': { rule: 'CON-31', stage: 'header', fault: 'none', condemns: 'message' },
  'header-version': { rule: 'CON-3', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-height': { rule: 'CON-4', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-link': { rule: 'CON-4', stage: 'header', fault: 'peer', condemns: 'message' },
  'header-stagnation': { rule: 'CON-5', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-growth': { rule: 'CON-5', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-width': { rule: 'CON-5', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-layers': { rule: 'CON-5', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-too-early': { rule: 'CON-6', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-loss-range': { rule: 'CON-8', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-dval': { rule: 'CON-10', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-dval-bounds': { rule: 'LED-27', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-parent-loss': { rule: 'CON-9', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-loss-step': { rule: 'CON-9', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-repeated-checkpoint': { rule: 'CON-11', stage: 'header', fault: 'peer', condemns: 'id' },
  'header-future': { rule: 'CON-7', stage: 'header', fault: 'wait', condemns: 'message' },
  'header-signature': { rule: 'CON-13', stage: 'signature', fault: 'peer', condemns: 'message' },

  'body-loss-root': { rule: 'CON-14', stage: 'body', fault: 'peer', condemns: 'message' },
  'body-window-count': { rule: 'CON-15', stage: 'body', fault: 'peer', condemns: 'id' },
  'body-window-range': { rule: 'CON-15', stage: 'body', fault: 'peer', condemns: 'id' },
  'body-val-loss': { rule: 'CON-15', stage: 'body', fault: 'peer', condemns: 'id' },
  'body-tx-root': { rule: 'CON-19', stage: 'body', fault: 'peer', condemns: 'message' },
  'body-coinbase-count': { rule: 'CON-18', stage: 'body', fault: 'peer', condemns: 'id' },
  'body-coinbase-place': { rule: 'CON-18', stage: 'body', fault: 'peer', condemns: 'id' },
  'body-coinbase-form': { rule: 'CON-18', stage: 'body', fault: 'peer', condemns: 'id' },
  'body-coinbase-height': { rule: 'CON-18', stage: 'body', fault: 'peer', condemns: 'id' },
  'body-coinbase-destination': { rule: 'CON-18', stage: 'body', fault: 'peer', condemns: 'id' },

  'body-signature-count': { rule: 'CON-16', stage: 'transaction', fault: 'peer', condemns: 'id' },
  'body-coinbase-amount': { rule: 'LED-23', stage: 'transaction', fault: 'peer', condemns: 'id' },

  'checkpoint-chunk': { rule: 'CKPT-6', stage: 'checkpoint', fault: 'peer', condemns: 'message' },
  'checkpoint-withheld': { rule: 'CON-24', stage: 'checkpoint', fault: 'wait', condemns: 'message' },

  'evaluation-unavailable': { rule: 'CON-22', stage: 'evaluation', fault: 'none', condemns: 'message' },
  'evaluation-non-finite': { rule: 'EVAL-3', stage: 'evaluation', fault: 'peer', condemns: 'id' },
  'evaluation-window-sum': { rule: 'CON-22', stage: 'evaluation', fault: 'peer', condemns: 'id' },
  'evaluation-parent-loss': { rule: 'CON-23', stage: 'evaluation', fault: 'peer', condemns: 'id' },
} as const;

export type VerdictCode = keyof typeof codes | TransactionCode | CheckpointCode;

/** A checkpoint file's bytes are under its root and so under the block id; whoever offered its chunks claimed to have verified them. */
function checkpointCodes(): Record<CheckpointCode, CodeInfo> {
  const entries = Object.entries(CHECKPOINT_RULES).map(([code, rule]): [string, CodeInfo] => [
    code,
    { rule, stage: 'checkpoint', fault: 'peer', condemns: 'id' },
  ]);
  return Object.fromEntries(entries) as Record<CheckpointCode, CodeInfo>;
}

/** Facts about each code. */
export const verdictCodes: Readonly<Record<VerdictCode, CodeInfo>> = {
  ...codes,
  ...transactionCodes,
  ...checkpointCodes(),
};

/** All codes. */
export const VERDICT_CODES: readonly VerdictCode[] = Object.keys(verdictCodes) as VerdictCode[];

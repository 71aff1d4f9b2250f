// Refusals in words: what was found, what would have been right, and what to do (CON-1).

import { CHECKPOINT_RULES, type CheckpointCode } from '@resonancenet/model/checkpoint-verdict';
import { type TransactionCode, transactionCodes, transactionExplanations } from './transaction-codes.ts';
import type { VerdictCode } from './verdict-codes.ts';
import type { CheckpointFacts, Rejection, VerdictFacts } from './verdict.ts';

type OwnCode = Exclude<VerdictCode, CheckpointCode | TransactionCode>;

type Explanations = { readonly [C in OwnCode]: (facts: VerdictFacts[C]) => string };

/** Micro-nats as nats with all six decimals. */
export function nats(microNats: number): string {
  return `${(microNats / 1_000_000).toFixed(6)} nats`;
}

const explanations: Explanations = {
  'header-malformed': (f) => `the header's bytes are not a header: ${f.detail}`,
  'body-malformed': (f) => `the body's bytes are not a body: ${f.detail}`,
  'body-size': (f) => `the block has ${f.bytes} bytes, at most ${f.limit} are allowed`,
  'header-unknown-parent': (f) => `the parent ${f.parent} is not known yet; its header must come first`,
  'header-invalid-parent': (f) => `the parent ${f.parent} is invalid, so nothing can build on it`,
  'header-below-finality': (f) =>
    `the block at height ${f.height} leaves the chain below the final height ${f.finalHeight}; only the operator can undo final blocks (reconsiderblock)`,
  'header-quota': (f) => `this peer has already ${f.limit} headers with this parent; it must wait for the next height`,
  'header-version': (f) => `version ${f.claimed}, only ${f.expected} is known; the node may be too old`,
  'header-height': (f) => `height ${f.claimed}, the parent's height asks for ${f.expected}`,
  'header-link': (f) => `prev_hash ${f.claimed}, the parent's id is ${f.expected}`,
  'header-stagnation': (f) => `stagnation ${f.claimed}, the timestamps give ${f.expected}`,
  'header-growth': (f) => `growth ${f.claimed}, parent and timestamps give ${f.expected}`,
  'header-width': (f) => `d_model ${f.claimed}, the growth gives ${f.expected}`,
  'header-layers': (f) => `n_layers ${f.claimed}, the growth gives ${f.expected}`,
  'header-too-early': (f) =>
    `timestamp ${f.timestamp} is ${f.earliest - f.timestamp} s too early: the spacing allows ${f.earliest} at the earliest`,
  'header-loss-range': (f) => `a loss of ${f.claimed} micro-nats, no model has more than ${f.limit}`,
  'header-dval': (f) => `evaluated on D_val ${f.claimed}, the D_val in force is ${f.expected}`,
  'header-dval-bounds': (f) =>
    `parent_loss ${f.parentLoss} (${nats(f.parentLoss)}) on the proposed D_val, it comes into force only between ${f.least} and ${f.most}: else the proposal is void`,
  'header-parent-loss': (f) =>
    `parent_loss ${f.claimed} (${nats(f.claimed)}), the parent's val_loss is ${f.expected} (${nats(f.expected)})`,
  'header-loss-step': (f) =>
    `val_loss ${f.valLoss} (${nats(f.valLoss)}) is not lower enough than the parent's ${f.parentLoss} (${nats(f.parentLoss)}): ` +
    `at most ${f.parentLoss - f.lossStep} is valid, LOSS_STEP is ${f.lossStep}; train on`,
  'header-repeated-checkpoint': (f) => `checkpoint ${f.root} is already that of an ancestor; a block needs a new one`,
  'header-future': (f) =>
    `timestamp ${f.timestamp} is ahead of local time by more than allowed: waiting ${f.timestamp - f.latest} s; check the clock if this repeats`,
  'header-signature': (f) => `the signature is not one of miner key ${f.minerKey} over the block's id`,
  'body-loss-root': (f) =>
    `the window sums give loss_root ${f.computed}, the header has ${f.claimed}; another peer may have the right body`,
  'body-window-count': (f) => `${f.claimed} window sums, a D_val has ${f.expected} windows`,
  'body-window-range': (f) => `window ${f.window} claims the sum ${f.claimed}, no window has more than ${f.limit}`,
  'body-val-loss': (f) =>
    `val_loss ${f.claimed} (${nats(f.claimed)}), the window sums give ${f.computed} (${nats(f.computed)})`,
  'body-tx-root': (f) =>
    `the transactions give tx_root ${f.computed}, the header has ${f.claimed}; another peer may have the right body`,
  'body-coinbase-count': (f) => `${f.claimed} coinbases, a block has exactly ${f.expected}`,
  'body-coinbase-place': (f) => `the coinbase is transaction ${f.transaction}, it must be the first`,
  'body-coinbase-form': (f) => `the coinbase has a wrong form: ${f.detail}`,
  'body-coinbase-height': (f) => `the coinbase commits to height ${f.claimed}, the block's is ${f.expected}`,
  'body-coinbase-amount': (f) =>
    `the coinbase pays ${f.claimed} resonances, it must pay exactly ${f.expected}: a reward of ${f.reward} and fees of ${f.fees}`,
  'body-signature-count': (f) => `the transactions have ${f.signatures} signatures, at most ${f.limit} are allowed`,
  'body-coinbase-destination': (f) => `output ${f.output} of the coinbase cannot be paid: ${f.detail}`,
  'checkpoint-chunk': (f) => `chunk ${f.chunk} does not belong to checkpoint ${f.root}; fetch it from another peer`,
  'checkpoint-withheld': (f) =>
    `${f.missing} of ${f.chunks} chunks are missing and no peer delivers them; the block is not a candidate until they come`,
  'evaluation-unavailable': (f) =>
    `the block could not be evaluated now: ${f.detail}; this says nothing about the block`,
  'evaluation-non-finite': (f) => `window ${f.window} gives a value that is not finite, so the checkpoint is invalid`,
  'evaluation-window-sum': (f) =>
    `window ${f.window} claims the sum ${f.claimed}, it is ${f.computed}; val_loss is claimed to be ${f.claimedLoss} (${nats(f.claimedLoss)}), ` +
    (f.evaluatedWindows === f.windows
      ? `it is ${f.lossAtLeast} (${nats(f.lossAtLeast)})`
      : `${f.evaluatedWindows} of ${f.windows} windows alone make it at least ${f.lossAtLeast} (${nats(f.lossAtLeast)})`),
  'evaluation-parent-loss': (f) =>
    `parent_loss ${f.claimed} (${nats(f.claimed)}), the parent's checkpoint has ${f.computed} (${nats(f.computed)}) on the new D_val`,
};

function isCheckpointCode(code: VerdictCode): code is CheckpointCode {
  return Object.hasOwn(CHECKPOINT_RULES, code);
}

function isTransactionCode(code: VerdictCode): code is TransactionCode {
  return Object.hasOwn(transactionCodes, code);
}

/** One sentence that names the cause with both numbers. */
export function explain(rejection: Rejection): string {
  const { code, facts } = rejection;
  if (isCheckpointCode(code)) return `the checkpoint is refused: ${(facts as CheckpointFacts).detail}`;
  if (isTransactionCode(code)) {
    const say = transactionExplanations[code] as (facts: Rejection['facts']) => string;
    return `transaction ${(facts as { readonly txid: string }).txid} is refused: ${say(facts)}`;
  }
  // Code and facts belong together by construction of Rejection; the compiler cannot follow that through the table.
  const write = explanations[code] as (facts: Rejection['facts']) => string;
  return write(facts);
}

// What a person checks before signing (WAL-56): what leaves, to whom, the fee, and what else the transaction says. Amounts in resonances.

import type { ActionContent } from '@resonancenet/primitives/action-content';
import type { Destination } from '@resonancenet/primitives/destination';
import type { KeyOrigin, Rntp } from './rntp.ts';
import { keysOfWay } from './rntp-consistency.ts';
import { signersOfAction } from './rntp-signers.ts';

export interface SummaryOutput {
  readonly destination: Destination;
  readonly amount: bigint;
  /** Whether the signer has proved to itself that it comes back to it. */
  readonly own: boolean;
}

export interface SignSummary {
  /** What the inputs hold, and the part of it that the signer's keys can spend. */
  readonly spent: bigint;
  readonly ownSpent: bigint;
  readonly outputs: readonly SummaryOutput[];
  /** What leaves the signer's hands: its inputs less its outputs. Negative if it gains. */
  readonly leaves: bigint;
  /** What is in no output: the fee, and bonds if actions lock any. */
  readonly feeAndBonds: bigint;
  readonly actions: readonly ActionContent[];
}

/**
 * Whether a destination is the signer's own, to the byte, by its own keys and policy. `origin`: which key the file says that it is; a hint where to look,
 * no more. (A key alone proves nothing: the second leaf or the policy could be somebody else's.)
 */
export type IsOwn = (destination: Destination, origin: KeyOrigin | null) => boolean;

/** Nothing that the file says about itself is believed. */
export function summarise(rntp: Rntp, isOwn: IsOwn): SignSummary {
  const { transaction, inputs } = rntp;
  const origins = new Map(rntp.origins.map((origin) => [origin.publicKey.join(), origin]));
  const originOf = (publicKey: Uint8Array | null): KeyOrigin | null =>
    publicKey === null ? null : (origins.get(publicKey.join()) ?? null);
  const outputs = transaction.outputs.map(({ amount, lockId, policyId }, index) => {
    const destination = { lockId, policyId };
    return { destination, amount, own: isOwn(destination, originOf(rntp.outputs[index]!)) };
  });
  const ownInputs = inputs.filter(({ spent, way }) => keysOfWay(way).some((key) => isOwn(spent, originOf(key))));
  const spent = sum(inputs.map((input) => input.spent.amount));
  const ownSpent = sum(ownInputs.map((input) => input.spent.amount));
  const paid = sum(outputs.map(({ amount }) => amount));
  return {
    spent,
    ownSpent,
    outputs,
    leaves: ownSpent - sum(outputs.filter(({ own }) => own).map(({ amount }) => amount)),
    feeAndBonds: spent - paid,
    actions: transaction.actions.flatMap((action) => {
      const signers = signersOfAction(action);
      return signers.ok ? [signers.content] : [];
    }),
  };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

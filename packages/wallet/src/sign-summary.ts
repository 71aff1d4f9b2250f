// What a person checks before signing (WAL-56): what leaves, to whom, the fee, and what else the transaction says. Amounts in resonances.

import { equalBytes } from '@resonancenet/bytes/compare';
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

/** Where the signer's account is paid at a path, made from its own keys and policy; null: the key is none of its own. */
export type OwnDestination = (origin: KeyOrigin) => Destination | null;

/**
 * Nothing that the file says about itself is believed: an output is the signer's own only if it pays, to the byte, what the signer makes of the
 * path itself. (A key alone proves nothing: the second leaf or the policy could be somebody else's.)
 */
export function summarise(rntp: Rntp, ownDestination: OwnDestination): SignSummary {
  const { transaction, inputs } = rntp;
  const origins = new Map(rntp.origins.map((origin) => [origin.publicKey.join(), origin]));
  const destinationOf = (publicKey: Uint8Array): Destination | null => {
    const origin = origins.get(publicKey.join());
    return origin === undefined ? null : ownDestination(origin);
  };
  const isOwn = (publicKey: Uint8Array | null, { lockId, policyId }: Destination): boolean => {
    const made = publicKey === null ? null : destinationOf(publicKey);
    return made !== null && equalBytes(made.lockId, lockId) && equalBytes(made.policyId, policyId);
  };
  const outputs = transaction.outputs.map(({ amount, lockId, policyId }, index) => {
    const destination = { lockId, policyId };
    return { destination, amount, own: isOwn(rntp.outputs[index]!, destination) };
  });
  const ownInputs = inputs.filter(({ spent, way }) => keysOfWay(way).some((key) => isOwn(key, spent)));
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

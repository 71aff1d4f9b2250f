// Transactions from JSON, not signed.

import { compareBytes } from '@resonancenet/bytes/compare';
import { fromHex } from '@resonancenet/bytes/hex';
import type { AddressParams } from '@resonancenet/primitives/address';
import { type ActionContent, encodeAction } from '@resonancenet/primitives/action-content';
import { amount } from '@resonancenet/primitives/amount';
import type { PolicyTerms, SocialTerms } from '@resonancenet/primitives/policy-terms';
import { MAX_QUORUM_KEYS, quorumProblem } from '@resonancenet/primitives/quorum';
import {
  MAX_ACTION_LENGTH,
  NO_LOCK,
  type Output,
  TRANSACTION_VERSION,
  type Transaction,
} from '@resonancenet/primitives/transaction';
import { z } from 'zod';
import { destinationOf, hashParam, hexParam } from './parameters.ts';

/** Hex digits of a whole validation set at most. */
const MAX_SHARD_DIGITS: number = 2 * (MAX_ACTION_LENGTH - 32);

const keyParam = hashParam.transform(fromHex);
const blocksParam = z.number().int().min(0).max(0xff_ffff);

const socialTerms: z.ZodType<SocialTerms> = z
  .strictObject({
    type: z.literal('social'),
    wait: blocksParam,
    livenessKey: keyParam,
    required: z.number().int().min(1).max(MAX_QUORUM_KEYS),
    guardians: z.array(keyParam).min(1).max(MAX_QUORUM_KEYS),
  })
  // In the one order in which terms have them.
  .transform((terms) => ({ ...terms, guardians: [...terms.guardians].sort(compareBytes) }))
  .superRefine(({ required, guardians }, context) => {
    const problem = quorumProblem({ required, publicKeys: guardians });
    if (problem !== null) context.addIssue(problem);
  });

/** Terms of a policy as JSON. */
export const termsParam: z.ZodType<PolicyTerms> = z.union([
  z.strictObject({
    type: z.literal('heartbeat'),
    interval: blocksParam,
    timeout: blocksParam,
    livenessKey: keyParam,
  }),
  socialTerms,
  z.strictObject({ type: z.literal('emissionReturn'), blocks: blocksParam, livenessKey: keyParam }),
]);

/** An action that is to be; its signatures come later. */
export type ActionWish =
  | { readonly kind: 'heartbeat'; readonly terms: PolicyTerms }
  | { readonly kind: 'announce'; readonly terms: SocialTerms; readonly destination: string }
  | { readonly kind: 'propose'; readonly proposal: Uint8Array; readonly refund: string }
  | { readonly kind: 'reveal'; readonly salt: Uint8Array; readonly shard: Uint8Array };

export const actionParam: z.ZodType<ActionWish> = z.union([
  z.strictObject({ kind: z.literal('heartbeat'), terms: termsParam }),
  z.strictObject({ kind: z.literal('announce'), terms: socialTerms, destination: z.string() }),
  z.strictObject({ kind: z.literal('propose'), proposal: keyParam, refund: z.string() }),
  z.strictObject({
    kind: z.literal('reveal'),
    salt: keyParam,
    shard: hexParam.max(MAX_SHARD_DIGITS).transform(fromHex),
  }),
]);

export interface TransactionWish {
  readonly inputs: readonly {
    readonly txid: string;
    readonly vout: number;
    readonly sequence?: number | undefined;
  }[];
  readonly outputs: Readonly<Record<string, bigint>> | readonly Readonly<Record<string, bigint>>[];
  readonly locktime: number | undefined;
  readonly actions: readonly ActionWish[];
}

const noSignature = new Uint8Array(64);

/** @throws RpcError for addresses to which nothing may be paid */
export function createTransaction(wish: TransactionWish, params: AddressParams): Transaction {
  const { inputs, outputs, locktime, actions } = wish;
  const groups = Array.isArray(outputs) ? (outputs as readonly Readonly<Record<string, bigint>>[]) : [outputs];
  return {
    version: TRANSACTION_VERSION,
    inputs: inputs.map(({ txid, vout, sequence }) => ({
      outpoint: { txid: fromHex(txid), index: vout },
      sequence: sequence ?? NO_LOCK,
      witness: new Uint8Array(0),
    })),
    outputs: groups.flatMap((group) =>
      Object.entries(group).map(
        ([address, value]): Output => ({ amount: amount(value), ...destinationOf(address, params) }),
      ),
    ),
    actions: actions.map((action) => encodeAction(contentOf(action, params))),
    lockTime: locktime ?? NO_LOCK,
  };
}

/** Signatures are zeros until somebody signs. */
function contentOf(action: ActionWish, params: AddressParams): ActionContent {
  switch (action.kind) {
    case 'heartbeat':
      return { ...action, signature: noSignature };
    case 'announce': {
      const { kind, terms } = action;
      const signatures = Array.from({ length: terms.required }, (_, guardian) => ({
        guardian,
        signature: noSignature,
      }));
      return { kind, terms, destination: destinationOf(action.destination, params), signatures };
    }
    case 'propose':
      return { ...action, refund: destinationOf(action.refund, params) };
    case 'reveal':
      return action;
  }
}

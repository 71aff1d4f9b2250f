// The actions of a transaction, read and judged as far as no state is needed (LED-7, LED-12, LED-16, LED-25).

import { toHex } from '@resonancenet/bytes/hex';
import { decodeDval } from '@resonancenet/params/dval';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type ActionContent, decodeAction } from '@resonancenet/primitives/action-content';
import { destinationProblem } from '@resonancenet/primitives/destination';
import { proposalHash } from '@resonancenet/primitives/dval-vote';
import { termsPolicyId, termsProblem } from '@resonancenet/primitives/policy-terms';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { rejectTransaction } from './reject-transaction.ts';
import type { Rejection } from './verdict.ts';

/** An action and what it is about. */
export interface ReadAction {
  readonly content: ActionContent;
  /** The policy's id, 24 bytes, of a heartbeat or an announcement; of a proposal and its reveal the proposal hash, 32 bytes. */
  readonly subject: Uint8Array;
}

export type ReadActions = { readonly ok: true; readonly actions: readonly ReadAction[] } | Rejection;

const noActions: ReadActions = { ok: true, actions: [] };

/** All actions in order, or why one is refused whatever the state. */
export function readActions(transaction: Transaction, params: NetworkParams): ReadActions {
  if (transaction.actions.length === 0) return noActions;
  const actions: ReadAction[] = [];
  const places = new Map<string, number>();
  for (const [index, action] of transaction.actions.entries()) {
    const decoded = decodeAction(action);
    if (!decoded.ok) {
      return rejectTransaction(transaction, 'tx-action-malformed', { action: index, detail: decoded.detail });
    }
    const problem = contentProblem(transaction, index, decoded.content, params);
    if (problem !== null) return problem;
    const read = { content: decoded.content, subject: subjectOf(decoded.content) };
    const name = nameOf(read);
    const first = places.get(name);
    if (first !== undefined) return rejectTransaction(transaction, 'tx-duplicate-action', { first, second: index });
    places.set(name, index);
    actions.push(read);
  }
  return { ok: true, actions };
}

/** Two actions of one kind about one thing would depend on their order. Thousands of actions fit in a transaction: they are not compared pair by pair. */
function nameOf({ content, subject }: ReadAction): string {
  return `${content.kind} ${toHex(subject)}`;
}

function contentProblem(
  transaction: Transaction,
  action: number,
  content: ActionContent,
  params: NetworkParams,
): Rejection | null {
  if (content.kind === 'reveal') {
    const decoded = decodeDval(content.shard, params);
    return decoded.ok ? null : rejectTransaction(transaction, 'tx-reveal-shard', { action, detail: decoded.message });
  }
  if (content.kind !== 'propose') {
    const detail = termsProblem(content.terms, params.recovery);
    if (detail !== null) return rejectTransaction(transaction, 'tx-terms', { action, detail });
  }
  if (content.kind === 'heartbeat') return null;
  const destination = content.kind === 'announce' ? content.destination : content.refund;
  const detail = destinationProblem(destination, params.recovery);
  return detail === null ? null : rejectTransaction(transaction, 'tx-action-destination', { action, detail });
}

function subjectOf(content: ActionContent): Uint8Array {
  switch (content.kind) {
    case 'heartbeat':
    case 'announce':
      return termsPolicyId(content.terms);
    case 'propose':
      return content.proposal;
    case 'reveal':
      return proposalHash(content.salt, content.shard);
  }
}

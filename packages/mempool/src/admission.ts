// Whether a transaction, or a package of one child with some of its parents, may come into the pool: first what the ledger's rules say on the state
// of the tip with its unconfirmed ancestors, then the policy. Nothing is changed here, and signatures are only named.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import { applyTransaction, type CheckedTransaction, checkTransaction } from '@resonancenet/ledger/check-transaction';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { dustRefusal, familyRefusal, feeRefusal } from './admission-policy.ts';
import { claimsOf } from './claims.ts';
import { dustOutputs } from './dust.ts';
import type { FeeRate } from './fee-rate.ts';
import { hasOutputs, missingParents } from './missing-inputs.ts';
import type { ParsedTransaction } from './parsed-transaction.ts';
import type { PoolEntry } from './pool-entry.ts';
import { type PoolRefusal, refuse } from './pool-refusal.ts';
import { type PoolState, stateBeneath } from './pool-state.ts';
import { replacementRefusal } from './replacement.ts';
import { dependenceOf, type Sensitivity } from './sensitivity.ts';
import { sumOf } from './transaction-graph.ts';

/** A transaction that may come in. */
export interface Addition {
  readonly parsed: ParsedTransaction;
  readonly bytes: number;
  readonly fee: bigint;
  readonly signatures: number;
  readonly checks: readonly SignatureCheck[];
  readonly claims: readonly string[];
  readonly dust: readonly number[];
  readonly sensitivity: Sensitivity;
}

export interface AdmissionRefused {
  readonly ok: false;
  readonly refusal: PoolRefusal;
  /** Of which of the transactions. */
  readonly at: number;
  /** Transactions that are not known and whose outputs it spends: it may be judged when they have come. */
  readonly missing: readonly Hex32[];
}

export type AdmissionPlan =
  | {
      readonly ok: true;
      /** Parents first. */
      readonly additions: readonly Addition[];
      /** What they replace, descendants included. */
      readonly replaced: ReadonlySet<PoolEntry>;
    }
  | AdmissionRefused;

export interface AdmissionTerms {
  /** The rate that the full pool asks for at present. */
  readonly poolRate: FeeRate;
  /** They were in a block that is none any more: they come back whatever they pay. */
  readonly isReturning: boolean;
}

/** `transactions`: one, or parents in an order in which they can be applied and their child last. */
export function planAdmission(
  transactions: readonly ParsedTransaction[],
  pool: PoolState,
  terms: AdmissionTerms,
): AdmissionPlan {
  const last = transactions.length - 1;
  const shape = shapeRefusal(transactions, pool);
  if (shape !== null) return refused(shape, last);
  const parents = unconfirmedParents(transactions, pool);
  const ancestors = new Set([...parents, ...pool.graph.ancestorsOf(parents)]);
  const checked = checkOnTip(transactions, ancestors, pool);
  if (!checked.ok) return checked;
  const { additions } = checked;
  const twice = repeatedClaim(additions);
  if (twice !== null)
    return refused(refuse('package-shape', { detail: `two of its transactions claim ${twice}` }), last);
  const conflicts = conflictsOf(additions, pool);
  const replaced = pool.graph.withDescendants(conflicts);
  const paid = sumOf(additions);
  const refusal =
    (terms.isReturning ? null : policyRefusal(additions, ancestors, replaced, pool, terms.poolRate)) ??
    (conflicts.size === 0
      ? null
      : replacementRefusal({ paid, parents, ancestors, conflicts, replaced }, pool.limits, pool.relayRate));
  return refusal === null ? { ok: true, additions, replaced } : refused(refusal, last);
}

function refused(refusal: PoolRefusal, at: number, missing: readonly Hex32[] = []): AdmissionRefused {
  return { ok: false, refusal, at, missing };
}

function policyRefusal(
  additions: readonly Addition[],
  ancestors: ReadonlySet<PoolEntry>,
  replaced: ReadonlySet<PoolEntry>,
  pool: PoolState,
  poolRate: FeeRate,
): PoolRefusal | null {
  return (
    dustRefusal(additions, pool) ??
    feeRefusal(additions, pool, poolRate) ??
    familyRefusal(additions, ancestors, replaced, pool)
  );
}

/** What is known without the state. */
function shapeRefusal(transactions: readonly ParsedTransaction[], { graph, limits }: PoolState): PoolRefusal | null {
  if (transactions.length > limits.maxPackage)
    return refuse('package-count', { count: transactions.length, limit: limits.maxPackage });
  for (const { leaf, txid } of transactions) {
    if (graph.getByLeaf(leaf) !== null) return refuse('already-in-pool', { txid });
    if (graph.get(txid) !== null) return refuse('same-transaction', { txid });
  }
  const child = transactions.at(-1)!;
  const spends = new Set(child.transaction.inputs.map(({ outpoint }) => toHex(outpoint.txid)));
  const stranger = transactions.slice(0, -1).find(({ txid }) => !spends.has(txid));
  if (stranger !== undefined)
    return refuse('package-shape', { detail: `${stranger.txid} is no parent of ${child.txid}` });
  return null;
}

/** What two transactions of a package claim, so that they could not both be in the pool; null if there is nothing. */
function repeatedClaim(additions: readonly Addition[]): string | null {
  const seen = new Set<string>();
  for (const { claims } of additions)
    for (const claim of claims) {
      if (seen.has(claim)) return claim;
      seen.add(claim);
    }
  return null;
}

function unconfirmedParents(transactions: readonly ParsedTransaction[], { graph }: PoolState): Set<PoolEntry> {
  const parents = new Set<PoolEntry>();
  for (const { transaction } of transactions)
    for (const { outpoint } of transaction.inputs) {
      const parent = graph.get(toHex(outpoint.txid));
      if (parent !== null) parents.add(parent);
    }
  return parents;
}

type CheckedAdditions = { readonly ok: true; readonly additions: readonly Addition[] } | AdmissionRefused;

/** The ledger's rules, one after the other on the state that those before it leave. */
function checkOnTip(
  transactions: readonly ParsedTransaction[],
  ancestors: ReadonlySet<PoolEntry>,
  pool: PoolState,
): CheckedAdditions {
  const { context, limits } = pool;
  const crowd = crowdRefusal(transactions, ancestors, pool);
  if (crowd !== null) return refused(crowd, transactions.length - 1);
  const state = stateBeneath(
    transactions.map(({ transaction }) => transaction),
    ancestors,
    pool,
  );
  const additions: Addition[] = [];
  for (const [index, parsed] of transactions.entries()) {
    const checked = checkTransaction(parsed.transaction, state.height, state.view, context);
    if (!checked.ok) {
      if (checked.code !== 'tx-missing-input') return refused(checked, index);
      return missingRefusal(parsed, index, checked, pool, state.view);
    }
    const addition = additionOf(parsed, checked, state.height, pool);
    if (addition.signatures > limits.maxSignatures) {
      const facts = { signatures: addition.signatures, limit: limits.maxSignatures };
      return refused(refuse('too-many-signatures', facts), index);
    }
    applyTransaction(checked, state.height, state.view, state.totals, context);
    additions.push(addition);
  }
  return { ok: true, additions };
}

/** Before the ancestors are applied: this bounds the work that a newcomer causes. */
function crowdRefusal(
  transactions: readonly ParsedTransaction[],
  ancestors: ReadonlySet<PoolEntry>,
  { limits }: PoolState,
): PoolRefusal | null {
  const count = ancestors.size + transactions.length;
  if (count > limits.maxAncestors) return refuse('too-many-ancestors', { count, limit: limits.maxAncestors });
  const bytes = [...ancestors, ...transactions].reduce((sum, { encoded }) => sum + encoded.length, 0);
  const limit = limits.maxAncestorBytes;
  return bytes > limit ? refuse('too-large-ancestors', { bytes, limit }) : null;
}

/** It is confirmed already, or comes too late, or its parents are not here yet. */
function missingRefusal(
  parsed: ParsedTransaction,
  at: number,
  rejection: PoolRefusal,
  { graph, ledger }: PoolState,
  view: LedgerReader,
): AdmissionRefused {
  if (hasOutputs(fromHex(parsed.txid), ledger)) return refused(refuse('already-confirmed', { txid: parsed.txid }), at);
  const missing = missingParents(parsed, graph, view);
  if (missing.length === 0) return refused(rejection, at);
  const inputs = new Set(parsed.transaction.inputs.map(({ outpoint }) => toHex(outpoint.txid))).size;
  return refused(refuse('missing-inputs', { missing: missing.length, inputs }), at, missing);
}

function additionOf(
  parsed: ParsedTransaction,
  checked: CheckedTransaction,
  height: number,
  { context, relayRate }: PoolState,
): Addition {
  const { sensitivity, recoveries } = dependenceOf(checked, height, context.params.coinbaseMaturity);
  return {
    parsed,
    bytes: parsed.encoded.length,
    fee: checked.fee,
    signatures: checked.signatures.length,
    checks: checked.signatures,
    claims: claimsOf(checked, recoveries),
    dust: dustOutputs(parsed.transaction.outputs, relayRate),
    sensitivity,
  };
}

function conflictsOf(additions: readonly Addition[], { graph }: PoolState): Set<PoolEntry> {
  const conflicts = new Set<PoolEntry>();
  for (const { claims } of additions)
    for (const claim of claims) {
      const claimant = graph.claimant(claim);
      if (claimant !== null) conflicts.add(claimant);
    }
  return conflicts;
}

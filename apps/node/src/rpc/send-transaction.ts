// Transactions on their way into the pool, and its refusals as Bitcoin Core's errors.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { Addition } from '@resonancenet/mempool/admission';
import { feeRateOf } from '@resonancenet/mempool/fee-rate';
import { leafOf } from '@resonancenet/mempool/parsed-transaction';
import { explainRefusal, type PoolRefusal } from '@resonancenet/mempool/pool-refusal';
import { txid } from '@resonancenet/primitives/transaction';
import { NoAnswerError } from '../pool/node-pool.ts';
import type { TicketAction } from '../pool/pool-tickets.ts';
import { rnt } from './amounts.ts';
import type { LedgerApi } from './ledger-api.ts';
import { transactionOf } from './parameters.ts';
import { RPC_ERROR, RpcError } from './rpc-method.ts';

type Json = Readonly<Record<string, unknown>>;
type Refused = Extract<TicketAction, { readonly type: 'transaction-refused' }>;

const errorCodes: Readonly<Record<string, number>> = {
  malformed: RPC_ERROR.deserialization,
  'missing-inputs': RPC_ERROR.verify,
  'tx-missing-input': RPC_ERROR.verify,
  'already-confirmed': RPC_ERROR.alreadyInChain,
  'verification-failed': RPC_ERROR.misc,
  'queue-full': RPC_ERROR.misc,
};

function refusalError(code: string, detail: string): RpcError {
  return new RpcError(errorCodes[code] ?? RPC_ERROR.rejected, `${code}: ${detail}`);
}

/** Why a fee is taken for a mistake, or null. `limit`: resonances per 1,000 bytes, 0 for any. */
function absurdFee({ fee, bytes }: Pick<Addition, 'fee' | 'bytes'>, limit: bigint): string | null {
  const rate = feeRateOf({ fee, bytes });
  return limit > 0n && rate > limit
    ? `the fee of ${rnt(fee)} RNT is ${rnt(rate)} RNT per 1,000 bytes, above maxfeerate ${rnt(limit)}`
    : null;
}

/** Checked before anything is sent, so that a fee typed wrongly is not lost. What the pool refuses anyway, it says itself. */
function checkFees(node: LedgerApi, encoded: readonly Uint8Array[], limit: bigint): void {
  const plan = node.pool.preview(encoded, node.now());
  if (!plan.ok) return;
  for (const addition of plan.additions) {
    const problem = absurdFee(addition, limit);
    if (problem !== null) throw new RpcError(RPC_ERROR.verify, `max-fee-exceeded: ${problem}`);
  }
}

/** @throws RpcError if the pool did not answer in time */
async function submit(node: LedgerApi, encoded: readonly Uint8Array[]): Promise<readonly TicketAction[]> {
  try {
    return await node.submit(encoded);
  } catch (error) {
    if (error instanceof NoAnswerError) throw new RpcError(RPC_ERROR.misc, error.message);
    throw error;
  }
}

/** Gives the id. One that is in the pool already is no error. */
export async function sendTransaction(node: LedgerApi, hex: string, feeLimit: bigint): Promise<string> {
  const transaction = transactionOf(hex);
  const id = toHex(txid(transaction));
  const bytes = fromHex(hex);
  checkFees(node, [bytes], feeLimit);
  const refused = (await submit(node, [bytes])).find((action) => action.type === 'transaction-refused');
  if (refused !== undefined && refused.code !== 'already-in-pool') throw refusalError(refused.code, refused.detail);
  return id;
}

export async function tryTransactions(
  node: LedgerApi,
  hexes: readonly string[],
  feeLimit: bigint,
): Promise<readonly Json[]> {
  const names = hexes.map((hex) => ({ txid: toHex(txid(transactionOf(hex))), hash: leafOf(fromHex(hex)) }));
  const encoded = hexes.map(fromHex);
  const plan = node.pool.preview(encoded, node.now());
  if (!plan.ok) return names.map((name, at) => ({ ...name, ...(at === plan.at ? refusedJson(plan.refusal) : {}) }));
  const checks = plan.additions.flatMap((addition, part) => addition.checks.map((check) => ({ check, part })));
  const outcome = await node.checkSignatures(checks.map(({ check }) => check));
  if (outcome.kind === 'failed')
    throw new RpcError(RPC_ERROR.misc, `The signatures could not be checked: ${outcome.detail}`);
  const bad = outcome.kind === 'valid' ? null : checks[outcome.index]!;
  return plan.additions.map((addition, part) => {
    const name = { txid: addition.parsed.txid, hash: addition.parsed.leaf };
    if (bad?.part === part)
      return {
        ...name,
        ...refusedJson({
          ok: false,
          code: outcome.kind === 'lenient' ? 'signature-lenient' : 'signature-refused',
          facts: { publicKey: toHex(bad.check.publicKey) },
        }),
      };
    // Of a package that falls with another's signature nothing is known.
    if (bad !== null) return name;
    const absurd = absurdFee(addition, feeLimit);
    if (absurd !== null)
      return { ...name, allowed: false, 'reject-reason': 'max-fee-exceeded', 'reject-details': absurd };
    return { ...name, allowed: true, size: addition.bytes, fees: { base: rnt(addition.fee) } };
  });
}

function refusedJson(refusal: PoolRefusal): Json {
  return { allowed: false, 'reject-reason': refusal.code, 'reject-details': explainRefusal(refusal) };
}

export async function sendPackage(node: LedgerApi, hexes: readonly string[], feeLimit: bigint): Promise<Json> {
  const names = hexes.map((hex) => ({ txid: toHex(txid(transactionOf(hex))), hash: leafOf(fromHex(hex)) }));
  const encoded = hexes.map(fromHex);
  checkFees(node, encoded, feeLimit);
  const said = await submit(node, encoded);
  const refused = said.find((action): action is Refused => action.type === 'transaction-refused') ?? null;
  const isThere = refused === null || refused.code === 'already-in-pool';
  const results = names.map(({ txid: id, hash }) => [hash, packageResult(node, id, hash, refused)] as const);
  return { package_msg: isThere ? 'success' : refused.code, 'tx-results': Object.fromEntries(results) };
}

function packageResult(node: LedgerApi, id: string, hash: string, refused: Refused | null): Json {
  const entry = node.pool.get(id);
  if (entry !== null) return { txid: id, size: entry.bytes, fees: { base: rnt(entry.fee) } };
  const error = refused?.leaf === hash ? `${refused.code}: ${refused.detail}` : 'package-refused';
  return { txid: id, error };
}

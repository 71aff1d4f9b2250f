// A partially signed transaction, as RPC reads and tells it.

import { toHex } from '@resonancenet/bytes/hex';
import { equalBytes } from '@resonancenet/bytes/compare';
import { printPath } from '@resonancenet/keys/derivation-path';
import { encode } from '@resonancenet/bytes/encode';
import { transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { combineRntps } from '@resonancenet/wallet/combine-rntps';
import { finaliseRntp, missingSignatures } from '@resonancenet/wallet/finalise-rntp';
import { decodeRntp, encodeRntp, MAX_RNTP_LENGTH, type Rntp } from '@resonancenet/wallet/rntp';
import { explainRntpProblem, type RntpProblem } from '@resonancenet/wallet/rntp-problem';
import { z } from 'zod';
import type { WalletNetwork } from '../wallet/wallet-network.ts';
import { rnt } from './amounts.ts';
import { rntpText } from './describe-payment.ts';
import { describeOutput, describeTransaction } from './describe-transaction.ts';
import { RPC_ERROR, RpcError } from './rpc-method.ts';

type Json = Readonly<Record<string, unknown>>;

/** In base64; the server's requests have at most 4 MiB. */
export const rntpParam: z.ZodString = z
  .string()
  .min(1)
  .max(Math.ceil((MAX_RNTP_LENGTH / 3) * 4) + 4)
  .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'must be base64');

/** Of this network. @throws RpcError */
export function rntpOf(text: string, { genesisId }: Pick<WalletNetwork, 'genesisId'>): Rntp {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  const decoded = decodeRntp(bytes);
  if (!decoded.ok) throw new RpcError(RPC_ERROR.deserialization, explainRntpProblem(decoded));
  const { rntp } = decoded;
  if (equalBytes(rntp.genesisId, genesisId)) return rntp;
  const facts = { found: toHex(rntp.genesisId), expected: toHex(genesisId) };
  throw rntpError({ ok: false, code: 'other-network', facts });
}

export function rntpError(problem: RntpProblem): RpcError {
  return new RpcError(RPC_ERROR.deserialization, `${problem.code}: ${explainRntpProblem(problem)}`);
}

export function describeRntp(rntp: Rntp, { params }: Pick<WalletNetwork, 'params'>): Json {
  const { transaction, inputs, origins } = rntp;
  const spent = inputs.reduce((sum, input) => sum + input.spent.amount, 0n);
  const paid = transaction.outputs.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    txid: toHex(txid(transaction)),
    tx: describeTransaction(transaction, params),
    inputs: inputs.map(({ spent: output, signatures }) => ({
      ...describeOutput(output, params),
      signatures: signatures.map(({ publicKey }) => toHex(publicKey)),
    })),
    feeAndBonds: rnt(spent - paid),
    signers: origins.map(({ publicKey, fingerprint, path }) => ({
      pubkey: toHex(publicKey),
      fingerprint: toHex(fingerprint),
      path: printPath(path),
    })),
    missing: describeMissing(rntp),
    complete: missingSignatures(rntp).length === 0,
  };
}

function describeMissing(rntp: Rntp): Json[] {
  return missingSignatures(rntp).map(({ target, count, publicKeys }) => ({
    ...target,
    count,
    pubkeys: publicKeys.map(toHex),
  }));
}

/** One that a wallet has signed. */
export function describeSigned(rntp: Rntp): Json {
  const missing = describeMissing(rntp);
  return { rntp: rntpText(encodeRntp(rntp)), complete: missing.length === 0, missing };
}

/** The signatures of several copies, at least one, in one. @throws RpcError */
export function joined([first, ...others]: readonly Rntp[]): Json {
  const whole = others.reduce((known, other) => {
    const result = combineRntps(known, other);
    if (!result.ok) throw rntpError(result);
    return result.rntp;
  }, first!);
  return { rntp: rntpText(encodeRntp(whole)) };
}

/** The transaction, or what it still needs. @throws RpcError */
export function finalised(rntp: Rntp): Json {
  if (missingSignatures(rntp).length > 0)
    return { complete: false, rntp: rntpText(encodeRntp(rntp)), missing: describeMissing(rntp) };
  const result = finaliseRntp(rntp);
  if (!result.ok) throw rntpError(result);
  return { complete: true, hex: toHex(encode(transactionCodec, result.transaction)) };
}

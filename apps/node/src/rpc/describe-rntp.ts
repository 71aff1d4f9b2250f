// A partially signed transaction, as RPC reads and tells it.

import { toHex } from '@resonancenet/bytes/hex';
import { equalBytes } from '@resonancenet/bytes/compare';
import { printPath } from '@resonancenet/keys/derivation-path';
import { txid } from '@resonancenet/primitives/transaction';
import { missingSignatures } from '@resonancenet/wallet/finalise-rntp';
import { decodeRntp, MAX_RNTP_LENGTH, type Rntp } from '@resonancenet/wallet/rntp';
import { explainRntpProblem, type RntpProblem } from '@resonancenet/wallet/rntp-problem';
import { z } from 'zod';
import type { WalletNetwork } from '../wallet/wallet-network.ts';
import { rnt } from './amounts.ts';
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
export function rntpOf(text: string, { genesisId }: WalletNetwork): Rntp {
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

export function describeRntp(rntp: Rntp, { params }: WalletNetwork): Json {
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

export function describeMissing(rntp: Rntp): Json[] {
  return missingSignatures(rntp).map(({ target, count, publicKeys }) => ({
    ...target,
    count,
    pubkeys: publicKeys.map(toHex),
  }));
}

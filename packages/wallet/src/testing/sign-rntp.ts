// Signing in tests: every wallet that a transaction names signs what it is asked for.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { finaliseRntp } from '../finalise-rntp.ts';
import { decodeRntp, encodeRntp, type Rntp } from '../rntp.ts';
import { explainRntpProblem } from '../rntp-problem.ts';
import { addSignatures } from '../rntp-signatures.ts';
import { signRequests } from '../sign-requests.ts';
import type { IsOwn } from '../sign-summary.ts';
import type { WalletAccount } from '../wallet-account.ts';
import { signAs } from './test-wallet.ts';

/** What the wallet with this fingerprint makes of a copy that it got as bytes. */
export function signedBy(rntp: Rntp, fingerprint: Uint8Array): Rntp {
  const copy = decodeRntp(encodeRntp(rntp));
  assert(copy.ok, copy.ok ? '' : explainRntpProblem(copy));
  const added = signRequests(copy.rntp, fingerprint).map(({ target, publicKey, digest }) => ({
    target,
    publicKey,
    signature: signAs(publicKey, digest),
  }));
  const signed = addSignatures(copy.rntp, added);
  assert(signed.ok, signed.ok ? '' : explainRntpProblem(signed));
  return signed.rntp;
}

/** What the signer of an account takes for its own: what it makes of the path that a file names. */
export function ownBy(account: WalletAccount): IsOwn {
  return ({ lockId, policyId }, origin) => {
    const branch = origin?.path[3];
    const made =
      origin === null || branch === undefined || branch > 1
        ? null
        : account.destination(branch === 0 ? 'receive' : 'change', origin.path[4]!);
    return made !== null && equalBytes(made.lockId, lockId) && equalBytes(made.policyId, policyId);
  };
}

/** The transaction that comes of it when all named wallets sign. */
export function signAll(rntp: Rntp): Transaction {
  const fingerprints = new Map(rntp.origins.map(({ fingerprint }) => [toHex(fingerprint), fingerprint]));
  let signed = rntp;
  for (const fingerprint of fingerprints.values()) signed = signedBy(signed, fingerprint);
  const result = finaliseRntp(signed);
  assert(result.ok, result.ok ? '' : explainRntpProblem(result));
  return result.transaction;
}

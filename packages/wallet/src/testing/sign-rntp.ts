// Signing in tests: every wallet that a transaction names signs what it is asked for.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { finaliseRntp } from '../finalise-rntp.ts';
import { decodeRntp, encodeRntp, type Rntp } from '../rntp.ts';
import { explainRntpProblem } from '../rntp-problem.ts';
import { addSignatures } from '../rntp-signatures.ts';
import { signRequests } from '../sign-requests.ts';
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

/** The transaction that comes of it when all named wallets sign. */
export function signAll(rntp: Rntp): Transaction {
  const fingerprints = new Map(rntp.origins.map(({ fingerprint }) => [toHex(fingerprint), fingerprint]));
  let signed = rntp;
  for (const fingerprint of fingerprints.values()) signed = signedBy(signed, fingerprint);
  const result = finaliseRntp(signed);
  assert(result.ok, result.ok ? '' : explainRntpProblem(result));
  return result.transaction;
}

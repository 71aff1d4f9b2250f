// Signatures checked at once on this thread, for tests and the simulation.

import { verify } from '@resonancenet/crypto/ed25519';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { SignatureOutcome } from '../events.ts';

export function verifyAll(checks: readonly SignatureCheck[]): SignatureOutcome {
  const index = checks.findIndex(({ publicKey, message, signature }) => !verify(signature, message, publicKey));
  return index < 0 ? { kind: 'valid' } : { kind: 'invalid', index };
}

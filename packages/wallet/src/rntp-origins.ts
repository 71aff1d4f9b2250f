// Whose keys a partially signed transaction asks for (WAL-57). Who makes one knows the public keys of heirs and guardians, not where their wallets keep
// them: each adds its own before it signs.

import { type KeyOrigin, type Rntp, sortedByKey } from './rntp.ts';
import { keysOf } from './rntp-signatures.ts';
import { keysOfWay } from './rntp-consistency.ts';

/** Keys whose signature is asked for and that have no origin, each once, ascending. */
export function keysWithoutOrigin(rntp: Rntp): Uint8Array[] {
  const known = namesOf(rntp.origins);
  const asked = askedKeys(rntp).filter((publicKey) => !known.has(publicKey.join()));
  return sortedByKey(asked.map((publicKey) => ({ publicKey }))).map(({ publicKey }) => publicKey);
}

/** With these origins too, as far as their keys are asked for; one that a key has already stays. */
export function withOrigins(rntp: Rntp, origins: readonly KeyOrigin[]): Rntp {
  const asked = new Set(askedKeys(rntp).map((publicKey) => publicKey.join()));
  const added = origins.filter(({ publicKey }) => asked.has(publicKey.join()));
  return { ...rntp, origins: sortedByKey([...rntp.origins, ...added]) };
}

function askedKeys(rntp: Rntp): Uint8Array[] {
  const { inputs, transaction } = rntp;
  return [
    ...inputs.flatMap(({ way }) => keysOfWay(way)),
    ...transaction.actions.flatMap((_, index) => keysOf(rntp, { kind: 'action', index }) ?? []),
  ];
}

function namesOf(origins: readonly KeyOrigin[]): ReadonlySet<string> {
  return new Set(origins.map(({ publicKey }) => publicKey.join()));
}

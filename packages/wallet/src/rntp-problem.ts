// The one closed list of what can be wrong with a partially signed transaction.

import { toHex } from '@resonancenet/bytes/hex';

/** What a signature belongs to. */
export interface SignatureTarget {
  readonly kind: 'input' | 'action';
  readonly index: number;
}

/** Signatures that are not there yet. */
export interface MissingSignatures {
  readonly target: SignatureTarget;
  /** So many more are needed. */
  readonly count: number;
  /** By any of these, 32 bytes each. */
  readonly publicKeys: readonly Uint8Array[];
}

export interface RntpFacts {
  readonly malformed: { readonly detail: string };
  readonly 'other-network': { readonly found: string; readonly expected: string };
  readonly 'other-transaction': { readonly found: string; readonly expected: string };
  readonly 'no-such-target': SignatureTarget;
  readonly 'unknown-key': SignatureTarget & { readonly publicKey: string };
  readonly 'invalid-signature': SignatureTarget & { readonly publicKey: string };
  readonly 'missing-signatures': { readonly missing: readonly MissingSignatures[] };
  readonly 'missing-preimage': { readonly input: number; readonly hash: string };
}

export type RntpCode = keyof RntpFacts;

/** A refusal: narrow on `code` to read `facts`. */
export type RntpProblem = {
  [C in RntpCode]: { readonly ok: false; readonly code: C; readonly facts: RntpFacts[C] };
}[RntpCode];

export function rntpProblem<C extends RntpCode>(code: C, facts: RntpFacts[C]): RntpProblem {
  return { ok: false, code, facts } as unknown as RntpProblem;
}

type Explanations = { readonly [C in RntpCode]: (facts: RntpFacts[C]) => string };

const named = ({ kind, index }: SignatureTarget): string => `${kind} ${index}`;

const explanations: Explanations = {
  malformed: (f) => `this is no partially signed transaction: ${f.detail}`,
  'other-network': (f) => `it is for the network with genesis ${f.found}, this is ${f.expected}`,
  'other-transaction': (f) => `it is about transaction ${f.found}, not ${f.expected}`,
  'no-such-target': (f) => `there is no ${named(f)}`,
  'unknown-key': (f) => `${named(f)} asks for no signature by ${f.publicKey}`,
  'invalid-signature': (f) => `the signature of ${named(f)} by ${f.publicKey} does not hold`,
  'missing-signatures': (f) => f.missing.map(missingText).join('; '),
  'missing-preimage': (f) => `input ${f.input} needs the preimage of ${f.hash}`,
};

/** The refusal in words. */
export function explainRntpProblem({ code, facts }: RntpProblem): string {
  return (explanations[code] as (facts: unknown) => string)(facts);
}

function missingText({ target, count, publicKeys }: MissingSignatures): string {
  return `${named(target)} needs ${count} more of the signatures by ${publicKeys.map(toHex).join(', ')}`;
}

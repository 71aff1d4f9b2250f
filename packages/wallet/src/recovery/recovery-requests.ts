// What a partially signed transaction does to the recovery of accounts, and whose signatures it asks for (WAL-56): what a person sees before signing.

import { toHex } from '@resonancenet/bytes/hex';
import type { Destination } from '@resonancenet/primitives/destination';
import type { PolicyId } from '@resonancenet/primitives/ids';
import { type PolicyTerms, type SocialTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import type { KeyOrigin, Rntp, RntpWay } from '../rntp.ts';
import { keysOfWay } from '../rntp-consistency.ts';
import { signersOfAction } from '../rntp-signers.ts';

export type RecoveryRequest =
  /** The owner lives; guardians that wait are sent away. */
  | { readonly kind: 'sign-of-life'; readonly policyId: PolicyId; readonly terms: PolicyTerms }
  /** Guardians name the destination; the waiting time begins. */
  | {
      readonly kind: 'announcement';
      readonly policyId: PolicyId;
      readonly terms: SocialTerms;
      readonly destination: Destination;
    }
  /** Coins of an account are taken by its second leaf. */
  | {
      readonly kind: 'claim';
      readonly policyId: PolicyId;
      readonly by: 'heir' | 'guardians';
      readonly coins: number;
      /** Resonances. */
      readonly amount: bigint;
    };

/** In which quality a key is asked: as the owner's who spends, as the owner's sign of life, as an heir's, as a guardian's. */
export type SignerPart = 'owner' | 'sign-of-life' | 'heir' | 'guardian';

/** A key whose signature the transaction takes. */
export interface AskedKey {
  readonly publicKey: Uint8Array;
  readonly part: SignerPart;
  /** Which key of which wallet it is, as the file says; null: it does not say. */
  readonly origin: KeyOrigin | null;
  /** Whether all its signatures are there. */
  readonly hasSigned: boolean;
}

/** Signs of life and announcements in their order, then claims. */
export function recoveryRequests({ transaction, inputs }: Rntp): RecoveryRequest[] {
  const requests: RecoveryRequest[] = [];
  for (const action of transaction.actions) {
    const read = signersOfAction(action);
    if (!read.ok) continue;
    const { content } = read;
    if (content.kind === 'heartbeat')
      requests.push({ kind: 'sign-of-life', policyId: termsPolicyId(content.terms), terms: content.terms });
    else if (content.kind === 'announce') {
      const { terms, destination } = content;
      requests.push({ kind: 'announcement', policyId: termsPolicyId(terms), terms, destination });
    }
  }
  const claims = new Map<string, Extract<RecoveryRequest, { kind: 'claim' }>>();
  for (const { spent, way } of inputs) {
    const part = partOf(way);
    if (part === 'owner') continue;
    const { policyId, amount } = spent;
    const by = part === 'heir' ? 'heir' : 'guardians';
    const id = `${by} ${toHex(policyId)}`;
    const known = claims.get(id) ?? { kind: 'claim', policyId, by, coins: 0, amount: 0n };
    claims.set(id, { ...known, coins: known.coins + 1, amount: known.amount + amount });
  }
  return [...requests, ...claims.values()];
}

/** Each key once for each part. */
export function askedKeys({ transaction, inputs, actions, origins }: Rntp): AskedKey[] {
  const known = new Map(origins.map((origin) => [origin.publicKey.join(), origin]));
  const asked = new Map<string, AskedKey>();
  const ask = (
    publicKey: Uint8Array,
    part: SignerPart,
    signed: readonly { readonly publicKey: Uint8Array }[],
  ): void => {
    const key = publicKey.join();
    const id = `${part} ${key}`;
    const hasSigned = (asked.get(id)?.hasSigned ?? true) && signed.some((one) => one.publicKey.join() === key);
    asked.set(id, { publicKey, part, origin: known.get(key) ?? null, hasSigned });
  };
  for (const { way, signatures } of inputs) for (const key of keysOfWay(way)) ask(key, partOf(way), signatures);
  for (const [index, action] of transaction.actions.entries()) {
    const read = signersOfAction(action);
    if (!read.ok) continue;
    const part = read.content.kind === 'announce' ? 'guardian' : 'sign-of-life';
    for (const key of read.publicKeys) ask(key, part, actions[index]!);
  }
  return [...asked.values()];
}

function partOf(way: RntpWay): 'owner' | 'heir' | 'guardian' {
  if (way.kind === 'keyHash') return 'owner';
  if (way.leaf.some(({ kind }) => kind === 'idle')) return 'heir';
  return way.leaf.some(({ kind }) => kind === 'announced') ? 'guardian' : 'owner';
}

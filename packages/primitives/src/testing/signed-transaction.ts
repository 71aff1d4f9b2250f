// Signed transactions for tests: outputs opened by a leaf of their lock, and actions signed by whom they need.

import { assert } from '@resonancenet/bytes/assert';
import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import { TAG } from '@resonancenet/crypto/tags';
import { type ActionContent, encodeAction } from '../action-content.ts';
import { type Condition, type Leaf, leafCodec } from '../condition.ts';
import type { Destination } from '../destination.ts';
import { leafBranch, leafHash } from '../lock.ts';
import type { PolicyTerms, SocialTerms } from '../policy-terms.ts';
import { TransactionSighash } from '../sighash.ts';
import { type Action, NO_LOCK, type Outpoint, type Output, type Transaction } from '../transaction.ts';
import { encodeLockWitness, type Satisfaction, SIGHASH_ALL } from '../witness.ts';

/** An output that can be spent. */
export interface OwnCoin {
  readonly outpoint: Outpoint;
  readonly output: Output;
}

/** How an output is opened. */
export interface Opening {
  readonly coin: OwnCoin;
  readonly leaves: readonly Leaf[];
  /** The leaf that is shown. */
  readonly leaf: number;
  /** Seeds of the keys that it asks for. */
  readonly keys: readonly Uint8Array[];
}

/** An action with the seeds of the keys that sign it, if any do. */
export type ActionWish =
  | Extract<ActionContent, { kind: 'propose' | 'reveal' }>
  | { readonly kind: 'heartbeat'; readonly terms: PolicyTerms; readonly key: Uint8Array }
  | {
      readonly kind: 'announce';
      readonly terms: SocialTerms;
      readonly destination: Destination;
      readonly guardians: readonly Uint8Array[];
    };

export interface TransactionWish {
  readonly openings: readonly Opening[];
  readonly outputs: readonly Output[];
  readonly actions?: readonly ActionWish[];
}

/** The seeds' public keys, ascending. */
export function publicKeys(seeds: readonly Uint8Array[]): Uint8Array[] {
  return seeds.map((seed) => publicKey(seed)).sort(compareBytes);
}

export function byKey(seed: Uint8Array): Condition {
  return { kind: 'key', publicKey: publicKey(seed) };
}

/** The transaction, with every signature over all of it. */
export function signedTransaction(genesisId: Uint8Array, wish: TransactionWish): Transaction {
  const { openings, outputs, actions = [] } = wish;
  const blank: Transaction = {
    version: 1,
    inputs: openings.map(({ coin }) => ({
      outpoint: coin.outpoint,
      sequence: NO_LOCK,
      witness: new Uint8Array(0),
    })),
    outputs,
    actions: actions.map((action) => actionWith(action, () => new Uint8Array(64))),
    lockTime: NO_LOCK,
  };
  // Signatures cover what actions say, not who signed them.
  const sighash = new TransactionSighash(
    genesisId,
    blank,
    openings.map(({ coin }) => coin.output),
  );
  return {
    ...blank,
    inputs: blank.inputs.map((input, index) => ({ ...input, witness: open(openings[index]!, index, sighash) })),
    actions: actions.map((action, index) =>
      actionWith(action, (seed) => {
        const tag = action.kind === 'heartbeat' ? TAG.heartbeat : TAG.announce;
        return sign(sighash.action(index, tag), seed);
      }),
    ),
  };
}

function open({ leaves, leaf: index, keys }: Opening, input: number, sighash: TransactionSighash): Uint8Array {
  const leaf = leaves[index]!;
  const message = sighash.input(input, SIGHASH_ALL, leafHash(encode(leafCodec, leaf)))!;
  const satisfactions = leaf.map((condition): Satisfaction => {
    if (condition.kind !== 'key') return { kind: 'none' };
    const key = keys.find((seed) => equalBytes(publicKey(seed), condition.publicKey));
    assert(key !== undefined, 'the leaf asks for another key');
    return { kind: 'key', flag: SIGHASH_ALL, signature: sign(message, key) };
  });
  const branch = leafBranch(leaves, index);
  return encodeLockWitness({ leaf, index, count: leaves.length, branch, satisfactions });
}

function actionWith(action: ActionWish, signature: (seed: Uint8Array) => Uint8Array): Action {
  return encodeAction(contentOf(action, signature));
}

function contentOf(action: ActionWish, signature: (seed: Uint8Array) => Uint8Array): ActionContent {
  if (action.kind === 'propose' || action.kind === 'reveal') return action;
  if (action.kind === 'heartbeat') return { kind: 'heartbeat', terms: action.terms, signature: signature(action.key) };
  const { terms, destination } = action;
  const signatures = action.guardians
    .map((seed) => ({
      guardian: terms.guardians.findIndex((each) => equalBytes(each, publicKey(seed))),
      signature: signature(seed),
    }))
    .sort((a, b) => a.guardian - b.guardian);
  return { kind: 'announce', terms, destination, signatures };
}

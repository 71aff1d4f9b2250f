// A transaction with one action of the rotation (LED-24, LED-25), paid from outputs that one key opens alone.

import { encode } from '@resonancenet/bytes/encode';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type ActionContent, encodeAction } from '@resonancenet/primitives/action-content';
import { amount } from '@resonancenet/primitives/amount';
import { type Leaf, leafCodec } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import { leafHash } from '@resonancenet/primitives/lock';
import { TransactionSighash } from '@resonancenet/primitives/sighash';
import {
  NO_LOCK,
  type Outpoint,
  type Output,
  type Transaction,
  transactionCodec,
} from '@resonancenet/primitives/transaction';
import { encodeLockWitness, SIGHASH_ALL } from '@resonancenet/primitives/witness';

export interface OwnCoin {
  readonly outpoint: Outpoint;
  readonly output: Output;
}

export interface Funding {
  readonly params: NetworkParams;
  /** Id of block 0, 32 bytes. */
  readonly genesisId: Uint8Array;
  /** Seed of the key that opens the coins alone. */
  readonly key: Uint8Array;
  /** Coins that can be spent in the next block. */
  readonly coins: readonly OwnCoin[];
  /** Where the rest goes. */
  readonly change: Destination;
}

/** The coins do not suffice. */
export class FundingError extends Error {
  readonly code = 'insufficient-funds';
  readonly held: bigint;
  readonly needed: bigint;
  constructor(held: bigint, needed: bigint) {
    super(`The coins hold ${held} resonances, bond and fee take ${needed}.`);
    this.held = held;
    this.needed = needed;
  }
}

/** Signed, with a fee of three times what is relayed at least. The largest coins are spent first, so that the transaction stays small. */
export function fundAction(content: ActionContent, funding: Funding): Transaction {
  const { coins, params } = funding;
  const bond = content.kind === 'propose' ? params.rotation.bond : 0n;
  const sorted = [...coins].sort((a, b) => (a.output.amount < b.output.amount ? 1 : -1));
  let held = 0n;
  let needed = bond;
  for (let count = 1; count <= sorted.length; count += 1) {
    const spent = sorted.slice(0, count);
    held += spent.at(-1)!.output.amount;
    const size = encode(transactionCodec, signed(content, spent, 0n, funding)).length;
    needed = bond + BigInt(3 * size * params.minRelayFee);
    if (held >= needed) return signed(content, spent, held - needed, funding);
  }
  throw new FundingError(held, needed);
}

function signed(
  content: ActionContent,
  spent: readonly OwnCoin[],
  rest: bigint,
  { genesisId, key, change }: Funding,
): Transaction {
  const leaf: Leaf = [{ kind: 'key', publicKey: publicKey(key) }];
  const unsigned: Transaction = {
    version: 1,
    inputs: spent.map(({ outpoint }) => ({ outpoint, sequence: NO_LOCK, witness: new Uint8Array(0) })),
    outputs: [{ amount: amount(rest), ...change }],
    actions: [encodeAction(content)],
    lockTime: NO_LOCK,
  };
  const outputs = spent.map(({ output: { amount: value, lockId, policyId } }) => ({ amount: value, lockId, policyId }));
  const sighash = new TransactionSighash(genesisId, unsigned, outputs);
  const shown = leafHash(encode(leafCodec, leaf));
  const inputs = unsigned.inputs.map((input, index) => {
    // Under ALL there is always something to sign.
    const signature = sign(sighash.input(index, SIGHASH_ALL, shown)!, key);
    const satisfactions = [{ kind: 'key', flag: SIGHASH_ALL, signature }] as const;
    return { ...input, witness: encodeLockWitness({ leaf, index: 0, count: 1, branch: [], satisfactions }) };
  });
  return { ...unsigned, inputs };
}

// Signing with keys that are handed over: for tests, where no wallet is.

import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import { TAG } from '@resonancenet/crypto/tags';
import { coinKey, decodeCoin } from '@resonancenet/ledger/coin';
import { decodeOwn } from '@resonancenet/mempool/parsed-transaction';
import { decodeAction, encodeAction } from '@resonancenet/primitives/action-content';
import { keyHash } from '@resonancenet/primitives/address';
import { amount } from '@resonancenet/primitives/amount';
import { type Leaf, leafCodec } from '@resonancenet/primitives/condition';
import { keyLockId, leafHash } from '@resonancenet/primitives/lock';
import { parsePolicyId } from '@resonancenet/primitives/policy';
import { NO_LEAF_HASH, TransactionSighash } from '@resonancenet/primitives/sighash';
import {
  type Action,
  type Input,
  type Outpoint,
  type Output,
  type Transaction,
  transactionCodec,
} from '@resonancenet/primitives/transaction';
import { encodeKeyHashWitness, encodeLockWitness, SIGHASH_ALL } from '@resonancenet/primitives/witness';
import type { LedgerApi } from './ledger-api.ts';
import { destinationOf } from './parameters.ts';
import { RPC_ERROR, RpcError } from './rpc-method.ts';

export interface GivenOutput {
  readonly txid: string;
  readonly vout: number;
  readonly address: string;
  readonly amount: bigint;
}

interface Key {
  readonly seed: Uint8Array;
  readonly publicKey: Uint8Array;
}

export interface SignedTransaction {
  readonly hex: string;
  readonly complete: boolean;
  readonly errors: readonly { readonly txid?: string; readonly vout?: number; readonly error: string }[];
}

/** @throws RpcError if it is not known what an input spends: signatures cover that */
export function signTransaction(
  node: LedgerApi,
  transaction: Transaction,
  seeds: readonly Uint8Array[],
  given: readonly GivenOutput[],
): SignedTransaction {
  const keys = seeds.map((seed): Key => ({ seed, publicKey: publicKey(seed) }));
  const spent = transaction.inputs.map(({ outpoint }) => spentOutput(node, outpoint, given));
  // The guardians that sign are in the witness only: what signatures cover does not change with them.
  const sighash = new TransactionSighash(node.genesisId, transaction, spent);
  const errors: SignedTransaction['errors'][number][] = [];
  const inputs = transaction.inputs.map((input, index): Input => {
    const witness = openingWitness(sighash, index, spent[index]!, keys);
    if (witness !== null) return { ...input, witness };
    if (input.witness.length === 0)
      errors.push({
        txid: toHex(input.outpoint.txid),
        vout: input.outpoint.index,
        error: 'none of the keys opens this output alone',
      });
    return input;
  });
  const actions = transaction.actions.map((action, index): Action => {
    const signed = signedAction(sighash, action, index, keys);
    if (signed === null) errors.push({ error: `the keys for action ${index} are missing` });
    return signed ?? action;
  });
  const hex = toHex(encode(transactionCodec, { ...transaction, inputs, actions }));
  return { hex, complete: errors.length === 0, errors };
}

function spentOutput(node: LedgerApi, { txid, index }: Outpoint, given: readonly GivenOutput[]): Output {
  const id = toHex(txid);
  const told = given.find((output) => output.txid === id && output.vout === index);
  if (told !== undefined) return { amount: amount(told.amount), ...destinationOf(told.address, node.params) };
  const bytes = node.ledger.get('coins', coinKey(txid, index));
  if (bytes !== null) return decodeCoin(bytes);
  const parent = node.pool.get(id);
  const output = parent === null ? undefined : decodeOwn(parent.encoded).outputs[index];
  if (output !== undefined) return output;
  throw new RpcError(
    RPC_ERROR.verify,
    `Output ${index} of ${id} is not known or is spent; give it in prevtxs (txid, vout, address, amount).`,
  );
}

/** null: none of the keys opens the output alone. */
function openingWitness(
  sighash: TransactionSighash,
  index: number,
  { lockId, policyId }: Output,
  keys: readonly Key[],
): Uint8Array | null {
  // Under ALL there is always something to sign.
  if (parsePolicyId(policyId)?.type === 'base58') {
    const key = keys.find((each) => equalBytes(keyHash(each.publicKey), lockId.subarray(0, 20)));
    if (key === undefined) return null;
    const signature = sign(sighash.input(index, SIGHASH_ALL, NO_LEAF_HASH)!, key.seed);
    return encodeKeyHashWitness({ publicKey: key.publicKey, flag: SIGHASH_ALL, signature });
  }
  const key = keys.find((each) => equalBytes(keyLockId(each.publicKey), lockId));
  if (key === undefined) return null;
  const leaf: Leaf = [{ kind: 'key', publicKey: key.publicKey }];
  const signature = sign(sighash.input(index, SIGHASH_ALL, leafHash(encode(leafCodec, leaf)))!, key.seed);
  const satisfactions = [{ kind: 'key', flag: SIGHASH_ALL, signature }] as const;
  return encodeLockWitness({ leaf, index: 0, count: 1, branch: [], satisfactions });
}

/** null: keys are missing. Actions that nobody signs stay as they are. */
function signedAction(sighash: TransactionSighash, action: Action, index: number, keys: readonly Key[]): Action | null {
  const decoded = decodeAction(action);
  if (!decoded.ok) return null;
  const { content } = decoded;
  const keyFor = (wanted: Uint8Array): Key | undefined => keys.find((key) => equalBytes(key.publicKey, wanted));
  if (content.kind === 'heartbeat') {
    const key = keyFor(content.terms.livenessKey);
    if (key === undefined) return null;
    return encodeAction({ ...content, signature: sign(sighash.action(index, TAG.heartbeat), key.seed) });
  }
  if (content.kind !== 'announce') return action;
  const message = sighash.action(index, TAG.announce);
  const signatures = content.terms.guardians
    .flatMap((guardianKey, guardian) => {
      const key = keyFor(guardianKey);
      return key === undefined ? [] : [{ guardian, signature: sign(message, key.seed) }];
    })
    .slice(0, content.terms.required);
  return signatures.length < content.terms.required ? null : encodeAction({ ...content, signatures });
}

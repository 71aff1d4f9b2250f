// Transactions as JSON: names of Bitcoin Core where the same thing exists.

import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { type AddressParams, encodeAddress, encodeBase58Address } from '@resonancenet/primitives/address';
import { type ActionContent, decodeAction } from '@resonancenet/primitives/action-content';
import { isCoinbase } from '@resonancenet/primitives/coinbase';
import type { Destination } from '@resonancenet/primitives/destination';
import { printLeaf } from '@resonancenet/primitives/lock-text/print-lock';
import { parsePolicyId } from '@resonancenet/primitives/policy';
import { type PolicyTerms, termsPolicyId } from '@resonancenet/primitives/policy-terms';
import {
  type Action,
  type Input,
  NO_LOCK,
  type Output,
  type Transaction,
  transactionCodec,
  txid,
  wtxLeaf,
} from '@resonancenet/primitives/transaction';
import { decodeKeyHashWitness, decodeLockWitness } from '@resonancenet/primitives/witness';
import { rnt } from './amounts.ts';

type Json = Readonly<Record<string, unknown>>;

const KEY_HASH_LENGTH = 20;

/** The address of a destination: Base58Check for outputs to a key's hash, else bech32m. */
export function addressOf({ lockId, policyId }: Destination, params: AddressParams): string {
  return parsePolicyId(policyId)?.type === 'base58'
    ? encodeBase58Address(params.base58Version, lockId.subarray(0, KEY_HASH_LENGTH))
    : encodeAddress(params.addressPrefix, { lockId, policyId });
}

/** Everything that the bytes say. `hash` covers the witnesses, `txid` does not. */
export function describeTransaction(transaction: Transaction, params: AddressParams): Json {
  const { version, lockTime, inputs, outputs, actions } = transaction;
  return {
    txid: toHex(txid(transaction)),
    hash: toHex(wtxLeaf(transaction)),
    version,
    size: encode(transactionCodec, transaction).length,
    locktime: lockTime,
    // Without it: in no block up to this height.
    ...(lockTime < NO_LOCK ? { lockedUntil: lockTime } : {}),
    vin: isCoinbase(transaction)
      ? inputs.map(({ outpoint, sequence }) => ({ coinbase: outpoint.index, sequence }))
      : inputs.map(describeInput),
    vout: outputs.map((output, n) => ({ n, ...describeOutput(output, params) })),
    actions: actions.map((action) => describeAction(action, params)),
  };
}

export function describeOutput({ amount, lockId, policyId }: Output, params: AddressParams): Json {
  const policy = parsePolicyId(policyId);
  return {
    value: rnt(amount),
    ...(policy === null
      ? {}
      : { address: addressOf({ lockId, policyId }, params), policyType: policy.type, policyBlocks: policy.blocks }),
    lockId: toHex(lockId),
    policyId: toHex(policyId),
  };
}

function describeInput({ outpoint, sequence, witness }: Input): Json {
  return {
    txid: toHex(outpoint.txid),
    vout: outpoint.index,
    sequence,
    ...(sequence < NO_LOCK ? { minimumAge: sequence } : {}),
    witness: toHex(witness),
    ...describeWitness(witness),
  };
}

/** What opened the output, as far as the witness alone says it. */
function describeWitness(witness: Uint8Array): Json {
  if (witness.length === 0) return {};
  const lock = decodeLockWitness(witness);
  if (lock.ok) {
    const { leaf, index, count } = lock.witness;
    return { leaf: printLeaf(leaf), leafIndex: index, leafCount: count };
  }
  const key = decodeKeyHashWitness(witness);
  return key.ok ? { publicKey: toHex(key.witness.publicKey) } : {};
}

function describeAction(action: Action, params: AddressParams): Json {
  const { kind, data, witness } = action;
  const decoded = decodeAction(action);
  if (!decoded.ok) return { kind, data: toHex(data), witness: toHex(witness), error: decoded.detail };
  return describeContent(decoded.content, params);
}

function describeContent(content: ActionContent, params: AddressParams): Json {
  const { kind } = content;
  switch (kind) {
    case 'heartbeat':
      return { kind, ...describeTerms(content.terms), signature: toHex(content.signature) };
    case 'announce':
      return {
        kind,
        ...describeTerms(content.terms),
        destination: addressOf(content.destination, params),
        signatures: content.signatures.map(({ guardian, signature }) => ({ guardian, signature: toHex(signature) })),
      };
    case 'propose':
      return { kind, proposal: toHex(content.proposal), refund: addressOf(content.refund, params) };
    case 'reveal':
      return { kind, salt: toHex(content.salt), shard: toHex(content.shard) };
  }
}

/** Terms of a policy with its id. */
export function describeTerms(terms: PolicyTerms): Json {
  const policyId = toHex(termsPolicyId(terms));
  const livenessKey = toHex(terms.livenessKey);
  switch (terms.type) {
    case 'heartbeat':
      return { policyId, terms: { type: terms.type, interval: terms.interval, timeout: terms.timeout, livenessKey } };
    case 'social': {
      const { type, wait, required } = terms;
      return { policyId, terms: { type, wait, livenessKey, required, guardians: terms.guardians.map(toHex) } };
    }
    case 'emissionReturn':
      return { policyId, terms: { type: terms.type, blocks: terms.blocks, livenessKey } };
  }
}

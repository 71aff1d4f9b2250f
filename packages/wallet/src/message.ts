// Texts signed with the key of an address (WAL-60): whoever signed can spend what is paid there.

import { concatBytes, equalBytes } from '@resonancenet/bytes/compare';
import { DecodeError } from '@resonancenet/bytes/decode-error';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import { verify } from '@resonancenet/crypto/ed25519';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { hashOfLeaf, ownerLeaf } from '@resonancenet/keys/account-policy';
import { keyHash } from '@resonancenet/primitives/address';
import type { Condition } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import type { BlockId } from '@resonancenet/primitives/ids';
import { leafHash, lockIdFromBranch } from '@resonancenet/primitives/lock';
import { POLICY_TYPE } from '@resonancenet/primitives/policy';
import { NO_LEAF_HASH } from '@resonancenet/primitives/sighash';
import {
  decodeKeyHashWitness,
  decodeLockWitness,
  encodeLockWitness,
  type LockWitness,
  MAX_LOCK_WITNESS_LENGTH,
  type Satisfaction,
  SIGHASH_ALL,
} from '@resonancenet/primitives/witness';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';

/** Bytes of a text in UTF-8. */
export const MAX_MESSAGE_BYTES = 65_536;

/** Why a signature says nothing about an address and a text. */
export type MessageProblem = 'bad-text' | 'malformed' | 'wrong-address' | 'not-plain' | 'invalid-signature';

export type MessageResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: MessageProblem; readonly detail: string };

/** What a signature of a text covers, 32 bytes; null if the text cannot be signed: it is too long, or no text. */
export function messageDigest(
  genesisId: BlockId,
  { lockId, policyId }: Destination,
  leafHash: Uint8Array,
  message: string,
): Uint8Array | null {
  const bytes = bytesOf(message);
  return bytes === null ? null : hash(TAG.message, concatBytes(genesisId, lockId, policyId, leafHash, bytes));
}

/** What the key of an account's address signs; null as above. */
export function ownMessageDigest(
  genesisId: BlockId,
  { account, branch, index, publicKey }: AddressPlace,
  message: string,
): Uint8Array | null {
  return messageDigest(genesisId, account.destination(branch, index)!, hashOfLeaf(ownerLeaf(publicKey)), message);
}

/** The signature as text: in hexadecimal the witness that would spend an output of the address (LED-2), with this signature in it. */
export function ownMessageProof(
  { account, publicKey }: { readonly account: Pick<WalletAccount, 'ownBranch'>; readonly publicKey: Uint8Array },
  signature: Uint8Array,
): string {
  const witness = encodeLockWitness({
    leaf: ownerLeaf(publicKey),
    index: 0,
    count: account.ownBranch.length + 1,
    branch: account.ownBranch,
    satisfactions: [{ kind: 'key', flag: SIGHASH_ALL, signature }],
  });
  return toHex(witness);
}

/** Whether somebody who can spend from the address now, whatever the height, has signed the text. */
export function checkMessage(
  genesisId: BlockId,
  destination: Destination,
  message: string,
  proof: string,
): MessageResult {
  if (bytesOf(message) === null) return refuse('bad-text', `a text has at most ${MAX_MESSAGE_BYTES} bytes of UTF-8`);
  const bytes = proofBytes(proof);
  if (bytes === null)
    return refuse('malformed', 'the signature is no hexadecimal text of the right length; copy it again');
  return destination.policyId[0] === POLICY_TYPE.base58
    ? checkKeyHash(genesisId, destination, message, bytes)
    : checkLock(genesisId, destination, message, bytes);
}

function checkKeyHash(genesisId: BlockId, destination: Destination, message: string, bytes: Uint8Array): MessageResult {
  const decoded = decodeKeyHashWitness(bytes);
  if (!decoded.ok) return unreadable(decoded.detail);
  const { publicKey, flag, signature } = decoded.witness;
  if (flag !== SIGHASH_ALL) return refuse('malformed', `flag ${flag}; texts are signed with ${SIGHASH_ALL}`);
  if (!equalBytes(keyHash(publicKey), destination.lockId.subarray(0, 20))) return wrongAddress();
  return verified([publicKey, signature], messageDigest(genesisId, destination, NO_LEAF_HASH, message)!);
}

function checkLock(genesisId: BlockId, destination: Destination, message: string, bytes: Uint8Array): MessageResult {
  const decoded = decodeLockWitness(bytes);
  if (!decoded.ok) return unreadable(decoded.detail);
  const { leaf, leafBytes, index, count, branch, satisfactions } = decoded.witness;
  const ofLeaf = leafHash(leafBytes);
  const lockId = lockIdFromBranch(ofLeaf, index, count, branch);
  if (lockId === null || !equalBytes(lockId, destination.lockId)) return wrongAddress();
  if (!leaf.every(isSigned)) return refuse('not-plain', 'the leaf asks for more than signatures: it may not open yet');
  const digest = messageDigest(genesisId, destination, ofLeaf, message)!;
  for (const [number, satisfaction] of satisfactions.entries()) {
    const signed = signaturesOf(leaf[number]!, satisfaction);
    if (signed === null) return refuse('malformed', `texts are signed with flag ${SIGHASH_ALL}`);
    for (const one of signed) {
      const result = verified(one, digest);
      if (!result.ok) return result;
    }
  }
  return { ok: true };
}

function isSigned({ kind }: LockWitness['leaf'][number]): boolean {
  return kind === 'key' || kind === 'threshold';
}

type Signed = readonly [publicKey: Uint8Array, signature: Uint8Array];

/** null: with another flag than ALL. */
function signaturesOf(condition: Condition, satisfaction: Satisfaction): readonly Signed[] | null {
  if (condition.kind === 'key' && satisfaction.kind === 'key') {
    return satisfaction.flag === SIGHASH_ALL ? [[condition.publicKey, satisfaction.signature]] : null;
  }
  if (condition.kind !== 'threshold' || satisfaction.kind !== 'threshold') return [];
  const { signatures } = satisfaction;
  return signatures.every(({ flag }) => flag === SIGHASH_ALL)
    ? signatures.map(({ key, signature }): Signed => [condition.publicKeys[key]!, signature])
    : null;
}

function verified([publicKey, signature]: Signed, digest: Uint8Array): MessageResult {
  return verify(signature, digest, publicKey)
    ? { ok: true }
    : refuse('invalid-signature', 'the signature is not of this text for this address');
}

function unreadable(detail: string): MessageResult {
  return refuse('malformed', `the signature cannot be read, copy it again: ${detail}`);
}

function wrongAddress(): MessageResult {
  return refuse('wrong-address', 'the signature is of another address');
}

function refuse(code: MessageProblem, detail: string): MessageResult {
  return { ok: false, code, detail };
}

function proofBytes(proof: string): Uint8Array | null {
  if (proof.length > 2 * MAX_LOCK_WITNESS_LENGTH) return null;
  try {
    const bytes = fromHex(proof);
    // One text for each signature.
    return toHex(bytes) === proof ? bytes : null;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

function bytesOf(message: string): Uint8Array | null {
  if (message.length > MAX_MESSAGE_BYTES || /\p{Surrogate}/u.test(message)) return null;
  const bytes = utf8(message);
  return bytes.length > MAX_MESSAGE_BYTES ? null : bytes;
}

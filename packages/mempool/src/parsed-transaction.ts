// A transaction as it came, with its names.

import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { assert } from '@resonancenet/bytes/assert';
import type { Hex32 } from '@resonancenet/chain/events';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { type PolicyRefusal, refuse } from './pool-refusal.ts';

export interface ParsedTransaction {
  readonly transaction: Transaction;
  readonly txid: Hex32;
  /** Hash of all its bytes (BLK-12): two with the same id may differ in it. */
  readonly leaf: Hex32;
  readonly encoded: Uint8Array;
}

export type ParseResult = { readonly ok: true; readonly parsed: ParsedTransaction } | PolicyRefusal;

/** Bytes from outside; longer ones than the network allows are not looked at. */
export function parseTransaction(encoded: Uint8Array, maxBytes: number): ParseResult {
  if (encoded.length > maxBytes)
    return refuse('malformed', { detail: `${encoded.length} bytes, at most ${maxBytes} are allowed` });
  const decoded = decode(transactionCodec, encoded);
  if (!decoded.ok) return refuse('malformed', { detail: decoded.error.message });
  return { ok: true, parsed: named(decoded.value, encoded) };
}

/** One that a block holds. */
export function parsedOf(transaction: Transaction): ParsedTransaction {
  return named(transaction, encode(transactionCodec, transaction));
}

/** One of the pool's own. */
export function decodeOwn(encoded: Uint8Array): Transaction {
  const decoded = decode(transactionCodec, encoded);
  assert(decoded.ok, 'a transaction of the pool decodes');
  return decoded.value;
}

/** The name under which peers ask for these bytes. */
export function leafOf(encoded: Uint8Array): Hex32 {
  return toHex(hash(TAG.txLeaf, encoded));
}

function named(transaction: Transaction, encoded: Uint8Array): ParsedTransaction {
  return { transaction, txid: toHex(txid(transaction)), leaf: leafOf(encoded), encoded };
}

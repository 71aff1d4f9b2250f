// Unspent outputs: table `coins` (LED-29). Key: txid || index u32 big-endian, so that the outputs of a transaction lie together.

import { readBigEndian, writeBigEndian } from '@resonancenet/bytes/big-endian';
import { assert } from '@resonancenet/bytes/assert';
import { smallBytes } from '@resonancenet/bytes/small-bytes';
import type { Amount } from '@resonancenet/primitives/amount';
import type { TxId } from '@resonancenet/primitives/ids';
import type { Output } from '@resonancenet/primitives/transaction';

/** An output that was created and not yet spent. */
export interface Coin extends Output {
  /** Of the block that created it. */
  readonly height: number;
  /** Whether a coinbase created it, so that it must mature (LED-9). */
  readonly coinbase: boolean;
  /** Deadline under which the queue of returns holds it (LED-20); 0: it is not in the queue. */
  readonly queued: number;
}

const COIN_LENGTH = 65;
const AMOUNT_AT = 9;
const LOCK_AT = 17;
const POLICY_AT = 41;

/** Key of an output, 36 bytes. */
export function coinKey(txid: TxId, index: number): Uint8Array {
  const key = new Uint8Array(36);
  key.set(txid);
  writeBigEndian(key, 32, index);
  return key;
}

/** The outpoint that a coin's key names. */
export function outpointOfKey(key: Uint8Array): { readonly txid: TxId; readonly index: number } {
  return { txid: key.slice(0, 32), index: readBigEndian(key, 32) };
}

/** height u32 || coinbase u8 || queued u32 || amount u64 || lock id 24 || policy id 24. */
export function encodeCoin(coin: Coin): Uint8Array {
  const bytes = smallBytes(COIN_LENGTH);
  const data = new DataView(bytes.buffer, bytes.byteOffset, COIN_LENGTH);
  data.setUint32(0, coin.height, true);
  bytes[4] = coin.coinbase ? 1 : 0;
  data.setUint32(5, coin.queued, true);
  data.setBigUint64(AMOUNT_AT, coin.amount, true);
  bytes.set(coin.lockId, LOCK_AT);
  bytes.set(coin.policyId, POLICY_AT);
  return bytes;
}

/** The coin of a stored record; its ids are views of the record. */
export function decodeCoin(bytes: Uint8Array): Coin {
  assert(bytes.length === COIN_LENGTH, `a coin of ${bytes.length} bytes`);
  const data = new DataView(bytes.buffer, bytes.byteOffset, COIN_LENGTH);
  return {
    height: data.getUint32(0, true),
    coinbase: bytes[4] === 1,
    queued: data.getUint32(5, true),
    amount: data.getBigUint64(AMOUNT_AT, true) as Amount,
    lockId: bytes.subarray(LOCK_AT, POLICY_AT),
    policyId: bytes.subarray(POLICY_AT, COIN_LENGTH),
  };
}

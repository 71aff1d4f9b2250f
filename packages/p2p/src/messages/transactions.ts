// Unconfirmed transactions (P2P-34 to P2P-36): announced by name, asked for one by one, sent only to those who asked.

import { type Codec, list, mapped, refine, struct, u64, u8, varBytes } from '@resonancenet/bytes/codec';
import type { Hex32 } from '@resonancenet/chain/events';
import { hex32 } from './ids.ts';

/** Most names in one announcement. */
export const MAX_NEW_TRANSACTIONS = 500;

/** "I have these, and they pay at least what you ask for." */
export interface NewTransactionsMessage {
  /** Leaf hashes (BLK-12): they name the witnesses too. */
  readonly leaves: readonly Hex32[];
}

/** By what a transaction is named: its leaf hash, or its id where only that is known, as of an input's. */
export type TransactionNaming = 'leaf' | 'txid';

export interface TransactionName {
  readonly by: TransactionNaming;
  readonly id: Hex32;
}

export interface TransactionMessage extends TransactionName {
  /** The encoded transaction. */
  readonly bytes: Uint8Array;
}

/** "Announce nothing to me that pays less." */
export interface FeeFilterMessage {
  /** Resonances per 1,000 bytes. */
  readonly rate: bigint;
}

const naming: Codec<TransactionNaming> = mapped(
  refine(u8, (value) => (value <= 1 ? null : `${value} names no transaction: 0 is by leaf hash, 1 by id`)),
  (value) => (value === 0 ? 'leaf' : 'txid'),
  (value) => (value === 'leaf' ? 0 : 1),
);

export const newTransactionsCodec: Codec<NewTransactionsMessage> = struct<NewTransactionsMessage>({
  leaves: list(hex32, { min: 1, max: MAX_NEW_TRANSACTIONS }),
});

export const getTransactionCodec: Codec<TransactionName> = struct<TransactionName>({ by: naming, id: hex32 });

/** `maxBytes`: the network's limit for an encoded transaction. */
export function transactionMessageCodec(maxBytes: number): Codec<TransactionMessage> {
  return struct<TransactionMessage>({ by: naming, id: hex32, bytes: varBytes({ min: 1, max: maxBytes }) });
}

export const feeFilterCodec: Codec<FeeFilterMessage> = struct<FeeFilterMessage>({ rate: u64 });

export const MAX_NEW_TRANSACTIONS_MESSAGE: number = 3 + 32 * MAX_NEW_TRANSACTIONS;

/** Longest `tx` message on a network. */
export function maxTransactionMessage(maxBytes: number): number {
  return 1 + 32 + 5 + maxBytes;
}

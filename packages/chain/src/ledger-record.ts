// What of the ledger the store holds: whether the tables are those of the tip, and whether the index of transactions is complete.

import { bool, type Codec, oneOf, refine, struct, u32, u8 } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { utf8 } from '@resonancenet/bytes/utf8';
import { ChainError } from './chain-error.ts';
import type { ChainReader } from './ports.ts';

/**
 * `ready`: the tables are the state of the tip. `clear`: old tables are being removed. `load`: a snapshot is being read in; only whoever has its
 * file can go on. `connect`: they are the state after the block of height `height` of the active chain.
 */
export const LEDGER_PHASES = ['ready', 'clear', 'load', 'connect'] as const;

export type LedgerPhase = (typeof LEDGER_PHASES)[number];

export interface LedgerRecord {
  readonly phase: LedgerPhase;
  /** Height of the state that is being built; 0 if ready. */
  readonly height: number;
  /** Where every transaction of the active chain stands is stored. */
  readonly transactionIndex: boolean;
}

interface StoredLedger extends LedgerRecord {
  readonly version: number;
}

/** Of the table `meta`. */
export const LEDGER_KEY: Uint8Array = utf8('ledger');

const storedLedger: Codec<StoredLedger> = struct<StoredLedger>({
  version: refine(u8, (value) => (value === 1 ? null : `a record of version ${value}; this program reads 1`)),
  phase: oneOf('phase', LEDGER_PHASES),
  height: u32,
  transactionIndex: bool,
});

export function encodeLedgerRecord(record: LedgerRecord): Uint8Array {
  return encode(storedLedger, { version: 1, ...record });
}

/** null: the store was written before there was a ledger. */
export function readLedgerRecord(reader: Pick<ChainReader, 'get'>): LedgerRecord | null {
  const bytes = reader.get('meta', LEDGER_KEY);
  if (bytes === null) return null;
  const result = decode(storedLedger, bytes);
  if (!result.ok)
    throw new ChainError(
      'chain-corrupt',
      `The record of the ledger cannot be read: ${result.error.message}. ${ADVICE}`,
    );
  const { version: _, ...record } = result.value;
  return record;
}

const ADVICE = 'Start once with --reindex.';

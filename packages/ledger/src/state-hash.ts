// The hash of a whole state (LED-30): LtHash (Bellare and Micciancio 1997; Lewi, Kim, Maykov, Weis 2019) with 1,024 lanes of 16 bits over
// SHAKE256. It does not depend on the order of the entries, and an entry can be taken away again.

import { Writer } from '@resonancenet/bytes/writer';
import { hash } from '@resonancenet/crypto/hash';
import { shake256 } from '@resonancenet/crypto/shake256';
import { TAG } from '@resonancenet/crypto/tags';
import { LEDGER_TABLES, type LedgerReader, type LedgerTable } from './ledger-view.ts';

const LANES = 1024;
const nothing = new Uint8Array(0);

/** A sum over entries; the empty one at first. */
export class StateHash {
  readonly #lanes = new Uint16Array(LANES);

  add(table: LedgerTable, key: Uint8Array, value: Uint8Array): this {
    const bytes = entryHash(table, key, value);
    for (let lane = 0; lane < LANES; lane++) this.#lanes[lane]! += bytes[2 * lane]! | (bytes[2 * lane + 1]! << 8);
    return this;
  }

  /** Takes away what was added. */
  remove(table: LedgerTable, key: Uint8Array, value: Uint8Array): this {
    const bytes = entryHash(table, key, value);
    for (let lane = 0; lane < LANES; lane++) this.#lanes[lane]! -= bytes[2 * lane]! | (bytes[2 * lane + 1]! << 8);
    return this;
  }

  /** 32 bytes: hash(TAG.utxo, all lanes, each u16). */
  digest(): Uint8Array {
    const writer = new Writer(2 * LANES);
    for (const lane of this.#lanes) writer.u16(lane);
    return hash(TAG.utxo, writer.finish());
  }
}

/** Hash of all tables: 32 bytes. Walks everything; about 15 us for each entry. */
export function stateHash(view: LedgerReader): Uint8Array {
  const sum = new StateHash();
  for (const table of LEDGER_TABLES) {
    for (const [key, value] of view.range(table, nothing, null)) sum.add(table, key, value);
  }
  return sum.digest();
}

/** SHAKE256 of table u8 || key varbytes || value varbytes; the table by its place in LEDGER_TABLES. */
function entryHash(table: LedgerTable, key: Uint8Array, value: Uint8Array): Uint8Array {
  const writer = new Writer(128).u8(LEDGER_TABLES.indexOf(table));
  writer.varint(key.length).bytes(key).varint(value.length).bytes(value);
  return shake256(writer.finish(), 2 * LANES);
}

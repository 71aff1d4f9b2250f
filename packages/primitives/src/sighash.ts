// What signatures of transactions cover (LED-4, LED-5): everything that a signer must know, its amounts and the network included.

import { assert } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { withWriter } from '@resonancenet/bytes/encode';
import type { Writer } from '@resonancenet/bytes/writer';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { type BlockId, HASH_LENGTH } from './ids.ts';
import { type Action, type Output, outpointCodec, outputCodec, type Transaction } from './transaction.ts';
import { SIGHASH_ALL, type SighashFlag } from './witness.ts';

/** What of the output that an input spends its signatures cover. */
export type SpentOutput = Output;

/** The leaf hash where no leaf is shown: spends of Base58 outputs (LED-4). */
export const NO_LEAF_HASH: Uint8Array = new Uint8Array(HASH_LENGTH);

/** The hashes that a transaction's signatures sign. What all of them share is hashed once: linear in the transaction's bytes. */
export class TransactionSighash {
  readonly #genesisId: BlockId;
  readonly #transaction: Transaction;
  readonly #spent: readonly SpentOutput[];
  #rest: Uint8Array | null = null;

  /** `spent`: for each input the output that it spends, in order. */
  constructor(genesisId: BlockId, transaction: Transaction, spent: readonly SpentOutput[]) {
    assert(
      spent.length === transaction.inputs.length,
      `${spent.length} spent outputs given for ${transaction.inputs.length} inputs`,
    );
    this.#genesisId = genesisId;
    this.#transaction = transaction;
    this.#spent = spent;
  }

  /**
   * What a signature in the witness of input `index` covers, 32 bytes; null under SINGLE if there is no output of that index, so that
   * no signature can be valid.
   */
  input(index: number, flag: SighashFlag, leafHash: Uint8Array): Uint8Array | null {
    const rest = flag === SIGHASH_ALL ? this.#restOfAll() : this.#restOfSingle(index);
    if (rest === null) return null;
    return withWriter((writer) => {
      this.#start(writer).u8(flag);
      this.#writeInput(writer, index);
      return hash(TAG.sighash, writer.bytes(leafHash, HASH_LENGTH).bytes(rest).view());
    });
  }

  /** What a signature of action `index` covers, 32 bytes. */
  action(index: number, tag: typeof TAG.heartbeat | typeof TAG.announce): Uint8Array {
    assert(index < this.#transaction.actions.length, `there is no action ${index}`);
    const rest = this.#restOfAll();
    return withWriter((writer) => hash(tag, this.#start(writer).u32(index).bytes(rest).view()));
  }

  #start(writer: Writer): Writer {
    const { version, lockTime } = this.#transaction;
    return writer.bytes(this.#genesisId, HASH_LENGTH).u32(version).u32(lockTime);
  }

  #writeInput(writer: Writer, index: number): void {
    const input = this.#transaction.inputs[index];
    const spent = this.#spent[index];
    assert(input !== undefined && spent !== undefined, `there is no input ${index}`);
    outpointCodec.write(writer, input.outpoint);
    writer.u32(input.sequence);
    outputCodec.write(writer, spent);
  }

  #restOfSingle(index: number): Uint8Array | null {
    const output = this.#transaction.outputs[index];
    return output === undefined ? null : hashOutputs([output]);
  }

  #restOfAll(): Uint8Array {
    if (this.#rest !== null) return this.#rest;
    const { inputs, outputs, actions } = this.#transaction;
    const inputsHash = withWriter((writer) => {
      for (let index = 0; index < inputs.length; index++) this.#writeInput(writer, index);
      return hash(TAG.sighashInputs, writer.view());
    });
    this.#rest = concatBytes(inputsHash, hashOutputs(outputs), hashActions(actions));
    return this.#rest;
  }
}

/** Of no actions, as most transactions have them. */
const noActionsHash = hash(TAG.sighashActions, new Uint8Array(0));

function hashActions(actions: readonly Action[]): Uint8Array {
  if (actions.length === 0) return noActionsHash;
  return withWriter((writer) => {
    for (const { kind, data } of actions) writer.u8(kind).varint(data.length).bytes(data);
    return hash(TAG.sighashActions, writer.view());
  });
}

function hashOutputs(outputs: readonly Output[]): Uint8Array {
  return withWriter((writer) => {
    for (const output of outputs) outputCodec.write(writer, output);
    return hash(TAG.sighashOutputs, writer.view());
  });
}

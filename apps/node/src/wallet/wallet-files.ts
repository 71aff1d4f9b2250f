// Where wallets lie: a folder for each beneath `wallets` in the network's folder. `public` holds the record without secrets (WAL-17), `state` what the
// node has read of the chain.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { equalBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import {
  MAX_RECORD_LENGTH,
  type WalletRecord,
  walletNameProblem,
  walletRecordCodec,
} from '@resonancenet/keys/wallet-record';
import { MAX_NOTES_LENGTH, type WalletNotes, walletNotesCodec } from '@resonancenet/keys/wallet-notes';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { replaceFile } from '@resonancenet/training/write-file';
import { WalletError } from './wallet-error.ts';

export class WalletFiles {
  readonly #folder: string;
  readonly #params: NetworkParams;

  /** `folder`: of the network. */
  constructor(folder: string, params: NetworkParams) {
    this.#folder = join(folder, 'wallets');
    this.#params = params;
  }

  /** Names of all wallets that are there, ascending. */
  list(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((name) => walletNameProblem(name) === null && existsSync(this.recordPath(name)))
      .sort();
  }

  folder(name: string): string {
    const problem = walletNameProblem(name);
    if (problem !== null)
      throw new WalletError('bad-name', `'${name.slice(0, 80)}' is no name of a wallet: ${problem}`);
    return join(this.#folder, name);
  }

  recordPath(name: string): string {
    return join(this.folder(name), 'public');
  }

  statePath(name: string): string {
    return join(this.folder(name), 'state');
  }

  /** @throws WalletError; errors of the file system */
  readRecord(name: string): WalletRecord {
    const path = this.recordPath(name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) throw new WalletError('not-found', `There is no wallet '${name}': ${path} is missing.`);
    if (size > MAX_RECORD_LENGTH)
      throw new WalletError('corrupt', `${path} has ${size} bytes; a record has at most ${MAX_RECORD_LENGTH}.`);
    const result = decode(walletRecordCodec, new Uint8Array(readFileSync(path)));
    if (!result.ok)
      throw new WalletError('corrupt', `${path} cannot be read: ${result.error.message}. Restore the wallet.`);
    const record = result.value;
    if (!equalBytes(record.networkId, networkId(this.#params)))
      throw new WalletError('other-network', `Wallet '${name}' is not of the network ${this.#params.name}.`);
    if (record.name !== name)
      throw new WalletError('corrupt', `The folder of wallet '${record.name}' was renamed to '${name}'. Name it back.`);
    return record;
  }

  /** What a restore has brought and no node has taken over yet (WAL-18); null: nothing. @throws WalletError; errors of the file system */
  readNotes(name: string): WalletNotes | null {
    const path = this.#notesPath(name);
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) return null;
    const result = size > MAX_NOTES_LENGTH ? null : decode(walletNotesCodec, new Uint8Array(readFileSync(path)));
    if (result?.ok === true) return result.value;
    const why = result === null ? `it has ${size} bytes` : result.error.message;
    throw new WalletError('corrupt', `${path} cannot be read: ${why}. Restore the wallet, or remove this file.`);
  }

  /** They are in the wallet's state now. */
  removeNotes(name: string): void {
    rmSync(this.#notesPath(name), { force: true });
  }

  #notesPath(name: string): string {
    return join(this.folder(name), 'notes');
  }

  /** Whether there is a wallet of this name. @throws WalletError */
  exists(name: string): boolean {
    return existsSync(this.folder(name));
  }

  /** Whether its keys are here, sealed: it can be unlocked. */
  hasSecret(name: string): boolean {
    return existsSync(join(this.folder(name), 'secret'));
  }

  /** Makes the folder of a wallet without secrets; one that is there is not touched. @throws WalletError, errors of the file system */
  make(record: WalletRecord): void {
    const folder = this.folder(record.name);
    if (existsSync(folder)) throw new WalletError('exists', `There is a wallet '${record.name}' already: ${folder}.`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.writeRecord(record);
  }

  /** The old one or the new one is there, whatever happens. @throws WriteFileError */
  writeRecord(record: WalletRecord): void {
    replaceFile(this.recordPath(record.name), [encode(walletRecordCodec, record)]);
  }
}

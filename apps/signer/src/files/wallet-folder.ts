// The folder of a wallet (WAL-90): the sealed secret and the public record appear together, in one rename.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { walletNameProblem } from '@resonancenet/keys/wallet-record';
import { makeDataDir } from '@resonancenet/storage/data-dir-lock';
import { lockFile } from '@resonancenet/storage/file-lock';
import { StorageError } from '@resonancenet/storage/storage-error';
import { isSystemError, syncFolder, WriteFileError } from '@resonancenet/training/write-file';
import { SignerError } from '../signer-error.ts';
import { writePrivateFile, writeWholeFile } from './new-file.ts';

/** What begins the name of a wallet that is not whole yet. No wallet's name begins so. */
const UNFINISHED = '.new-';

export class WalletFolder {
  readonly name: string;
  /** Of the wallet. */
  readonly path: string;
  readonly #parent: string;

  /** `networkFolder`: the node's. @throws SignerError for a name that no wallet can have */
  constructor(networkFolder: string, name: string) {
    const problem = walletNameProblem(name);
    if (problem !== null)
      throw new SignerError('bad-name', `'${name.slice(0, 80)}' is no name of a wallet: ${problem}.`);
    this.name = name;
    this.#parent = join(networkFolder, 'wallets');
    this.path = join(this.#parent, name);
  }

  get secretPath(): string {
    return join(this.path, 'secret');
  }

  get publicPath(): string {
    return join(this.path, 'public');
  }

  get lockPath(): string {
    return join(this.path, 'lock');
  }

  /** @throws SignerError `exists` */
  requireNew(): void {
    if (!existsSync(this.path)) return;
    const message = `There is a wallet '${this.name}' already (${this.path}). Choose another name: wallets are never overwritten.`;
    throw new SignerError('exists', message);
  }

  readSecret(maxLength: number): Uint8Array {
    return this.#read(this.secretPath, maxLength);
  }

  readPublic(maxLength: number): Uint8Array {
    return this.#read(this.publicPath, maxLength);
  }

  /**
   * Makes the wallet, with notes for the node if there are any (WAL-18); when this returns it is on the disk, and if this process ends before, there is none.
   * @throws SignerError `exists`; WriteFileError
   */
  create(secret: Uint8Array, publicRecord: Uint8Array, notes: Uint8Array | null): void {
    const draft = join(this.#parent, `${UNFINISHED}${randomBytes(8).toString('hex')}`);
    try {
      makeDataDir(this.#parent);
      // One at a time: what others left unfinished can be taken away, and no name is taken twice.
      const lock = lockFile(
        join(this.#parent, '.making'),
        (pid) => `Process ${pid} is making a wallet there. Wait for its end.`,
      );
      try {
        this.requireNew();
        this.#removeUnfinished();
        mkdirSync(draft, { mode: 0o700 });
        writePrivateFile(join(draft, 'secret'), secret);
        writePrivateFile(join(draft, 'public'), publicRecord);
        if (notes !== null) writePrivateFile(join(draft, 'notes'), notes);
        syncFolder(draft);
        renameSync(draft, this.path);
        syncFolder(this.#parent);
      } finally {
        rmSync(draft, { recursive: true, force: true });
        lock.release();
      }
    } catch (error) {
      if (isSystemError(error)) throw new WriteFileError(this.path, error);
      throw error;
    }
  }

  /** The old secret or the new one is there, whatever happens. @throws WriteFileError */
  replaceSecret(secret: Uint8Array): void {
    writeWholeFile(this.secretPath, secret, true);
  }

  /** @throws WriteFileError */
  replacePublic(publicRecord: Uint8Array): void {
    // The node writes this file too, beside it.
    writeWholeFile(this.publicPath, publicRecord, true, `${this.publicPath}.signer.partial`);
  }

  /** Keeps other signers from this wallet. @throws SignerError `already-unlocked` */
  lock(): { release(): void } {
    try {
      return lockFile(
        this.lockPath,
        (pid) =>
          `Wallet '${this.name}' is unlocked already (process ${pid}). Lock it first: rnt wallet lock ${this.name}.`,
      );
    } catch (error) {
      if (error instanceof StorageError && error.code === 'store-locked')
        throw new SignerError('already-unlocked', error.message, { cause: error });
      throw error;
    }
  }

  #removeUnfinished(): void {
    for (const name of readdirSync(this.#parent))
      if (name.startsWith(UNFINISHED)) rmSync(join(this.#parent, name), { recursive: true, force: true });
  }

  #read(path: string, maxLength: number): Uint8Array {
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    if (size === undefined) {
      const message = `There is no wallet '${this.name}': ${path} is missing. Make one with rnt wallet create.`;
      throw new SignerError('not-found', message);
    }
    if (size > maxLength) throw new SignerError('corrupt', `${path} has ${size} bytes; it can have ${maxLength}.`);
    return new Uint8Array(readFileSync(path));
  }
}

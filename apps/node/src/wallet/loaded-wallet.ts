// A wallet that the node follows the chain for: what is public of it, what it knows of the chain, and the way to its signer.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { decode } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import { type KeyWindow, keyWindowCodec } from '@resonancenet/keys/key-window';
import { type WalletRecord, type WalletRecordAccount, withKeyWindow } from '@resonancenet/keys/wallet-record';
import type { AddressParams } from '@resonancenet/primitives/address';
import type { TxId } from '@resonancenet/primitives/ids';
import { LmdbWalletStore } from '@resonancenet/storage/lmdb-wallet-store';
import { BRANCHES } from '@resonancenet/wallet/account-branch';
import { readCoin } from '@resonancenet/wallet/coin-table';
import { importNotes } from '@resonancenet/wallet/notes';
import { readPending } from '@resonancenet/wallet/pending-table';
import type { MissingKeys } from '@resonancenet/wallet/scan-block';
import { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { WalletAccounts } from '@resonancenet/wallet/wallet-accounts';
import type { Logger } from 'pino';
import type { Signer } from './signer.ts';
import { SignerClientError } from '@resonancenet/signer/signer-client';
import type { WalletChain, WalletPool } from './wallet-chain.ts';
import { WalletError } from './wallet-error.ts';
import type { WalletFiles } from './wallet-files.ts';
import { WalletSync } from './wallet-sync.ts';
import { withWindows } from './watched-record.ts';
import { missingKeysText } from './missing-keys-text.ts';

export interface LoadedWalletParts {
  readonly params: AddressParams;
  readonly files: WalletFiles;
  readonly chain: WalletChain;
  readonly pool: WalletPool;
  readonly log: Logger;
  unixMs(): number;
  signerOf(name: string): Signer;
  /** For people. */
  tell(name: string, line: string): void;
  /** It has the chain's tip and the pool. */
  onCaughtUp(wallet: LoadedWallet): void;
  /** The node has met a bug or its disk's end. */
  onTrouble(name: string, error: unknown): void;
}

/** Keys asked of the signer at a time. */
const KEYS_AT_A_TIME = 1_000;

/** Locks are computed: so many keys take some 2 ms. */
const KEYS_PER_SLICE = 100;

export class LoadedWallet {
  readonly name: string;
  readonly accounts: WalletAccounts;
  readonly store: LmdbWalletStore;
  readonly sync: WalletSync;
  readonly signer: Signer;
  readonly #parts: LoadedWalletParts;
  #record: WalletRecord;
  #keysMissing = false;
  #last: Promise<unknown> = Promise.resolve();

  /** @throws WalletError, StorageError, errors of the file system */
  static async open(name: string, parts: LoadedWalletParts): Promise<LoadedWallet> {
    const record = parts.files.readRecord(name);
    const accounts = new WalletAccounts();
    for (const account of record.accounts) accounts.add(await watchedAccount(record.fingerprint, account));
    const wallet = new LoadedWallet(record, accounts, LmdbWalletStore.open(parts.files.statePath(name)), parts);
    wallet.#takeNotes();
    return wallet;
  }

  private constructor(
    record: WalletRecord,
    accounts: WalletAccounts,
    store: LmdbWalletStore,
    parts: LoadedWalletParts,
  ) {
    const { name } = record;
    this.name = name;
    this.accounts = accounts;
    this.store = store;
    this.#parts = parts;
    this.#record = record;
    this.signer = parts.signerOf(name);
    this.#keysMissing = store.note() !== null && store.note()![0] === 1;
    this.sync = new WalletSync({
      store,
      accounts,
      birthHeight: record.birthHeight,
      chain: parts.chain,
      pool: parts.pool,
      unixMs: () => parts.unixMs(),
      moreKeys: (missing) => this.#moreKeys(missing),
      onProgress: ({ height, tipHeight, secondsLeft }) => {
        const left = secondsLeft === null ? '' : `, about ${secondsLeft} s left`;
        parts.tell(name, `reading block ${height} of ${tipHeight}${left}`);
      },
      onCaughtUp: () => parts.onCaughtUp(this),
      onTrouble: (error) => parts.onTrouble(name, error),
      onNotResent: (txid, reason) => parts.log.debug({ wallet: name, txid, reason }, 'not resent'),
    });
  }

  get record(): WalletRecord {
    return this.#record;
  }

  /** Eight hexadecimal digits (WAL-6). */
  get fingerprint(): string {
    return toHex(this.#record.fingerprint);
  }

  nameOf(account: number): string {
    return this.#record.accounts.find(({ number }) => number === account)?.name ?? '';
  }

  /** The account whose coins a waiting transaction spends; null: there is no such transaction. */
  payerOf(txid: TxId): WalletAccount | null {
    const pending = readPending(this.store, txid);
    if (pending === null) return null;
    const { outpoint } = pending.transaction.inputs[0]!;
    const coin = readCoin(this.store, outpoint);
    if (coin !== null) return this.accounts.get(coin.account);
    const output = readPending(this.store, outpoint.txid)?.transaction.outputs[outpoint.index];
    return output === undefined ? null : (this.accounts.placeOf(output)?.account ?? null);
  }

  policyOf(account: number): WalletRecordAccount['policy'] {
    const found = this.#record.accounts.find(({ number }) => number === account);
    if (found === undefined) throw new WalletError('not-found', `Wallet '${this.name}' has no account ${account}.`);
    return found.policy;
  }

  /** Takes over what another process has added to the record: accounts and keys. */
  async reload(): Promise<void> {
    await this.#extend(this.#parts.files.readRecord(this.name));
  }

  /** Keys that the signer has given: kept before they are used. What blocks may have paid to them meanwhile is read again. */
  async addWindow(window: Uint8Array): Promise<void> {
    const decoded = decode(keyWindowCodec, window);
    if (!decoded.ok)
      throw new SignerClientError('refused', `The signer's keys cannot be read: ${decoded.error.message}`);
    // What lies there may have grown: a signer adds accounts.
    const extended = withKeyWindow(this.#parts.files.readRecord(this.name), decoded.value);
    if (!extended.ok) throw new SignerClientError('refused', `The signer's keys do not fit: ${extended.detail}`);
    this.#parts.files.writeRecord(extended.record);
    await this.#extend(extended.record);
  }

  /** Keys and accounts of a wallet that only watches; what blocks have paid to new accounts is read. @throws WalletError */
  async addWindows(windows: readonly KeyWindow[]): Promise<void> {
    const { files } = this.#parts;
    const before = this.#record.accounts.length;
    const record = withWindows(files.readRecord(this.name), windows);
    files.writeRecord(record);
    await this.#extend(record);
    if (record.accounts.length > before) this.sync.rescan();
  }

  /** What a restore has brought goes into the state; until it is there its file stays. */
  #takeNotes(): void {
    const { files, tell, params } = this.#parts;
    try {
      const notes = files.readNotes(this.name);
      if (notes === null) return;
      const unread = this.sync.change((view) => importNotes(view, this.accounts, notes, params));
      if (unread > 0) tell(this.name, `${unread} labels of the backup are of no address of this network`);
      files.removeNotes(this.name);
    } catch (error) {
      if (!(error instanceof WalletError)) throw error;
      tell(this.name, error.message);
    }
  }

  /** One piece of work at a time: what chooses coins must see what the one before has taken. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.sync.close();
    await this.store.close();
  }

  async #extend(record: WalletRecord): Promise<void> {
    this.#record = record;
    for (const account of record.accounts) {
      const known = this.accounts.get(account.number);
      if (known === null) this.accounts.add(await watchedAccount(record.fingerprint, account));
      else await addKeys(known, account);
    }
    if (!this.#keysMissing) return;
    this.#setKeysMissing(false);
    this.sync.rescan();
  }

  /** Before blocks are read on: with the keys at hand nothing must be read twice. */
  async #moreKeys(missing: readonly MissingKeys[]): Promise<boolean> {
    try {
      for (const { account, branch, first } of missing) {
        const window = await this.signer.window({ account, branch, first, count: KEYS_AT_A_TIME });
        await this.addWindow(window);
      }
      return true;
    } catch (error) {
      if (!(error instanceof SignerClientError)) throw error;
      const isWatchOnly = this.signer.isWatchOnly === true;
      const what = isWatchOnly ? missing.map((one) => missingKeysText(one, true)).join('; ') : error.message;
      if (!this.#keysMissing) this.#parts.tell(this.name, `more keys are needed: ${what}`);
      this.#setKeysMissing(true);
      return false;
    }
  }

  #setKeysMissing(isMissing: boolean): void {
    if (isMissing === this.#keysMissing) return;
    this.#keysMissing = isMissing;
    this.store.writeNote(Uint8Array.of(isMissing ? 1 : 0));
  }
}

/** Of a record, with all its keys. */
export async function watchedAccount(fingerprint: Uint8Array, account: WalletRecordAccount): Promise<WalletAccount> {
  const { terms, siblingHash } = account.policy;
  const watched = new WalletAccount({ number: account.number, fingerprint, terms, siblingHash, ranges: [] });
  await addKeys(watched, account);
  return watched;
}

async function addKeys(watched: WalletAccount, account: WalletRecordAccount): Promise<void> {
  for (const branch of BRANCHES) {
    const keys = account[branch];
    for (let first = watched.windowEnd(branch); first < keys.length; first += KEYS_PER_SLICE) {
      watched.addRange({ branch, first, publicKeys: keys.slice(first, first + KEYS_PER_SLICE) });
      await nextTurn();
    }
  }
}

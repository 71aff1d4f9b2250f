// The node's wallets: all that lie in its folder are loaded at its start, and follow its chain and pool.

import { join } from 'node:path';
import { assert } from '@resonancenet/bytes/assert';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import type { Hex32 } from '@resonancenet/chain/events';
import type { RemovalReason } from '@resonancenet/mempool/mempool-code';
import type { MempoolMachine } from '@resonancenet/mempool/mempool-machine';
import { transactionCodec } from '@resonancenet/primitives/transaction';
import { StorageError } from '@resonancenet/storage/storage-error';
import type { Logger } from 'pino';
import type { NodeNews } from '../node-events.ts';
import { NoAnswerError, type NodePool } from '../pool/node-pool.ts';
import { AccountFinder } from './account-finder.ts';
import { AccountKeeper } from './account-keeper.ts';
import { LoadedWallet, type LoadedWalletParts } from './loaded-wallet.ts';
import type { Signer } from './signer.ts';
import type { WalletChain, WalletPool } from './wallet-chain.ts';
import { WalletError } from './wallet-error.ts';
import { WalletFiles } from './wallet-files.ts';
import { parseWindows, watchedRecord } from './watched-record.ts';
import type { WalletNetwork } from './wallet-network.ts';

export interface WalletServiceParts {
  readonly network: WalletNetwork;
  /** Of the network. */
  readonly folder: string;
  readonly chain: WalletChain;
  readonly pool: WalletPool;
  readonly log: Logger;
  unixMs(): number;
  /** Whether the node knows the tip of its peers. */
  isInSync(): boolean;
  signerOf(name: string): Signer;
  news(news: NodeNews): void;
  /** A bug: the node cannot go on. */
  onFatal(error: unknown): void;
}

/** Why a transaction that the pool has dropped can never be in a block. */
const DEAD: ReadonlySet<RemovalReason> = new Set<RemovalReason>(['conflict', 'replaced']);

export class WalletService {
  readonly files: WalletFiles;
  readonly finder: AccountFinder;
  readonly #parts: WalletServiceParts;
  readonly #loaded = new Map<string, LoadedWallet>();
  readonly #loading = new Map<string, Promise<LoadedWallet>>();
  readonly #trouble = new Map<string, string>();
  readonly #keepers = new Map<string, AccountKeeper>();
  #isClosed = false;

  constructor(parts: WalletServiceParts) {
    this.#parts = parts;
    const { params } = parts.network;
    this.files = new WalletFiles(parts.folder, params);
    const { recovery } = params;
    const folder = join(parts.folder, 'wallets');
    const onFatal = (error: unknown): void => parts.onFatal(error);
    this.finder = new AccountFinder({ chain: parts.chain, recovery, folder, onFatal });
  }

  /** Loads all wallets that are there; what cannot be loaded is told of, and the others are. */
  async start(): Promise<void> {
    for (const name of this.files.list()) {
      try {
        await this.load(name);
      } catch (error) {
        if (!isOperational(error)) throw error;
        this.#parts.log.error({ err: error, wallet: name }, 'a wallet is not loaded');
        this.#parts.news({ type: 'wallet', wallet: name, line: `not loaded: ${error.message}` });
      }
    }
  }

  /** Of the wallets that are loaded, ascending. */
  names(): string[] {
    return [...this.#loaded.keys()].sort();
  }

  /** Why a wallet does not follow the chain; null: it does. */
  troubleOf(name: string): string | null {
    return this.#trouble.get(name) ?? null;
  }

  /** Why a sign of life is due and is not sent; null: none is, or it is. */
  troubleOfAccount(name: string, account: number): string | null {
    return this.#keepers.get(name)?.troubleOf(account) ?? null;
  }

  get network(): WalletNetwork {
    return this.#parts.network;
  }

  get pool(): WalletPool {
    return this.#parts.pool;
  }

  unixMs(): number {
    return this.#parts.unixMs();
  }

  /** Height of the last block that is never taken back. */
  finalHeight(): number {
    return this.#parts.chain.finalHeight();
  }

  /** Id of the active chain's block at a height. */
  blockHash(height: number): Hex32 | null {
    return this.#parts.chain.idAt(height);
  }

  /** The wallet of this name; null: the only one that is loaded. @throws WalletError */
  get(name: string | null): LoadedWallet {
    const names = this.names();
    const wanted = name ?? (names.length === 1 ? names[0]! : null);
    if (wanted === null) {
      const which =
        names.length === 0
          ? 'No wallet is loaded: make one with rnt wallet create, or load one with loadwallet.'
          : `${names.length} wallets are loaded (${names.join(', ')}): say which one, with /wallet/NAME or --wallet NAME.`;
      throw new WalletError('not-chosen', which);
    }
    const wallet = this.#loaded.get(wanted);
    if (wallet === undefined)
      throw new WalletError('not-loaded', `Wallet '${wanted.slice(0, 80)}' is not loaded: loadwallet loads it.`);
    return wallet;
  }

  /** @throws WalletError, StorageError */
  async load(name: string): Promise<LoadedWallet> {
    if (this.#loaded.has(name) || this.#loading.has(name))
      throw new WalletError('already-loaded', `Wallet '${name}' is loaded already.`);
    if (this.#isClosed) throw new WalletError('closed', 'The node is stopping.');
    const opening = LoadedWallet.open(name, this.#walletParts());
    this.#loading.set(name, opening);
    try {
      const wallet = await opening;
      if (this.#isClosed) {
        await wallet.close();
        throw new WalletError('closed', 'The node is stopping.');
      }
      this.#loaded.set(name, wallet);
      this.#trouble.delete(name);
      wallet.sync.wake();
      return wallet;
    } finally {
      this.#loading.delete(name);
    }
  }

  /** Makes a wallet that watches accounts by their key windows, one after the other, or gives one that there is their keys and accounts. @throws WalletError */
  async watch(name: string, bytes: Uint8Array, birthHeight: number): Promise<LoadedWallet> {
    const windows = parseWindows(bytes);
    if (!this.files.exists(name)) {
      this.files.make(watchedRecord(name, windows, birthHeight, this.#parts.network.params));
      return this.load(name);
    }
    if (this.files.hasSecret(name))
      throw new WalletError(
        'exists',
        `Wallet '${name}' has its keys here: its signer gives it more, once it is unlocked.`,
      );
    const wallet = this.#loaded.get(name) ?? (await this.load(name));
    await wallet.addWindows(windows);
    return wallet;
  }

  /** @throws WalletError */
  async unload(name: string): Promise<void> {
    const wallet = this.get(name);
    this.#loaded.delete(name);
    this.#keepers.delete(name);
    await wallet.close();
  }

  tipMoved(): void {
    for (const { sync } of this.#loaded.values()) sync.wake();
  }

  transactionAccepted(txid: Hex32): void {
    for (const { sync } of this.#loaded.values()) sync.transactionAccepted(txid);
  }

  transactionRemoved(txid: Hex32, reason: RemovalReason): void {
    // What a block has, the wallets read there.
    if (reason === 'confirmed') return;
    for (const { sync } of this.#loaded.values()) sync.transactionRemoved(txid, DEAD.has(reason));
  }

  /** After the last step of the node, before its store closes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.finder.close();
    await Promise.allSettled(this.#loading.values());
    const wallets = [...this.#loaded.values()];
    this.#loaded.clear();
    await Promise.all(wallets.map((wallet) => wallet.close()));
  }

  #walletParts(): LoadedWalletParts {
    const { chain, pool, log, news, signerOf } = this.#parts;
    return {
      params: this.#parts.network.params,
      files: this.files,
      chain,
      pool,
      log,
      signerOf,
      unixMs: () => this.#parts.unixMs(),
      tell: (wallet, line) => news({ type: 'wallet', wallet, line }),
      onCaughtUp: (wallet) => this.#onCaughtUp(wallet),
      onTrouble: (wallet, error) => this.#onTrouble(wallet, error),
    };
  }

  /** Deadlines are looked at when a wallet knows all blocks, and not while the node catches up: those are of the past. */
  #onCaughtUp(wallet: LoadedWallet): void {
    this.#trouble.delete(wallet.name);
    if (this.#isClosed || !this.#loaded.has(wallet.name) || !this.#parts.isInSync()) return;
    const { network, pool, news } = this.#parts;
    const ports = {
      network,
      pool,
      unixMs: () => this.#parts.unixMs(),
      tell: (line: string) => news({ type: 'wallet', wallet: wallet.name, line }),
    };
    const keeper = this.#keepers.get(wallet.name) ?? new AccountKeeper(wallet, ports);
    this.#keepers.set(wallet.name, keeper);
    keeper.look().catch((error: unknown) => this.#onTrouble(wallet.name, error));
  }

  /** A disk that is full stops a wallet, not the node. */
  #onTrouble(name: string, error: unknown): void {
    if (!isOperational(error)) {
      this.#parts.onFatal(error);
      return;
    }
    this.#trouble.set(name, error.message);
    this.#parts.log.error({ err: error, wallet: name }, 'a wallet does not follow the chain');
    this.#parts.news({ type: 'wallet', wallet: name, line: `does not follow the chain: ${error.message}` });
  }
}

function isOperational(error: unknown): error is Error {
  return (
    error instanceof StorageError ||
    error instanceof WalletError ||
    (error instanceof Error && 'syscall' in error) ||
    (error instanceof Error && error.name === 'WriteFileError')
  );
}

/** The node's pool as wallets use it. */
export function walletPool(
  machine: Pick<MempoolMachine, 'get' | 'entries'>,
  pool: Pick<NodePool, 'submit'>,
): WalletPool {
  return {
    *ids() {
      for (const { txid } of machine.entries()) yield txid;
    },
    transaction: (txid) => {
      const entry = machine.get(txid);
      if (entry === null) return null;
      const decoded = decode(transactionCodec, entry.encoded);
      assert(decoded.ok, 'the pool holds transactions');
      return decoded.value;
    },
    submit: async (transaction) => {
      try {
        const said = await pool.submit([encode(transactionCodec, transaction)]);
        const refused = said.find((action) => action.type === 'transaction-refused');
        if (refused === undefined || refused.code === 'already-in-pool') return { kind: 'taken' };
        return { kind: 'refused', reason: `${refused.code}: ${refused.detail}` };
      } catch (error) {
        if (error instanceof NoAnswerError) return { kind: 'unknown', reason: error.message };
        throw error;
      }
    },
  };
}

// Looks through the chain for the policies of a wallet's accounts (WAL-80 to WAL-82): whoever restores from words alone has the keys and not the
// policies. Searches work in slices beside the node, outlive the command that asked, and go on after a new start.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Codec, struct, u8, u32 } from '@resonancenet/bytes/codec';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import type { RecoveryParams } from '@resonancenet/params/network-params';
import { StorageError } from '@resonancenet/storage/storage-error';
import { isSystemError, replaceFile, WriteFileError } from '@resonancenet/training/write-file';
import {
  type AccountCandidate,
  AccountSearch,
  type AccountTrace,
  accountTracesCodec,
  type RestoredAccount,
} from '@resonancenet/wallet/restore-accounts';
import { RebuildPace, type RebuildReport } from '../ledger/rebuild-pace.ts';
import { Slices } from './in-turns.ts';
import type { WalletChain } from './wallet-chain.ts';
import { WalletError } from './wallet-error.ts';

/** How much work an interruption loses at most, milliseconds. */
const KEEP_EVERY_MS = 5_000;

/** Numbers of a policy that are tried before the clock is looked at. */
const NUMBERS_AT_A_TIME = 200;

/** Searches that are remembered. */
const MAX_SEARCHES = 4;

export interface FinderParts {
  readonly chain: WalletChain;
  readonly recovery: RecoveryParams;
  /** Where interrupted searches lie: the folder of the wallets. */
  readonly folder: string;
  /** A bug: the node cannot go on. */
  onFatal(error: unknown): void;
}

export interface SearchState extends RebuildReport {
  /** `first`: looking for the accounts; `second`: for the policies that were paid to; `numbers`: trying those. */
  readonly phase: 'first' | 'second' | 'numbers' | 'done';
  /** Why it cannot go on; null: it can. */
  readonly blocked: string | null;
  /** What has been found so far, in the order of the candidates. */
  readonly accounts: readonly RestoredAccount[];
}

/** What an interrupted search has on the disk. */
interface Kept {
  /** Of the first reading 1, of the second 2. */
  readonly reading: number;
  /** The last block that was read. */
  readonly height: number;
  readonly traces: readonly AccountTrace[];
}

const keptCodec: Codec<Kept> = struct<Kept>({ reading: u8, height: u32, traces: accountTracesCodec });

export class AccountFinder {
  readonly #parts: FinderParts;
  readonly #searches = new Map<string, ChainSearch>();

  constructor(parts: FinderParts) {
    this.#parts = parts;
  }

  /** Starts a search from a height on, or goes on with the same one; its name. */
  start(candidates: readonly AccountCandidate[], birthHeight: number): string {
    const name = nameOf(candidates, birthHeight);
    const known = this.#searches.get(name);
    if (known !== undefined) {
      known.wake();
      return name;
    }
    const oldest = [...this.#searches].find(([, search]) => search.state().phase === 'done') ?? [...this.#searches][0];
    if (this.#searches.size >= MAX_SEARCHES && oldest !== undefined) {
      void oldest[1].close();
      this.#searches.delete(oldest[0]);
    }
    const path = join(this.#parts.folder, `.search-${name}`);
    const search = new ChainSearch(this.#parts, path, candidates, birthHeight);
    this.#searches.set(name, search);
    search.wake();
    return name;
  }

  /** @throws WalletError */
  state(name: string): SearchState {
    return this.#get(name).state();
  }

  /** Forgets a search. @throws WalletError */
  async stop(name: string): Promise<void> {
    const search = this.#get(name);
    this.#searches.delete(name);
    await search.close();
    search.forget();
  }

  async close(): Promise<void> {
    const all = [...this.#searches.values()];
    this.#searches.clear();
    await Promise.all(all.map((search) => search.close()));
  }

  #get(name: string): ChainSearch {
    const search = this.#searches.get(name);
    if (search !== undefined) return search;
    throw new WalletError('not-found', `There is no search '${name.slice(0, 40)}': start it with searchaccounts.`);
  }
}

class ChainSearch {
  readonly #parts: FinderParts;
  readonly #path: string;
  /** The last block that need not be read. */
  readonly #before: number;
  readonly #search: AccountSearch;
  #reading: number;
  #height: number;
  #phase: SearchState['phase'] = 'first';
  #blocked: string | null = null;
  #pace: RebuildPace | null = null;
  #secondsLeft: number | null = null;
  #keptMs: number = performance.now();
  #running: Promise<void> | null = null;
  #isClosed = false;

  constructor(parts: FinderParts, path: string, candidates: readonly AccountCandidate[], birthHeight: number) {
    this.#parts = parts;
    this.#path = path;
    this.#before = Math.max(0, birthHeight - 1);
    const kept = this.#readKept(candidates.length);
    this.#reading = kept?.reading ?? 1;
    this.#height = kept?.height ?? this.#before;
    this.#search = new AccountSearch(candidates, parts.recovery, kept?.traces ?? null);
  }

  wake(): void {
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#onTrouble(error))
      .finally(() => {
        this.#running = null;
      });
  }

  state(): SearchState {
    const tipHeight = this.#parts.chain.tip().height;
    return {
      phase: this.#phase,
      height: Math.min(this.#height, tipHeight),
      tipHeight,
      secondsLeft: this.#phase === 'done' ? 0 : this.#secondsLeft,
      blocked: this.#blocked,
      accounts: this.#search.results(),
    };
  }

  /** Stops at once; what it has is kept for the next time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
    try {
      this.#keep();
    } catch (error) {
      this.#onTrouble(error);
    }
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }

  /** A full disk stops a search, not the node. */
  #onTrouble(error: unknown): void {
    if (error instanceof StorageError || error instanceof WriteFileError || isSystemError(error))
      this.#blocked = error.message;
    else this.#parts.onFatal(error);
  }

  async #run(): Promise<void> {
    // The command that asked gets its answer first.
    await nextTurn();
    this.#blocked = null;
    if (this.#reading === 1) await this.#readChain('first');
    if (this.#isClosed || this.#blocked !== null) return;
    if (this.#search.unknownPolicies.size > 0) {
      if (this.#reading === 1) this.#height = this.#before;
      this.#reading = 2;
      await this.#readChain('second');
      if (this.#isClosed || this.#blocked !== null) return;
      await this.#tryNumbers();
    }
    if (!this.#isClosed) this.#phase = 'done';
  }

  async #readChain(phase: 'first' | 'second'): Promise<void> {
    const { chain } = this.#parts;
    this.#phase = phase;
    this.#pace = null;
    const slices = new Slices();
    while (!this.#isClosed) {
      const id = chain.idAt(this.#height + 1);
      if (id === null) return;
      const block = chain.block(id);
      if (block === null) {
        this.#blocked = `the transactions of block ${this.#height + 1} are not here`;
        return;
      }
      for (const transaction of block.transactions) {
        if (phase === 'first') this.#search.read(transaction);
        else for (const output of transaction.outputs) this.#search.readAgain(output);
      }
      this.#height += 1;
      if (!slices.isOver) continue;
      this.#report();
      await slices.next();
    }
  }

  async #tryNumbers(): Promise<void> {
    this.#phase = 'numbers';
    const slices = new Slices();
    while (!this.#isClosed && this.#search.tryNumbers(NUMBERS_AT_A_TIME)) {
      if (slices.isOver) await slices.next();
    }
  }

  #report(): void {
    const now = performance.now();
    const at = { height: this.#height, tipHeight: this.#parts.chain.tip().height };
    this.#pace ??= new RebuildPace(at, now);
    this.#secondsLeft = this.#pace.report(at, now)?.secondsLeft ?? this.#secondsLeft;
    if (now - this.#keptMs >= KEEP_EVERY_MS) this.#keep();
  }

  /** The second reading finds everything again from its start: what it was to try is not kept. */
  #keep(): void {
    this.#keptMs = performance.now();
    const isFirst = this.#reading === 1;
    const height = isFirst ? this.#height : this.#before;
    const kept = { reading: this.#reading, height, traces: this.#search.traces };
    mkdirSync(this.#parts.folder, { recursive: true, mode: 0o700 });
    replaceFile(this.#path, [encode(keptCodec, kept)]);
  }

  /** null: there is none that can be used; the search then begins anew. */
  #readKept(candidates: number): Kept | null {
    if (!existsSync(this.#path)) return null;
    const decoded = decode(keptCodec, new Uint8Array(readFileSync(this.#path)));
    if (!decoded.ok || decoded.value.traces.length !== candidates) return null;
    const { reading, height } = decoded.value;
    return (reading === 1 || reading === 2) && height >= this.#before ? decoded.value : null;
  }
}

/** The same for the same keys and height. */
function nameOf(candidates: readonly AccountCandidate[], birthHeight: number): string {
  const digest = createHash('sha256').update(String(birthHeight));
  for (const { fingerprint, account, livenessKey, receive, change } of candidates) {
    digest.update(fingerprint).update(`/${account}/${receive.publicKeys.length}/${change.publicKeys.length}/`);
    digest.update(livenessKey);
    for (const key of [...receive.publicKeys, ...change.publicKeys]) digest.update(key);
  }
  return digest.digest('hex').slice(0, 16);
}

// What is played with: a throwaway node, real wallets with their signers, and somebody who pays.

import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { USUAL_COST } from '@resonancenet/keys/sealed-file';
import { parseRnt } from '@resonancenet/node/rpc/amounts';
import { serialiseNetworkParams } from '@resonancenet/params/network-file';
import { regtest } from '@resonancenet/params/regtest';
import { SignerClient } from '@resonancenet/signer/signer-client';
import type { JobPlace } from '@resonancenet/signer/signer-job';
import { runSignerJob, type SignerStart } from '@resonancenet/signer/start-signer';
import { RpcFailure } from '../../rpc-client.ts';
import { windowsOf } from '../key-windows.ts';
import type { AccountStatus } from '../recovery-status-text.ts';
import { recordOf } from '../wallet-place.ts';
import { RehearsalError } from './rehearsal-error.ts';
import { ThrowawayNode } from './throwaway-node.ts';

/** Whoever pays the owners, and mines. */
export const PAYER = 'payer';

/** Short: a socket's path has room for little more. */
const FOLDER = 'rnt-play-';

/** A signer that is left over in spite of all ends by itself after so many seconds. */
const UNLOCK_SECONDS = 600;

/** How long a signer that was started while everything ends may need to come up, so that it can be ended. */
const LATE_SIGNER_MS = 3_000;

/** Told of each block while many are waited for. */
export type OnWait = (height: number, until: number) => void;

export class RehearsalWorld {
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #node: ThrowawayNode;
  readonly #onWait: OnWait;
  /** Wallets whose signers may run; true: it is certain. */
  readonly #unlocked = new Map<string, boolean>();

  private constructor(folder: string, signal: AbortSignal, node: ThrowawayNode, onWait: OnWait) {
    this.#folder = folder;
    this.#signal = signal;
    this.#node = node;
    this.#onWait = onWait;
  }

  /** With a payer whose coins are ripe. */
  static async start(signal: AbortSignal, onWait: OnWait): Promise<RehearsalWorld> {
    const folder = mkdtempSync(join(tmpdir(), FOLDER));
    let node: ThrowawayNode;
    try {
      node = await ThrowawayNode.start(folder, signal);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
    const world = new RehearsalWorld(folder, signal, node, onWait);
    try {
      await world.create(PAYER, 'emissionReturn(10000)');
      await world.ask('setminingwallet', [PAYER]);
      await world.mine(regtest.coinbaseMaturity + 4);
      await world.unlock(PAYER);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  /** @throws RpcFailure; the signal's reason */
  async ask<T>(method: string, params: unknown = [], wallet?: string): Promise<T> {
    this.#signal.throwIfAborted();
    return await this.#node.ask<T>(method, params, wallet === undefined ? '/' : `/wallet/${wallet}`);
  }

  /** What the node says against it. @throws RehearsalError if it does it */
  async refusal(method: string, params: unknown, wallet: string): Promise<string> {
    try {
      await this.ask(method, params, wallet);
    } catch (error) {
      if (error instanceof RpcFailure) return error.message;
      throw error;
    }
    throw new RehearsalError(`${method} was done, though it must be refused.`);
  }

  async mine(count: number): Promise<void> {
    for (let more = 0; more < count; more += 1) await this.ask('mineblock');
  }

  /** Until the next block is the one of this height. */
  async mineUntilNext(height: number): Promise<void> {
    for (let now = await this.height(); now < height - 1; now += 1) {
      await this.mine(1);
      this.#onWait(now + 1, height - 1);
    }
  }

  height(): Promise<number> {
    return this.ask<number>('getblockcount');
  }

  /** Makes a wallet of new words, without a passphrase, and lets the node watch it. */
  async create(name: string, policy: string): Promise<void> {
    const what = { birthHeight: 0, unencrypted: true, cost: USUAL_COST, policy, accountName: '' } as const;
    const words = { wordsPassphrase: false, language: 'english', entropy: 'system' } as const;
    await this.#job({ kind: 'create', ...this.#place(name), ...what, ...words });
    await this.ask('loadwallet', [name]);
  }

  async backUp(name: string, out: string): Promise<string> {
    const path = join(this.#folder, out);
    const what = { out: path, force: false, ownPassphrase: false, notes: null, cost: USUAL_COST };
    await this.#job({ kind: 'backup', ...this.#place(name), ...what });
    return path;
  }

  async restore(name: string, backup: string): Promise<void> {
    const what = { birthHeight: 0, unencrypted: true, cost: USUAL_COST, backup };
    await this.#job({ kind: 'restore-backup', ...this.#place(name), ...what });
    await this.ask('loadwallet', [name]);
  }

  /** The text of a wallet's key by which it is somebody's heir or guardian. */
  async keyText(name: string, branch: 'recovery' | 'guardian'): Promise<string> {
    const { key } = await this.#job({ kind: 'show-key', ...this.#place(name), branch, account: 0, index: 0 });
    return String(key);
  }

  /** What an owner gives heirs and guardians to watch his accounts by, in base64. */
  keyWindows(name: string): string {
    const record = recordOf({ name, folder: this.#walletFolder(name) });
    return Buffer.concat(windowsOf(record)).toString('base64');
  }

  async unlock(name: string): Promise<void> {
    this.#signal.throwIfAborted();
    this.#unlocked.set(name, false);
    await this.#job({ kind: 'unlock', ...this.#place(name), seconds: UNLOCK_SECONDS });
    this.#unlocked.set(name, true);
  }

  async lock(name: string): Promise<void> {
    await new SignerClient(name, this.#walletFolder(name)).lock();
    this.#unlocked.delete(name);
  }

  /** Device and words of its owner are gone. */
  async lose(name: string): Promise<void> {
    await this.lock(name);
    await this.ask('unloadwallet', [], name);
    rmSync(this.#walletFolder(name), { recursive: true });
  }

  newAddress(name: string): Promise<string> {
    return this.ask<string>('getnewaddress', [], name);
  }

  /** Pays wallets, all in one block. */
  async pay(...payments: readonly (readonly [name: string, amount: string])[]): Promise<void> {
    for (const [name, amount] of payments)
      await this.ask('sendtoaddress', [await this.newAddress(name), amount], PAYER);
    await this.mine(1);
  }

  /** All that a wallet has, in resonances. */
  async balance(name: string): Promise<bigint> {
    return resonances((await this.ask<{ total: string }>('getbalances', [], name)).total);
  }

  /** All that has gone back to the emission so far, in resonances. */
  async returned(): Promise<bigint> {
    const { returned } = await this.ask<{ returned: { value: string } }>('getsupply');
    return resonances(returned.value);
  }

  async status(name: string): Promise<AccountStatus> {
    const [status] = await this.ask<AccountStatus[]>('recoverystatus', [], name);
    if (status === undefined) throw new RehearsalError(`Wallet '${name}' has no account.`);
    return status;
  }

  /** Each wallet signs a copy; joined they are sent. */
  async signAndSend(rntp: string, ...wallets: readonly string[]): Promise<string> {
    const copies = [];
    for (const wallet of wallets)
      copies.push((await this.ask<{ rntp: string }>('walletprocessrntp', [rntp], wallet)).rntp);
    const joined = await this.ask<{ rntp: string }>('combinerntp', [copies]);
    const { hex } = await this.ask<{ hex?: string }>('finalizerntp', [joined.rntp]);
    if (hex === undefined) throw new RehearsalError('Signatures are missing, though all have signed.');
    return await this.ask<string>('sendrawtransaction', [hex]);
  }

  /** Ends all processes and takes the folder away. */
  async stop(): Promise<void> {
    for (const [name, isCertain] of this.#unlocked) await this.#endSigner(name, isCertain);
    await this.#node.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One that was being started when everything ended comes up later, or not at all. */
  async #endSigner(name: string, isCertain: boolean): Promise<void> {
    const client = new SignerClient(name, this.#walletFolder(name));
    const until = performance.now() + (isCertain ? 0 : LATE_SIGNER_MS);
    while (!(await client.lock()) && performance.now() < until) await sleep(100);
  }

  /** All passphrases are empty: it is play money. */
  async #job(job: SignerStart['job']): Promise<Readonly<Record<string, unknown>>> {
    this.#signal.throwIfAborted();
    const path = join(this.#folder, 'empty-passphrases');
    writeFileSync(path, '\n\n');
    const secretsFd = openSync(path, 'r');
    try {
      return await runSignerJob({ job, secretsFd });
    } finally {
      closeSync(secretsFd);
    }
  }

  #place(name: string): Omit<JobPlace, 'secretsFd'> {
    return { folder: join(this.#folder, 'regtest'), name, network: serialiseNetworkParams(regtest) };
  }

  #walletFolder(name: string): string {
    return join(this.#folder, 'regtest', 'wallets', name);
  }
}

/** RNT in text. */
export function resonances(text: string): bigint {
  const value = parseRnt(text);
  if (value === null) throw new RehearsalError(`'${text}' is no amount.`);
  return value;
}

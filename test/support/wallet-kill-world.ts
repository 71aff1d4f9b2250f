// A node with two wallets that is killed again and again: alice's has a signer and gets all rewards, bob's only watches and is paid.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@resonancenet/bytes/decode';
import { walletRecordCodec } from '@resonancenet/keys/wallet-record';
import { recordAccount, walletRecord, writeWallet } from '@resonancenet/node/wallet/testing/wallet-world';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAddress } from '@resonancenet/primitives/address';
import { CRASH_VARIABLE } from '@resonancenet/storage/crash-point';
import { WalletAccount } from '@resonancenet/wallet/wallet-account';
import { NodeProcess, type NodeProcessOptions, runRnt } from './node-process.ts';
import { callRpc } from './rpc-client.ts';
import { tempFolder } from './temp-folder.ts';

/** What a wallet's folder may hold: anything else is half a file. */
const FILES: ReadonlySet<string> = new Set(['public', 'secret', 'state', 'lock', 'signer.sock']);

const BOBS_KEYS = 2_000;

export type WalletName = 'alice' | 'bob';

export class WalletKillWorld {
  readonly dataDir: string = tempFolder('wallet-kill');
  readonly #options: NodeProcessOptions;
  readonly #secret: Buffer;
  #node: NodeProcess | null = null;
  #signer: number | null = null;

  static async make(blocks: number): Promise<WalletKillWorld> {
    const dataDir = tempFolder('wallet-kill');
    const making = ['--policy', 'emissionReturn(5000)', '--unencrypted', '--secrets-fd', '0'];
    const { code, stderr } = await runRnt(
      ['wallet', 'create', 'alice', ...making, '--network', 'regtest', '--data-dir', dataDir],
      {},
      60_000,
    );
    assert.equal(code, 0, stderr);
    writeWallet(join(dataDir, 'regtest'), walletRecord('bob', [recordAccount('bob', 0, BOBS_KEYS)]));
    const world = new WalletKillWorld(dataDir);
    await world.start();
    await world.unlock();
    await world.node.mine(blocks);
    return world;
  }

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
    this.#options = { dataDir, flags: ['--pay-to', firstAddress(join(dataDir, 'regtest/wallets/alice/public'))] };
    this.#secret = readFileSync(this.#file('alice', 'secret'));
  }

  get node(): NodeProcess {
    assert.ok(this.#node !== null);
    return this.#node;
  }

  get signerPid(): number {
    assert.ok(this.#signer !== null);
    return this.#signer;
  }

  /** Starts the node; `point`: at which it will kill itself. False: it has done so before it was up. */
  async start(point: string | null = null): Promise<boolean> {
    const environment = point === null ? {} : { [CRASH_VARIABLE]: point };
    try {
      this.#node = await NodeProcess.start({ ...this.#options, environment });
      return true;
    } catch (error) {
      if (point !== null && String(error).includes('crash point')) return false;
      throw error;
    }
  }

  /** Whether it had killed itself before. */
  async kill(): Promise<boolean> {
    const hadEnded = !this.node.isRunning;
    await this.node.kill();
    const isAtPoint = this.node.errors.includes('crash point');
    assert.ok(!hadEnded || isAtPoint, `the node ended by itself\n${this.node.tail()}`);
    return isAtPoint;
  }

  ask<T>(name: WalletName, method: string, params: unknown = []): Promise<T> {
    const { rpcPort, cookieFile } = this.node;
    return callRpc<T>(rpcPort, cookieFile, method, params as readonly unknown[], `/wallet/${name}`);
  }

  /** Starts alice's signer. */
  async unlock(): Promise<void> {
    const place = ['--network', 'regtest', '--data-dir', this.dataDir, '--json'];
    const args = ['wallet', 'unlock', 'alice', '--until-locked', '--secrets-fd', '0', ...place];
    const { code, stdout, stderr } = await runRnt(args, {}, 60_000);
    assert.equal(code, 0, stderr);
    this.#signer = (JSON.parse(stdout) as { readonly pid: number }).pid;
  }

  killSigner(): void {
    process.kill(this.signerPid, 'SIGKILL');
    this.#signer = null;
  }

  /** Nothing is half written, and the secret is what it was. */
  checkFiles(): void {
    const wallets = join(this.dataDir, 'regtest/wallets');
    assert.deepEqual(readdirSync(wallets).sort(), ['alice', 'bob']);
    for (const name of ['alice', 'bob'] as const) {
      const unknown = readdirSync(join(wallets, name)).filter((file) => !FILES.has(file));
      assert.deepEqual(unknown, []);
      assert.ok(decode(walletRecordCodec, new Uint8Array(readFileSync(this.#file(name, 'public')))).ok);
    }
    assert.ok(readFileSync(this.#file('alice', 'secret')).equals(this.#secret), 'the secret has changed');
  }

  async close(): Promise<void> {
    if (this.#signer !== null) process.kill(this.#signer, 'SIGKILL');
    await this.#node?.kill();
  }

  #file(name: WalletName, file: string): string {
    return join(this.dataDir, 'regtest/wallets', name, file);
  }
}

function firstAddress(path: string): string {
  const decoded = decode(walletRecordCodec, new Uint8Array(readFileSync(path)));
  assert.ok(decoded.ok);
  const { accounts, fingerprint } = decoded.value;
  const { number, policy, receive } = accounts[0]!;
  const ranges = [{ branch: 'receive', first: 0, publicKeys: receive.slice(0, 1) }] as const;
  const account = new WalletAccount({
    number,
    fingerprint,
    ranges,
    terms: policy.terms,
    siblingHash: policy.siblingHash,
  });
  return encodeAddress(regtest.addressPrefix, account.destination('receive', 0)!);
}

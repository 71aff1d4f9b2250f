// A machine of somebody who has wallets: a regtest node as a process of its own, and `rnt wallet ...` on its folder, with signers as real processes.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { NodeProcess } from './node-process.ts';
import { callRpc } from './rpc-client.ts';
import { tempFolder } from './temp-folder.ts';
import { runWallet, walletResult } from './wallet-run.ts';

interface Failed {
  readonly code: number | null;
  /** Standard error. */
  readonly said: string;
}

/** Signers outlive the command that starts them: they are ended by their ids when the test file ends. */
const signers = new Set<number>();

after(() => {
  for (const pid of signers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
});

export class WalletMachine {
  readonly node: NodeProcess;
  readonly #files: string;
  #count = 0;

  private constructor(node: NodeProcess, files: string) {
    this.node = node;
    this.#files = files;
  }

  /** `peers`: machines that it is connected to. */
  static async start(name: string, ...peers: readonly WalletMachine[]): Promise<WalletMachine> {
    const connect = peers.map(({ node }) => node.address);
    const node = await NodeProcess.start({ dataDir: tempFolder(name), connect });
    return new WalletMachine(node, tempFolder(`${name}-files`));
  }

  /** Options by which a command finds it. */
  get place(): readonly string[] {
    const { options, rpcPort } = this.node;
    return ['--network', 'regtest', '--data-dir', options.dataDir, '--rpc-port', String(rpcPort)];
  }

  /** What `rnt wallet ARGS --json` gives, the secrets being on its standard input. */
  run<T>(args: readonly string[], ...secrets: readonly string[]): Promise<T> {
    return walletResult<T>(this.node, args, secrets);
  }

  /** What is printed for people. */
  async print(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runWallet(this.node, args, [], 'person');
    assert.equal(code, 0, `rnt wallet ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  }

  /** What people are told of a command that is refused and must be. */
  async fails(args: readonly string[]): Promise<Failed> {
    const { code, stdout, stderr } = await runWallet(this.node, args, [], 'person');
    assert.notEqual(code, 0, `rnt wallet ${args.join(' ')} was done: ${stdout}`);
    return { code, said: stderr };
  }

  ask<T>(wallet: string, method: string, params: readonly unknown[] = []): Promise<T> {
    const { rpcPort, cookieFile } = this.node;
    return callRpc<T>(rpcPort, cookieFile, method, params, `/wallet/${wallet}`);
  }

  /** A new wallet without a passphrase; its fingerprint. */
  async create(name: string, policy: string): Promise<string> {
    const { fingerprint } = await this.run<{ fingerprint: string }>([
      'create',
      name,
      '--policy',
      policy,
      '--unencrypted',
      ...SECRETS,
    ]);
    return fingerprint;
  }

  async keyText(name: string, purpose: 'recovery' | 'guardian'): Promise<string> {
    return (await this.run<{ key: string }>(['show-key', purpose, name, ...SECRETS])).key;
  }

  async unlock(name: string): Promise<void> {
    const { pid } = await this.run<{ pid: number }>(['unlock', name, '--until-locked', ...SECRETS]);
    signers.add(pid);
  }

  async lock(name: string): Promise<void> {
    await this.run(['lock', name]);
  }

  /** The file that heirs and guardians need, as it is handed to another machine. */
  async keyWindows(name: string): Promise<string> {
    const path = this.file(`${name}.window`);
    await this.run(['kit', name, '--window-out', path]);
    return path;
  }

  /** Locks it, and deletes its folder: device and words are gone. */
  async lose(name: string): Promise<void> {
    await this.lock(name);
    await this.run(['unload', name]);
    rmSync(join(this.node.folder, 'wallets', name), { recursive: true });
  }

  address(wallet: string): Promise<string> {
    return this.run<string>(['address', '--wallet', wallet]);
  }

  /** All that it has, RNT in text. */
  async total(wallet: string): Promise<string> {
    return (await this.ask<{ total: string }>(wallet, 'getbalances')).total;
  }

  /** A copy of an rntp with the wallet's signatures, as a file to hand on. */
  async signed(rntp: string, wallet: string): Promise<string> {
    const path = this.#newFile(wallet);
    writeFileSync(path, rntp);
    await this.run(['rntp', 'sign', path, '--wallet', wallet, '--yes', '--out', `${path}.signed`]);
    return `${path}.signed`;
  }

  /** Joins copies and sends what comes of them. */
  async send(...copies: readonly string[]): Promise<string> {
    const joined = this.#newFile('joined');
    await this.run(['rntp', 'join', ...copies, '--out', joined]);
    return (await this.run<{ txid: string }>(['rntp', 'send', joined])).txid;
  }

  file(name: string): string {
    return join(this.#files, name);
  }

  #newFile(name: string): string {
    this.#count += 1;
    return this.file(`${name}-${this.#count}.rntp`);
  }
}

const SECRETS = ['--secrets-fd', '0'] as const;

/** Of a file that was handed over. */
export function rntpIn(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

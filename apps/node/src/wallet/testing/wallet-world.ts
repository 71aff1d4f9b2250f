// A node's wallets over a chain and a pool in memory, with files of their own.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { utf8 } from '@resonancenet/bytes/utf8';
import { type AccountPolicy, accountTerms } from '@resonancenet/keys/account-policy';
import { type WatchedPolicy, watchedPolicy } from '@resonancenet/keys/key-window';
import type { WalletRecord, WalletRecordAccount } from '@resonancenet/keys/wallet-record';
import { networkId } from '@resonancenet/params/network-id';
import { regtest } from '@resonancenet/params/regtest';
import { pino } from 'pino';
import { lockedSigner, type Signer } from '../signer.ts';
import { WalletFiles } from '../wallet-files.ts';
import { WalletService } from '../wallet-service.ts';
import { FakeChain, FakePool } from './fake-chain.ts';

/** Secret of a key by its name. */
export function seedNamed(name: string): Uint8Array {
  return hashUntagged(utf8(name));
}

export function keyNamed(name: string): Uint8Array {
  return publicKey(seedNamed(name));
}

export const returning: AccountPolicy = { type: 'emissionReturn', blocks: 200 };

/** An account with keys by name: `wallet/number/branch/index`. */
export function recordAccount(
  wallet: string,
  number: number,
  keys: number,
  policy: AccountPolicy = returning,
): WalletRecordAccount {
  const row = (branch: 'receive' | 'change'): Uint8Array[] =>
    Array.from({ length: keys }, (_, index) => keyNamed(`${wallet}/${number}/${branch}/${index}`));
  const terms = accountTerms(policy, keyNamed(`${wallet}/${number}/liveness`));
  const heir = policy.type === 'heartbeat' ? policy.recoveryKey : null;
  const watched: WatchedPolicy = watchedPolicy(terms, heir);
  return { number, name: `account ${number}`, policy: watched, receive: row('receive'), change: row('change') };
}

export function walletRecord(name: string, accounts: readonly WalletRecordAccount[], birthHeight = 0): WalletRecord {
  return { name, networkId: networkId(regtest), fingerprint: seedNamed(name).slice(0, 4), birthHeight, accounts };
}

/** Writes a wallet's folder, as its signer would, without a secret. */
export function writeWallet(networkFolder: string, record: WalletRecord): void {
  mkdirSync(join(networkFolder, 'wallets', record.name), { recursive: true, mode: 0o700 });
  new WalletFiles(networkFolder, regtest).writeRecord(record);
}

export class WalletTestWorld {
  readonly chain: FakeChain = new FakeChain();
  readonly pool: FakePool = new FakePool();
  readonly folder: string = mkdtempSync(join(tmpdir(), 'rnt-wallets-'));
  readonly lines: string[] = [];
  readonly fatal: unknown[] = [];
  readonly signers: Map<string, Signer> = new Map();
  service: WalletService = this.#service();

  write(record: WalletRecord): void {
    writeWallet(this.folder, record);
  }

  /** As after a new start of the node. */
  async restart(): Promise<void> {
    await this.service.close();
    this.service = this.#service();
    await this.service.start();
  }

  async close(): Promise<void> {
    await this.service.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #service(): WalletService {
    return new WalletService({
      params: regtest,
      folder: this.folder,
      chain: this.chain,
      pool: this.pool,
      log: pino({ enabled: false }),
      unixMs: () => 1_900_000_000_000,
      signerOf: (name) => this.signers.get(name) ?? lockedSigner(name),
      news: (news) => {
        if (news.type === 'wallet') this.lines.push(`${news.wallet}: ${news.line}`);
      },
      onFatal: (error) => this.fatal.push(error),
    });
  }
}

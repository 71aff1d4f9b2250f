// A node's wallets over a chain and a pool in memory, with files of their own.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '@resonancenet/bytes/assert';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { utf8 } from '@resonancenet/bytes/utf8';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { type AccountPolicy, accountTerms } from '@resonancenet/keys/account-policy';
import { type WatchedPolicy, watchedPolicy } from '@resonancenet/keys/key-window';
import type { WalletRecord, WalletRecordAccount } from '@resonancenet/keys/wallet-record';
import { feeRatePerByte } from '@resonancenet/mempool/fee-rate';
import { networkId } from '@resonancenet/params/network-id';
import { regtest } from '@resonancenet/params/regtest';
import { SignerClientError } from '@resonancenet/signer/signer-client';
import { decodeRntp, encodeRntp } from '@resonancenet/wallet/rntp';
import { signedBy } from '@resonancenet/wallet/testing/sign-rntp';
import { namedKey } from '@resonancenet/wallet/testing/test-wallet';
import { pino } from 'pino';
import type { Signer } from '../signer.ts';
import type { WalletChain } from '../wallet-chain.ts';
import { WalletFiles } from '../wallet-files.ts';
import { WalletNetwork } from '../wallet-network.ts';
import { WalletService } from '../wallet-service.ts';
import { FakeChain, FakePool } from './fake-chain.ts';

/** Public key by its name; what `openSigner` signs by. */
export const keyNamed: (name: string) => Uint8Array = namedKey;

function fingerprintOf(name: string): Uint8Array {
  return hashUntagged(utf8(name)).slice(0, 4);
}

/** A wallet that nobody has unlocked. */
function lockedSigner(name: string): Signer {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new SignerClientError('locked', `Wallet '${name}' is locked: unlock it with rnt wallet unlock ${name}.`),
    );
  return {
    status: () => Promise.resolve({ isUnlocked: false, locksAtUnixMs: null }),
    window: refuse,
    sign: refuse,
    signMessage: refuse,
    lock: () => Promise.resolve(false),
  };
}

/** A signer that is unlocked, of a wallet whose keys have names. */
export function openSigner(name: string): Signer {
  return {
    ...lockedSigner(name),
    status: () => Promise.resolve({ isUnlocked: true, locksAtUnixMs: 1_900_000_100_000 }),
    sign: async (bytes) => {
      const decoded = decodeRntp(bytes);
      assert(decoded.ok, 'the node asks for signatures of transactions');
      return encodeRntp(signedBy(decoded.rntp, fingerprintOf(name)));
    },
  };
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
  return { name, networkId: networkId(regtest), fingerprint: fingerprintOf(name), birthHeight, accounts };
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
  isInSync = true;
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
      network: testNetwork(this.chain),
      folder: this.folder,
      chain: this.chain,
      pool: this.pool,
      log: pino({ enabled: false }),
      unixMs: () => 1_900_000_000_000,
      isInSync: () => this.isInSync,
      signerOf: (name) => this.signers.get(name) ?? lockedSigner(name),
      news: (news) => {
        if (news.type === 'wallet') this.lines.push(`${news.wallet}: ${news.line}`);
      },
      onFatal: (error) => this.fatal.push(error),
    });
  }
}

/** Nothing is known of fees and policies. */
export function testNetwork(chain: WalletChain): WalletNetwork {
  const header = genesisHeader(regtest);
  return new WalletNetwork({
    params: regtest,
    pool: {
      get: () => null,
      leastRate: () => feeRatePerByte(regtest.minRelayFee),
      estimateFee: () => ({ ok: false, code: 'too-few-blocks', detail: 'none' }),
    },
    ledger: { get: () => null, range: () => [] },
    chain: {
      tip: () => ({ ...chain.tip(), header }),
      header: () => header,
      activeChainAt: (height) => chain.idAt(height)!,
    },
    minRelayFee: regtest.minRelayFee,
    now: () => ({ unixMs: 1_900_000_000_000, monotonicMs: 0 }),
  });
}

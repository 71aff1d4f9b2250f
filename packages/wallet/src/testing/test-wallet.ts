// A wallet on the ledger's test chain: keys by number, blocks that both the ledger and the wallet connect, and every signature checked.

import { assert } from '@resonancenet/bytes/assert';
import { compareBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { publicKey, sign, verify } from '@resonancenet/crypto/ed25519';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { type AccountPolicy, accountTerms } from '@resonancenet/keys/account-policy';
import { type KeyRange, type KeyWindow, watchedPolicy } from '@resonancenet/keys/key-window';
import { checkTransaction } from '@resonancenet/ledger/check-transaction';
import { type BlockWishes, LedgerChain } from '@resonancenet/ledger/testing/ledger-chain';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type Output, type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { type ScannedBlock, scanBlock, type WalletBlock } from '../scan-block.ts';
import { WalletAccount } from '../wallet-account.ts';
import { decodeWalletUndo, encodeWalletUndo, WalletChanges } from '../wallet-changes.ts';
import { WalletAccounts } from '../wallet-accounts.ts';
import { MemoryWallet } from './memory-wallet.ts';

const secrets = new Map<string, Uint8Array>();
const keys = new Map<string, Uint8Array>();

/** A key by its name; its secret is kept for `secretOf`. */
export function namedKey(name: string): Uint8Array {
  const known = keys.get(name);
  if (known !== undefined) return known;
  const seed = hashUntagged(bytesOf(name));
  const key = publicKey(seed);
  secrets.set(key.join(), seed);
  keys.set(name, key);
  return key;
}

/** Signs as the holder of a named key. */
export function signAs(key: Uint8Array, digest: Uint8Array): Uint8Array {
  const seed = secrets.get(key.join());
  assert(seed !== undefined, 'the test has no such key');
  return sign(digest, seed);
}

export const heartbeatPolicy: AccountPolicy = {
  type: 'heartbeat',
  interval: 10,
  timeout: 1,
  recoveryKey: namedKey('heir'),
};
export const returnPolicy: AccountPolicy = { type: 'emissionReturn', blocks: 200 };
export const socialPolicy: AccountPolicy = { type: 'social', wait: 6, required: 2, guardians: guardianKeys() };

/** What the signer of the wallet `owner` exports of an account: so many keys on both branches. */
export function testWindow(owner: string, account: number, policy: AccountPolicy, keys = 30): KeyWindow {
  const name = `${owner}/${account}`;
  const range = (branch: string): KeyRange => ({
    first: 0,
    publicKeys: Array.from({ length: keys }, (_, index) => namedKey(`${name}/${branch}/${index}`)),
  });
  const recoveryKey = policy.type === 'heartbeat' ? policy.recoveryKey : null;
  return {
    fingerprint: fingerprintOf(owner),
    account,
    ...watchedPolicy(accountTerms(policy, namedKey(`${name}/liveness`)), recoveryKey),
    receive: range('receive'),
    change: range('change'),
  };
}

/** Four bytes that stand for a wallet. */
export function fingerprintOf(owner: string): Uint8Array {
  return hashUntagged(bytesOf(owner)).slice(0, 4);
}

export function testAccount(owner: string, number: number, policy: AccountPolicy, keys = 30): WalletAccount {
  return WalletAccount.ofWindow(testWindow(owner, number, policy, keys));
}

/** An account under each of the three strategies; the heir's key is `heir`. */
export const accountKinds = {
  emissionReturn: (owner: string, number = 0, keys = 30): WalletAccount =>
    testAccount(owner, number, returnPolicy, keys),
  heartbeat: (owner: string, number = 0, keys = 30): WalletAccount => testAccount(owner, number, heartbeatPolicy, keys),
  social: (owner: string, number = 0, keys = 30): WalletAccount => testAccount(owner, number, socialPolicy, keys),
} as const;

/** Keys of three guardians, in the order of their bytes. */
export function guardianKeys(): Uint8Array[] {
  return ['anna', 'boris', 'clara'].map((name) => namedKey(`guardian ${name}`)).sort(compareBytes);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** A chain that one wallet follows. */
export class WalletWorld {
  readonly chain: LedgerChain = new LedgerChain();
  readonly wallet: MemoryWallet = new MemoryWallet();
  readonly accounts: WalletAccounts;
  readonly #undo: Uint8Array[] = [];
  readonly #ids: Uint8Array[] = [];

  constructor(...accounts: readonly WalletAccount[]) {
    this.accounts = new WalletAccounts(accounts);
  }

  get params(): NetworkParams {
    return this.chain.params;
  }

  get genesisId(): Uint8Array {
    return this.chain.context.genesisId;
  }

  get next(): number {
    return this.chain.height + 1;
  }

  /** Connects a block to the ledger and to the wallet. */
  mine(transactions: readonly Transaction[] = [], wishes: BlockWishes = {}): ScannedBlock {
    const coinbase = this.chain.mine(transactions, wishes);
    return this.scan([coinbase, ...transactions]);
  }

  /** What the wallet makes of the chain's last block. */
  scan(transactions: readonly Transaction[]): ScannedBlock {
    const { height } = this.chain;
    const id = hashUntagged(
      ...transactions.map((transaction) => encode(transactionCodec, transaction)),
      Uint8Array.of(height & 255),
    );
    const block: WalletBlock = {
      height,
      id,
      previous: this.#ids.at(-1) ?? new Uint8Array(32),
      timestamp: BigInt(1_800_000_000 + 600 * height),
      transactions,
    };
    const changes = new WalletChanges(this.wallet);
    const scanned = scanBlock(block, changes, this.accounts);
    const changed = changes.changes();
    this.#undo.push(encodeWalletUndo(changed));
    this.#ids.push(id);
    this.wallet.apply(changed);
    return scanned;
  }

  advance(blocks: number): void {
    for (let mined = 0; mined < blocks; mined++) this.mine();
  }

  /** Takes the last block back, from the ledger and from the wallet. */
  undo(): void {
    this.chain.undo();
    const record = decodeWalletUndo(this.#undo.pop()!);
    assert(record.ok, 'an undo record can be read');
    this.#ids.pop();
    const changes = new WalletChanges(this.wallet);
    changes.undo(record.value);
    this.wallet.apply(changes.changes());
  }

  /** Coins of a coinbase, ripe at once. */
  fund(...outputs: readonly Output[]): void {
    this.mine([], { pay: outputs });
    this.advance(this.params.coinbaseMaturity - 1);
  }

  /** Coins of a miner's that are sent on, so that they are no coinbase's. */
  pay(account: WalletAccount, amounts: readonly bigint[], first = 0): Output[] {
    return amounts.map((amount, offset) => ({ amount, ...account.destination('receive', first + offset)! }) as Output);
  }

  /** `valid`, or the code of the ledger's refusal; signatures are checked one by one. */
  judge(transaction: Transaction): string {
    const result = checkTransaction(transaction, this.next, this.chain.view, this.chain.context);
    if (!result.ok) return result.code;
    const good = result.signatures.every(({ publicKey: key, message, signature }) => verify(signature, message, key));
    return good ? 'valid' : 'tx-signature';
  }

  /** Fee of a transaction by the ledger. */
  feeOf(transaction: Transaction): bigint {
    const result = checkTransaction(transaction, this.next, this.chain.view, this.chain.context);
    assert(result.ok, `transaction ${txid(transaction).join()} is refused`);
    return result.fee;
  }
}

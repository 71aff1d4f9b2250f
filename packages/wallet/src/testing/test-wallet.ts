// A wallet on the ledger's test chain: keys by number, blocks that both the ledger and the wallet connect, and every signature checked.

import { assert } from '@resonancenet/bytes/assert';
import { encode } from '@resonancenet/bytes/encode';
import { publicKey, sign, verify } from '@resonancenet/crypto/ed25519';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { checkTransaction } from '@resonancenet/ledger/check-transaction';
import { type BlockWishes, LedgerChain } from '@resonancenet/ledger/testing/ledger-chain';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { PolicyTerms } from '@resonancenet/primitives/policy-terms';
import { type Output, type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import type { Leaf } from '@resonancenet/primitives/condition';
import type { Branch } from '../account-branch.ts';
import { type ScannedBlock, scanBlock, type WalletBlock } from '../scan-block.ts';
import { guardiansLeaf, hashOfLeaf, heirLeaf, WalletAccount } from '../wallet-account.ts';
import { decodeWalletUndo, encodeWalletUndo, WalletChanges } from '../wallet-changes.ts';
import { WalletAccounts } from '../wallet-accounts.ts';
import { MemoryWallet } from './memory-wallet.ts';

const secrets = new Map<string, Uint8Array>();

/** A key by its name; its secret is kept for `secretOf`. */
export function namedKey(name: string): Uint8Array {
  const seed = hashUntagged(Uint8Array.from(name, (character) => character.charCodeAt(0)));
  const key = publicKey(seed);
  secrets.set(key.join(), seed);
  return key;
}

/** Signs as the holder of a named key. */
export function signAs(key: Uint8Array, digest: Uint8Array): Uint8Array {
  const seed = secrets.get(key.join());
  assert(seed !== undefined, 'the test has no such key');
  return sign(digest, seed);
}

export type PolicyOf = (livenessKey: Uint8Array) => PolicyTerms;

export const heartbeatPolicy: PolicyOf = (livenessKey) => ({
  type: 'heartbeat',
  interval: 10,
  timeout: 1,
  livenessKey,
});
export const returnPolicy: PolicyOf = (livenessKey) => ({ type: 'emissionReturn', blocks: 200, livenessKey });

/** An account of the wallet `owner`, with so many keys on both branches. `leaf`: the second one, if the policy has one. */
export function testAccount(
  owner: string,
  number: number,
  policy: PolicyOf,
  leaf: Leaf | null,
  keys = 30,
): WalletAccount {
  const name = `${owner}/${number}`;
  const range = (branch: Branch): { branch: Branch; first: number; publicKeys: Uint8Array[] } => ({
    branch,
    first: 0,
    publicKeys: Array.from({ length: keys }, (_, index) => namedKey(`${name}/${branch}/${index}`)),
  });
  return new WalletAccount({
    number,
    fingerprint: hashUntagged(Uint8Array.from(owner, (character) => character.charCodeAt(0))).slice(0, 4),
    terms: policy(namedKey(`${name}/liveness`)),
    siblingHash: leaf === null ? null : hashOfLeaf(leaf),
    ranges: [range('receive'), range('change')],
  });
}

/** An account under each of the three strategies; the heir's key is `heir`, the guardians' are `guardians`. */
export const accountKinds = {
  emissionReturn: (owner: string, number = 0, keys = 30): WalletAccount =>
    testAccount(owner, number, returnPolicy, null, keys),
  heartbeat: (owner: string, number = 0, keys = 30): WalletAccount =>
    testAccount(owner, number, heartbeatPolicy, heirLeaf(namedKey('heir')), keys),
  social: (owner: string, number = 0, keys = 30): WalletAccount => {
    const guardians = guardianKeys();
    const policy: PolicyOf = (livenessKey) => ({ type: 'social', wait: 6, livenessKey, required: 2, guardians });
    return testAccount(owner, number, policy, guardiansLeaf({ required: 2, guardians }), keys);
  },
} as const;

/** Three guardians, in the order of their bytes. */
export function guardianKeys(): Uint8Array[] {
  const keys = ['anna', 'boris', 'clara'].map((name) => namedKey(`guardian ${name}`));
  return keys.sort((a, b) => (a.join() === b.join() ? 0 : compare(a, b)));
}

function compare(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return a[at]! - b[at]!;
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

// A wallet from its secret: accounts, the sealed file and the public record.

import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { WalletKeys } from '@resonancenet/keys/account-keys';
import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import type { BackupAccount, BackupContent } from '@resonancenet/keys/backup-content';
import { exportKeyWindow, type IndexRange } from '@resonancenet/keys/export-window';
import { isShown } from '@resonancenet/keys/file-format';
import { type WatchedPolicy, watchedAccount } from '@resonancenet/keys/key-window';
import { parsePolicyText } from '@resonancenet/keys/policy-text';
import type { KdfCost } from '@resonancenet/keys/sealing-primitives';
import { type WalletNotes, walletNotesCodec } from '@resonancenet/keys/wallet-notes';
import { type WalletRecord, walletRecordCodec, withKeyWindow } from '@resonancenet/keys/wallet-record';
import { seedOfSecret, type WalletSecret } from '@resonancenet/keys/wallet-secret';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { sealContent } from '../files/sealed-content.ts';
import type { WalletFolder } from '../files/wallet-folder.ts';
import { SignerError } from '../signer-error.ts';

/** Keys of each branch beyond those given out that a record begins with. */
export const FIRST_KEYS = 1_000;

/** The keys of a secret; the caller wipes them. */
export function keysOfSecret(secret: WalletSecret, params: NetworkParams): WalletKeys {
  const seed = seedOfSecret(secret);
  const keys = new WalletKeys(seed, params.coinType);
  seed.fill(0);
  return keys;
}

/** @throws SignerError */
export function policyOf(text: string, params: NetworkParams): AccountPolicy {
  const parsed = parsePolicyText(text, params);
  if (parsed.ok) return parsed.policy;
  throw new SignerError('bad-policy', `The policy is not right: ${parsed.detail}.`);
}

export interface NewAccount {
  readonly number: number;
  readonly name: string;
  /** Chosen, or found on the chain. */
  readonly policy: AccountPolicy | WatchedPolicy;
}

/** What a new wallet knows. @throws SignerError if a policy that was found is not of the secret's keys */
export function newContent(
  secret: WalletSecret,
  params: NetworkParams,
  birthHeight: number,
  accounts: readonly NewAccount[],
): BackupContent {
  const keys = keysOfSecret(secret, params);
  const { fingerprint } = keys;
  try {
    return {
      network: params.name,
      fingerprint,
      secret,
      birthHeight,
      accounts: accounts.map((account) => newAccount(keys, account)),
      labels: [],
      contacts: [],
      wards: [],
      channels: [],
    };
  } finally {
    keys.wipe();
  }
}

/** @throws SignerError */
export function newAccount(keys: WalletKeys, { number, name, policy }: NewAccount): BackupAccount {
  if (!isShown(name)) throw new SignerError('bad-job', 'The name of the account holds characters that do not show.');
  const account = keys.account(number);
  const livenessKey = account.livenessKey();
  account.wipe();
  const watched = 'terms' in policy ? policy : watchedAccount(policy, livenessKey);
  if (!equalBytes(watched.terms.livenessKey, livenessKey))
    throw new SignerError('other-wallet', `The policy that was found for account ${number} is not of these words.`);
  return { number, name, policy: watched, nextReceive: 0, nextChange: 0, nextGuardian: 0, nextRecovery: 0 };
}

/** The public half of what a wallet knows. @throws SignerError if secret and accounts do not belong together */
export function recordOf(name: string, content: BackupContent, params: NetworkParams): WalletRecord {
  const { fingerprint, birthHeight } = content;
  const none: WalletRecord = { name, networkId: networkId(params), fingerprint, birthHeight, accounts: [] };
  return withAccounts(none, content, params);
}

/** A record with the accounts that only the secret has so far. @throws SignerError */
export function withAccounts(known: WalletRecord, content: BackupContent, params: NetworkParams): WalletRecord {
  const missing = content.accounts.filter(({ number }) => known.accounts.every((one) => one.number !== number));
  if (missing.length === 0) return known;
  const keys = keysOfSecret(content.secret, params);
  try {
    return missing.reduce((record, account) => withAccount(record, account, keys), known);
  } finally {
    keys.wipe();
  }
}

function withAccount(record: WalletRecord, account: BackupAccount, keys: WalletKeys): WalletRecord {
  const accountKeys = keys.account(account.number);
  const range = (next: number): IndexRange => ({ first: 0, count: next + FIRST_KEYS });
  const { policy, nextReceive, nextChange } = account;
  const window = exportKeyWindow(keys.fingerprint, accountKeys, policy, range(nextReceive), range(nextChange));
  accountKeys.wipe();
  const extended = window === null ? null : withKeyWindow(record, window, account.name);
  if (extended?.ok === true) return extended.record;
  const why = extended?.detail ?? 'its policy names a liveness key that is not the wallet\u2019s';
  throw new SignerError('other-wallet', `Account ${account.number} does not belong to the secret: ${why}.`);
}

/** Writes a new wallet; what is told of it. */
export function writeWallet(
  folder: WalletFolder,
  content: BackupContent,
  params: NetworkParams,
  passphrase: Uint8Array,
  cost: KdfCost,
): Record<string, unknown> {
  const record = recordOf(folder.name, content, params);
  const notes = notesOf(content);
  const sealed = sealContent('secret', content, passphrase, cost);
  folder.create(sealed, encode(walletRecordCodec, record), notes === null ? null : encode(walletNotesCodec, notes));
  return {
    name: folder.name,
    folder: folder.path,
    network: params.name,
    fingerprint: toHex(record.fingerprint),
    birthHeight: record.birthHeight,
    encrypted: passphrase.length > 0,
    accounts: record.accounts.map(({ number, name }) => ({ number, name })),
    labels: content.labels.length,
    contacts: content.contacts.length,
  };
}

/** What a backup has brought for the node; null: nothing. */
function notesOf({ fingerprint, accounts, labels, contacts }: BackupContent): WalletNotes | null {
  const given = accounts
    .filter(({ nextReceive, nextChange }) => nextReceive + nextChange > 0)
    .map(({ number, nextReceive, nextChange }) => ({ account: number, nextReceive, nextChange }));
  const isEmpty = given.length + labels.length + contacts.length === 0;
  return isEmpty ? null : { fingerprint, given, labels, contacts };
}

// A further account of a wallet: its policy goes into the sealed secret, its keys into the public record.

import { type DecodeResult, decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { type BackupContent, MAX_BACKUP_ACCOUNTS } from '@resonancenet/keys/backup-content';
import { costOfSealedFile, MAX_SEALED_LENGTH, USUAL_COST } from '@resonancenet/keys/sealed-file';
import { MAX_RECORD_LENGTH, type WalletRecord, walletRecordCodec } from '@resonancenet/keys/wallet-record';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { sealContent } from '../files/sealed-content.ts';
import { WalletFolder } from '../files/wallet-folder.ts';
import type { SecretInput } from '../input/secret-input.ts';
import { SignerError } from '../signer-error.ts';
import { type AddAccountJob, networkOf } from '../signer-job.ts';
import { keysOfSecret, newAccount, policyOf, recordOf, withAccounts } from './make-wallet.ts';
import { withSecret } from './open-wallet.ts';

export async function addAccount(job: AddAccountJob, input: SecretInput): Promise<Readonly<Record<string, unknown>>> {
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  const policy = policyOf(job.policy, params);
  // Whoever has unlocked it knows the accounts that there were, and gives the node keys for the record.
  const lock = folder.lock();
  try {
    return await withSecret(folder, params, input, (content, passphrase) => {
      const number = job.number ?? nextNumber(content);
      if (content.accounts.some((account) => account.number === number))
        throw new SignerError('exists', `Wallet '${job.name}' has an account ${number} already.`);
      if (content.accounts.length >= MAX_BACKUP_ACCOUNTS)
        throw new SignerError('too-large', `A wallet has at most ${MAX_BACKUP_ACCOUNTS} accounts.`);
      const keys = keysOfSecret(content.secret, params);
      const account = newAccount(keys, { number, name: job.accountName, policy });
      keys.wipe();
      const accounts = [...content.accounts, account].sort((a, b) => a.number - b.number);
      const extended: BackupContent = { ...content, accounts };
      // Both are made before one is written. The record follows the secret: what is missing there, unlocking adds.
      const longer = withAccounts(readRecord(folder), extended, params);
      const cost = costOfSealedFile(folder.readSecret(MAX_SEALED_LENGTH)) ?? USUAL_COST;
      folder.replaceSecret(sealContent('secret', extended, passphrase, cost));
      folder.replacePublic(encode(walletRecordCodec, longer));
      return { name: job.name, fingerprint: toHex(content.fingerprint), account: number, accounts: accounts.length };
    });
  } finally {
    lock.release();
  }
}

/** Adds to the record what the secret has and it lacks, because whoever wrote it did not come to the end; makes one anew that is damaged. Whether it had to. @throws SignerError */
export function completeRecord(folder: WalletFolder, content: BackupContent, params: NetworkParams): boolean {
  const known = decodedRecord(folder);
  const record = known.ok ? withAccounts(known.value, content, params) : recordOf(folder.name, content, params);
  if (known.ok && record === known.value) return false;
  folder.replacePublic(encode(walletRecordCodec, record));
  return true;
}

function nextNumber({ accounts }: BackupContent): number {
  return 1 + Math.max(-1, ...accounts.map(({ number }) => number));
}

function readRecord(folder: WalletFolder): WalletRecord {
  const result = decodedRecord(folder);
  if (result.ok) return result.value;
  throw new SignerError('corrupt', `${folder.publicPath} cannot be read: ${result.error.message}. Unlocking mends it.`);
}

function decodedRecord(folder: WalletFolder): DecodeResult<WalletRecord> {
  return decode(walletRecordCodec, folder.readPublic(MAX_RECORD_LENGTH));
}

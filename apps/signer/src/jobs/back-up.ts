// The encrypted backup of a wallet: one file, and the same as QR codes.

import { equalBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import type { BackupContent } from '@resonancenet/keys/backup-content';
import { walletNotesCodec } from '@resonancenet/keys/wallet-notes';
import { sealContent } from '../files/sealed-content.ts';
import { writeWholeFile } from '../files/new-file.ts';
import { WalletFolder } from '../files/wallet-folder.ts';
import { askNewPassphrase } from '../input/ask-secrets.ts';
import type { SecretInput } from '../input/secret-input.ts';
import { SignerError } from '../signer-error.ts';
import { type BackupJob, networkOf } from '../signer-job.ts';
import { sayCost, withSecret } from './open-wallet.ts';

export async function backUp(job: BackupJob, input: SecretInput): Promise<Readonly<Record<string, unknown>>> {
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  return await withSecret(folder, params, input, async (opened, passphrase) => {
    const content = job.notes === null ? opened : withNotes(opened, new Uint8Array(Buffer.from(job.notes, 'base64')));
    const own = job.ownPassphrase ? await askNewPassphrase(input, 'the backup') : passphrase;
    sayCost(input, job.cost);
    const file = sealContent('backup', content, own, job.cost);
    if (own !== passphrase) own.fill(0);
    writeWholeFile(job.out, file, job.force);
    return {
      file: job.out,
      bytes: file.length,
      fingerprint: toHex(content.fingerprint),
      accounts: content.accounts.length,
      labels: content.labels.length,
      contacts: content.contacts.length,
      encrypted: job.ownPassphrase || passphrase.length > 0,
    };
  });
}

/** With what the node keeps of the wallet. @throws SignerError */
function withNotes(content: BackupContent, bytes: Uint8Array): BackupContent {
  const decoded = decode(walletNotesCodec, bytes);
  if (!decoded.ok) throw new SignerError('bad-job', `The node's notes cannot be read: ${decoded.error.message}.`);
  const { fingerprint, given, labels, contacts } = decoded.value;
  if (!equalBytes(fingerprint, content.fingerprint))
    throw new SignerError('other-wallet', `The node's wallet of this name is another one: ${toHex(fingerprint)}.`);
  const accounts = content.accounts.map((account) => {
    const known = given.find((one) => one.account === account.number);
    return known === undefined ? account : { ...account, nextReceive: known.nextReceive, nextChange: known.nextChange };
  });
  return { ...content, accounts, labels, contacts };
}

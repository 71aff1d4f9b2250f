// The encrypted backup of a wallet: one file, and the same as QR codes.

import { compareBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import type { BackupLabel } from '@resonancenet/keys/backup-content';
import { sealContent } from '../files/sealed-content.ts';
import { writeWholeFile } from '../files/new-file.ts';
import { WalletFolder } from '../files/wallet-folder.ts';
import { askNewPassphrase } from '../input/ask-secrets.ts';
import type { SecretInput } from '../input/secret-input.ts';
import { type BackupJob, networkOf } from '../signer-job.ts';
import { withSecret } from './open-wallet.ts';

export async function backUp(job: BackupJob, input: SecretInput): Promise<Readonly<Record<string, unknown>>> {
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  return await withSecret(folder, params, input, async (content, passphrase) => {
    const own = job.ownPassphrase ? await askNewPassphrase(input, 'the backup') : passphrase;
    const labels = job.labels.length > 0 ? sorted(job.labels) : content.labels;
    const file = sealContent('backup', { ...content, labels }, own, job.cost);
    if (own !== passphrase) own.fill(0);
    writeWholeFile(job.out, file, job.force);
    return {
      file: job.out,
      bytes: file.length,
      fingerprint: toHex(content.fingerprint),
      labels: labels.length,
      encrypted: job.ownPassphrase || passphrase.length > 0,
    };
  });
}

function sorted(labels: readonly BackupLabel[]): readonly BackupLabel[] {
  return [...labels].sort((a, b) => compareBytes(utf8(a.subject), utf8(b.subject)));
}

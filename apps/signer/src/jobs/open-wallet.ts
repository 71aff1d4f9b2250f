// Opening the secret of a wallet that is there.

import { equalBytes } from '@resonancenet/bytes/compare';
import type { BackupContent } from '@resonancenet/keys/backup-content';
import { costOfSealedFile, MAX_SEALED_LENGTH, USUAL_COST } from '@resonancenet/keys/sealed-file';
import type { KdfCost } from '@resonancenet/keys/sealing-primitives';
import { wipeSecret } from '@resonancenet/keys/wallet-secret';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { openContent } from '../files/sealed-content.ts';
import type { WalletFolder } from '../files/wallet-folder.ts';
import { askPassphrase } from '../input/ask-secrets.ts';
import type { SecretInput } from '../input/secret-input.ts';
import { SignerError } from '../signer-error.ts';
import { keysOfSecret } from './make-wallet.ts';

/** @throws SignerError */
export function openSecret(folder: WalletFolder, params: NetworkParams, passphrase: Uint8Array): BackupContent {
  const file = folder.readSecret(MAX_SEALED_LENGTH);
  const content = openContent('secret', folder.secretPath, file, passphrase);
  if (content.network !== params.name) {
    const message = `Wallet '${folder.name}' is of network '${content.network}', not of '${params.name}'.`;
    throw new SignerError('other-network', message);
  }
  const keys = keysOfSecret(content.secret, params);
  const fits = equalBytes(keys.fingerprint, content.fingerprint);
  keys.wipe();
  if (!fits) throw new SignerError('corrupt', `${folder.secretPath}: its secret and its fingerprint do not fit.`);
  return content;
}

/** The passphrase with which a wallet opens goes to `use`, with what it opened; both are overwritten afterwards. @throws SignerError */
export async function withSecret<T>(
  folder: WalletFolder,
  params: NetworkParams,
  input: SecretInput,
  use: (content: BackupContent, passphrase: Uint8Array) => T | Promise<T>,
): Promise<T> {
  const nothing = new Uint8Array(0);
  const open = openUnencrypted(folder, params);
  if (open !== null) {
    input.say(unencryptedWarning(folder));
    return await used(open, nothing, use);
  }
  const opened = await askPassphrase(input, `wallet '${folder.name}'`, (passphrase) => {
    sayCost(input, costOfSealedFile(folder.readSecret(MAX_SEALED_LENGTH)));
    return { content: openSecret(folder, params, passphrase), passphrase: passphrase.slice() };
  });
  return await used(opened.content, opened.passphrase, use);
}

/** More than usual: it takes seconds. */
export function isCostly({ memoryKib, passes }: KdfCost): boolean {
  return memoryKib * passes > USUAL_COST.memoryKib * USUAL_COST.passes;
}

/** Tells a person why nothing happens for a while. */
export function sayCost(input: SecretInput, cost: KdfCost | null): void {
  if (cost === null || !isCostly(cost)) return;
  const { memoryKib, passes } = cost;
  input.say(`Its passphrase costs ${memoryKib / 1_024} MiB and ${passes} passes: that takes some seconds.`);
}

export function isUnencrypted(folder: WalletFolder, params: NetworkParams): boolean {
  const content = openUnencrypted(folder, params);
  if (content !== null) wipeSecret(content.secret);
  return content !== null;
}

export function unencryptedWarning({ name }: WalletFolder): string {
  return `Wallet '${name}' has no passphrase: whoever reads its file has the coins.`;
}

/** null: it has a passphrase. One that costs more than usual is not tried without: whoever wanted that cost wanted a passphrase, and can still type an empty one. */
function openUnencrypted(folder: WalletFolder, params: NetworkParams): BackupContent | null {
  const cost = costOfSealedFile(folder.readSecret(MAX_SEALED_LENGTH));
  if (cost !== null && isCostly(cost)) return null;
  try {
    return openSecret(folder, params, new Uint8Array(0));
  } catch (error) {
    if (error instanceof SignerError && error.code === 'wrong-passphrase') return null;
    throw error;
  }
}

async function used<T>(
  content: BackupContent,
  passphrase: Uint8Array,
  use: (content: BackupContent, passphrase: Uint8Array) => T | Promise<T>,
): Promise<T> {
  try {
    return await use(content, passphrase);
  } finally {
    wipeSecret(content.secret);
    passphrase.fill(0);
  }
}

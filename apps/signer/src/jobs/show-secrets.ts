// What a wallet's owner may ask to see: the key text by which it is somebody's heir or guardian, and, at a terminal only, its words.

import { encode } from '@resonancenet/bytes/encode';
import { fromUtf8 } from '@resonancenet/bytes/utf8';
import { toHex } from '@resonancenet/bytes/hex';
import { exportKeyWindow } from '@resonancenet/keys/export-window';
import { encodeKeyText } from '@resonancenet/keys/key-text';
import { keyWindowCodec } from '@resonancenet/keys/key-window';
import { mnemonicPhrase } from '@resonancenet/keys/mnemonic';
import { HARDENED_LIMIT } from '@resonancenet/keys/derivation-path';
import { WalletFolder } from '../files/wallet-folder.ts';
import type { SecretInput } from '../input/secret-input.ts';
import { SignerError } from '../signer-error.ts';
import { type ExportKeysJob, type ShowKeyJob, type ShowWordsJob, networkOf } from '../signer-job.ts';
import { keysOfSecret } from './make-wallet.ts';
import { withSecret } from './open-wallet.ts';

type Result = Readonly<Record<string, unknown>>;

/** A public key for others. */
export async function showKey(job: ShowKeyJob, input: SecretInput): Promise<Result> {
  const { branch, account, index } = job;
  if (account >= HARDENED_LIMIT || index >= HARDENED_LIMIT)
    throw new SignerError('bad-job', `Account and index are below ${HARDENED_LIMIT}.`);
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  return await withSecret(folder, params, input, ({ secret }) => {
    const keys = keysOfSecret(secret, params);
    const key = encodeKeyText(params.addressPrefix, keys.account(account).publicKey(branch, index));
    const fingerprint = toHex(keys.fingerprint);
    keys.wipe();
    return { key, for: branch, account, index, fingerprint };
  });
}

/** Key windows, encoded, as hexadecimal. */
export async function exportKeys(job: ExportKeysJob, input: SecretInput): Promise<Result> {
  const { account: number, first, count } = job;
  if (first + count > HARDENED_LIMIT) throw new SignerError('bad-job', `Indexes are below ${HARDENED_LIMIT}.`);
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  return await withSecret(folder, params, input, ({ secret, accounts }) => {
    const wanted = accounts.filter((account) => number === null || account.number === number);
    if (wanted.length === 0) throw new SignerError('bad-job', `Wallet '${job.name}' has no account ${number}.`);
    const keys = keysOfSecret(secret, params);
    const windows = wanted.map(({ number: of, policy }) => {
      const account = keys.account(of);
      const window = exportKeyWindow(keys.fingerprint, account, policy, { first, count }, { first, count });
      account.wipe();
      if (window !== null) return toHex(encode(keyWindowCodec, window));
      throw new SignerError('other-wallet', `The policy of account ${of} is not of these keys.`);
    });
    keys.wipe();
    return { windows };
  });
}

/** The words once more, on a page that the terminal forgets. */
export async function showWords(job: ShowWordsJob, input: SecretInput): Promise<Result> {
  if (!input.isTerminal)
    throw new SignerError('no-terminal', 'Words are shown at a terminal only: they belong in no file and no pipe.');
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  return await withSecret(folder, params, input, async ({ secret, fingerprint }) => {
    if (secret.kind !== 'words')
      throw new SignerError('no-secret', `Wallet '${job.name}' was made of a seed; it has no words.`);
    const phrase = mnemonicPhrase(secret.mnemonic);
    await input.page(async () => {
      input.say(`The words of wallet '${job.name}', fingerprint ${toHex(fingerprint)}:\n\n${fromUtf8(phrase)}\n`);
      if (secret.passphrase.length > 0) input.say('They have a passphrase of their own, which is not shown.\n');
      (await input.ask('Press Enter to hide them')).fill(0);
    });
    phrase.fill(0);
    return { shown: true, fingerprint: toHex(fingerprint) };
  });
}

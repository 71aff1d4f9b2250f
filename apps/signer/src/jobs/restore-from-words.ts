// A wallet from its words alone (WAL-80): the keys go out, somebody looks through the chain for what was done with them, and its policies come back.

import { decode } from '@resonancenet/bytes/decode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { WalletKeys } from '@resonancenet/keys/account-keys';
import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import { watchedPolicyCodec } from '@resonancenet/keys/key-window';
import { parsePolicyText } from '@resonancenet/keys/policy-text';
import { type WalletSecret, wipeSecret } from '@resonancenet/keys/wallet-secret';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { WalletFolder } from '../files/wallet-folder.ts';
import { askLine, askNewPassphrase, askWords, askWordsPassphrase } from '../input/ask-secrets.ts';
import type { SecretInput } from '../input/secret-input.ts';
import type { JobTalk } from '../job-talk.ts';
import { SignerError } from '../signer-error.ts';
import { type FoundAccounts, networkOf, parseFound, type RestoreSearchJob } from '../signer-job.ts';
import { confirmFingerprint, costOf, UNENCRYPTED } from './create-wallet.ts';
import { keysOfSecret, type NewAccount, newContent, writeWallet } from './make-wallet.ts';

/** Keys of each branch by which an account is looked for: whoever has used it has used one of these. */
const SEARCHED_KEYS = 100;

export async function restoreFromWords(
  job: RestoreSearchJob,
  input: SecretInput,
  talk: JobTalk,
): Promise<Readonly<Record<string, unknown>>> {
  const params = networkOf(job);
  const folder = new WalletFolder(job.folder, job.name);
  folder.requireNew();
  const mnemonic = await askWords(input, job.language ?? undefined);
  const wordsPassphrase = job.wordsPassphrase ? await askWordsPassphrase(input, false) : new Uint8Array(0);
  const secret: WalletSecret = { kind: 'words', mnemonic, passphrase: wordsPassphrase };
  let passphrase = new Uint8Array(0);
  try {
    const keys = keysOfSecret(secret, params);
    const { fingerprint } = keys;
    await confirmFingerprint(input, fingerprint, job.fingerprint);
    // Everything is asked before the search, which takes its time.
    if (job.unencrypted) input.say(UNENCRYPTED);
    else passphrase = new Uint8Array(await askNewPassphrase(input, `wallet '${job.name}'`));
    input.rest();
    talk.tell({ fingerprint: toHex(fingerprint), candidates: candidatesOf(keys, job.accounts) });
    keys.wipe();
    const found = parseFound(await talk.hear());
    const accounts = await accountsOf(found, job, input, params);
    const content = newContent(secret, params, job.birthHeight, accounts);
    const made = writeWallet(folder, content, params, passphrase, costOf(job));
    const known = new Set(accounts.map(({ number }) => number));
    const left = (numbers: readonly number[]): number[] => numbers.filter((number) => !known.has(number));
    return { ...made, needsPolicy: left(found.needsPolicy), unseen: left(found.unseen) };
  } finally {
    passphrase.fill(0);
    wipeSecret(secret);
  }
}

function candidatesOf(keys: WalletKeys, count: number): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, (_, number) => {
    const account = keys.account(number);
    const branch = (name: 'receive' | 'change'): string =>
      account.publicKeys(name, 0, SEARCHED_KEYS).publicKeys.map(toHex).join('');
    const candidate = { account: number, livenessKey: toHex(account.livenessKey()) };
    const all = { ...candidate, receive: branch('receive'), change: branch('change') };
    account.wipe();
    return all;
  });
}

/** What was found, and the policies that a person knows of the rest. @throws SignerError if that is nothing */
async function accountsOf(
  found: FoundAccounts,
  { accountName }: RestoreSearchJob,
  input: SecretInput,
  params: NetworkParams,
): Promise<readonly NewAccount[]> {
  const accounts: NewAccount[] = found.accounts.map(({ number, policy }) => {
    const decoded = decode(watchedPolicyCodec, fromHex(policy));
    if (!decoded.ok) throw new SignerError('bad-job', `What was found cannot be read: ${decoded.error.message}.`);
    return { number, name: number === 0 ? accountName : '', policy: decoded.value };
  });
  const asked = [...found.needsPolicy, ...found.unseen];
  const open = accounts.length + asked.length === 0 ? [0] : asked;
  for (const number of open) {
    const policy = await policyOfPerson(number, found, input, params);
    if (policy !== null) accounts.push({ number, name: number === 0 ? accountName : '', policy });
  }
  if (accounts.length === 0) throw new SignerError('nothing-found', `${whyNotFound(found)} ${GIVE_POLICY}`);
  return accounts.sort((a, b) => a.number - b.number);
}

const GIVE_POLICY = 'Give the policy line of the recovery kit (--policy), or a backup (--backup).';

async function policyOfPerson(
  number: number,
  found: FoundAccounts,
  input: SecretInput,
  params: NetworkParams,
): Promise<AccountPolicy | null> {
  if (!input.isTerminal) return null;
  if (found.needsPolicy.includes(number))
    input.say(`Account ${number} was used, but the chain does not show its policy whole.`);
  else if (found.unseen.includes(number))
    input.say(
      `The chain shows nothing of account ${number}, though a later one is found: it was only ever paid, or never used.`,
    );
  else input.say(whyNotFound(found));
  return await askLine(
    input,
    `Policy line of account ${number} from the recovery kit (empty: leave it out)`,
    (line) => {
      const parsed = parsePolicyText(line, params);
      return parsed.ok ? { value: parsed.policy } : { problem: parsed.detail };
    },
  );
}

function whyNotFound({ needsPolicy, from, to }: FoundAccounts): string {
  if (needsPolicy.length > 0)
    return `Account ${needsPolicy.join(', ')} was used, but the chain does not show its policy whole.`;
  return [
    `Blocks ${from} to ${to} show nothing of these words.`,
    'An account with an heir or guardians that was only ever paid cannot be found without its policy.',
    'Else the words, their passphrase or the network are others, or no block has paid them yet.',
  ].join(' ');
}

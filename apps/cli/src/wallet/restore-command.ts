// `rnt wallet restore`: a wallet from words of paper, with its policy's line or with what the chain shows, or from a backup.

import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { wholeNumber } from '../options.ts';
import { chainNow } from './block-time.ts';
import { addMakingOptions, fromWords, type MakingOptions, making, tellOfWallet } from './making-options.ts';
import { addPolicyOptions, policyFromOptions } from './policy-options.ts';
import { restoreBySearch } from './restore-search.ts';
import { askSigner, jobPlace, USUAL_NAME, walletPlace } from './wallet-place.ts';

interface RestoreOptions extends MakingOptions {
  readonly words?: boolean;
  readonly backup?: string;
  readonly fingerprint?: string;
  readonly accounts: number;
  readonly number: number;
}

const restoreHelp = `
A backup has all of it. With the words, give the policy's line of the recovery kit: then nothing has to be looked for. Without it the running node looks
through the chain; the words stay in the signer, it gets public keys. It finds accounts under emission return that were ever paid, and those with an heir
or guardians that have paid. What only ever received, and social accounts whose payments carried no sign of life, it cannot find: their line is asked
for. Stopped, the same command goes on where it was.

Words with a mistake can be right in form: compare the fingerprint with the one on paper, or give it (--fingerprint).

Lines of --secrets-fd: with --words the words, with --words-passphrase that of the words, the wallet's new passphrase; with --backup that of the
backup, the wallet's new passphrase.

Examples:
  $ rnt wallet restore main --words --policy 'emissionReturn(400000)'
  $ rnt wallet restore main --words --language french --words-passphrase
  $ rnt wallet restore main --words --fingerprint 9b3475aa --birth-height 12000    looks through the chain from there
  $ rnt wallet restore main --backup main.backup
  $ rnt wallet restore main --backup codes.txt              a text with the parts of its codes, a line each, in any order`;

export function addRestoreCommand(wallet: Command): void {
  const command = wallet.command('restore').description('Make a wallet again from its words or from a backup');
  addMakingOptions(addPolicyOptions(command.argument('[name]', 'of the wallet')))
    .option('--words', 'from words of paper')
    .option('--backup <file>', 'from a backup')
    .option('--fingerprint <digits>', 'refuse words that give another wallet than this')
    .option('--accounts <n>', 'without a policy: look for so many accounts', wholeNumber(1, 64), 5)
    .option('--number <n>', 'with a policy: of which account it is', wholeNumber(0, 2 ** 31 - 1), 0)
    .addHelpText('after', restoreHelp)
    .action(async (name: string | undefined, options: RestoreOptions) => {
      const place = walletPlace(command, name ?? USUAL_NAME);
      const { words = false, backup } = options;
      if (words === (backup !== undefined)) throw new UsageError('Give --words or --backup FILE: one of them.');
      const policy = policyFromOptions(options, place.params);
      const fingerprint = fingerprintOf(options.fingerprint);
      const common = { ...jobPlace(place), ...making(options, 0) };
      const now = await chainNow(place);
      if (backup !== undefined) {
        if (policy !== null) throw new UsageError('--backup has the policy in it: leave it away.');
        const made = await askSigner({ kind: 'restore-backup', ...common, backup }, options.secretsFd);
        await tellOfWallet(place, now, options, made, false);
        return;
      }
      const language = options.language ?? null;
      if (policy !== null) {
        const job = {
          kind: 'restore',
          ...common,
          ...fromWords(options, policy, place),
          number: options.number,
          language,
          fingerprint,
        } as const;
        await tellOfWallet(place, now, options, await askSigner(job, options.secretsFd), false);
        return;
      }
      const { account: accountName, wordsPassphrase = false, accounts } = options;
      const job = {
        kind: 'restore-search',
        ...common,
        accountName,
        wordsPassphrase,
        language,
        fingerprint,
        accounts,
      } as const;
      const made = await restoreBySearch(place, now, job, options.secretsFd);
      await tellOfWallet(place, now, options, made, false);
      if (options.json === true) return;
      const again = (number: number): string =>
        `With its policy's line: rnt wallet account add --wallet ${place.name} --number ${number} --used --policy LINE`;
      for (const number of made['needsPolicy'] as readonly number[])
        console.log(`Account ${number} was used, but its policy is not known whole. ${again(number)}`);
      for (const number of made['unseen'] as readonly number[])
        console.log(
          `Of account ${number} the chain shows nothing: it was only ever paid, or never used. ${again(number)}`,
        );
    });
}

function fingerprintOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^[0-9a-fA-F]{8}$/.test(text)) return text.toLowerCase();
  throw new UsageError(`--fingerprint ${text.slice(0, 40)}: give the eight hexadecimal digits of the kit.`);
}

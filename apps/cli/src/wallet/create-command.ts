// `rnt wallet create`: a wallet from new words.

import { ENTROPY_SOURCES, type EntropySource } from '@resonancenet/signer/signer-job';
import { type Command, Option } from 'commander';
import { chainNow } from './block-time.ts';
import { addMakingOptions, fromWords, type MakingOptions, making, tellOfWallet } from './making-options.ts';
import { addPolicyOptions, policyFromOptions } from './policy-options.ts';
import { choosePolicy } from './policy-wizard.ts';
import { askSigner, jobPlace, USUAL_NAME, walletPlace } from './wallet-place.ts';

const createHelp = `
Without a strategy the three are explained and asked for. New words are shown once, at the terminal, and asked back. The name is main unless
another is given.

A script gives the strategy by options and the passphrase as a line on a file descriptor (before it, with --entropy the dice or digits, with
--words-passphrase that of the words). It is not shown the words: make a backup.

Chance of your own, with --entropy: dice takes 100 rolls or more (256 bits are their SHA-256), hex takes 64 hexadecimal digits as they are. Nothing is
mixed into it: whoever knows it has the coins.

Examples:
  $ rnt wallet create                                        a talk
  $ rnt wallet create savings --network testnet --strategy heartbeat --interval 50000 --timeout 10000 --heir trntk1q...
  $ rnt wallet create --strategy social --wait 1000 --required 2 --guardian rntk1q... --guardian rntk1q... --guardian rntk1q...
  $ rnt wallet create --entropy dice --language spanish --words-passphrase
  $ rnt wallet create --policy 'emissionReturn(400000)' --secrets-fd 0 --json < passphrase.txt`;

interface CreateOptions extends MakingOptions {
  readonly entropy: EntropySource;
}

export function addCreateCommand(wallet: Command): void {
  const command = wallet
    .command('create')
    .description('Make a wallet: choose what becomes of the coins, write down words');
  const entropy = new Option('--entropy <source>', 'where the chance of the words comes from');
  addMakingOptions(addPolicyOptions(command.argument('[name]', 'of the wallet')))
    .option('--mine', 'the running node mines to it from now on')
    .addOption(entropy.choices(ENTROPY_SOURCES).default('system'))
    .addHelpText('after', createHelp)
    .action(async (name: string | undefined, options: CreateOptions) => {
      const place = walletPlace(command, name ?? USUAL_NAME);
      const now = await chainNow(place);
      const policy = policyFromOptions(options, place.params) ?? (await choosePolicy(place.params, now, options));
      const job = {
        kind: 'create',
        ...jobPlace(place),
        ...making(options, now.height ?? 0),
        ...fromWords(options, policy, place),
        language: options.language ?? 'english',
        entropy: options.entropy,
      } as const;
      const made = await askSigner(job, options.secretsFd);
      await tellOfWallet(place, now, options, made, true);
      if (made['wordsShown'] === false && options.json !== true)
        console.log(
          'Its words were not shown: make a backup (rnt wallet backup), or see them with rnt wallet kit --with-words.',
        );
    });
}

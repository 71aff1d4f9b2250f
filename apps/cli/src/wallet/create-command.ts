// `rnt wallet create` and `rnt wallet restore`: a wallet from new words, from words of paper, from a backup.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import { printPolicyText } from '@resonancenet/keys/policy-text';
import { USUAL_COST } from '@resonancenet/keys/sealed-file';
import type { KdfCost } from '@resonancenet/keys/sealing-primitives';
import { MNEMONIC_LANGUAGES, type MnemonicLanguage } from '@resonancenet/keys/word-lists';
import { replaceFile } from '@resonancenet/training/write-file';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { wholeNumber } from '../options.ts';
import { type ChainNow, chainNow } from './block-time.ts';
import { addPolicyOptions, type PolicyOptions, policyFromOptions } from './policy-options.ts';
import { choosePolicy } from './policy-wizard.ts';
import { kitCodes, kitPage, kitText, readRecord, recoveryKit } from './recovery-kit.ts';
import {
  addPlaceOptions,
  addSecretsOption,
  askSigner,
  jobPlace,
  type WalletPlace,
  walletPlace,
} from './wallet-place.ts';
import { askWallet, followScan, loadInNode, type ScanInfo } from './wallet-node.ts';

interface MakingOptions extends PolicyOptions {
  readonly account: string;
  readonly language?: MnemonicLanguage;
  readonly wordsPassphrase?: boolean;
  readonly unencrypted?: boolean;
  readonly birthHeight?: number;
  readonly kdfMemory: number;
  readonly kdfPasses: number;
  readonly kitOut?: string;
  readonly secretsFd?: number;
  readonly json?: boolean;
}

interface RestoreOptions extends MakingOptions {
  readonly words?: boolean;
  readonly backup?: string;
}

const createHelp = `
Without a strategy the three are explained and asked for. New words are shown once, at the terminal, and asked back. The name is main unless
another is given.

A script gives the strategy by options and the passphrase as a line on a file descriptor (with --words-passphrase that of the words comes first). It
is not shown the words: make a backup.

Examples:
  $ rnt wallet create                                        a talk
  $ rnt wallet create savings --network testnet --strategy heartbeat --interval 50000 --timeout 10000 --heir trntk1q...
  $ rnt wallet create --strategy social --wait 1000 --required 2 --guardian rntk1q... --guardian rntk1q... --guardian rntk1q...
  $ rnt wallet create --policy 'emissionReturn(400000)' --secrets-fd 0 --json < passphrase.txt`;

const restoreHelp = `
From words the policy is needed too: the kit has its line. A backup has all of it. Compare the fingerprint that is shown with the one on paper.

Lines of --secrets-fd: with --words the words, with --words-passphrase that of the words, the wallet's new passphrase; with --backup that of the
backup, the wallet's new passphrase.

Examples:
  $ rnt wallet restore main --words --policy 'emissionReturn(400000)'
  $ rnt wallet restore main --backup main.backup
  $ rnt wallet restore main --backup codes.txt              a text with the parts of its codes, a line each`;

export function addCreateCommand(wallet: Command): void {
  const command = wallet
    .command('create')
    .description('Make a wallet: choose what becomes of the coins, write down words');
  addMakingOptions(addPolicyOptions(command.argument('[name]', 'of the wallet')))
    .addHelpText('after', createHelp)
    .action(async (name: string | undefined, options: MakingOptions) => {
      const place = walletPlace(command, name ?? 'main');
      const now = await chainNow(place);
      const policy = policyFromOptions(options, place.params) ?? (await choosePolicy(place.params, now, options));
      await make(place, now, options, {
        kind: 'create',
        ...jobPlace(place),
        ...making(options, now.height ?? 0),
        ...fromWords(options, policy, place),
        language: options.language ?? 'english',
      });
    });
}

export function addRestoreCommand(wallet: Command): void {
  const command = wallet.command('restore').description('Make a wallet again from its words or from a backup');
  addMakingOptions(addPolicyOptions(command.argument('[name]', 'of the wallet')))
    .option('--words', 'from words of paper')
    .option('--backup <file>', 'from a backup')
    .addHelpText('after', restoreHelp)
    .action(async (name: string | undefined, options: RestoreOptions) => {
      const place = walletPlace(command, name ?? 'main');
      const { words = false, backup } = options;
      if (words === (backup !== undefined)) throw new UsageError('Give --words or --backup FILE: one of them.');
      const policy = policyFromOptions(options, place.params);
      const common = { ...jobPlace(place), ...making(options, 0) };
      const now = await chainNow(place);
      if (backup !== undefined) {
        if (policy !== null) throw new UsageError('--backup has the policy in it: leave it away.');
        await make(place, now, options, { kind: 'restore-backup', ...common, backup });
        return;
      }
      if (policy === null) throw new UsageError('--words needs --policy: the line of the recovery kit.');
      const language = options.language ?? null;
      await make(place, now, options, { kind: 'restore', ...common, ...fromWords(options, policy, place), language });
    });
}

function addMakingOptions(command: Command): Command {
  addSecretsOption(addPlaceOptions(command))
    .option('--account <name>', 'a name for its account', '')
    .addOption(new Option('--language <name>', 'of the words').choices(MNEMONIC_LANGUAGES))
    .option('--words-passphrase', 'the words have a passphrase of their own')
    .option('--unencrypted', 'without a passphrase: whoever reads the file has the coins')
    .option('--birth-height <n>', 'no coins of the wallet are in older blocks', wholeNumber(0, 0xffff_ffff))
    .option('--kdf-memory <MiB>', 'memory that guessing a passphrase takes', wholeNumber(64, 1024), 64)
    .option('--kdf-passes <n>', 'passes over that memory', wholeNumber(1, 10), USUAL_COST.passes)
    .option('--kit-out <file>', 'write the recovery kit as a page to print (HTML)')
    .option('--json', 'one JSON object');
  return command;
}

/** `usualBirth`: when no height is given; some blocks before it, because the last ones may be taken back. */
function making(
  { unencrypted = false, birthHeight, kdfMemory, kdfPasses }: MakingOptions,
  usualBirth: number,
): { readonly birthHeight: number; readonly unencrypted: boolean; readonly cost: KdfCost } {
  const cost = { memoryKib: 1_024 * kdfMemory, passes: kdfPasses };
  return { birthHeight: birthHeight ?? Math.max(0, usualBirth - 100), unencrypted, cost };
}

function fromWords(
  { account, wordsPassphrase = false }: MakingOptions,
  policy: AccountPolicy,
  { params }: WalletPlace,
): { readonly policy: string; readonly accountName: string; readonly wordsPassphrase: boolean } {
  return { policy: printPolicyText(policy, params.addressPrefix), accountName: account, wordsPassphrase };
}

async function make(
  place: WalletPlace,
  now: ChainNow,
  options: MakingOptions,
  job: Parameters<typeof askSigner>[0],
): Promise<void> {
  const made = await askSigner(job, options.secretsFd);
  const record = readRecord(new Uint8Array(readFileSync(join(place.folder, 'public'))));
  if (record === null) throw new Error('the record of a wallet that was just made cannot be read');
  const kit = recoveryKit(record, place, now);
  if (options.kitOut !== undefined) replaceFile(options.kitOut, [Buffer.from(kitPage(kit))]);
  const loaded = await loadInNode(place);
  const isRestored = loaded && job.kind !== 'create';
  const scannedTo = isRestored ? await followScan(() => askWallet<ScanInfo>(place, 'getwalletinfo')) : null;
  if (options.json === true) {
    console.log(JSON.stringify({ ...made, kit, kitFile: options.kitOut ?? null, loaded, scannedTo }));
    return;
  }
  console.log(
    `Wallet '${place.name}' of ${place.params.name} is in ${place.folder}, fingerprint ${kit.fingerprint}.\n`,
  );
  console.log(`${kitText(kit)}\n`);
  if (process.stdout.isTTY) console.log(kitCodes(kit));
  if (options.kitOut !== undefined) console.log(`The kit as a page to print: ${options.kitOut}`);
  if (scannedTo !== null) console.log(`The node has read the chain for it up to block ${scannedTo}.`);
  else if (job.kind !== 'create') console.log('No node has taken it up: rnt start, and it reads the chain for it.');
  if (made['wordsShown'] === false && job.kind === 'create')
    console.log(
      'Its words were not shown: make a backup (rnt wallet backup), or see them with rnt wallet kit --with-words.',
    );
}

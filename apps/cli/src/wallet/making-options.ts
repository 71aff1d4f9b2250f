// What the commands that make wallets have in common: options, and what is told of a wallet that was made.

import type { AccountPolicy } from '@resonancenet/keys/account-policy';
import { printPolicyText } from '@resonancenet/keys/policy-text';
import { USUAL_COST } from '@resonancenet/keys/sealed-file';
import type { KdfCost } from '@resonancenet/keys/sealing-primitives';
import { MNEMONIC_LANGUAGES, type MnemonicLanguage } from '@resonancenet/keys/word-lists';
import { replaceFile } from '@resonancenet/training/write-file';
import { type Command, Option } from 'commander';
import { wholeNumber } from '../options.ts';
import type { ChainNow } from './block-time.ts';
import type { PolicyOptions } from './policy-options.ts';
import { kitCodes, kitPage, kitText, recoveryKit } from './recovery-kit.ts';
import { addPlaceOptions, addSecretsOption, recordOf, type WalletPlace } from './wallet-place.ts';
import { askWallet, followScan, loadInNode, type ScanInfo } from './wallet-node.ts';

export interface MakingOptions extends PolicyOptions {
  readonly account: string;
  readonly language?: MnemonicLanguage;
  readonly wordsPassphrase?: boolean;
  readonly unencrypted?: boolean;
  readonly birthHeight?: number;
  readonly kdfMemory: number;
  readonly kdfPasses: number;
  readonly kitOut?: string;
  readonly secretsFd?: number;
  /** Whether the node mines to it from now on. */
  readonly mine?: boolean;
  readonly json?: boolean;
}

export function addMakingOptions(command: Command): Command {
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
export function making(
  { unencrypted = false, birthHeight, kdfMemory, kdfPasses }: MakingOptions,
  usualBirth: number,
): { readonly birthHeight: number; readonly unencrypted: boolean; readonly cost: KdfCost } {
  const cost = { memoryKib: 1_024 * kdfMemory, passes: kdfPasses };
  return { birthHeight: birthHeight ?? Math.max(0, usualBirth - 100), unencrypted, cost };
}

export function fromWords(
  { account, wordsPassphrase = false }: MakingOptions,
  policy: AccountPolicy,
  { params }: WalletPlace,
): { readonly policy: string; readonly accountName: string; readonly wordsPassphrase: boolean } {
  return { policy: printPolicyText(policy, params.addressPrefix), accountName: account, wordsPassphrase };
}

/** Tells of a wallet that the signer has made: its kit, and how far the node has read the chain for it. */
export async function tellOfWallet(
  place: WalletPlace,
  now: ChainNow,
  options: MakingOptions,
  made: Readonly<Record<string, unknown>>,
  isNew: boolean,
): Promise<void> {
  const kit = recoveryKit(recordOf(place), place, now);
  if (options.kitOut !== undefined) replaceFile(options.kitOut, [Buffer.from(kitPage(kit))]);
  const loaded = await loadInNode(place);
  const first = loaded && isNew ? await firstAddress(place, options.mine === true) : {};
  const scannedTo = loaded && !isNew ? await followScan(() => askWallet<ScanInfo>(place, 'getwalletinfo')) : null;
  if (options.json === true) {
    console.log(JSON.stringify({ ...made, kit, kitFile: options.kitOut ?? null, loaded, scannedTo, ...first }));
    return;
  }
  console.log(
    `Wallet '${place.name}' of ${place.params.name} is in ${place.folder}, fingerprint ${kit.fingerprint}.\n`,
  );
  console.log(`${kitText(kit)}\n`);
  if (process.stdout.isTTY) console.log(kitCodes(kit));
  if (options.kitOut !== undefined) console.log(`The kit as a page to print: ${options.kitOut}`);
  if (first.address !== undefined) console.log(`Its first address, to be paid at:\n${first.address}\n`);
  if (first.mining === true) console.log('The node mines to it from now on.');
  else if (options.mine === true)
    console.error('rnt: no node has taken it up, so nothing is mined to it: start one, then rnt wallet mine.');
  if (scannedTo !== null) console.log(`The node has read the chain for it up to block ${scannedTo}.`);
  else if (!isNew) console.log('No node has taken it up: rnt start, and it reads the chain for it.');
}

/** Of a new wallet that a node has taken up. */
async function firstAddress(
  place: WalletPlace,
  mine: boolean,
): Promise<{ readonly address?: string; readonly mining?: boolean }> {
  const address = await askWallet<string>(place, 'getnewaddress');
  if (mine) await askWallet(place, 'setminingwallet', [place.name]);
  return { address, ...(mine ? { mining: true } : {}) };
}

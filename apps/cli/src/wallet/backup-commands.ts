// `rnt wallet backup`, `rnt wallet kit`, `rnt wallet show-key`.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { qrForTerminal } from '@resonancenet/keys/qr-code';
import { MAX_QR_CONTENT, qrParts } from '@resonancenet/keys/qr-parts';
import { USUAL_COST } from '@resonancenet/keys/sealed-file';
import { replaceFile } from '@resonancenet/training/write-file';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { wholeNumber } from '../options.ts';
import { NoNodeError, RpcFailure } from '../rpc-client.ts';
import { chainNow } from './block-time.ts';
import { windowsOf } from './key-windows.ts';
import { codesPage, kitCodes, kitPage, kitText, recoveryKit } from './recovery-kit.ts';
import {
  addPlaceOptions,
  addSecretsOption,
  askSigner,
  jobPlace,
  recordOf,
  type WalletPlace,
  walletPlace,
} from './wallet-place.ts';
import { askWallet } from './wallet-node.ts';

interface BackupOptions {
  readonly out?: string;
  readonly force?: boolean;
  readonly ownPassphrase?: boolean;
  readonly qr?: boolean;
  readonly qrOut?: string;
  readonly kdfMemory: number;
  readonly kdfPasses: number;
  readonly secretsFd?: number;
  readonly json?: boolean;
}

const backupHelp = `
The file is encrypted with the wallet's passphrase, or with --own-passphrase with another (the second line of --secrets-fd). It restores the whole
wallet on any machine: rnt wallet restore NAME --backup FILE. Labels, the address book and which addresses were given out are in it while a node that
has loaded the wallet is running. Its codes are read back by rnt wallet join-codes.

Examples:
  $ rnt wallet backup --out main.backup
  $ rnt wallet backup savings --out savings.backup --qr-out savings.html`;

export function addBackupCommand(wallet: Command): void {
  const command = wallet.command('backup').description('Write the encrypted backup of a wallet');
  addSecretsOption(addPlaceOptions(command.argument('[name]', 'of the wallet')))
    .option('--out <file>', 'file to write (default: NAME.backup)')
    .option('--force', 'replace a file of this name')
    .option('--own-passphrase', 'encrypt it with a passphrase of its own')
    .option('--qr', 'show it as QR codes too')
    .option('--qr-out <file>', 'write its QR codes as a page to print (HTML)')
    .option('--kdf-memory <MiB>', 'memory that guessing a passphrase takes', wholeNumber(64, 1024), 64)
    .option('--kdf-passes <n>', 'passes over that memory', wholeNumber(1, 10), USUAL_COST.passes)
    .option('--json', 'one JSON object')
    .addHelpText('after', backupHelp)
    .action(async (name: string | undefined, options: BackupOptions) => backUp(walletPlace(command, name), options));
}

async function backUp(place: WalletPlace, options: BackupOptions): Promise<void> {
  const out = resolve(options.out ?? `${place.name}.backup`);
  const notes = await notesOf(place);
  const result = await askSigner(
    {
      kind: 'backup',
      ...jobPlace(place),
      out,
      force: options.force === true,
      ownPassphrase: options.ownPassphrase === true,
      notes: notes?.notes ?? null,
      cost: { memoryKib: 1_024 * options.kdfMemory, passes: options.kdfPasses },
    },
    options.secretsFd,
  );
  const parts = options.qr === true || options.qrOut !== undefined ? partsOf(out) : [];
  if (options.qrOut !== undefined)
    replaceFile(options.qrOut, [Buffer.from(codesPage(`Backup of wallet ${place.name}`, parts))]);
  if (options.json === true) {
    const withNotes = notes !== null;
    console.log(JSON.stringify({ ...result, withNotes, codes: parts.length, qrFile: options.qrOut ?? null }));
    return;
  }
  const held = `${String(result['labels'])} labels, ${String(result['contacts'])} entries of the address book`;
  console.log(`Backup of wallet '${place.name}': ${out}, ${String(result['bytes'])} bytes; ${held}.`);
  if (notes === null)
    console.error(
      'rnt: no node has told what it keeps of the wallet: newer labels, contacts and addresses given out are not in it.',
    );
  else if (notes.omitted > 0) console.error(`rnt: ${notes.omitted} labels have no place in a backup.`);
  if (result['encrypted'] === false) console.error('rnt: it is not encrypted: whoever reads it has the coins.');
  if (options.qr !== true) return;
  for (const [index, text] of parts.entries()) console.log(`\n${index + 1} of ${parts.length}\n${qrForTerminal(text)}`);
}

interface Notes {
  /** Base64. */
  readonly notes: string;
  readonly omitted: number;
}

/** What the node keeps of the wallet; null: no node does. */
async function notesOf(place: WalletPlace): Promise<Notes | null> {
  try {
    return await askWallet<Notes>(place, 'getwalletnotes');
  } catch (error) {
    if (error instanceof NoNodeError || error instanceof RpcFailure) return null;
    throw error;
  }
}

function partsOf(path: string): readonly string[] {
  const bytes = new Uint8Array(readFileSync(path));
  if (bytes.length <= MAX_QR_CONTENT) return qrParts(bytes);
  throw new UsageError(`The backup has ${bytes.length} bytes; codes hold ${MAX_QR_CONTENT}. Keep the file.`);
}

interface KitOptions {
  readonly out?: string;
  readonly windowOut?: string;
  readonly withWords?: boolean;
  readonly secretsFd?: number;
  readonly json?: boolean;
}

const kitHelp = `
Heirs and guardians need the key windows too (--window-out): without them they cannot open what was paid to the account.

Examples:
  $ rnt wallet kit
  $ rnt wallet kit --out kit.html --window-out main.window
  $ rnt wallet kit --with-words                 and then the words, at the terminal only`;

export function addKitCommand(wallet: Command): void {
  const command = wallet.command('kit').description('Print the recovery kit: policy, guardians, heights, commands');
  addSecretsOption(addPlaceOptions(command.argument('[name]', 'of the wallet')))
    .option('--out <file>', 'write it as a page to print (HTML)')
    .option('--window-out <file>', 'write the key windows that heirs and guardians need')
    .option('--with-words', 'show the words too, at the terminal only')
    .option('--json', 'one JSON object')
    .addHelpText('after', kitHelp)
    .action(async (name: string | undefined, options: KitOptions) => printKit(walletPlace(command, name), options));
}

async function printKit(place: WalletPlace, options: KitOptions): Promise<void> {
  const record = recordOf(place);
  const kit = recoveryKit(record, place, await chainNow(place));
  if (options.out !== undefined) replaceFile(options.out, [Buffer.from(kitPage(kit))]);
  if (options.windowOut !== undefined) replaceFile(options.windowOut, windowsOf(record));
  if (options.json === true) console.log(JSON.stringify({ kit, file: options.out ?? null }));
  else {
    console.log(kitText(kit));
    if (process.stdout.isTTY) console.log(`\n${kitCodes(kit)}`);
  }
  if (options.withWords === true) await askSigner({ kind: 'show-words', ...jobPlace(place) }, options.secretsFd);
}

interface ShowKeyOptions {
  readonly account: number;
  readonly index: number;
  readonly secretsFd?: number;
  readonly json?: boolean;
}

const keyHelp = `
The key text is not secret. Give each account that you watch over a key of its own (--index), so that nobody sees that the same person watches.

Examples:
  $ rnt wallet show-key recovery                to be somebody's heir
  $ rnt wallet show-key guardian --index 3      to be somebody's guardian`;

export function addShowKeyCommand(wallet: Command): void {
  const command = wallet
    .command('show-key')
    .description("The key text by which a wallet is somebody's heir or guardian");
  const index = wholeNumber(0, 2 ** 31 - 1);
  addSecretsOption(
    addPlaceOptions(command.argument('<purpose>', 'recovery or guardian').argument('[name]', 'of the wallet')),
  )
    .option('--account <n>', 'account whose key it is', index, 0)
    .option('--index <n>', 'which of its keys', index, 0)
    .addOption(new Option('--qr', 'show it as a QR code too'))
    .option('--json', 'one JSON object')
    .addHelpText('after', keyHelp)
    .action(async (purpose: string, name: string | undefined, options: ShowKeyOptions & { readonly qr?: boolean }) => {
      if (purpose !== 'recovery' && purpose !== 'guardian')
        throw new UsageError(`'${purpose.slice(0, 40)}' is no purpose of a key: recovery or guardian.`);
      const place = walletPlace(command, name);
      const { account, index: at } = options;
      const job = { kind: 'show-key', ...jobPlace(place), branch: purpose, account, index: at } as const;
      const result = await askSigner(job, options.secretsFd);
      if (options.json === true) console.log(JSON.stringify(result));
      else console.log(String(result['key']));
      if (options.qr === true) console.log(qrForTerminal(String(result['key']).toUpperCase()));
    });
}

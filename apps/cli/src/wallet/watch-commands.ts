// `rnt wallet export-keys` and `rnt wallet watch`: a wallet whose keys are on another machine.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fromHex } from '@resonancenet/bytes/hex';
import { MAX_WINDOW_KEYS } from '@resonancenet/keys/key-window';
import type { WalletRecord } from '@resonancenet/keys/wallet-record';
import { replaceFile } from '@resonancenet/training/write-file';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { wholeNumber } from '../options.ts';
import { windowsOf } from './key-windows.ts';
import { addPlaceOptions, addSecretsOption, askSigner, jobPlace, recordOf, walletPlace } from './wallet-place.ts';
import { addVerb } from './wallet-verb.ts';

export function addWatchCommands(wallet: Command): void {
  addExportCommand(wallet);
  addWatchCommand(wallet);
}

interface ExportOptions {
  readonly out?: string;
  readonly account?: number;
  readonly first: number;
  readonly count: number;
  readonly secretsFd?: number;
  readonly json?: boolean;
}

const exportHelp = `
Keys that the wallet has made already (1,000 of each branch at the least) need no passphrase. Further ones are made from its secret: the passphrase is asked
for, or is a line on the descriptor of --secrets-fd. The file holds no secret, but whoever has it sees what the wallet has and gets.

Examples:
  $ rnt wallet export-keys cold --out cold.keys                      on the machine with the keys
  $ rnt wallet watch cold cold.keys                                  on the one with the node
  $ rnt wallet export-keys cold --out more.keys --first 1000         the next 1,000, when the watching wallet asks for them`;

function addExportCommand(wallet: Command): void {
  const command = wallet
    .command('export-keys')
    .description('Write the public keys of a wallet, for a machine that only watches');
  const index = wholeNumber(0, 2 ** 31 - 1);
  addSecretsOption(addPlaceOptions(command.argument('[name]', 'of the wallet')))
    .option('--out <file>', 'file to write (default: NAME.keys)')
    .option('--account <n>', 'of one account (default: of all)', index)
    .option('--first <n>', 'from this index on', index, 0)
    .option('--count <n>', 'so many keys of each branch', wholeNumber(1, MAX_WINDOW_KEYS), 1_000)
    .option('--json', 'one JSON object')
    .addHelpText('after', exportHelp)
    .action(async (name: string | undefined, options: ExportOptions) => {
      const place = walletPlace(command, name);
      const { first, count } = options;
      const number = options.account ?? null;
      const record = recordOf(place);
      const out = resolve(options.out ?? `${place.name}.keys`);
      const windows = hasKeys(record, number, first + count)
        ? windowsOf(record, number, first, count)
        : await madeWindows({ ...jobPlace(place), account: number, first, count }, options.secretsFd);
      replaceFile(out, windows);
      if (options.json === true) console.log(JSON.stringify({ file: out, accounts: windows.length, first, count }));
      else
        console.log(`${out}: keys ${first} to ${first + count - 1} of ${windows.length} accounts. It holds no secret.`);
    });
}

/** @throws UsageError if the wallet has no such account */
function hasKeys({ name, accounts }: WalletRecord, number: number | null, end: number): boolean {
  const wanted = accounts.filter((account) => number === null || account.number === number);
  if (wanted.length === 0) throw new UsageError(`Wallet '${name}' has no account ${number}.`);
  return wanted.every(({ receive, change }) => receive.length >= end && change.length >= end);
}

async function madeWindows(
  wanted: Omit<Extract<Parameters<typeof askSigner>[0], { readonly kind: 'export-keys' }>, 'kind'>,
  secretsFd: number | undefined,
): Promise<readonly Uint8Array[]> {
  const { windows } = await askSigner({ kind: 'export-keys', ...wanted }, secretsFd);
  return (windows as readonly string[]).map(fromHex);
}

const watchHelp = `The file is what rnt wallet export-keys (or kit --window-out) wrote where the keys are; it holds no secret. Called again with the same name, the wallet gets further keys and accounts.

It has addresses, balance and history. To pay: rntp create here, rntp sign where the keys are, rntp send here.

Examples:
  $ rnt wallet watch cold cold.keys --birth-height 12000
  $ rnt wallet rntp create rnt1q...=1.5 --wallet cold --out payment.rntp       here
  $ rnt wallet rntp sign payment.rntp --out signed.rntp                        there, without a node
  $ rnt wallet rntp send signed.rntp                                           here
  $ rnt wallet watch cold more.keys                                            further keys`;

/** In base64 they go into one request to the node. */
const MAX_FILE = 3_000_000;

interface Watched {
  readonly name: string;
  readonly fingerprint: string;
  readonly keys: readonly { readonly account: number; readonly receive: number; readonly change: number }[];
}

function addWatchCommand(wallet: Command): void {
  addVerb<{ readonly birthHeight?: number }>(wallet, {
    usage: 'watch <name> <file>',
    summary: 'Watch a wallet whose keys are on another machine, or give it further keys',
    help: watchHelp,
    options: (command) =>
      void command.option(
        '--birth-height <n>',
        'no coins of the wallet are in older blocks',
        wholeNumber(0, 2 ** 32 - 1),
      ),
    run: (ask, [name, file], { birthHeight = 0 }) => {
      const { size } = statSync(file!);
      if (size > MAX_FILE)
        throw new UsageError(`${file} has ${size} bytes; at most ${MAX_FILE} are taken at once: export fewer keys.`);
      return ask('watchaccount', { name, windows: readFileSync(file!).toString('base64'), birthheight: birthHeight });
    },
    show: ({ name, fingerprint, keys }: Watched) =>
      [
        `The node watches wallet ${fingerprint} under the name '${name}'. It has no secret of it.`,
        ...keys.map(({ account, receive, change }) => `account ${account}: ${receive} addresses, ${change} for change`),
      ].join('\n'),
  });
}

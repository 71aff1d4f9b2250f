// `rnt wallet unlock` and `rnt wallet lock`.

import { MAX_UNLOCK_SECONDS } from '@resonancenet/signer/signer-job';
import { SignerClient } from '@resonancenet/signer/signer-client';
import type { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { NoNodeError, RpcFailure } from '../rpc-client.ts';
import {
  addPlaceOptions,
  addSecretsOption,
  askSigner,
  jobPlace,
  type WalletPlace,
  walletPlace,
} from './wallet-place.ts';
import { askWallet, loadInNode } from './wallet-node.ts';

const USUAL_SECONDS = 900;

const unlockHelp = `
The passphrase is typed at the terminal, or is a line on the descriptor of --secrets-fd. A process of its own then holds the keys; locking ends it.

Examples:
  $ rnt wallet unlock                          for 15 minutes
  $ rnt wallet unlock savings --for 3600
  $ rnt wallet unlock --until-locked           signs of life need it
  $ rnt wallet unlock --secrets-fd 0 < passphrase.txt`;

interface UnlockOptions {
  readonly for: number;
  readonly untilLocked?: boolean;
  readonly secretsFd?: number;
  readonly json?: boolean;
}

export function addUnlockCommand(wallet: Command): void {
  const command = wallet.command('unlock').description('Let a wallet sign, for a time');
  addSecretsOption(addPlaceOptions(command.argument('[name]', 'of the wallet')))
    .option('--for <s>', 'seconds until it locks by itself', wholeNumber(1, MAX_UNLOCK_SECONDS), USUAL_SECONDS)
    .option('--until-locked', 'until rnt wallet lock, or the end of the machine')
    .option('--json', 'one JSON object')
    .addHelpText('after', unlockHelp)
    .action(async (name: string | undefined, options: UnlockOptions) => {
      const place = walletPlace(command, name);
      const seconds = options.untilLocked === true ? null : options.for;
      const result = await askSigner({ kind: 'unlock', ...jobPlace(place), seconds }, options.secretsFd);
      if (result['completed'] === true || (await lacksKeys(place))) await loadInNode(place);
      if (options.json === true) {
        console.log(JSON.stringify(result));
        return;
      }
      const time = seconds === null ? `until rnt wallet lock ${place.name}` : `for ${seconds} s`;
      console.log(`Wallet '${place.name}' is unlocked ${time} (process ${String(result['pid'])}).`);
      if (result['coreDumps'] === 'on')
        console.error('rnt: this system writes the memory of a process that crashes to a file, keys included.');
    });
}

/** Whether the node waits for keys that the signer can give now. */
async function lacksKeys(place: WalletPlace): Promise<boolean> {
  try {
    const { warnings } = await askWallet<{ readonly warnings: readonly string[] }>(place, 'getwalletinfo');
    return warnings.some((line) => line.includes('has no keys'));
  } catch (error) {
    if (error instanceof NoNodeError || error instanceof RpcFailure) return false;
    throw error;
  }
}

export function addLockCommand(wallet: Command): void {
  const command = wallet.command('lock').description('End the process that holds the keys');
  addPlaceOptions(command.argument('[name]', 'of the wallet'))
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExamples:\n  $ rnt wallet lock\n  $ rnt wallet lock savings --json')
    .action(async (name: string | undefined, options: { readonly json?: boolean }) => {
      const place = walletPlace(command, name);
      const wasUnlocked = await new SignerClient(place.name, place.folder).lock();
      if (options.json === true) console.log(JSON.stringify({ name: place.name, wasUnlocked }));
      else
        console.log(wasUnlocked ? `Wallet '${place.name}' is locked.` : `Wallet '${place.name}' was locked already.`);
    });
}

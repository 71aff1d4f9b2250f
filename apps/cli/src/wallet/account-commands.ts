// `rnt wallet account`: several accounts in one wallet, each with a policy of its own.

import { printPolicyText } from '@resonancenet/keys/policy-text';
import { SignerClient } from '@resonancenet/signer/signer-client';
import type { Command } from 'commander';
import { wholeNumber } from '../options.ts';
import { chainNow } from './block-time.ts';
import type { AccountInfo } from './look-commands.ts';
import { addPolicyOptions, type PolicyOptions, policyFromOptions } from './policy-options.ts';
import { choosePolicy } from './policy-wizard.ts';
import { askWallet, followScan, loadInNode, type ScanInfo } from './wallet-node.ts';
import { addPlaceOptions, addSecretsOption, askSigner, jobPlace, walletPlace } from './wallet-place.ts';
import { addVerb, table } from './wallet-verb.ts';

export function addAccountCommands(wallet: Command): void {
  const account = wallet.command('account').description('Several accounts in one wallet, each with its own policy');
  addListCommand(account);
  addAddCommand(account);
}

function addListCommand(account: Command): void {
  addVerb(account, {
    usage: 'list',
    summary: 'The accounts of a wallet: policy, addresses given out, keys that are left',
    help: 'Examples:\n  $ rnt wallet account list\n  $ rnt wallet account list --wallet savings --json',
    run: async (ask) => (await ask<{ accounts: readonly AccountInfo[] }>('getwalletinfo')).accounts,
    show: (accounts: readonly AccountInfo[]) =>
      table(
        accounts.map(({ account: number, name, policy, next, keys }) => [
          String(number),
          name,
          `${next.receive} addresses given out, ${keys.receive - next.receive} keys left`,
          policy ?? 'heir not known',
        ]),
      ),
  });
}

interface AddOptions extends PolicyOptions {
  readonly wallet?: string;
  readonly name: string;
  readonly number?: number;
  readonly used?: boolean;
  readonly secretsFd?: number;
  readonly json?: boolean;
}

const addHelp = `
The words stay the same: an account is a branch of its own of the wallet's keys. Without a strategy the three are explained and asked for. The wallet's
passphrase is asked for, or is a line on the descriptor of --secrets-fd. An unlocked wallet is locked for it; unlock it again afterwards. Make a new backup and
print the kit again (rnt wallet kit): they have one policy line for each account. Then give --account N to address, balance, send and the others.

After a restore from words --used brings back an account that there was: give its number and its policy line.

Examples:
  $ rnt wallet account add --name daily --strategy emission-return --blocks 400000
  $ rnt wallet account add --wallet savings --policy 'heartbeat(50000, 10000, rntk1q...)' --secrets-fd 0 < passphrase.txt
  $ rnt wallet account add --number 1 --used --policy 'emissionReturn(400000)'`;

function addAddCommand(account: Command): void {
  const command = account.command('add').description('Give a wallet a further account, with a policy of its own');
  command.option('--wallet <name>', 'the wallet that is meant; it may be left out while there is one');
  addPolicyOptions(addSecretsOption(addPlaceOptions(command)))
    .option('--name <text>', 'what the account is called', '')
    .option('--number <n>', 'of the account (default: the next one)', wholeNumber(0, 2 ** 31 - 1))
    .option('--used', 'the account was used before: read the chain again for it')
    .option('--json', 'one JSON object')
    .addHelpText('after', addHelp)
    .action(async (options: AddOptions) => {
      const place = walletPlace(command, options.wallet);
      const now = await chainNow(place);
      const policy = policyFromOptions(options, place.params) ?? (await choosePolicy(place.params, now, options));
      const wasUnlocked = await new SignerClient(place.name, place.folder).lock();
      const line = printPolicyText(policy, place.params.addressPrefix);
      const what = { number: options.number ?? null, accountName: options.name, policy: line };
      const made = await askSigner({ kind: 'add-account', ...jobPlace(place), ...what }, options.secretsFd);
      const loaded = await loadInNode(place);
      if (loaded && options.used === true) {
        await askWallet(place, 'rescanblockchain');
        await followScan(() => askWallet<ScanInfo>(place, 'getwalletinfo'));
      }
      if (options.json === true) {
        console.log(JSON.stringify({ ...made, policy: line, loaded, wasUnlocked }));
        return;
      }
      console.log(`Wallet '${place.name}' has account ${String(made['account'])}: ${line}`);
      if (wasUnlocked) console.log(`It is locked now: rnt wallet unlock ${place.name}`);
      console.log('Make a new backup (rnt wallet backup), and print the kit again (rnt wallet kit).');
    });
}

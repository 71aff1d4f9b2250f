// `rnt wallet`: the commands that need the terminal, because secrets are typed or shown, and those that ask the node. The signer types and shows
// secrets; this process never sees one.

import type { Command } from 'commander';
import { addAccountCommands } from './account-commands.ts';
import { addBackupCommand, addKitCommand, addShowKeyCommand } from './backup-commands.ts';
import { addCreateCommand } from './create-command.ts';
import { addContactCommands } from './contact-commands.ts';
import { addJoinCodesCommand } from './join-codes-command.ts';
import { addLookCommands } from './look-commands.ts';
import { addPayCommands } from './pay-commands.ts';
import { addRecoveryCommands } from './recovery-commands.ts';
import { addRntpCommands } from './rntp-commands.ts';
import { addRestoreCommand } from './restore-command.ts';
import { addWatchCommands } from './watch-commands.ts';
import { addLockCommand, addUnlockCommand } from './unlock-commands.ts';

export function addWalletCommands(program: Command): void {
  const wallet = program
    .command('wallet')
    .description('Make wallets, unlock them, back them up; look into them and pay by the running node');
  addCreateCommand(wallet);
  addRestoreCommand(wallet);
  addUnlockCommand(wallet);
  addLockCommand(wallet);
  addBackupCommand(wallet);
  addKitCommand(wallet);
  addJoinCodesCommand(wallet);
  addShowKeyCommand(wallet);
  addAccountCommands(wallet);
  addWatchCommands(wallet);
  addLookCommands(wallet);
  addContactCommands(wallet);
  addPayCommands(wallet);
  addRntpCommands(wallet);
  addRecoveryCommands(wallet);
}

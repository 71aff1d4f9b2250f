// `rnt dval`: validation sets that the network may take over by vote.

import type { Command } from 'commander';
import { addMakeCommand } from './make-command.ts';
import { addSendCommands } from './send-commands.ts';

export function addDvalCommands(program: Command): void {
  const group = program.command('dval').description('Make, propose and reveal validation sets');
  addMakeCommand(group);
  addSendCommands(group);
}

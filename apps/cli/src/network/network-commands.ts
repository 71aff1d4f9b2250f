// `rnt network`: networks of one's own.

import type { Command } from 'commander';
import { addCreateCommand } from './create-command.ts';

export function addNetworkCommands(program: Command): void {
  addCreateCommand(program.command('network').description('Make a network of your own'));
}

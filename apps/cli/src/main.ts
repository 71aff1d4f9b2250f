// `rnt`, the command line.

import { Command, CommanderError } from 'commander';
import { addDemoCommand } from './demo/demo-command.ts';
import { reportError } from './errors.ts';
import { addEvalCommand } from './model/eval-command.ts';
import { addExportCommand } from './model/export-command.ts';
import { addGenerateCommand } from './model/generate-command.ts';
import { addGrowCommand } from './model/grow-command.ts';
import { addInspectCommand } from './model/inspect-command.ts';
import { addTrainCommand } from './model/train-command.ts';
import { addNodeCommands } from './node/node-commands.ts';

function createProgram(): Command {
  const program = new Command('rnt')
    .description('ResonanceNet: mining is training. A node, its miner and the model that the chain carries.')
    .showHelpAfterError('(add --help for the options and examples)');
  addNodeCommands(program);
  addDemoCommand(program);
  const model = program.command('model').description('Train, evaluate and use models, with no chain and no network');
  addTrainCommand(model);
  addEvalCommand(model);
  addGenerateCommand(model);
  addGrowCommand(model);
  addInspectCommand(model);
  addExportCommand(model);
  // Wrong usage ends with 2; help and version with 0.
  const settle = (command: Command): void => {
    command.exitOverride();
    command.commands.forEach(settle);
  };
  settle(program);
  return program;
}

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else process.exitCode = reportError(error, process.argv.includes('--json'));
}

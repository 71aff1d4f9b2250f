// `rnt model`: the group of commands that work with a model alone.

import type { Command } from 'commander';
import { addEvalCommand } from './eval-command.ts';
import { addExportCommand } from './export-command.ts';
import { addGenerateCommand } from './generate-command.ts';
import { addGrowCommand } from './grow-command.ts';
import { addInspectCommand } from './inspect-command.ts';
import { addTrainCommand } from './train-command.ts';

const help = `
Examples:
  $ rnt model train --data texts/ --val val.txt --config d=128,layers=4,vocab=bytes --epochs 1 --out m.safetensors
  $ rnt model eval --checkpoint m.safetensors --data val.txt
  $ rnt model generate --checkpoint m.safetensors --prompt 'Once upon a time'`;

export function addModelCommands(program: Command): void {
  const model = program
    .command('model')
    .description('Train, evaluate and use models, with no chain and no network')
    .addHelpText('after', help);
  addTrainCommand(model);
  addEvalCommand(model);
  addGenerateCommand(model);
  addGrowCommand(model);
  addInspectCommand(model);
  addExportCommand(model);
}

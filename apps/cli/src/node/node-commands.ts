// `rnt node`, `rnt mine` and `rnt start`: the same node, for programs and for people.

import { loadDevnetCorpus } from '@resonancenet/corpus/devnet-corpus';
import { trainingText } from '@resonancenet/corpus/training-text';
import type { ResonanceNode } from '@resonancenet/node/node';
import { bigramLoss } from '@resonancenet/training/bigram';
import type { Command } from 'commander';
import { addNodeOptions, typedFlags } from './node-options.ts';
import { runNode } from './run-node.ts';

const nodeHelp = `
Settings come from flags, then the environment (RNT_LOG_LEVEL for --log-level), then rnt.conf in the data directory, then defaults.

Examples:
  $ rnt node --network devnet
  $ rnt node --mine --data 'my/texts/**/*.txt' --pay-to drnt1...
  $ rnt node --instance 2                     a second node on this machine, joined to the first
  $ rnt node --connect 192.0.2.7:29555 --archive --log-level debug`;

const startHelp = `
Examples:
  $ rnt start                                 a node that trains, mines and verifies on the embedded devnet
  $ rnt start --instance 2                    a second one beside it; it joins the first
  $ rnt start --instance 2 --no-mine          the same, and leaves the mining to others
  $ rnt start --data 'my/texts/**'            mine on your own text`;

export function addNodeCommands(program: Command): void {
  addNodeOptions(program.command('node').description('Run a node (log records on standard output)'))
    .addHelpText('after', nodeHelp)
    .action(async (_options: unknown, command: Command) => {
      process.exitCode = await runNode({ flags: typedFlags(command), human: false });
    });
  addNodeOptions(program.command('mine').description('Run a node that trains and mines (rnt node --mine)'))
    .addHelpText('after', nodeHelp)
    .action(async (_options: unknown, command: Command) => {
      process.exitCode = await runNode({ flags: { ...typedFlags(command), mine: true }, human: false });
    });
  addNodeOptions(program.command('start').description('Train and mine on the embedded devnet, and show it'))
    .option('--no-mine', 'only verify what others mine')
    .addHelpText('after', startHelp)
    .action(async (_options: unknown, command: Command) => {
      const flags = { mine: true, ...typedFlags(command) };
      process.exitCode = await runNode({ flags, human: true, onStarted: printYardstick });
    });
}

/** The loss that a bigram model of the same text reaches on the validation set in force. */
function printYardstick(node: ResonanceNode, print: (line: string) => void): void {
  const { params, data, instance } = node.config;
  if (params.vocabulary.kind !== 'bytes' || data.length > 0) return;
  const text = trainingText(loadDevnetCorpus(), instance % 2 === 1 ? 0 : 1);
  const loss = bigramLoss(text, node.validationWindows());
  print(`a byte-bigram model of the same training text has a validation loss of ${loss.toFixed(4)} nats`);
}

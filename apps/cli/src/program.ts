// The commands of `rnt`, and how they end.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { reportError } from './errors.ts';
import { endWhenOutputCloses } from './interruption.ts';

interface CommandGroup {
  /** Commands as they are typed. */
  readonly names: readonly string[];
  readonly load: () => Promise<(program: Command) => void>;
}

/** Each group is loaded when it is wanted: `rnt model` starts without loading a node. */
const groups: readonly CommandGroup[] = [
  { names: ['start', 'node', 'mine'], load: async () => (await import('./node/node-commands.ts')).addNodeCommands },
  { names: ['demo'], load: async () => (await import('./demo/demo-command.ts')).addDemoCommand },
  { names: ['rpc'], load: async () => (await import('./rpc-command.ts')).addRpcCommand },
  { names: ['model'], load: async () => (await import('./model/model-commands.ts')).addModelCommands },
  { names: ['wallet'], load: async () => (await import('./wallet/wallet-commands.ts')).addWalletCommands },
  { names: ['dval'], load: async () => (await import('./dval/dval-commands.ts')).addDvalCommands },
  { names: ['network'], load: async () => (await import('./network/network-commands.ts')).addNetworkCommands },
];

const help = `
Examples:
  $ rnt start                                   a node that trains, mines and verifies, shown to people
  $ rnt rpc getblockchaininfo                   ask the running node
  $ rnt wallet create                           a wallet, and what becomes of its coins
  $ rnt model train --data texts/ --config d=128,layers=4,vocab=bytes --epochs 1 --out m.safetensors
  $ rnt model generate --checkpoint m.safetensors --prompt 'Once upon a time'

rnt <command> --help tells more. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { readonly version: string }).version;
}

async function createProgram(wanted: string | undefined): Promise<Command> {
  const program = new Command('rnt')
    .description('ResonanceNet: mining is training. A node, its miner and the model that the chain carries.')
    .version(version(), '-V, --version', 'print the version')
    .showHelpAfterError('(add --help for the options and examples)')
    .addHelpText('after', help);
  const chosen = groups.filter(({ names }) => wanted !== undefined && names.includes(wanted));
  for (const { load } of chosen.length > 0 ? chosen : groups) (await load())(program);
  // Wrong usage ends with 2; help and version with 0.
  const settle = (command: Command): void => {
    command.exitOverride();
    command.commands.forEach(settle);
  };
  settle(program);
  return program;
}

/** Runs the command that was typed; `process.exitCode` tells how it went. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  endWhenOutputCloses();
  const json = argv.includes('--json');
  try {
    await (await createProgram(argv[2])).parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) process.exitCode = reportError(error, json);
    else if (error.exitCode !== 0) {
      // Commander has told people already.
      if (json) console.log(JSON.stringify({ error: { code: 'usage', message: error.message } }));
      process.exitCode = 2;
    }
  }
}

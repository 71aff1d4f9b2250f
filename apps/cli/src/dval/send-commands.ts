// `rnt dval propose` and `rnt dval reveal`: the running node pays and sends.

import { readSettings } from '@resonancenet/node/config/read-settings';
import { settings } from '@resonancenet/node/config/settings';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { findNode, NODE_PLACES } from '../find-node.ts';
import { typedFlags } from '../node/node-options.ts';
import { callRpc } from '../rpc-client.ts';
import { readSetFile, type SetFile } from './set-file.ts';

interface Step {
  readonly name: 'propose' | 'reveal';
  readonly description: string;
  readonly method: string;
  readonly params: (set: SetFile) => unknown;
}

const steps: readonly Step[] = [
  {
    name: 'propose',
    description: 'Propose a set that rnt dval make made; its bond comes from this node’s key',
    method: 'createproposal',
    params: ({ proposal }) => [proposal],
  },
  {
    name: 'reveal',
    description: 'Reveal a set that is locked in',
    method: 'createreveal',
    params: ({ salt, shard }) => [salt, shard],
  },
];

export function addSendCommands(group: Command): void {
  for (const step of steps) {
    const command = group
      .command(step.name)
      .description(step.description)
      .argument('<file>', 'set made by rnt dval make')
      .option('--json', 'one JSON object');
    for (const name of NODE_PLACES) command.option(`--${name} <${settings[name].value}>`, settings[name].help);
    command.action(async (path: string, options: { readonly json?: boolean }) => {
      await send(step, command, path, options.json === true);
    });
  }
}

async function send(step: Step, command: Command, path: string, json: boolean): Promise<void> {
  const set = readSetFile(path);
  const given = readSettings(typedFlags(command), process.env);
  const { target, network } = findNode(given);
  if (network !== set.network)
    throw new UsageError(`${path} is a set of network ${set.network}, the node is of ${network}.`);
  const made = (await callRpc(target, step.method, step.params(set))) as {
    readonly txid: string;
    readonly hex: string;
  };
  await callRpc(target, 'sendrawtransaction', [made.hex]);
  const { proposal } = set;
  if (json) console.log(JSON.stringify({ proposal, txid: made.txid }));
  else console.log(`${step.name}: proposal ${proposal} by transaction ${made.txid}`);
}

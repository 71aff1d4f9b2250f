// `rnt dval make`: a validation set from any text, to be proposed.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { toHex } from '@resonancenet/bytes/hex';
import { nodeConfig } from '@resonancenet/node/config/node-config';
import { readSettings } from '@resonancenet/node/config/read-settings';
import { settings } from '@resonancenet/node/config/settings';
import { cutValidationSets } from '@resonancenet/node/network/create-network';
import { replaceSecretFile } from '@resonancenet/node/secret-file';
import { dvalId, encodeDval } from '@resonancenet/params/dval';
import { proposalHash } from '@resonancenet/primitives/dval-vote';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { typedFlags } from '../node/node-options.ts';
import { prepareOut } from '../out-file.ts';
import type { SetFile } from './set-file.ts';

interface MakeOptions {
  readonly text: string;
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const help = `
Examples:
  $ rnt dval make --network devnet --text new.txt --out set.json
  $ rnt dval propose set.json                   100 RNT are locked until the set is in force
  $ rnt rpc setdvalvote for <proposal>          miners vote with their blocks
  $ rnt dval reveal set.json                    once it is locked in, and before listproposals' revealUntil

The set is cut from the end of the text. Until it is revealed nobody else may see --out, and nobody should ever have trained on that text.`;

export function addMakeCommand(group: Command): void {
  const command = group
    .command('make')
    .description('Make a validation set from any text')
    .requiredOption('--text <file>', 'text; its end becomes the set')
    .requiredOption('--out <file>', 'set and salt to write (JSON); keep it secret until it is revealed')
    .option('--force', 'replace a file of this name')
    .option('--json', 'one JSON object');
  for (const name of ['network', 'network-file'] as const)
    command.option(`--${name} <${settings[name].value}>`, settings[name].help);
  command.addHelpText('after', help).action(async (options: MakeOptions) => {
    await make(command, options);
  });
}

async function make(command: Command, options: MakeOptions): Promise<void> {
  const { params } = nodeConfig(readSettings(typedFlags(command), process.env));
  prepareOut(options.out);
  if (existsSync(options.out) && options.force !== true)
    throw new UsageError(`${options.out} exists already. Give another --out, or --force to replace it.`);
  const tokenizer = await loadTokenizer(params.vocabulary.kind);
  const { dvals } = cutValidationSets(options.text, tokenizer, params, 1);
  const shard = encodeDval(dvals[0]!);
  const salt = randomBytes(32);
  const file: SetFile = {
    network: params.name,
    dvalId: toHex(dvalId(shard)),
    proposal: toHex(proposalHash(salt, shard)),
    salt: toHex(salt),
    shard: toHex(shard),
  };
  replaceSecretFile(options.out, `${JSON.stringify(file, null, 2)}\n`);
  const { network, proposal, dvalId: id } = file;
  if (options.json === true) console.log(JSON.stringify({ out: options.out, network, proposal, dvalId: id }));
  else
    console.log(
      [
        `${options.out}: a validation set of ${network}, ${params.dval.windows} x ${params.dval.windowSize} tokens`,
        `  proposal ${proposal}`,
        `  set      ${id}`,
        `Keep the file secret until the set is revealed. Propose it: rnt dval propose ${options.out}`,
      ].join('\n'),
    );
}

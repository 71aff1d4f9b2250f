// `rnt rpc`: one question to the running node.

import { setTimeout } from 'node:timers/promises';
import { readSettings } from '@resonancenet/node/config/read-settings';
import { settings } from '@resonancenet/node/config/settings';
import type { Command } from 'commander';
import { UsageError } from './errors.ts';
import { findNode, NODE_PLACES, type WantedNode } from './find-node.ts';
import { typedFlags } from './node/node-options.ts';
import { decimal } from './options.ts';
import { addressOf, callRpc, NoNodeError, RpcFailure, WARMUP } from './rpc-client.ts';

interface RpcOptions {
  readonly named?: readonly string[];
  readonly rpcWait?: boolean;
  readonly rpcWaitTimeout: number;
  readonly json?: boolean;
}

const help = `
Parameters are JSON where they can be read so, else text. The node is found by the same settings as rnt node takes: flags, then the
environment (RNT_NETWORK for --network), then rnt.conf in the data directory.

Examples:
  $ rnt rpc help
  $ rnt rpc getblockchaininfo
  $ rnt rpc getblockhash 12 --instance 2
  $ rnt rpc generate 'Once upon a time' 40
  $ rnt rpc generate --named prompt='Once upon a time' seed=7
  $ rnt rpc --rpc-wait getblockchaininfo        right after a start`;

/** How often --rpc-wait asks. */
const askEveryMs = 250;

export function addRpcCommand(program: Command): void {
  const command = program
    .command('rpc')
    .description('Ask the running node (JSON-RPC)')
    .argument('<method>', 'method; help lists them')
    .argument('[params...]', 'parameters in their order')
    .option('--named <key=value...>', 'parameters by name, after the method')
    .option('--rpc-wait', 'wait until the node answers')
    .option('--rpc-wait-timeout <s>', 'seconds to wait with --rpc-wait; 0: without end', decimal(0, 1e9), 0)
    .option('--json', 'the result as JSON in one line, also if it is text');
  for (const name of NODE_PLACES) command.option(`--${name} <${settings[name].value}>`, settings[name].help);
  command.addHelpText('after', help).action(async (method: string, params: string[], options: RpcOptions) => {
    const node = findNode(readSettings(typedFlags(command), process.env));
    const result = await ask(node, method, parameters(params, options.named), options);
    print(result, options.json === true);
  });
}

/** JSON where the text is JSON. Long digits stay text: a block id may consist of them, and a number would lose most. */
function parseValue(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' && text.length > 16 ? text : value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return text;
  }
}

function parameters(positional: readonly string[], named: readonly string[] | undefined): unknown {
  if (named === undefined) return positional.map(parseValue);
  if (positional.length > 0)
    throw new UsageError(
      `Give parameters either in their order (${positional.join(' ')}) or with --named, which stands after the method.`,
    );
  const pairs = named.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--named ${text}: give key=value, for example --named height=12.`);
    return [text.slice(0, at), parseValue(text.slice(at + 1))] as const;
  });
  return Object.fromEntries(pairs);
}

function isWorthWaiting(error: unknown): boolean {
  return error instanceof NoNodeError || (error instanceof RpcFailure && error.code === WARMUP);
}

async function ask(node: WantedNode, method: string, params: unknown, options: RpcOptions): Promise<unknown> {
  const until = options.rpcWaitTimeout > 0 ? performance.now() + 1000 * options.rpcWaitTimeout : Infinity;
  for (;;) {
    try {
      return await callRpc(node.target, method, params);
    } catch (error) {
      if (options.rpcWait !== true || !isWorthWaiting(error) || performance.now() >= until)
        throw error instanceof NoNodeError ? withAdvice(error, node) : error;
    }
    await setTimeout(askEveryMs);
  }
}

/** The same error with what to do about it. */
export function withAdvice(error: NoNodeError, { target, start }: WantedNode): NoNodeError {
  const which = 'with --data-dir, --network, --instance or --rpc-port';
  const advice =
    error.code === 'no-node'
      ? `Start it with ${start}, or say which node is meant ${which}. (Asked: ${addressOf(target)}.)`
      : `Say which node is meant ${which}.`;
  return new NoNodeError(error.code, `${error.message} ${advice}`, { cause: error });
}

function print(result: unknown, json: boolean): void {
  if (typeof result === 'string' && !json) console.log(result);
  else console.log(JSON.stringify(result ?? null, null, json ? 0 : 2));
}

// A command of `rnt wallet` that asks the node: one method, at the path of the wallet.

import { readSettings } from '@resonancenet/node/config/read-settings';
import type { Command } from 'commander';
import { findNode } from '../find-node.ts';
import { typedFlags } from '../node/node-options.ts';
import { wholeNumber } from '../options.ts';
import { withAdvice } from '../rpc-command.ts';
import { callRpc, NoNodeError } from '../rpc-client.ts';
import { addPlaceOptions, type WalletPlace, walletPlace } from './wallet-place.ts';

export type Json = Readonly<Record<string, unknown>>;

interface VerbOptions {
  readonly wallet?: string;
  readonly json?: boolean;
}

/** Asks the node about the wallet that is meant. */
export type Ask = <T>(method: string, params?: unknown) => Promise<T>;

export type Offline = (place: WalletPlace, method: string, params: unknown) => Promise<unknown>;

export interface Verb<O> {
  /** As it is typed, with its arguments: `send <address> <amount>`. */
  readonly usage: string;
  readonly summary: string;
  /** Lines after the options. */
  readonly help: string;
  /** Options beside those that all have. */
  readonly options?: (command: Command) => void;
  /** What `--json` prints. */
  readonly run: (ask: Ask, args: readonly string[], options: O, command: Command) => Promise<unknown>;
  /** Answers what a node would, where none does; undefined: only a node can. */
  readonly offline?: Offline;
  /** The same for people. */
  readonly show: (result: never, args: readonly string[]) => string;
}

/** Adds a verb, with the options that say which wallet of which node. */
export function addVerb<O extends object = object>(parent: Command, verb: Verb<O>): void {
  const [name, ...args] = verb.usage.split(' ');
  const command = parent.command(name!).description(verb.summary);
  for (const argument of args) command.argument(argument);
  command.option('--wallet <name>', 'the wallet that is meant; it may be left out while one is loaded');
  verb.options?.(command);
  addPlaceOptions(command)
    .option('--json', 'the result as JSON in one line')
    .addHelpText('after', `\n${verb.help}`)
    .action(async (...given: unknown[]) => {
      const texts = given.slice(0, args.length).flat() as (string | undefined)[];
      const typed = texts.filter((text) => text !== undefined);
      const options = command.opts<O & VerbOptions>();
      const result = await verb.run(askOf(command, options.wallet, verb.offline), typed, options, command);
      console.log(options.json === true ? JSON.stringify(result ?? null) : verb.show(result as never, typed));
    });
}

function askOf(command: Command, wallet: string | undefined, offline: Offline | undefined): Ask {
  const node = findNode(readSettings(typedFlags(command), process.env));
  const path = wallet === undefined ? '/' : `/wallet/${encodeURIComponent(wallet)}`;
  return async <T>(method: string, params: unknown = []) => {
    try {
      return (await callRpc(node.target, method, params, path)) as T;
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
      const answer = await offline?.(walletPlace(command, wallet), method, params);
      if (answer !== undefined) return answer as T;
      throw withAdvice(error, node);
    }
  };
}

export function addAccountOption(command: Command, usual = 'the first'): void {
  command.option('--account <n>', `number of the account (default: ${usual})`, wholeNumber(0, 2 ** 31 - 1));
}

/** Without what was not given. */
export function given(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Rows of text with columns of equal width. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  ');
  return rows.map(line).join('\n');
}

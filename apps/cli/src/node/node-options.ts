// The node's settings as options of a command: one table for flags, environment and file (apps/node/src/config/settings.ts).

import type { Flags } from '@resonancenet/node/config/read-settings';
import { defaults, type SettingName, settings } from '@resonancenet/node/config/settings';
import { type Command, Option } from 'commander';

const names = Object.keys(settings) as SettingName[];

/** Adds an option for every setting. Values stay text; the node's own reader checks them and names the flag. */
export function addNodeOptions(command: Command): Command {
  for (const name of names) {
    const { kind, help, value } = settings[name];
    const shown: unknown = name in defaults ? defaults[name as keyof typeof defaults] : undefined;
    const hint = shown === undefined || kind === 'list' || kind === 'boolean' ? '' : ` (default ${String(shown)})`;
    const flag = kind === 'boolean' ? `--${name}` : `--${name} <${value ?? 'value'}>`;
    const option = new Option(flag, `${help}${hint}`);
    if (kind === 'list') option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
    command.addOption(option);
    if (kind === 'boolean' && shown === true) command.addOption(new Option(`--no-${name}`, `not: ${help}`));
  }
  return command;
}

/** What was typed, by setting name; commander gives camel case, and `true` for a `--no-` option that was not typed. */
export function typedFlags(command: Command): Flags {
  const typed: Record<string, string | boolean | readonly string[]> = {};
  for (const name of names) {
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (command.getOptionValueSource(key) !== 'cli') continue;
    typed[name] = command.getOptionValue(key) as string | boolean | readonly string[];
  }
  return typed as Flags;
}

// Flags, environment and configuration file -> one set of settings, with errors that name the place.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaults, type SettingName, type SettingValues, settings } from './settings.ts';

export class ConfigError extends Error {
  readonly code = 'config';
}

export type Flags = Readonly<Partial<Record<SettingName, string | boolean | readonly string[]>>>;
export type PartialSettings = Partial<SettingValues> & typeof defaults;

const names = Object.keys(settings) as SettingName[];

/** Name of a setting in the environment: RNT_LOG_LEVEL for log-level. */
export function environmentName(name: SettingName): string {
  return `RNT_${name.toUpperCase().replaceAll('-', '_')}`;
}

function parseText(name: SettingName, given: string, place: string): unknown {
  switch (settings[name].kind) {
    case 'boolean':
      if (['1', 'true', 'yes', 'on'].includes(given.toLowerCase())) return true;
      if (['0', 'false', 'no', 'off'].includes(given.toLowerCase())) return false;
      throw new ConfigError(`${place}: '${given}' is neither yes nor no.`);
    case 'number':
      return given.trim() === '' ? Number.NaN : Number(given);
    case 'list':
      return given.split(',').map((part) => part.trim());
    case 'text':
      return given;
  }
}

function checked(name: SettingName, value: unknown, place: string): unknown {
  const result = settings[name].schema.safeParse(value);
  if (result.success) return result.data;
  const reason = result.error.issues[0]?.message ?? 'not understood';
  throw new ConfigError(
    `${place}: ${JSON.stringify(value)} is not right (${reason}). It is for: ${settings[name].help}.`,
  );
}

/** Settings of a file of lines `name = value`; `#` begins a comment. */
export function parseConfigFile(content: string, path: string): Partial<SettingValues> {
  const values: Record<string, unknown> = {};
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const body = line.replace(/#.*/, '').trim();
    if (body === '') continue;
    const place = `${path}, line ${index + 1}`;
    const at = body.indexOf('=');
    const name = (at < 0 ? body : body.slice(0, at)).trim() as SettingName;
    if (at < 0) throw new ConfigError(`${place}: '${body}' is not of the form name = value.`);
    if (!names.includes(name))
      throw new ConfigError(`${place}: there is no setting '${name}'. There are: ${names.join(', ')}.`);
    if (name === 'data-dir')
      throw new ConfigError(`${place}: data-dir cannot stand in the file that lies in it; give --data-dir.`);
    if (name in values && settings[name].kind !== 'list') throw new ConfigError(`${place}: ${name} stands twice.`);
    const value = checked(name, parseText(name, body.slice(at + 1).trim(), place), place);
    values[name] =
      settings[name].kind === 'list'
        ? [...((values[name] as string[] | undefined) ?? []), ...(value as string[])]
        : value;
  }
  return values as Partial<SettingValues>;
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Partial<SettingValues> {
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const given = environment[environmentName(name)];
    if (given !== undefined && given !== '')
      values[name] = checked(name, parseText(name, given, environmentName(name)), environmentName(name));
  }
  return values as Partial<SettingValues>;
}

function fromFlags(flags: Flags): Partial<SettingValues> {
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const given = flags[name];
    if (given === undefined) continue;
    values[name] = checked(name, typeof given === 'string' ? parseText(name, given, `--${name}`) : given, `--${name}`);
  }
  return values as Partial<SettingValues>;
}

/**
 * All settings in their order of precedence: flags, environment, `rnt.conf` in the data directory, defaults.
 * @throws ConfigError naming the flag, variable or line
 */
export function readSettings(flags: Flags, environment: Readonly<Record<string, string | undefined>>): PartialSettings {
  const typed = { ...fromEnvironment(environment), ...fromFlags(flags) };
  const path = join(typed['data-dir'] ?? defaults['data-dir'], 'rnt.conf');
  const file = existsSync(path) ? parseConfigFile(readFileSync(path, 'utf8'), path) : {};
  return { ...defaults, ...file, ...typed } as PartialSettings;
}

// How a signer's process is started: no core file where the system can be told, no debugger by signal, and nothing in its environment that could make
// the engine write memory to files.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** All else in the environment stays outside. */
const KEPT = [
  'PATH',
  'HOME',
  'TERM',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'USERPROFILE',
];

const flags = ['--disable-warning=ExperimentalWarning', '--disable-sigusr1'];

export type SignerStdio = 'inherit' | 'ignore' | 'pipe' | number;

export interface SignerSpawn {
  /** Descriptors from 0 on. */
  readonly stdio: readonly SignerStdio[];
  /** Lives on without whoever started it. */
  readonly detached: boolean;
}

export function spawnSigner({ stdio, detached }: SignerSpawn): ChildProcess {
  const env = Object.fromEntries(
    KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  const options = { stdio: [...stdio], detached, env, windowsHide: true };
  const command = [process.execPath, ...flags, main];
  if (process.platform === 'win32') return spawn(command[0]!, command.slice(1), options);
  return spawn('/bin/sh', ['-c', 'ulimit -c 0; exec "$@"', 'rnt-signer', ...command], options);
}

// npm as a user's shell starts it: the settings that npm hands down to its own scripts stay out.

import { spawnSync } from 'node:child_process';

/**
 * Runs npm in a folder and returns what it printed.
 * @throws Error with its messages
 */
export function runNpm(args: readonly string[], cwd: string): string {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(config_(?!userconfig)|lifecycle|package)/i.test(name)),
  );
  const script = process.env['npm_execpath'];
  const result =
    script?.endsWith('.js') === true
      ? spawnSync(process.env['npm_node_execpath'] ?? process.execPath, [script, ...args], {
          cwd,
          env,
          encoding: 'utf8',
        })
      : spawnSync('npm', [...args], { cwd, env, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.status !== 0)
    throw new Error(`npm ${args.join(' ')} failed:\n${result.stderr ?? ''}${result.error?.message ?? ''}`);
  return result.stdout;
}

import { spawnSync } from 'node:child_process';

/**
 * What to put before a command so that the permissions of files bind it, for tests of folders that may not be written: nothing for an
 * ordinary account; for root, who may write everywhere, `setpriv` takes the capabilities away. Undefined where neither is so: skip the test.
 */
export function boundByPermissions(): readonly string[] | undefined {
  if (process.platform === 'win32') return undefined;
  if (process.getuid?.() !== 0) return [];
  const prefix = ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--'];
  return spawnSync(prefix[0]!, [...prefix.slice(1), 'true']).status === 0 ? prefix : undefined;
}

export const NOT_BOUND = 'permissions of files do not bind this account, and there is no setpriv to change that';

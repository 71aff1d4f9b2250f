// Whether a crash of this process would leave its memory, and with it the keys, in a file.

import { readFileSync } from 'node:fs';

/** `unknown` where the system does not tell. */
export function coreDumps(): 'off' | 'on' | 'unknown' {
  if (process.platform !== 'linux') return 'unknown';
  const limit = /^Max core file size\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === '0' ? 'off' : 'on';
}

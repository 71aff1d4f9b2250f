// `npm run format`: brings all sources into the project's form and applies the safe fixes of the linter.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './workspaces.ts';

const result = spawnSync(
  process.execPath,
  [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--write', '.'],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
process.exit(result.status ?? 1);

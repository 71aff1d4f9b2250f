#!/usr/bin/env node
// `rnt`: starts the command line under the pinned Node, whichever Node the shell finds first.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPinnedNode, nodeFlags } from '../../../bootstrap/pinned-node.mjs';

const node = findPinnedNode();
if (node === null) {
  console.error('The pinned Node is not installed. Run `npm start` (or `npm run build`) once in the project folder.');
  process.exit(1);
}
const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'main.ts');
const child = spawn(node, [...nodeFlags, main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + (signal === 'SIGINT' ? 2 : 15)));

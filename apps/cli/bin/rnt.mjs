#!/usr/bin/env node
// `rnt`: starts the command line under the pinned Node, whichever Node the shell finds first.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
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
// A terminal hands Ctrl-C to the child itself; elsewhere a signal reaches this process alone and is passed on.
const atTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !atTerminal) child.kill(signal);
  });
child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));

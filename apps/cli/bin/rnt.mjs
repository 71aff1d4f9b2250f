#!/usr/bin/env node
// `rnt`: starts the command line under the pinned Node, whichever Node the shell finds first.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPinnedNode, nodeFlags } from '../../../bootstrap/pinned-node.mjs';
import { runInstead } from '../../../bootstrap/run-child.mjs';

const node = findPinnedNode();
if (node === null) {
  console.error('The pinned Node is not installed. Run `npm start` (or `npm run build`) once in the project folder.');
  process.exit(1);
}
const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src', 'main.ts');
runInstead(node, [...nodeFlags, main, ...process.argv.slice(2)]);

// `rnt` in the project and in the package that is made of it. Plain JavaScript for Node >= 18.
import { fileURLToPath } from 'node:url';
import { findPinnedNode, nodeFlags, pinnedVersion } from './pinned-node.mjs';
import { runInstead } from './run-child.mjs';

/** Runs a program of ours under the pinned Node, with this process's arguments; `remedy` says how that Node is installed. */
export function launch(main, remedy) {
  const node = findPinnedNode();
  if (node === null) {
    console.error(
      `Node ${pinnedVersion()}, which this program runs on, is not installed for ${process.platform}-${process.arch}. ${remedy}`,
    );
    process.exit(1);
  }
  runInstead(node, [...nodeFlags, fileURLToPath(main), ...process.argv.slice(2)]);
}

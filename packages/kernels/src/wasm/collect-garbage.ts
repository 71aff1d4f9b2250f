// V8 does not count the pages of a shared WebAssembly memory when it decides to collect garbage: closed models of hundreds of MiB would pile up until something else
// fills the heap. So whoever closes one asks for a collection.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major'; execution: 'async' }) => Promise<void>;

/** Collects all garbage, in a task of its own so that nothing on the stack keeps memory alive. Some 5 to 20 ms on a small heap. */
export async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  await collect({ type: 'major', execution: 'async' });
}

// The bar: 1,000 junk headers a second from 4 peers for 60 s; memory grows by less than 50 MiB, an honest block is accepted within 5 s.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Junk } from './hostile.ts';
import { runFlood } from './flood.ts';
import { seeds } from './world.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of heap and buffers that are in use after a collection. */
function inUse(): number {
  collect();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

const cases: readonly (readonly [string, Junk, number, boolean])[] = [
  ['valid headers, discouraged after the first flood', 'tree', 1000, false],
  ['valid headers, from hosts that come back at once', 'tree', 1000, true],
  ['valid headers, just below every rate', 'tree', 60, false],
  ['headers without parents, from hosts that come back at once', 'orphans', 1000, true],
  ['wrong signatures, from hosts that come back at once', 'unsigned', 1000, true],
];

for (const [title, kind, perSecond, trusted] of cases)
  test(`flood of 60 s: ${title}`, () => {
    let before = 0;
    let most = 0;
    const report = runFlood({
      seed: seeds(1, 50_000)[0]!,
      kind,
      perSecond,
      seconds: 60,
      peers: 4,
      trusted,
      onSecond: (second) => {
        if (second === 1) before = inUse();
        if (second % 10 === 0) most = Math.max(most, inUse() - before);
      },
    });
    const grown = Math.round(most / 2 ** 20);
    console.log(`${title}: memory grew by ${grown} MiB; ${JSON.stringify(report)}`);
    assert.ok(most < 50 * 2 ** 20, `memory grew by ${grown} MiB`);
    assert.ok(report.slowestBlockMs <= 5000, JSON.stringify(report));
    assert.ok(report.honestBlocks >= 10, JSON.stringify(report));
  });

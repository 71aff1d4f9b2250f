// Memory of a node over longer times (issue bars).

import { test } from 'node:test';
import { assertWithstood, describeFlood, flood } from '../support/flood-scenario.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = process.platform === 'linux' ? false : 'memory is read from /proc';

for (const [where, oneHost] of [
  ['new hosts', false],
  ['one host, the node’s own machine', true],
] as const) {
  test(`a minute of 1,000 junk headers a second from four peers on ${where} costs less than 50 MiB, and honest blocks pass within 5 s`, {
    skip,
  }, async (context) => {
    const report = await flood({ folder: tempFolder('flood'), seconds: 60, headersPerSecond: 1000, oneHost });
    context.diagnostic(describeFlood(report));
    assertWithstood(report, 50_000);
  });
}

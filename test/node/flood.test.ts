// Junk headers by the thousand (issue bar): the short form; memory.slow.test.ts has the whole minute.

import { test } from 'node:test';
import { assertWithstood, describeFlood, flood } from '../support/flood-scenario.ts';
import { tempFolder } from '../support/temp-folder.ts';

const seconds = 8;

test('a node under 1,000 junk headers a second from four peers keeps its memory, and takes honest blocks within 5 s', {
  skip: process.platform === 'linux' ? false : 'memory is read from /proc',
}, async (context) => {
  const report = await flood({ folder: tempFolder('flood'), seconds, headersPerSecond: 1000, oneHost: false });
  context.diagnostic(describeFlood(report));
  assertWithstood(report, (seconds - 1) * 1000);
});

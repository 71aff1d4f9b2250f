// A node whose fast code computes something else (docs/adr/0004): it says so and goes on with the plain code.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeProcess } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait.ts';

const miscompiler = new URL('../support/miscompiler.ts', import.meta.url).href;

test('a node with a miscompiling compiler raises an alarm and stays on the chain of the others', async () => {
  const wrong = await NodeProcess.start({
    dataDir: tempFolder('miscompiled'),
    environment: { NODE_OPTIONS: `--import ${miscompiler}` },
  });
  const right = await NodeProcess.start({ dataDir: tempFolder('compiled'), connect: [wrong.address] });
  const [, second] = await wrong.mine(2);
  await right.untilTip(second!);
  const [third] = await right.mine(1);
  await wrong.untilTip(third!);
  const alarms = await waitFor(async () => (await wrong.info()).alarms.filter((alarm) => /plain code/.test(alarm))[0], {
    what: () => `an alarm\n${wrong.tail()}`,
  });
  assert.match(alarms, /the definition gives \d+\..*is not used.*Report this/s);
  assert.deepEqual((await right.info()).alarms, []);
  await Promise.all([wrong.stop(), right.stop()]);
});

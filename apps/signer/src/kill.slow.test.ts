import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWhileBackingUp, killWhileCreating, seededRandom } from './testing/kill-trials.ts';

test('200 signers are killed at random instants: no half file, no lost key', async (context) => {
  const creating = await killWhileCreating(100, seededRandom(20_261_128));
  const backingUp = await killWhileBackingUp(100, seededRandom(20_261_129));
  context.diagnostic(`creating ${JSON.stringify(creating)}, backing up ${JSON.stringify(backingUp)}`);
  // Kills that all fall before or all after the work would prove nothing.
  for (const counts of [creating, backingUp])
    assert.ok(counts.before >= 20 && counts.after >= 3, JSON.stringify(counts));
});

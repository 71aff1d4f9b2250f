import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWhileAddingAccounts, killWhileBackingUp, killWhileCreating, seededRandom } from './testing/kill-trials.ts';

test('200 signers are killed at random instants: no half file, no lost key', async (context) => {
  const creating = await killWhileCreating(100, seededRandom(20_261_128));
  const backingUp = await killWhileBackingUp(100, seededRandom(20_261_129));
  context.diagnostic(`creating ${JSON.stringify(creating)}, backing up ${JSON.stringify(backingUp)}`);
  // Kills that all fall before or all after the work would prove nothing.
  for (const counts of [creating, backingUp])
    assert.ok(counts.before >= 20 && counts.after >= 3, JSON.stringify(counts));
});

test('100 signers are killed while they add accounts: none is lost, and the record is mended', async (context) => {
  const counts = await killWhileAddingAccounts(100, seededRandom(20_261_130));
  context.diagnostic(JSON.stringify(counts));
  assert.ok(counts.before >= 20 && counts.whole >= 5, JSON.stringify(counts));
});

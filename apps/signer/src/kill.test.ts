import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killWhileAddingAccounts, killWhileBackingUp, killWhileCreating, seededRandom } from './testing/kill-trials.ts';

test('a signer that is killed while it makes a wallet leaves a whole one or none', async () => {
  const { before, after } = await killWhileCreating(2, seededRandom(1));
  assert.equal(before + after, 2);
});

test('a signer that is killed while it makes a backup leaves the old one or the new one', async () => {
  const { before, after } = await killWhileBackingUp(2, seededRandom(2));
  assert.equal(before + after, 2);
});

test('a signer that is killed while it adds an account loses none', async () => {
  const { before, after } = await killWhileAddingAccounts(2, seededRandom(3));
  assert.equal(before + after, 2);
});

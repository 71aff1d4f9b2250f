import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveWithBranches, makeTree } from './testing/ledger-branches.ts';

test('over random branches every table is what the active chain gives, and the same as before at the same tip', () => {
  const tree = makeTree(30);
  let disconnected = 0;
  for (let seed = 1; seed <= 50; seed++) disconnected += liveWithBranches(tree, seed, 40);
  assert.ok(disconnected > 60, `the lives were too dull: ${disconnected} blocks were disconnected`);
});

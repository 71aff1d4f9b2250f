import assert from 'node:assert/strict';
import { test } from 'node:test';
import { liveWithBranches, makeTree } from './testing/ledger-branches.ts';

test('over a thousand random lives every table is what the active chain gives', () => {
  const tree = makeTree(60);
  let disconnected = 0;
  for (let seed = 1_001; seed <= 2_000; seed++) disconnected += liveWithBranches(tree, seed, 70);
  assert.ok(disconnected > 5_000, `the lives were too dull: ${disconnected} blocks were disconnected`);
});

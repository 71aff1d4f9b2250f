import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import { live, liveWithBranches, makeTree } from './testing/ledger-branches.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { makeSpendingTree, spendingParams, spendingTables } from './testing/spending-blocks.ts';

test('over 700 random lives every table is what the active chain gives', () => {
  const tree = makeTree(60);
  let disconnected = 0;
  for (let seed = 1_001; seed <= 1_700; seed++) disconnected += liveWithBranches(tree, seed, 70);
  assert.ok(disconnected > 1_500, `the lives were too dull: ${disconnected} blocks were disconnected`);
});

test('over 300 random lives with the rules of the ledger too', () => {
  let disconnected = 0;
  for (let round = 0; round < 30; round++) {
    const tree = makeSpendingTree(40, 100 + round);
    const expected = spendingTables(tree);
    for (let seed = 10 * round; seed < 10 * round + 10; seed++) {
      const node = new MachineDriver({ params: spendingParams, options: { transactionIndex: seed % 2 === 0 } });
      const life = { node, tree, random: seededRandom(seed), steps: 90, expected, name: `tree ${round}, seed ${seed}` };
      disconnected += live(life);
    }
  }
  assert.ok(disconnected > 500, `the lives were too dull: ${disconnected} blocks were disconnected`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import { live, liveWithBranches, makeTree } from './testing/ledger-branches.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { makeSpendingTree, spendingParams, spendingTables } from './testing/spending-blocks.ts';

test('over random branches every table is what the active chain gives, and the same as before at the same tip', () => {
  const tree = makeTree(30);
  let disconnected = 0;
  for (let seed = 1; seed <= 40; seed++) disconnected += liveWithBranches(tree, seed, 40);
  assert.ok(disconnected > 50, `the lives were too dull: ${disconnected} blocks were disconnected`);
});

test('the same with the rules of the ledger and blocks that hold transactions, some of them wrong', () => {
  const tree = makeSpendingTree(28, 3);
  const expected = spendingTables(tree);
  let disconnected = 0;
  let refused = 0;
  let highest = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const node = new MachineDriver({ params: spendingParams, options: { transactionIndex: seed % 2 === 0 } });
    const life = { node, tree, random: seededRandom(seed), steps: 70, expected, name: `seed ${seed}` };
    disconnected += live(life);
    refused += node.all('refused').filter(({ code }) => /^tx-|^body-coinbase-amount/.test(code)).length;
    highest = Math.max(highest, node.height);
  }
  assert.ok(
    disconnected > 10 && refused > 1 && highest > 4,
    `${disconnected} undone, ${refused} refused, ${highest} high`,
  );
});

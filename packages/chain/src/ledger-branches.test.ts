import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import { live, liveWithBranches, makeTree, ReorganisationTally } from './testing/ledger-branches.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { makeRivalTree, makeSpendingTree, spendingParams, spendingTables } from './testing/spending-blocks.ts';

test('over random branches every table is what the active chain gives, and the same as before at the same tip', () => {
  const tree = makeTree(30);
  const tally = new ReorganisationTally();
  for (let seed = 1; seed <= 40; seed++) tally.add(liveWithBranches(tree, seed, 40));
  assert.ok(tally.total > 25, `the lives were too dull: ${tally}`);
});

test('the same with the rules of the ledger and blocks that hold transactions, some of them wrong', () => {
  const tally = new ReorganisationTally();
  let refused = 0;
  let highest = 0;
  for (const [round, tree] of [makeSpendingTree(28, 3), makeRivalTree(28, 4, spendingParams.finalityDepth)].entries()) {
    const expected = spendingTables(tree);
    for (let seed = 1; seed <= 5; seed++) {
      const node = new MachineDriver({ params: spendingParams, options: { transactionIndex: seed % 2 === 0 } });
      const name = `tree ${round}, seed ${seed}`;
      tally.add(live({ node, tree, random: seededRandom(seed), steps: 70, expected, name }));
      refused += node.all('refused').filter(({ code }) => /^tx-|^body-coinbase-amount/.test(code)).length;
      highest = Math.max(highest, node.height);
    }
  }
  assert.ok(tally.total > 10 && tally.deepest > 2 && refused > 1 && highest > 4, `${tally}; ${refused} refused`);
});

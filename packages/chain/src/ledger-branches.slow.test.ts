import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@resonancenet/consensus/testing/sample-chain';
import { live, liveWithBranches, makeTree, ReorganisationTally } from './testing/ledger-branches.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import { makeRivalTree, spendingParams, spendingTables } from './testing/spending-blocks.ts';

test('over 1,000 reorganisations in random lives every table is what the active chain gives', (t) => {
  const tree = makeTree(60);
  const tally = new ReorganisationTally();
  for (let seed = 1_001; tally.total < 1_000; seed++) {
    assert.ok(seed < 3_000, `the lives are too dull: ${tally}`);
    tally.add(liveWithBranches(tree, seed, 70));
  }
  t.diagnostic(`${tally}`);
});

test('over 1,000 reorganisations of up to the finality depth, with the rules of the ledger too', (t) => {
  const { finalityDepth } = spendingParams;
  const tally = new ReorganisationTally();
  for (let round = 0; tally.total < 1_000 || tally.depths.get(finalityDepth) === undefined; round++) {
    assert.ok(round < 200, `the lives are too dull: ${tally}`);
    const tree = makeRivalTree(40, 100 + round, finalityDepth);
    const expected = spendingTables(tree);
    for (let seed = 10 * round; seed < 10 * round + 5; seed++) {
      const node = new MachineDriver({ params: spendingParams, options: { transactionIndex: seed % 2 === 0 } });
      const random = seededRandom(seed);
      tally.add(live({ node, tree, random, steps: 90, expected, name: `tree ${round}, seed ${seed}` }));
    }
  }
  t.diagnostic(`${tally}`);
  for (let depth = 1; depth <= finalityDepth; depth++)
    assert.ok((tally.depths.get(depth) ?? 0) > 0, `none of ${depth} blocks: ${tally}`);
});

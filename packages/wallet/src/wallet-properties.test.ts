import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { describeRun, WalletPlay } from './testing/wallet-play.ts';

test('random wallets, payments, bumps, heartbeats, returns and reorganisations keep every balance exact to one resonance', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const play = new WalletPlay(seed);
      play.run(40);
      for (const [what, count] of play.tally) seen.set(what, (seen.get(what) ?? 0) + count);
    }),
    // These two see every kind of step by themselves; the others are new each time.
    { numRuns: 8, examples: [[8], [9]] },
  );
  for (const what of ['paid', 'sent all', 'bumped', 'undone', 'returned', 'refused', 'locked'])
    assert.ok((seen.get(what) ?? 0) > 0, `${what}: ${describeRun(seen)}`);
});

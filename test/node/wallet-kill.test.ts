import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@resonancenet/signer/testing/kill-trials';
import { WalletKillPlay } from '../support/wallet-kill-play.ts';

// The long form, 200 kills at all points and at any moment, is wallet-kill.slow.test.ts.
test('a node that is killed between noting a payment and sending it pays once', async () => {
  const play = await WalletKillPlay.make(seededRandom(7), 12);
  try {
    await play.trial({ kind: 'point', point: 'payment-recorded', count: 1, action: 'send' });
    assert.equal(play.tally.points.get('payment-recorded'), 1);
    assert.equal(play.tally.made, 1);
  } finally {
    await play.close();
  }
});

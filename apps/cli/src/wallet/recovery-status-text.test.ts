import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccountStatus, accountStatusText } from './recovery-status-text.ts';

const quiet: AccountStatus = {
  account: 0,
  policy: 'heartbeat(90, 10, rrntk1q)',
  policyType: 'heartbeat',
  policyBlocks: 100,
  watched: false,
  unlocked: true,
  lastSign: null,
  next: 50,
  blocksLeft: 51,
  secondsLeft: 51 * 86_400,
  reminder: 'none',
  deadlines: [{ height: 101, amount: '1.5', coins: 2, secondsLeft: 51 * 86_400 }],
  rights: [
    { party: 'owner', deed: 'spend', from: 50, until: null, amount: null, secondsLeft: 0 },
    { party: 'heir', deed: 'claim', from: 101, until: null, amount: '1.5', secondsLeft: 51 * 86_400 },
  ],
  heartbeat: { due: 51 },
  waiting: null,
  trouble: null,
  announcement: null,
  meaning: 'in short',
};

test('a heartbeat account: deadline in blocks and days, what owner and heir can do, what the wallet does', () => {
  const text = accountStatusText(quiet);
  assert.match(text, /^account 0: heartbeat\(90, 10, rrntk1q\)\n/);
  assert.match(text, /deadline +block 101, in 51 blocks, about 51 days: 1\.5 RNT in 2 coins/);
  assert.match(text, /owner +can pay and give signs of life from now on, as long as the coins are there/);
  assert.match(
    text,
    /heir +can take 1\.5 RNT from block 101 on \(in 51 blocks, about 51 days\), unless a sign of life/,
  );
  assert.match(text, /this wallet +is unlocked; sends a sign of life by itself from block 51 on/);
  assert.doesNotMatch(text, /!/);
});

test('what is urgent stands first; why nothing is sent is told', () => {
  const trouble = "Wallet 'a' is locked";
  const text = accountStatusText({ ...quiet, unlocked: false, reminder: 'tenth', heartbeat: { due: 50 }, trouble });
  assert.match(text, /^account 0: .*\n {2}! LESS THAN A TENTH OF THE TIME IS LEFT\n/);
  assert.match(text, /is locked; sends a sign of life by itself with the next block, while it is unlocked/);
  assert.match(text, /! a sign of life is due and is not sent: Wallet 'a' is locked/);
});

test('emission return: what it takes and when, and the last block for the owner', () => {
  const text = accountStatusText({
    ...quiet,
    policy: 'emissionReturn(100)',
    policyType: 'emissionReturn',
    rights: [
      { party: 'owner', deed: 'spend', from: 50, until: 100, amount: null, secondsLeft: 0 },
      { party: 'network', deed: 'return', from: 101, until: null, amount: '1.5', secondsLeft: 90 },
    ],
  });
  assert.match(text, /owner +can pay .* from now on, the last time in block 100/);
  assert.match(
    text,
    /network +takes 1\.5 RNT back into the emission in block 101 \(in 51 blocks, about 90 s\), for good/,
  );
});

test('social: an announcement, until when the owner can stop it, and from when on guardians can claim', () => {
  const text = accountStatusText({
    ...quiet,
    policy: 'social(6, 2, a, b)',
    policyType: 'social',
    deadlines: [],
    heartbeat: null,
    watched: true,
    announcement: { height: 48, destination: 'rrnt1q', opens: 54 },
    rights: [
      { party: 'owner', deed: 'cancel', from: 50, until: 53, amount: null, secondsLeft: 0 },
      { party: 'guardians', deed: 'claim', from: 54, until: null, amount: null, secondsLeft: 4 },
    ],
  });
  assert.match(text, /! THE GUARDIANS HAVE ANNOUNCED A RECOVERY in block 48, to rrnt1q/);
  assert.match(text, /owner +can stop the guardians: rnt wallet recovery cancel, in time up to block 53/);
  assert.match(text, /guardians +can take the coins from block 54 on \(in 4 blocks, about 4 s\)\n/);
  assert.match(text, /this wallet +watches only/);
  assert.doesNotMatch(text, /deadline/);
});

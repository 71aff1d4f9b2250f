import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@resonancenet/signer/testing/kill-trials';
import { WALLET_CRASH_POINTS, type WalletCrashPoint } from '@resonancenet/storage/crash-point';
import { KILL_ACTIONS, type KillAction, type KillPlan, WalletKillPlay } from '../support/wallet-kill-play.ts';

const TRIALS = 200;
/** Nodes at a time. */
const PLAYS = 2;

/** During what a point is passed. */
function actionAt(point: WalletCrashPoint, number: number): KillAction {
  if (point.startsWith('payment-')) return 'send';
  if (point === 'wallet-undo') return 'reorganise';
  return point === 'wallet-cleared' ? 'rescan' : KILL_ACTIONS[number % KILL_ACTIONS.length]!;
}

/** Half at the points in turn, a third at any moment, the rest signers. */
function planOf(number: number, random: () => number): KillPlan {
  const turn = number % 6;
  if (turn === 5) return { kind: 'signer' };
  if (turn >= 3) return { kind: 'moment', action: KILL_ACTIONS[Math.floor(number / 3) % KILL_ACTIONS.length]! };
  const at = Math.floor(number / 6) * 3 + turn;
  const point = WALLET_CRASH_POINTS[at % WALLET_CRASH_POINTS.length]!;
  const round = Math.floor(at / WALLET_CRASH_POINTS.length);
  // Writes are many: those of the first three are hit.
  const count = point.startsWith('wallet-write') ? 1 + Math.floor(random() * 3) : 1;
  return { kind: 'point', point, count, action: actionAt(point, round) };
}

test(`${TRIALS} kills while wallets pay, give out addresses, rescan and take blocks back: nothing twice, nothing lost, no half file`, async (context) => {
  const started = performance.now();
  const random = seededRandom(20_261_130);
  const plans = Array.from({ length: TRIALS }, (_, number) => planOf(number, random));
  const plays: WalletKillPlay[] = [];
  try {
    while (plays.length < PLAYS) plays.push(await WalletKillPlay.make(random, 40));
    await Promise.all(
      plays.map(async (play) => {
        for (let plan = plans.shift(); plan !== undefined; plan = plans.shift()) await play.trial(plan);
      }),
    );
  } finally {
    await Promise.all(plays.map((play) => play.close()));
  }
  const minutes = (performance.now() - started) / 60_000;
  for (const { tally } of plays)
    context.diagnostic(JSON.stringify({ ...tally, points: Object.fromEntries(tally.points) }));
  context.diagnostic(`${TRIALS} trials in ${minutes.toFixed(1)} minutes`);
  for (const point of WALLET_CRASH_POINTS) {
    const hits = plays.reduce((sum, { tally }) => sum + (tally.points.get(point) ?? 0), 0);
    assert.ok(hits >= 4, `${point} was hit ${hits} times`);
  }
  const sum = (pick: (play: WalletKillPlay) => number): number => plays.reduce((all, play) => all + pick(play), 0);
  // Kills that all fall before or all after the work would prove nothing.
  assert.ok(sum(({ tally }) => tally.moments) >= 20, 'kills in the middle');
  const unanswered = sum(({ tally }) => tally.unanswered);
  const made = sum(({ tally }) => tally.made);
  assert.ok(made >= 10 && unanswered - made >= 10, `${made} of ${unanswered} payments without an answer were made`);
});

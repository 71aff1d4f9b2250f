// Simulations behind docs/adr/0003-fork-choice.md. They print its tables; the assertions hold what the record claims.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playHoldBack, strategies } from './testing/hold-back-game.ts';
import { bestOf, noise } from './testing/noisy-progress.ts';
import { playPartition } from './testing/partition-game.ts';
import { seededRandom } from './testing/sample-chain.ts';
import { playTheft, playWithheldBranch } from './testing/theft-game.ts';

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** Part of the heights that a miner wins honestly against equal rivals. */
function honestShare(rivals: number, strength: number, sigma: number): number {
  const random = seededRandom(17);
  let won = 0;
  const rounds = 20_000;
  for (let i = 0; i < rounds; i += 1) {
    if (strength * noise(random, sigma) > bestOf(rivals, 1, sigma, random)) won += 1;
  }
  return won / rounds;
}

test('partitions that heal below finality end on one tip when outages are known, and often split when they are not', () => {
  const trials = 500;
  console.log('healed partitions: sides, sigma, jitter | depth 1, 2, 3, 6 without | with known outages');
  for (const sides of [
    [1, 1],
    [3, 2],
    [4, 1],
  ] as const) {
    for (const [sigma, jitter] of [
      [0.2, 0.05],
      [0.2, 0.3],
      [0.5, 0.3],
    ] as const) {
      const rate = (depth: number, outageKnown: boolean): number => {
        let healed = 0;
        for (let seed = 1; seed <= trials; seed += 1) {
          if (playPartition({ sides, sigma, jitter, depth, outageKnown, seed }) !== null) healed += 1;
        }
        return healed / trials;
      };
      const without = [1, 2, 3, 6].map((depth) => rate(depth, false));
      const known = [1, 2, 3, 6].map((depth) => rate(depth, true));
      console.log(
        `${sides.join('|')}, ${sigma}, ${jitter} | ${without.map(percent).join(', ')} | ${known.map(percent).join(', ')}`,
      );
      assert.deepEqual(known, [1, 1, 1, 1]);
      assert.ok(without[3]! < 0.95);
    }
  }
});

test('copying revealed blocks pays nobody but a miner that wins most heights anyway', () => {
  const trials = 4000;
  console.log(
    'theft, sigma 0.3, 5 rivals: honest share | gain over honest mining for 1, 3, 6 copied blocks | the same without the rule',
  );
  for (const strength of [0.8, 1, 1.2, 1.4, 1.7, 2]) {
    const share = honestShare(5, strength, 0.3);
    const ratio = (copied: number, lateRule: boolean): number => {
      let blocks = 0;
      let heights = 0;
      for (let seed = 1; seed <= trials; seed += 1) {
        const result = playTheft({ rivals: 5, strength, sigma: 0.3, copied, lateRule, seed });
        blocks += result.blocks;
        heights += result.heights;
      }
      return heights === 0 ? Infinity : blocks / heights / share;
    };
    const guarded = [1, 3, 6].map((copied) => ratio(copied, true));
    const open = [1, 3, 6].map((copied) => ratio(copied, false));
    console.log(
      `${percent(share)} | ${guarded.map((r) => r.toFixed(2)).join(', ')} | ${open.map((r) => r.toFixed(2)).join(', ')}`,
    );
    assert.ok(
      open.every((r) => r === Infinity),
      'without the rule a copy wins at once',
    );
    if (share < 0.4)
      assert.ok(
        guarded.every((r) => r < 1),
        `theft pays a miner that wins ${percent(share)} of heights`,
      );
  }
});

test('the best hold-back strategy is answering rivals’ headers; what it gains is in the record', () => {
  console.log('hold-back: rivals, strength, sigma | strategy: blocks, scaled reward, progress');
  for (const [rivals, strength] of [
    [1, 1],
    [4, 1],
    [9, 1],
    [4, 0.5],
    [4, 2],
  ] as const) {
    for (const sigma of [0.1, 0.3, 0.6]) {
      const setting = { rivals, strength, sigma, relativeGain: 0.002, rounds: 20_000, seed: 23 };
      const results = Object.entries(strategies).map(
        ([name, strategy]) => [name, playHoldBack(strategy, setting)] as const,
      );
      const words = results.map(
        ([name, r]) => `${name} ${percent(r.blocks)} ${percent(r.scaled)} ${r.progress.toFixed(2)}`,
      );
      console.log(`${rivals}, ${strength}, ${sigma} | ${words.join('; ')}`);
      const best = results.reduce((a, b) => (b[1].blocks > a[1].blocks ? b : a));
      const honest = results[0]![1];
      assert.ok(
        best[0] === 'snipe' || best[1].blocks < honest.blocks + 0.01,
        `${best[0]} at ${rivals}, ${strength}, ${sigma}`,
      );
    }
  }
});

test('a branch mined in secret is worth less than the same blocks published', () => {
  const trials = 20_000;
  console.log(
    'withheld branch, sigma 0.3, 5 rivals: honest share | chance to win with 1, 2, 3, 5 withheld blocks | the same without the rule',
  );
  for (const strength of [1, 1.2, 1.4, 1.7]) {
    const share = honestShare(5, strength, 0.3);
    const chance = (withheld: number, lateRule: boolean): number => {
      let won = 0;
      for (let seed = 1; seed <= trials; seed += 1) {
        if (playWithheldBranch({ rivals: 5, strength, sigma: 0.3, withheld, lateRule, seed })) won += 1;
      }
      return won / trials;
    };
    const guarded = [1, 2, 3, 5].map((withheld) => chance(withheld, true));
    const open = [1, 2, 3, 5].map((withheld) => chance(withheld, false));
    console.log(`${percent(share)} | ${guarded.map(percent).join(', ')} | ${open.map(percent).join(', ')}`);
    if (share < 0.6) assert.ok(guarded.every((won) => won < share));
  }
});

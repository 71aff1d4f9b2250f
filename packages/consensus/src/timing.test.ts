import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parameterCount } from '@resonancenet/model/shape';
import { devnet } from '@resonancenet/params/devnet';
import { mainnet } from '@resonancenet/params/mainnet';
import { regtest } from '@resonancenet/params/regtest';
import { testnet } from '@resonancenet/params/testnet';
import { shapeAt } from './growth.ts';
import { earliestCandidacyMs, futureAllowance, minSpacing, stallInterval } from './timing.ts';

test('spacing is the base up to 2^27 parameters', () => {
  assert.equal(minSpacing(shapeAt(0n, mainnet), mainnet), 600);
  assert.equal(minSpacing(shapeAt(0n, testnet), testnet), 60);
  assert.equal(minSpacing(shapeAt(0n, devnet), devnet), 2);
  assert.equal(minSpacing(shapeAt(0n, regtest), regtest), 0);
});

test('spacing doubles with the first shape above 2^27 parameters', () => {
  let growth = 0n;
  while (parameterCount(shapeAt(growth + 2n, mainnet)) <= 134_217_728) growth += 2n;
  assert.equal(minSpacing(shapeAt(growth, mainnet), mainnet), 600);
  assert.equal(minSpacing(shapeAt(growth + 2n, mainnet), mainnet), 1200);
});

test('exactly 2^27 parameters still have the base, the next count has twice that', () => {
  // Shapes are free numbers here: (V + 1) d + L (...) with L = 0 leaves V d + d, so that any even count can be reached.
  assert.equal(parameterCount({ vocab: 2 ** 26 - 1, width: 2, layers: 0 }), 2 ** 27);
  assert.equal(minSpacing({ vocab: 2 ** 26 - 1, width: 2, layers: 0 }, mainnet), 600);
  assert.equal(minSpacing({ vocab: 2 ** 26, width: 2, layers: 0 }, mainnet), 1200);
});

test('at the cap a mainnet block has 95 spacings', () => {
  const cap = shapeAt(6000n, mainnet);
  assert.equal(Math.ceil(parameterCount(cap) / 2 ** 27), 95);
  assert.equal(minSpacing(cap, mainnet), 57_000);
});

test('the stall interval is the longer of its base and six spacings', () => {
  assert.equal(stallInterval(shapeAt(0n, mainnet), mainnet), 21_600);
  assert.equal(stallInterval(shapeAt(0n, testnet), testnet), 3600);
  assert.equal(stallInterval(shapeAt(0n, devnet), devnet), 60);
  assert.equal(stallInterval(shapeAt(0n, regtest), regtest), 60);
  assert.equal(stallInterval(shapeAt(6000n, mainnet), mainnet), 342_000);
});

test('a block may be a tenth of its spacing ahead, at least 2 s', () => {
  assert.deepEqual([0, 2, 19, 20, 29, 30, 600, 57_000].map(futureAllowance), [2, 2, 2, 2, 2, 3, 60, 5700]);
});

test('a block is a candidate half a spacing after its parent was at hand', () => {
  assert.equal(earliestCandidacyMs(10_000, 600), 310_000);
  assert.equal(earliestCandidacyMs(10_000, 2), 11_000);
  assert.equal(earliestCandidacyMs(10_000, 0), 10_000);
});

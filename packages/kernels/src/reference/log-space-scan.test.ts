import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomWord, signedUnit } from '@resonancenet/model/integer-prng';
import { scanForward } from './f64-ops.ts';
import { blellochScan, logSpaceScan } from './log-space-scan.ts';

test('the scan in log space agrees with the scan in order of time', () => {
  for (const steps of [1, 2, 3, 63, 64, 65, 500]) {
    const az = Float64Array.from({ length: steps }, (_, t) => 4 * signedUnit(randomWord(1, steps, t)) - 1);
    const ah = Float64Array.from({ length: steps }, (_, t) => 3 * signedUnit(randomWord(2, steps, t)));
    const saved = { z: new Float64Array(steps), c: new Float64Array(steps), h: new Float64Array(steps) };
    scanForward(saved, az, ah, 1, steps);
    const parallel = logSpaceScan(az, ah);
    // |A| grows with T, and the error of its exponential with it
    const bound = 1e-13 * (1 + steps);
    for (let t = 0; t < steps; t++) assert.ok(Math.abs(parallel[t]! / saved.h[t]! - 1) < bound, `T=${steps}, t=${t}`);
  }
});

test('the scan in log space stands gates that are almost shut or open', () => {
  const az = Float64Array.of(-40, 40, -700, 700, -40);
  const ah = Float64Array.of(5, -30, 2, 0, 1);
  const saved = { z: new Float64Array(5), c: new Float64Array(5), h: new Float64Array(5) };
  scanForward(saved, az, ah, 1, 5);
  const parallel = logSpaceScan(az, ah);
  for (let t = 0; t < 5; t++) assert.ok(Math.abs(parallel[t]! - saved.h[t]!) < 1e-10 * saved.h[t]! + 1e-15, `t=${t}`);
});

test('the parallel prefix keeps the order of a combination that does not commute', () => {
  // x -> the later operand unless it is 0: associative, not commutative
  const later = (a: number, b: number): number => (b === 0 ? a : b);
  const values = Float64Array.of(3, 0, 0, 5, 0, 7, 0);
  assert.deepEqual([...blellochScan(values, later, 0)], [3, 3, 3, 5, 5, 7, 7]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RollingMinimum } from './rolling-minimum.ts';

const HOUR = 3_600_000;

test('RollingMinimum asks for a step more than what was put out, and holds it until a block comes', () => {
  const minimum = new RollingMinimum(1000n);
  assert.equal(minimum.rate(1, 0), 0n);
  minimum.raise(7000n, 0);
  assert.equal(minimum.rate(1, 100 * HOUR), 8000n);
  minimum.raise(6999n, 1);
  assert.equal(minimum.rate(1, 100 * HOUR), 8000n, 'a lower rate changes nothing');
});

test('RollingMinimum falls by half in twelve hours, quicker in an emptier pool, and ends below half a step', () => {
  const minimum = new RollingMinimum(1000n);
  minimum.raise(7000n, 0);
  minimum.block(5 * HOUR);
  assert.equal(minimum.rate(0.5, 17 * HOUR), 4000n);
  assert.equal(minimum.rate(0.5, 17 * HOUR), 4000n, 'asking changes nothing');
  assert.equal(minimum.rate(0.25, 23 * HOUR), 2000n);
  assert.equal(minimum.rate(0.24, 26 * HOUR), 1000n);
  assert.equal(minimum.rate(0.24, 29 * HOUR), 500n);
  assert.equal(minimum.rate(0.24, 29 * HOUR + 60_000), 0n);
  assert.equal(minimum.rate(1, 29 * HOUR), 0n, 'once it is gone it stays so');
});

test('RollingMinimum stops falling when it is raised again', () => {
  const minimum = new RollingMinimum(1000n);
  minimum.raise(1000n, 0);
  minimum.block(0);
  minimum.raise(9000n, HOUR);
  assert.equal(minimum.rate(1, 50 * HOUR), 10_000n);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { checkEvaluation, checkParentEvaluation } from './evaluation-checks.ts';
import { explain } from './explain.ts';
import { aggregateLoss } from './loss.ts';

// Regtest: 4 windows of 32.
const claimed = [9_000_000, 8_000_000, 7_000_000, 6_000_000];
const header = { valLoss: aggregateLoss(claimed, 32).valLoss, parentLoss: aggregateLoss(claimed, 32).valLoss };

test('windows that agree, in any order and number, are accepted', () => {
  assert.deepEqual(checkEvaluation(header, claimed, [], regtest), { ok: true });
  const evaluated = [2, 0, 3, 1].map((window) => ({ window, sum: claimed[window]! }));
  assert.deepEqual(checkEvaluation(header, claimed, evaluated, regtest), { ok: true });
});

test('a window one quantum off is refused, in both directions, with what the loss is at least', () => {
  for (const difference of [-1, 1]) {
    const computed = claimed[0]! + difference;
    const evaluated = [
      { window: 2, sum: claimed[2]! },
      { window: 0, sum: computed },
    ];
    const verdict = checkEvaluation(header, claimed, evaluated, regtest);
    assert.equal(verdict.ok ? '' : verdict.code, 'evaluation-window-sum');
    assert.deepEqual(verdict.ok ? null : verdict.facts, {
      window: 0,
      claimed: 9_000_000,
      computed,
      claimedLoss: 3_576_279,
      lossAtLeast: Math.ceil(((16_000_000 + difference) * 1_000_000) / (128 * 65_536)),
      evaluatedWindows: 2,
      windows: 4,
    });
  }
});

test('the words of a refusal hold both numbers: at least X while windows are missing, X itself when all are known', () => {
  const early = checkEvaluation(header, claimed, [{ window: 0, sum: 9_500_000 }], regtest);
  assert.match(
    early.ok ? '' : explain(early),
    /claimed to be 3576279 .* 1 of 4 windows alone make it at least 1132489 /,
  );
  const sums = [9_500_000, ...claimed.slice(1)];
  const all = [1, 2, 3, 0].map((window) => ({ window, sum: sums[window]! }));
  const late = checkEvaluation(header, claimed, all, regtest);
  const truth = aggregateLoss(sums, 32).valLoss;
  assert.match(late.ok ? '' : explain(late), new RegExp(`claimed to be 3576279 .*, it is ${truth} `));
});

test('a value that is not finite is refused whatever was claimed', () => {
  const verdict = checkEvaluation(header, claimed, [{ window: 3, sum: null }], regtest);
  assert.equal(verdict.ok ? '' : verdict.code, 'evaluation-non-finite');
  assert.deepEqual(verdict.ok ? null : verdict.facts, { window: 3 });
});

test('parent_loss on a new D_val is what the parent’s checkpoint has there, to the micro-nat', () => {
  assert.deepEqual(checkParentEvaluation(header, claimed, 1, regtest), { ok: true });
  for (const difference of [-1, 1]) {
    const verdict = checkParentEvaluation({ parentLoss: header.parentLoss + difference }, claimed, 1, regtest);
    assert.equal(verdict.ok ? '' : verdict.code, 'evaluation-parent-loss');
    assert.deepEqual(verdict.ok ? null : verdict.facts, {
      claimed: header.parentLoss + difference,
      computed: header.parentLoss,
    });
  }
});

test('where the parent’s checkpoint has no loss on the new D_val, parent_loss is twice its own, at most 64 nats', () => {
  for (const [valLoss, expected] of [
    [3_000_000, 6_000_000],
    [31_999_999, 63_999_998],
    [32_000_001, 64_000_000],
  ] as const) {
    assert.deepEqual(checkParentEvaluation({ parentLoss: expected }, null, valLoss, regtest), { ok: true });
    for (const difference of [-1, 1]) {
      const verdict = checkParentEvaluation({ parentLoss: expected + difference }, null, valLoss, regtest);
      assert.equal(verdict.ok ? '' : verdict.code, 'evaluation-parent-loss');
    }
  }
});

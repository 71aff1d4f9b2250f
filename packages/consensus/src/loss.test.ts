import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { hash } from '@resonancenet/crypto/hash';
import fc from 'fast-check';
import { aggregateLoss, maxWindowSum, valLossOf } from './loss.ts';
import { type LossNode, lossBranch, lossRoot, rootOfLossBranch } from './loss-root.ts';

test('val_loss is the mean in micro-nats, rounded up', () => {
  // One nat is 65,536 quanta: 4 windows of 32 targets at one nat each.
  const nat = 32 * 65_536;
  assert.deepEqual(aggregateLoss([nat, nat, nat, nat], 32), { total: 4n * 2_097_152n, valLoss: 1_000_000 });
  // One quantum more is 1 / (128 * 65,536) of a nat, 0.119 micro-nats: the ceiling shows it, one less does not.
  assert.equal(aggregateLoss([nat + 1, nat, nat, nat], 32).valLoss, 1_000_001);
  assert.equal(aggregateLoss([nat - 1, nat, nat, nat], 32).valLoss, 1_000_000);
  assert.equal(aggregateLoss([nat - 9, nat, nat, nat], 32).valLoss, 999_999);
  assert.equal(aggregateLoss([0, 0, 0, 0], 32).valLoss, 0);
  assert.equal(aggregateLoss([0, 0, 0, 1], 32).valLoss, 1);
});

test('the largest loss is 64 nats on any size, and its total needs more than 32 bits', () => {
  assert.equal(maxWindowSum(256), 1_073_741_824);
  const windows = new Uint32Array(512).fill(maxWindowSum(256));
  assert.deepEqual(aggregateLoss(windows, 256), { total: 549_755_813_888n, valLoss: 64_000_000 });
  assert.equal(maxWindowSum(1023) < 2 ** 32, true);
  assert.equal(maxWindowSum(1024) < 2 ** 32, false);
});

test('sums that no window can have are a bug of the caller', () => {
  assert.throws(() => aggregateLoss([maxWindowSum(32) + 1], 32), AssertionFailure);
  assert.throws(() => aggregateLoss([-1], 32), AssertionFailure);
  assert.throws(() => aggregateLoss([0.5], 32), AssertionFailure);
  assert.throws(() => aggregateLoss([], 32), AssertionFailure);
});

test('a part of the total is a lower bound of val_loss', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(maxWindowSum(32)), { minLength: 1, maxLength: 8 }), fc.nat(8), (sums, cut) => {
      const whole = aggregateLoss(sums, 32);
      const part = sums.slice(0, cut).reduce((sum, s) => sum + BigInt(s), 0n);
      const bound = valLossOf(part, sums.length * 32);
      const tokens = BigInt(sums.length * 32);
      // ceil: val_loss - 1 < mean <= val_loss, in integers.
      const scaled = whole.total * 1_000_000n;
      const exact = BigInt(whole.valLoss) * tokens * 65_536n;
      return bound <= whole.valLoss && scaled <= exact && exact - scaled < tokens * 65_536n;
    }),
    { seed: 5 },
  );
});

const u32 = (value: number): Uint8Array => Uint8Array.from([0, 8, 16, 24], (shift) => (value / 2 ** shift) & 255);
const u64 = (value: number): Uint8Array =>
  Uint8Array.from([...u32(value % 2 ** 32), ...u32(Math.floor(value / 2 ** 32))]);
const leaf = (sum: number): Uint8Array => hash(0x07, u32(sum));
const node = (a: Uint8Array, x: number, b: Uint8Array, y: number): Uint8Array => hash(0x08, a, u64(x), b, u64(y));

test('the loss root is the Merkle-sum tree of EVAL-13, an odd node carried up', () => {
  assert.equal(toHex(lossRoot([5]).hash), toHex(leaf(5)));
  const big = 2 ** 32 - 1;
  const left = node(leaf(big), big, leaf(2), 2);
  const root = node(left, big + 2, leaf(3), 3);
  assert.equal(toHex(lossRoot([big, 2, 3]).hash), toHex(root));
  assert.equal(lossRoot([big, 2, 3]).sum, BigInt(big) + 5n);
});

test('order, count and every sum change the root', () => {
  const roots = [
    [1, 2, 3],
    [2, 1, 3],
    [1, 2, 3, 3],
    [1, 2],
    [1, 2, 4],
    [1, 3, 2],
  ].map((sums) => toHex(lossRoot(sums).hash));
  assert.equal(new Set(roots).size, roots.length);
});

test('a branch of any window leads to the root, and no other sum, place or tree does', () => {
  for (const windows of [1, 2, 3, 4, 5, 7, 8, 13]) {
    const sums = Array.from({ length: windows }, (_, i) => 1000 + 37 * i);
    const root = lossRoot(sums);
    const isRoot = (found: LossNode | null): boolean =>
      found !== null && toHex(found.hash) === toHex(root.hash) && found.sum === root.sum;
    for (let index = 0; index < windows; index += 1) {
      const branch = lossBranch(sums, index);
      assert.ok(isRoot(rootOfLossBranch(sums[index]!, index, windows, branch)), `${index} of ${windows}`);
      assert.ok(!isRoot(rootOfLossBranch(sums[index]! + 1, index, windows, branch)));
      for (let other = 0; other < windows; other += 1) {
        if (other !== index) assert.ok(!isRoot(rootOfLossBranch(sums[index]!, other, windows, branch)));
      }
      assert.equal(rootOfLossBranch(sums[index]!, index, windows, [...branch, root]), null);
      if (branch.length > 0) {
        assert.equal(rootOfLossBranch(sums[index]!, index, windows, branch.slice(1)), null);
        const shifted = branch.map((sibling, i) => (i === 0 ? { ...sibling, sum: sibling.sum + 1n } : sibling));
        assert.ok(!isRoot(rootOfLossBranch(sums[index]!, index, windows, shifted)));
      }
    }
  }
});

test('hostile branches are refused without an exception', () => {
  const good = lossBranch([1, 2], 0);
  const sibling = good[0]!;
  assert.equal(rootOfLossBranch(2 ** 32, 0, 2, good), null);
  assert.equal(rootOfLossBranch(-1, 0, 2, good), null);
  assert.equal(rootOfLossBranch(1, 2, 2, good), null);
  assert.equal(rootOfLossBranch(1, -1, 2, good), null);
  assert.equal(rootOfLossBranch(1, 0, 2, [{ ...sibling, sum: 2n ** 64n }]), null);
  assert.equal(rootOfLossBranch(1, 0, 2, [{ ...sibling, sum: -1n }]), null);
  assert.equal(rootOfLossBranch(1, 0, 2, [{ ...sibling, hash: new Uint8Array(31) }]), null);
  const huge = { ...sibling, sum: 2n ** 63n - 1n };
  assert.equal(rootOfLossBranch(1, 0, 8, [huge, huge, huge]), null);
});

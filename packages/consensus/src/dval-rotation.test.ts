import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { devnet } from '@resonancenet/params/devnet';
import { mainnet } from '@resonancenet/params/mainnet';
import {
  dvalChanges,
  dvalDeadline,
  expectedDval,
  isReserve,
  isStalled,
  nextReserve,
  proposedLossBounds,
} from './dval-rotation.ts';
import { withGenesis } from './testing/sample-chain.ts';

const params = withGenesis(devnet);
const ids = params.genesis.constants!.dvalIds;

function parentOn(index: number, height = 8): Parameters<typeof expectedDval>[0] {
  return { height, timestamp: 1000n, growth: 16n, dvalId: fromHex(ids[index]!) };
}

function next(index: number, seconds: number): string {
  return toHex(expectedDval(parentOn(index), 1000n + BigInt(seconds), params));
}

test('the parent’s D_val stays until four stall intervals have passed, to the second', () => {
  // Devnet's interval is 60 s.
  assert.equal(dvalDeadline(parentOn(0), params), 1240n);
  assert.equal(next(0, 2), ids[0]);
  assert.equal(next(0, 239), ids[0]);
  assert.equal(next(0, 240), ids[1]);
  assert.equal(next(0, 10_000_000), ids[1]);
});

test('the list of D_vals is cyclic', () => {
  assert.equal(next(1, 240), ids[2]);
  assert.equal(next(2, 240), ids[0]);
});

test('block 1 is evaluated on the first D_val however late it comes', () => {
  const genesis = parentOn(0, 0);
  assert.equal(dvalDeadline(genesis, params), null);
  assert.equal(toHex(expectedDval(genesis, 10n ** 12n, params)), ids[0]);
});

test('on mainnet the deadline is a day, and twice 4 spacings per 2^27 parameters later on', () => {
  const network = withGenesis(mainnet);
  assert.equal(dvalDeadline({ height: 1, timestamp: 0n, growth: 2n }, network), 86_400n);
  assert.equal(dvalDeadline({ height: 5000, timestamp: 0n, growth: 10_000n }, network), 4n * 342_000n);
});

test('a parent on a D_val that is not of the network is a bug', () => {
  const parent = { ...parentOn(0), dvalId: new Uint8Array(32) };
  assert.throws(() => expectedDval(parent, 1240n, params), AssertionFailure);
});

test('a change of D_val is seen by comparing ids', () => {
  assert.equal(dvalChanges(parentOn(0), parentOn(0)), false);
  assert.equal(dvalChanges(parentOn(0), parentOn(1)), true);
});

test('a block is stalled from the deadline’s second on, block 1 never', () => {
  assert.equal(isStalled(parentOn(0), 1239n, params), false);
  assert.equal(isStalled(parentOn(0), 1240n, params), true);
  assert.equal(isStalled(parentOn(0, 0), 10n ** 12n, params), false);
});

test('the next reserve is the one after the last in force, and never the set in force', () => {
  const [first, second, third] = ids.map(fromHex) as [Uint8Array, Uint8Array, Uint8Array];
  const proposed = new Uint8Array(32).fill(0xbb);
  assert.deepEqual(nextReserve(first, proposed, params), second);
  assert.deepEqual(nextReserve(third, proposed, params), first);
  assert.deepEqual(nextReserve(first, first, params), second);
  // The set in force came from a proposal with the bytes of the next reserve.
  assert.deepEqual(nextReserve(first, second, params), third);
  assert.deepEqual(nextReserve(second, third, params), first);
  assert.deepEqual(
    [first, second, third, proposed].map((id) => isReserve(id, params)),
    [true, true, true, false],
  );
});

test('the bounds of a proposed set’s loss are half, rounded up, and twice', () => {
  assert.deepEqual(proposedLossBounds(10), { least: 5, most: 20 });
  assert.deepEqual(proposedLossBounds(11), { least: 6, most: 22 });
  assert.deepEqual(proposedLossBounds(0), { least: 0, most: 0 });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { devnet } from '@resonancenet/params/devnet';
import { growtest } from '@resonancenet/params/growtest';
import { mainnet } from '@resonancenet/params/mainnet';
import { regtest } from '@resonancenet/params/regtest';
import { MAX_LAYERS, MAX_WIDTH } from '@resonancenet/params/protocol-constants';
import { MAX_LAYERS as MODEL_LAYERS, MAX_WIDTH as MODEL_WIDTH } from '@resonancenet/model/shape';
import { type GrowthParent, nextGrowth, shapeAt, stallGrowth } from './growth.ts';

/** Width and layers after so many blocks in steady progress, on mainnet. */
function mainnetAfter(blocks: number): readonly [width: number, layers: number] {
  let parent: GrowthParent = { height: 0, timestamp: 0n, growth: 0n };
  let shape = shapeAt(0n, mainnet);
  for (let height = 1; height <= blocks; height += 1) {
    const timestamp = parent.timestamp + 600n;
    const next = nextGrowth(parent, timestamp, mainnet);
    assert.equal(next.stagnation, 0);
    parent = { height, timestamp, growth: next.growth };
    shape = next.shape;
  }
  return [shape.width, shape.layers];
}

test('the first rows of the white paper’s table 4 hold exactly', () => {
  assert.deepEqual(mainnetAfter(0), [384, 6]);
  assert.deepEqual(mainnetAfter(100), [584, 7]);
  assert.deepEqual(mainnetAfter(500), [1384, 13]);
});

test('steady progress reaches the width cap at block 1,856 and the layer cap at block 2,688', () => {
  // growth is 2 a block here: 3,712 dimensions are 1,856 blocks, 42 layers of 128 are 2,688 blocks.
  assert.deepEqual(shapeAt(2n * 1855n, mainnet).width, 4094);
  assert.deepEqual(shapeAt(2n * 1856n, mainnet).width, 4096);
  assert.deepEqual(shapeAt(2n * 1857n, mainnet).width, 4096);
  assert.deepEqual(shapeAt(2n * 2687n, mainnet).layers, 47);
  assert.deepEqual(shapeAt(2n * 2688n, mainnet).layers, 48);
  assert.deepEqual(shapeAt(2n ** 64n - 1n, mainnet), { vocab: 50_257, baseWidth: 384, width: 4096, layers: 48 });
});

test('odd growth waits for its second half before the width grows', () => {
  assert.equal(shapeAt(0n, growtest).width, 16);
  assert.equal(shapeAt(1n, growtest).width, 16);
  assert.equal(shapeAt(2n, growtest).width, 18);
  assert.equal(shapeAt(3n, growtest).width, 18);
  assert.equal(shapeAt(127n, growtest).layers, 1);
  assert.equal(shapeAt(128n, growtest).layers, 2);
});

test('regtest counts growth but keeps its shape', () => {
  const next = nextGrowth({ height: 5, timestamp: 0n, growth: 1_000_000n }, 1n, regtest);
  assert.equal(next.growth, 1_000_002n);
  assert.deepEqual([next.shape.width, next.shape.layers], [16, 1]);
});

test('devnet stops growing at 128 x 4', () => {
  assert.deepEqual(
    [shapeAt(63n, devnet).width, shapeAt(64n, devnet).width, shapeAt(66n, devnet).width],
    [126, 128, 128],
  );
  assert.deepEqual(
    [shapeAt(255n, devnet).layers, shapeAt(256n, devnet).layers, shapeAt(384n, devnet).layers],
    [3, 4, 4],
  );
});

test('stall rounds grow by 2, from the fifth by 3, in the tenth by 4', () => {
  // floor(2 (10 + s) / 10) for s = 1 .. 10, restated by hand.
  const rounds = [2, 2, 2, 2, 3, 3, 3, 3, 3, 4];
  let sum = 0;
  assert.equal(stallGrowth(0, 10), 0);
  for (const [i, growth] of rounds.entries()) {
    sum += growth;
    assert.equal(stallGrowth(i + 1, 10), sum);
  }
});

test('a stall round counts from the second at which its interval is full', () => {
  // Devnet: 60 s are longer than 6 spacings of 2 s.
  const parent = { height: 9, timestamp: 1000n, growth: 40n };
  const at = (seconds: number): readonly [bigint, number] => {
    const next = nextGrowth(parent, 1000n + BigInt(seconds), devnet);
    return [next.growth, next.stagnation];
  };
  assert.deepEqual(at(2), [42n, 0]);
  assert.deepEqual(at(59), [42n, 0]);
  assert.deepEqual(at(60), [44n, 1]);
  assert.deepEqual(at(119), [44n, 1]);
  assert.deepEqual(at(120), [46n, 2]);
  assert.deepEqual(at(300), [40n + 8n + 3n + 2n, 5]);
  assert.deepEqual(at(600), [40n + 27n + 2n, 10]);
  assert.deepEqual(at(6000), [69n, 10]);
  assert.deepEqual(nextGrowth(parent, 2n ** 64n - 1n, devnet).stagnation, 10);
});

test('block 1 counts no stall rounds however long after genesis it comes', () => {
  const genesis = { height: 0, timestamp: 0n, growth: 0n };
  assert.deepEqual(nextGrowth(genesis, 10n ** 9n, devnet).stagnation, 0);
  assert.deepEqual(nextGrowth(genesis, 10n ** 9n, devnet).growth, 2n);
});

test('a timestamp before the parent’s counts no stall rounds', () => {
  const parent = { height: 9, timestamp: 1000n, growth: 40n };
  assert.deepEqual(nextGrowth(parent, 0n, devnet), nextGrowth(parent, 1000n, devnet));
});

test('large models stall in intervals of six spacings', () => {
  // Mainnet at the cap: 95 x 600 s of spacing, so that an interval has 342,000 s and not 21,600.
  const parent = { height: 9000, timestamp: 0n, growth: 20_000n };
  assert.equal(nextGrowth(parent, 341_999n, mainnet).stagnation, 0);
  assert.equal(nextGrowth(parent, 342_000n, mainnet).stagnation, 1);
});

test('the limits of shapes are those of the model', () => {
  assert.equal(MAX_WIDTH, MODEL_WIDTH);
  assert.equal(MAX_LAYERS, MODEL_LAYERS);
  assert.equal(MAX_WIDTH, 4096);
  assert.equal(MAX_LAYERS, 48);
});

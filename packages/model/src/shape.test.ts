import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isValidShape, KERNEL_OFFSETS, KERNELS, parameterCount, TAPS } from './shape.ts';
import { tensorSpecs } from './tensors.ts';

test('MOD-3: genesis has exactly 33,620,736 parameters', () => {
  assert.equal(parameterCount({ vocab: 50257, width: 384, layers: 6 }), 33620736);
});

test('MOD-4: the tensors fill the parameter count without gaps, at any shape', () => {
  for (const [vocab, width, layers] of [
    [2, 2, 1],
    [256, 64, 2],
    [50257, 384, 6],
    [65536, 4096, 48],
    [17, 386, 7],
  ] as const) {
    let end = 0;
    for (const spec of tensorSpecs({ vocab, width, layers, baseWidth: 2 })) {
      assert.equal(spec.offset, end, spec.name);
      assert.equal(spec.size, spec.dims.length === 2 ? spec.dims[0] * spec.dims[1] : spec.dims[0]);
      end += spec.size;
    }
    assert.equal(end, parameterCount({ vocab, width, layers }));
  }
});

test('MOD-4: the order of tensors is that of the table', () => {
  const names = tensorSpecs({ vocab: 5, width: 4, layers: 2, baseWidth: 4 }).map((spec) => spec.name);
  const layer = (
    'conv.norm conv.taps gru.norm gru.wz gru.bz gru.wh gru.bh gru.wo gru.bo slot.norm slot.wq slot.bq ' +
    'slot.keys slot.values slot.wo slot.bo ffn.norm ffn.wgate ffn.bgate ffn.wup ffn.bup ffn.wdown ffn.bdown'
  ).split(' ');
  const expected = ['embed', ...layer.map((n) => `layers.0.${n}`), ...layer.map((n) => `layers.1.${n}`), 'norm'];
  assert.deepEqual(names, expected);
});

test('MOD-1: shapes outside the bounds are not valid', () => {
  const good = { vocab: 256, width: 64, layers: 2, baseWidth: 64 };
  assert.ok(isValidShape(good));
  const bad = [
    { vocab: 1 },
    { vocab: 65537 },
    { width: 63 },
    { width: 4098 },
    { width: 62 },
    { layers: 0 },
    { layers: 49 },
    { layers: 1.5 },
    { baseWidth: 0 },
    { baseWidth: 63 },
    { vocab: Number.NaN },
  ];
  for (const change of bad) assert.ok(!isValidShape({ ...good, ...change }), JSON.stringify(change));
});

test('the kernels lie end to end in the taps', () => {
  let row = 0;
  for (const [branch, kernel] of KERNELS.entries()) {
    assert.equal(KERNEL_OFFSETS[branch], row);
    row += kernel;
  }
  assert.equal(row, TAPS);
});

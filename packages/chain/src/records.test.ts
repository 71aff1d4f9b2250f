import assert from 'node:assert/strict';
import { test } from 'node:test';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import {
  ancestorKey,
  type BlockRecord,
  decodeBlockRecord,
  decodeEvaluationRecord,
  decodeHeight,
  decodeStateRecord,
  encodeBlockRecord,
  encodeEvaluationRecord,
  encodeHeight,
  encodeStateRecord,
  evaluationKey,
  type StateRecord,
} from './records.ts';
import { sampleBlock, sampleParams } from './testing/sample-blocks.ts';

const block: BlockRecord = {
  header: sampleBlock(genesisHeader(sampleParams), sampleParams).header,
  stage: 'body',
  ours: true,
  inSync: false,
  forbidden: true,
  excused: false,
  headerSeenAt: 1_793_491_200_123,
  chunksAt: null,
  connectedAt: 1_793_491_200_999,
  invalid: { code: 'header-future', detail: 'both numbers: 1 and 2' },
};

const state: StateRecord = {
  tip: 'ab'.repeat(32),
  finalHeight: 12,
  finalId: 'cd'.repeat(32),
  prunedHeight: 3,
  clock: 99_999,
  outages: [
    { from: 1, to: 2 },
    { from: 3, to: null },
  ],
  holds: [{ height: 12, branch: 'ef'.repeat(32), until: 5 }],
};

test('records come back as they were written', () => {
  assert.deepEqual(decodeBlockRecord(encodeBlockRecord(block)), block);
  const plain: BlockRecord = { ...block, stage: 'verified', invalid: null, chunksAt: 7, connectedAt: null };
  assert.deepEqual(decodeBlockRecord(encodeBlockRecord(plain)), plain);
  assert.deepEqual(decodeStateRecord(encodeStateRecord(state)), state);
  const evaluation = { growth: 2n ** 60n, sums: [0, 1, 4_294_967_295] };
  assert.deepEqual(decodeEvaluationRecord(encodeEvaluationRecord(evaluation)), evaluation);
});

test('every record that is cut, longer or of another version is a named error, never a wrong value', () => {
  const cases = [
    [encodeBlockRecord(block), decodeBlockRecord],
    [encodeStateRecord(state), decodeStateRecord],
    [encodeEvaluationRecord({ growth: 1n, sums: [1, 2] }), decodeEvaluationRecord],
  ] as const;
  for (const [bytes, read] of cases) {
    for (let length = 0; length < bytes.length; length++)
      assert.throws(() => read(bytes.slice(0, length)), { code: 'chain-corrupt' });
    assert.throws(() => read(Uint8Array.of(...bytes, 0)), { code: 'chain-corrupt' });
    assert.throws(() => read(Uint8Array.of(2, ...bytes.slice(1))), { code: 'chain-corrupt', message: /version 2/ });
  }
});

test('a reason is stored as printable text of bounded length, whatever is in it', () => {
  const detail = `\u0000\u{1f600}\ud800${'x'.repeat(5000)}`;
  const stored = decodeBlockRecord(encodeBlockRecord({ ...block, invalid: { code: 'ckpt-nan', detail } })).invalid!;
  assert.equal(stored.code, 'ckpt-nan');
  assert.equal(stored.detail.length, 1024);
  assert.match(stored.detail, /^\?+x+$/);
});

test('heights sort as numbers, and keys of the roots table do not meet', () => {
  const heights = [0, 1, 255, 256, 65_535, 16_777_216, 4_294_967_295];
  const keys = heights.map((height) => Buffer.from(encodeHeight(height)).toString('hex'));
  assert.deepEqual([...keys].sort(), keys);
  assert.deepEqual(
    heights.map((height) => decodeHeight(encodeHeight(height))),
    heights,
  );
  assert.throws(() => decodeHeight(new Uint8Array(3)), { code: 'chain-corrupt' });
  const root = '01'.repeat(32);
  assert.notEqual(ancestorKey(root)[0], evaluationKey(root, root)[0]);
  assert.equal(evaluationKey(root, root).length, 65);
});

// The independent evaluator of spec/check, in another language and with nothing of ours, against the definition.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { toHex } from '@resonancenet/bytes/hex';
import { aggregateLoss, valLossOf } from '@resonancenet/consensus/loss';
import { lossRoot } from '@resonancenet/consensus/loss-root';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { checkpointRoot, encodeCheckpoint } from '@resonancenet/model/checkpoint';
import { mix32 } from '@resonancenet/model/integer-prng';
import type { ModelShape } from '@resonancenet/model/shape';
import { randomisedWeights } from '@resonancenet/model/testing/randomised-weights';
import type { EvalWindow } from '../backend.ts';
import { ReferenceEvaluator } from './reference-inference.ts';

const script = fileURLToPath(new URL('../../../../spec/check/evaluate.py', import.meta.url));
const python = '/usr/bin/python3';
const probe = spawnSync(python, ['-c', 'import numpy']);
const skip = probe.status === 0 ? false : `${python} with numpy is not on this machine: spec/check was not run`;

interface Case {
  readonly shape: ModelShape;
  readonly baseLayers: number;
  readonly growth: number;
  readonly seed: number;
  readonly tokens: number;
  readonly window: number;
  readonly startId: number;
}

/** A byte model, and a vocabulary of ids with a width above the base width. */
const byteModel: Case = {
  shape: { vocab: 256, width: 20, layers: 2, baseWidth: 20 },
  baseLayers: 2,
  growth: 0,
  seed: 21,
  tokens: 300,
  window: 80,
  startId: 0,
};
const grownModel: Case = {
  shape: { vocab: 51, width: 18, layers: 2, baseWidth: 16 },
  baseLayers: 1,
  growth: 130,
  seed: 22,
  tokens: 200,
  window: 100,
  startId: 50,
};
function idsOf({ tokens, shape, seed }: Case): Uint16Array {
  return Uint16Array.from({ length: tokens }, (_, i) => mix32(i + seed) % shape.vocab);
}

function windowsOf(example: Case): EvalWindow[] {
  const ids = idsOf(example);
  const windows: EvalWindow[] = [];
  for (let at = 0; at < ids.length; at += example.window) {
    const targets = ids.slice(at, at + example.window);
    windows.push({ inputs: Uint16Array.of(example.startId, ...targets.subarray(0, -1)), targets });
  }
  return windows;
}

async function sumsOf(example: Case): Promise<number[]> {
  const evaluator = new ReferenceEvaluator({
    shape: example.shape,
    data: randomisedWeights(example.shape, example.seed),
  });
  return (await evaluator.evaluate(windowsOf(example))).map((result) => {
    assert.ok(result.ok);
    return result.sum;
  });
}

/** Runs the evaluator on files with this content; returns its exit status and its JSON. */
function runCheck(
  file: Uint8Array,
  ids: Uint8Array,
  args: readonly string[],
): { status: number | null; output: unknown } {
  const folder = mkdtempSync(join(tmpdir(), 'rnt-check-'));
  try {
    writeFileSync(join(folder, 'm.safetensors'), file);
    writeFileSync(join(folder, 'ids'), ids);
    const command = ['-B', script, join(folder, 'm.safetensors'), join(folder, 'ids'), '--json', ...args];
    const run = spawnSync(python, command, { encoding: 'utf8' });
    assert.equal(run.stderr, '');
    return { status: run.status, output: JSON.parse(run.stdout) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const example of [byteModel, grownModel]) {
  const { shape } = example;
  test(`spec/check gives the same integers, root, logits and id: ${shape.layers} x ${shape.width}, vocabulary ${shape.vocab}`, {
    skip,
  }, async () => {
    const data = randomisedWeights(shape, example.seed);
    const file = encodeCheckpoint({ shape, baseLayers: example.baseLayers, growth: example.growth, data });
    const ids = idsOf(example);
    const isBytes = shape.vocab === 256;
    const idBytes = isBytes ? Uint8Array.from(ids) : new Uint8Array(ids.buffer);
    const idArgs = isBytes ? [] : ['--ids', '--start', String(example.startId)];
    const args = ['--window', String(example.window), '--sums', '--logits-hash', '1', '--checkpoint-root', ...idArgs];
    const { status, output } = runCheck(file, idBytes, args);
    assert.equal(status, 0);
    const sums = await sumsOf(example);
    const total = sums.reduce((a, b) => a + b, 0);
    const logits = await new ReferenceEvaluator({ shape, data }).logits(windowsOf(example)[1]!.inputs);
    const record = output as { valLossNats: number };
    assert.ok(Math.abs(record.valLossNats - total / 65536 / example.tokens) < 1e-12);
    assert.deepEqual(output, {
      valLoss: valLossOf(BigInt(total), example.tokens),
      valLossNats: record.valLossNats,
      sum: String(total),
      tokens: example.tokens,
      lossRoot: toHex(lossRoot(sums).hash),
      windowSums: sums,
      logitsHash: toHex(hash(TAG.logits, new Uint8Array(logits.buffer))),
      checkpointRoot: toHex(checkpointRoot(file)),
    });
    if (example.tokens % example.window === 0)
      assert.equal(aggregateLoss(sums, example.window).valLoss, valLossOf(BigInt(total), example.tokens));
  });
}

test('spec/check refuses what the rules refuse', { skip }, () => {
  const { shape, baseLayers, growth } = grownModel;
  const file = encodeCheckpoint({ shape, baseLayers, growth, data: randomisedWeights(shape, 1) });
  const ids = new Uint8Array(idsOf(grownModel).buffer);
  const verdict = (bytes: Uint8Array): unknown => {
    const { status, output } = runCheck(bytes, ids, ['--ids', '--start', '50']);
    assert.equal(status, 1);
    return output;
  };
  const negativeZero = file.slice();
  negativeZero.set([0x00, 0x80], file.length - 2);
  assert.deepEqual(verdict(negativeZero), { invalid: 'CKPT-4: a value that is not allowed' });
  assert.deepEqual(verdict(file.slice(0, -2)), {
    invalid: `CKPT-3: ${file.length - 2} bytes instead of ${file.length}`,
  });
  const spaced = file.slice();
  spaced[8] = 0x20;
  assert.match(JSON.stringify(verdict(spaced)), /CKPT-2/);
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LossyFileLayer } from '@resonancenet/storage/testing/lossy-file-layer';
import type { CrashScript } from './crash-script.ts';
import { readCrashScript, writeCrashScript } from './crash-script.ts';
import { LossySuite } from './lossy-suite.ts';
import { Promises } from './promises.ts';
import { runCrashSuite } from './run-crash-suite.ts';
import { digestDifference } from './store-digest.ts';

test('eight trials of the crash suite pass: named points, random instants, and a disk that loses what was not flushed', async () => {
  const lines: string[] = [];
  const problems = await runCrashSuite({ trials: 8, seed: 20_261_101, print: (line) => lines.push(line) });
  assert.deepEqual(problems, [], lines.join('\n'));
});

function withScript(work: (script: CrashScript) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-crash-script-'));
  try {
    writeCrashScript(folder);
    work(readCrashScript(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the suite can fail: a disk that only pretends to flush is found out', () => {
  class PretendingLayer extends LossyFileLayer {
    override syncFile(): void {
      // Nothing reaches the disk.
    }
  }
  withScript((script) => {
    let state = 5;
    const random = (): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state / 2 ** 32;
    };
    const suite = new LossySuite(script, random, (chance) => new PretendingLayer(chance));
    const { problems } = suite.run(2, () => undefined);
    assert.ok(problems.length > 0);
  });
});

test('a lost or replaced final block, and finality that goes back, are broken promises', () => {
  const promises = new Promises();
  assert.equal(promises.take({ type: 'started', active: ['g'], finalHeight: 0 }), null);
  assert.equal(promises.take({ type: 'finalized', height: 2, id: 'b' }), null);
  assert.equal(promises.take({ type: 'started', active: ['g', 'a', 'b', 'c'], finalHeight: 2 }), null);
  assert.match(promises.take({ type: 'started', active: ['g', 'a', 'x'], finalHeight: 2 }) ?? '', /final block b/);
  assert.match(promises.take({ type: 'started', active: ['g', 'a'], finalHeight: 1 }) ?? '', /nothing is there/);
  assert.match(promises.take({ type: 'started', active: ['g', 'a', 'b'], finalHeight: 1 }) ?? '', /fell from 2 to 1/);
  assert.match(promises.take({ type: 'finalized', height: 1, id: 'a' }) ?? '', /went from height 2 to 1/);
});

test('two stores that differ in one line differ', () => {
  const digest = { tables: { meta: ['a', 'b'] }, checkpoints: ['c sound'], stateHash: 'h' };
  assert.equal(digestDifference(digest, digest), null);
  assert.match(digestDifference(digest, { ...digest, tables: { meta: ['a'] } }) ?? '', /table 'meta' lacks b/);
  assert.match(digestDifference(digest, { ...digest, tables: { meta: ['a', 'b', 'x'] } }) ?? '', /has x too many/);
  assert.match(digestDifference(digest, { ...digest, checkpoints: ['c damaged'] }) ?? '', /checkpoints lacks c sound/);
  assert.match(digestDifference(digest, { ...digest, stateHash: 'x' }) ?? '', /state hash lacks h/);
});

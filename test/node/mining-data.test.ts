// Our miner never trains on what the network validates with (issue: networks): neither the set in force nor one in reserve.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openMiningText } from '@resonancenet/node/compute/mining-text';
import { DvalFolder, prepareDvals } from '@resonancenet/node/network/network-data';
import { devnet } from '@resonancenet/params/devnet';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import { createLoader } from '@resonancenet/training/window-loader';
import { tempFolder } from '../support/temp-folder.ts';

const { windowSize } = devnet.dval;
const epochs = 3;

async function validationWindows(): Promise<Uint16Array[]> {
  const dvals = new DvalFolder(devnet, join(tempFolder('dvals'), 'dvals'));
  await prepareDvals(devnet, dvals);
  return requireGenesis(devnet).dvalIds.flatMap((id) => dvals.windows(id).map(({ targets }) => targets));
}

const text = (ids: Uint16Array): string => Buffer.from(Uint8Array.from(ids)).toString('latin1');

test('no window that the loader gives a miner is a window of any validation set, in its half of the text or the other', async () => {
  const tokenizer = await loadTokenizer(devnet.vocabulary.kind);
  const forbidden = new Set((await validationWindows()).map(text));
  assert.equal(forbidden.size, 12 * devnet.dval.windows, 'the windows of all validation sets differ');
  for (const half of [0, 1] as const) {
    const corpus = await openMiningText({ kind: 'embedded', half }, tokenizer, tempFolder('mining'));
    const { startId } = tokenizer;
    const loader = createLoader(corpus, { batch: 8, window: windowSize, startId, seed: 1 + half });
    const seen = new Set<string>();
    for (let index = 0; index < epochs * loader.batchesPerEpoch; index += 1) {
      const { targets } = loader.batchAt(index);
      for (let at = 0; at < targets.length; at += windowSize) {
        const window = text(targets.subarray(at, at + windowSize));
        assert.ok(!forbidden.has(window), `a miner of half ${half} trains on a validation window:\n${window}`);
        seen.add(window);
      }
    }
    assert.ok(seen.size > epochs * 3000, `${seen.size} windows were looked at`);
  }
});

test('not even at another offset: no validation window stands anywhere in what a miner trains on', async () => {
  const tokenizer = await loadTokenizer(devnet.vocabulary.kind);
  const windows = await validationWindows();
  for (const half of [0, 1] as const) {
    const corpus = await openMiningText({ kind: 'embedded', half }, tokenizer, tempFolder('mining'));
    const ids = new Uint16Array(corpus.length);
    corpus.read(0, ids);
    const training = text(ids);
    for (const window of windows) assert.ok(!training.includes(text(window)), text(window));
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDevnetCorpus } from './devnet-corpus.ts';
import { LONGEST_COMMON_STRETCH, trainingText, withoutCommonStretches } from './training-text.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** Text that repeats nothing. */
function words(seed: number, count: number): string {
  return Array.from({ length: count }, (_, i) => `${seed.toString(36)}${(i * 7919 + seed).toString(36)} `).join('');
}

test('withoutCommonStretches() takes out what both texts hold, wherever it lies, and nothing shorter', () => {
  const long = words(1, 40).slice(0, LONGEST_COMMON_STRETCH);
  const short = words(2, 40).slice(0, LONGEST_COMMON_STRETCH - 1);
  for (const shift of [0, 1, 31, 63, 64, 65]) {
    const other = bytes(`${words(3, 30).slice(0, 100 + shift)}${long}|${short}|${words(4, 10)}`);
    const text = bytes(`${words(5, 20)}#${long}#${short}#${words(6, 20)}`);
    const kept = Buffer.from(withoutCommonStretches(text, other)).toString();
    assert.equal(kept, `${words(5, 20)}##${short}#${words(6, 20)}`);
  }
});

test('withoutCommonStretches() takes out all of a text that is part of the other, and leaves alone one that has nothing of it', () => {
  const text = bytes(words(7, 100));
  assert.equal(withoutCommonStretches(text, bytes(`${words(8, 9)}${words(7, 100)}${words(9, 9)}`)).length, 0);
  assert.deepEqual(withoutCommonStretches(text, bytes(words(10, 100))), text);
  assert.deepEqual(withoutCommonStretches(text, new Uint8Array(0)), text);
});

test('no 128 bytes in a row of what a miner trains on stand in the validation text, and almost all of its half is left', () => {
  const corpus = loadDevnetCorpus();
  const grams = new Set<string>();
  const validation = Buffer.from(corpus.validation).toString('latin1');
  for (let at = 0; at + LONGEST_COMMON_STRETCH <= validation.length; at += 1)
    grams.add(validation.slice(at, at + LONGEST_COMMON_STRETCH));
  for (const half of [0, 1] as const) {
    const text = trainingText(corpus, half);
    assert.ok(text.length > 0.95 * corpus.halves[half].length, `${text.length} bytes are left`);
    const training = Buffer.from(text).toString('latin1');
    let shared = 0;
    for (let at = 0; at + LONGEST_COMMON_STRETCH <= training.length; at += 1)
      if (grams.has(training.slice(at, at + LONGEST_COMMON_STRETCH))) shared += 1;
    assert.equal(shared, 0);
  }
});

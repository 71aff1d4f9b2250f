// What a miner of the devnet trains on: its half of the text without what also stands in the validation text. Documentation repeats itself,
// word for word over whole paragraphs; to train on the copy would be to train on the validation set.

import type { DevnetCorpus } from './devnet-corpus.ts';

/** Stretches of the validation text at least this long are taken out of the training text, bytes. */
export const LONGEST_COMMON_STRETCH = 128;

/** Every common stretch holds one whole block of the validation text that begins at a multiple of this. */
const BLOCK = LONGEST_COMMON_STRETCH / 2;

/** One byte a character, so that stretches can be compared and looked up as strings. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Where each block of the text begins, by its content. */
function blocksOf(text: string): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (let at = 0; at + BLOCK <= text.length; at += BLOCK) {
    const block = text.slice(at, at + BLOCK);
    const known = places.get(block);
    if (known === undefined) places.set(block, [at]);
    else known.push(at);
  }
  return places;
}

/** The text without every stretch of LONGEST_COMMON_STRETCH bytes or more that also stands in `other`. */
export function withoutCommonStretches(text: Uint8Array, other: Uint8Array): Uint8Array {
  const own = latin1(text);
  const foreign = latin1(other);
  const blocks = blocksOf(foreign);
  const isCommon = new Uint8Array(text.length);
  for (let at = 0; at + BLOCK <= own.length; at += 1) {
    for (const place of blocks.get(own.slice(at, at + BLOCK)) ?? []) {
      let before = 0;
      while (before < Math.min(at, place) && own[at - before - 1] === foreign[place - before - 1]) before += 1;
      let end = BLOCK;
      while (at + end < own.length && place + end < foreign.length && own[at + end] === foreign[place + end]) end += 1;
      if (before + end >= LONGEST_COMMON_STRETCH) isCommon.fill(1, at - before, at + end);
    }
  }
  return text.filter((_, at) => isCommon[at] === 0);
}

/** The text of a miner of the first or the second half. */
export function trainingText(corpus: DevnetCorpus, half: 0 | 1): Uint8Array {
  return withoutCommonStretches(corpus.halves[half], corpus.validation);
}

// What a miner of the devnet trains on: its half of the text without what also stands in the validation text. Documentation repeats itself,
// word for word over whole paragraphs; to train on the copy would be to train on the validation set.

import type { DevnetCorpus } from './devnet-corpus.ts';

/** Stretches of the validation text at least this long are taken out of the training text, bytes. */
export const LONGEST_COMMON_STRETCH = 128;

/** Every common stretch holds one whole block of the other text that begins at a multiple of this. */
const BLOCK = LONGEST_COMMON_STRETCH / 2;

/** Multiplier of the rolling hash (Rabin and Karp, modulo 2^32), and its power BLOCK. */
const BASE = 0x01000193;
const BASE_TO_BLOCK = Array.from({ length: BLOCK }).reduce((power: number) => Math.imul(power, BASE), 1);

/** Where each block of the text begins, by its hash. */
function blocksOf(text: Uint8Array): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (let start = 0; start + BLOCK <= text.length; start += BLOCK) {
    let hash = 0;
    for (let at = start; at < start + BLOCK; at += 1) hash = (Math.imul(hash, BASE) + text[at]!) | 0;
    const known = places.get(hash);
    if (known === undefined) places.set(hash, [start]);
    else known.push(start);
  }
  return places;
}

/** First and last byte (exclusive) of `text` that are the same as in `other` around two places. */
function commonStretch(text: Uint8Array, at: number, other: Uint8Array, place: number): readonly [number, number] {
  let before = 0;
  while (before < Math.min(at, place) && text[at - before - 1] === other[place - before - 1]) before += 1;
  let length = 0;
  const most = Math.min(text.length - at, other.length - place);
  while (length < most && text[at + length] === other[place + length]) length += 1;
  return [at - before, at + length];
}

/** The text without every stretch of LONGEST_COMMON_STRETCH bytes or more that also stands in `other`. */
export function withoutCommonStretches(text: Uint8Array, other: Uint8Array): Uint8Array {
  const blocks = blocksOf(other);
  const isCommon = new Uint8Array(text.length);
  let hash = 0;
  for (let end = 0; end < text.length; end += 1) {
    const gone = end < BLOCK ? 0 : Math.imul(text[end - BLOCK]!, BASE_TO_BLOCK);
    hash = (Math.imul(hash, BASE) + text[end]! - gone) | 0;
    const places = end + 1 < BLOCK ? undefined : blocks.get(hash);
    if (places === undefined) continue;
    for (const place of places) {
      // Equal hashes are no proof; the comparison is.
      const [from, to] = commonStretch(text, end + 1 - BLOCK, other, place);
      if (to - from >= LONGEST_COMMON_STRETCH) isCommon.fill(1, from, to);
    }
  }
  return text.filter((_, at) => isCommon[at] === 0);
}

/** The text of a miner of the first or the second half. */
export function trainingText(corpus: DevnetCorpus, half: 0 | 1): Uint8Array {
  return withoutCommonStretches(corpus.halves[half], corpus.validation);
}

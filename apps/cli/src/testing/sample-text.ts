// Text to train on in tests: sentences of a few words, the same from the same seed.

import { createPrng } from '@resonancenet/training/prng';

const words =
  'the quick node trains a small model on real text and every other node checks its loss to the last bit'.split(' ');

/** About `length` characters of sentences. */
export function sampleText(length: number, seed: number): string {
  const prng = createPrng(seed);
  let text = '';
  while (text.length < length) {
    const count = 4 + Math.floor(prng.uniform() * 8);
    const sentence = Array.from({ length: count }, () => words[Math.floor(prng.uniform() * words.length)]).join(' ');
    text += `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.\n`;
  }
  return text.slice(0, length);
}

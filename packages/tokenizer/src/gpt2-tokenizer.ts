// GPT-2's byte pair encoding (r50k, 50,257 ids), the vocabulary of mainnet and testnet.

import ranks from 'gpt-tokenizer/bpeRanks/r50k_base';
import { encode, setMergeCacheSize } from 'gpt-tokenizer/encoding/r50k_base';
import type { Tokenizer } from './tokenizer.ts';
import { decodeUtf8Stream } from './utf8-stream.ts';

const asOrdinaryText = { disallowedSpecial: new Set<string>() };
const endOfText = 50256;

// Long corpora repeat words: the library's default cache is small for them.
setMergeCacheSize(100_000);

const encoder = new TextEncoder();

// The library's own streaming decoder breaks a character that starts in a token of text and ends in one of bytes
// (gpt-tokenizer 4.0.0), so ids go to bytes here and bytes to text in one place.
function bytesOf(id: number): Uint8Array {
  if (id === endOfText) return encoder.encode('<|endoftext|>');
  const token = ranks[id];
  if (token === undefined) throw new RangeError(`Id ${id} is not in the GPT-2 vocabulary (0 to ${endOfText}).`);
  return typeof token === 'string' ? encoder.encode(token) : Uint8Array.from(token);
}

function* tokenBytes(ids: Iterable<number>): Iterable<Uint8Array> {
  for (const id of ids) yield bytesOf(id);
}

export const gpt2Tokenizer: Tokenizer = {
  name: 'gpt2',
  size: 50257,
  startId: endOfText,
  encode: (text) => Uint16Array.from(encode(text, asOrdinaryText)),
  decodeStream: (ids) => decodeUtf8Stream(tokenBytes(ids)),
};

// One id per byte of UTF-8 text: the vocabulary of devnet and regtest.

import type { Tokenizer } from './tokenizer.ts';
import { decodeUtf8Stream } from './utf8-stream.ts';

const encoder = new TextEncoder();

function* singleBytes(ids: Iterable<number>): Iterable<Uint8Array> {
  for (const id of ids) yield Uint8Array.of(id);
}

export const byteTokenizer: Tokenizer = {
  name: 'bytes',
  size: 256,
  startId: 0,
  encode: (text) => Uint16Array.from(encoder.encode(text)),
  decodeStream: (ids) => decodeUtf8Stream(singleBytes(ids)),
};

// The one door through which outside bytes become values.

import type { Codec } from './codec.ts';
import { DecodeError } from './decode-error.ts';
import { Reader } from './reader.ts';

export type DecodeResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: DecodeError };

/** Decodes exactly one value; anything else, trailing bytes included, is a result with `ok: false`. Only our own bugs throw. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): DecodeResult<T> {
  return read(codec, new Reader(bytes));
}

/** The same, but the bytes in the value are those of the input: nobody changes it, and all of it lasts as long as a part of the value. */
export function decodeLent<T>(codec: Codec<T>, bytes: Uint8Array): DecodeResult<T> {
  return read(codec, new Reader(bytes, true));
}

function read<T>(codec: Codec<T>, reader: Reader): DecodeResult<T> {
  try {
    const value = codec.read(reader);
    reader.finish();
    return { ok: true, value };
  } catch (error) {
    if (error instanceof DecodeError) return { ok: false, error };
    throw error;
  }
}

// A D_val as bytes, and its id (NET-7). Consensus knows D_vals as ids only; the bytes lie beside the parameter object.

import { Writer } from '@resonancenet/bytes/writer';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import type { NetworkParams } from './network-params.ts';

/** Targets in a D_val: windows times ids per window. */
export function dvalTokens(params: NetworkParams): number {
  return params.dval.windows * params.dval.windowSize;
}

/** Length of a D_val's bytes: two for each id. */
export function dvalBytes(params: NetworkParams): number {
  return 2 * dvalTokens(params);
}

/** The ids as little-endian u16, window after window. */
export function encodeDval(ids: Uint16Array): Uint8Array {
  const writer = new Writer(2 * ids.length);
  for (const id of ids) writer.u16(id);
  return writer.finish();
}

/** Id of a D_val, 32 bytes: hash(TAG.dval, bytes). */
export function dvalId(bytes: Uint8Array): Uint8Array {
  return hash(TAG.dval, bytes);
}

export type DecodedDval =
  | { readonly ok: true; readonly windows: readonly Uint16Array[] }
  | { readonly ok: false; readonly message: string };

/**
 * The windows of a D_val's bytes, `windowSize` ids each. Refuses a wrong length and ids outside the vocabulary; whether these are
 * the right bytes is for the caller to compare by id.
 */
export function decodeDval(bytes: Uint8Array, params: NetworkParams): DecodedDval {
  const { windows, windowSize } = params.dval;
  if (bytes.length !== dvalBytes(params)) {
    return { ok: false, message: `a D_val of ${params.name} has ${dvalBytes(params)} bytes, this has ${bytes.length}` };
  }
  const ids = new Uint16Array(dvalTokens(params));
  for (let i = 0; i < ids.length; i += 1) {
    const id = bytes[2 * i]! + 256 * bytes[2 * i + 1]!;
    if (id >= params.vocabulary.size) {
      return {
        ok: false,
        message: `id ${id} at position ${i} is not below the vocabulary's ${params.vocabulary.size}`,
      };
    }
    ids[i] = id;
  }
  const list = Array.from({ length: windows }, (_, w) => ids.slice(w * windowSize, (w + 1) * windowSize));
  return { ok: true, windows: list };
}

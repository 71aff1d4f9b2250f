// Values to bytes.

import type { Codec } from './codec.ts';
import { Writer } from './writer.ts';

/**
 * The one encoding of a value.
 * @throws AssertionFailure if the value does not fit its format: a bug of the caller, who checks what comes from outside.
 */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer(Math.max(64, codec.minSize));
  codec.write(writer, value);
  return writer.finish();
}

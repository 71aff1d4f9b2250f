// Values to bytes.

import type { Codec } from './codec.ts';
import { Writer } from './writer.ts';

/** A writer that grew beyond this is not kept. */
const KEPT_CAPACITY = 65_536;

/** Of the call before: hundreds of thousands of small values are encoded in a second, and memory for each would cost more than the encoding. */
let spare: Writer | null = null;

/**
 * Lends an empty writer. `use` may keep what `finish` gives, but neither the writer nor a view of it.
 * @throws what `use` throws
 */
export function withWriter<R>(use: (writer: Writer) => R): R {
  const writer = spare ?? new Writer(1024);
  // Whoever asks for one meanwhile gets another.
  spare = null;
  const result = use(writer);
  if (writer.capacity <= KEPT_CAPACITY) spare = writer.reset();
  return result;
}

/**
 * The one encoding of a value.
 * @throws AssertionFailure if the value does not fit its format: a bug of the caller, who checks what comes from outside.
 */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  return withWriter((writer) => {
    codec.write(writer, value);
    return writer.finish();
  });
}

/** Lends the encoding of a value, which `use` does not keep. */
export function withEncoded<T, R>(codec: Codec<T>, value: T, use: (bytes: Uint8Array) => R): R {
  return withWriter((writer) => {
    codec.write(writer, value);
    return use(writer.view());
  });
}

// The range-checked counterpart of Reader. A value that does not fit its field is a bug of ours: DataView would wrap it silently.

import { assert } from './assert.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Appends values in wire order; every method asserts that the value fits. */
export class Writer {
  #bytes: Uint8Array;
  #data: DataView;
  #length = 0;

  /** `capacity`: bytes reserved at first; the buffer grows as needed. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#data = new DataView(this.#bytes.buffer);
  }

  /** Bytes reserved. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    checkUnsigned(value, 0xff, 'u8');
    const at = this.#reserve(1);
    this.#data.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    checkUnsigned(value, 0xffff, 'u16');
    const at = this.#reserve(2);
    this.#data.setUint16(at, value, true);
    return this;
  }

  u24(value: number): this {
    checkUnsigned(value, 0xff_ffff, 'u24');
    const at = this.#reserve(3);
    this.#data.setUint16(at, value & 0xffff, true);
    this.#data.setUint8(at + 2, value >>> 16);
    return this;
  }

  u32(value: number): this {
    checkUnsigned(value, 0xffff_ffff, 'u32');
    const at = this.#reserve(4);
    this.#data.setUint32(at, value, true);
    return this;
  }

  u64(value: bigint): this {
    if (value < 0n || value > U64_MAX) assert(false, `${value} does not fit a u64`);
    const at = this.#reserve(8);
    this.#data.setBigUint64(at, value, true);
    return this;
  }

  /** The shortest of the forms of 1, 3, 5 and 9 bytes (HASH-3). */
  varint(value: number): this {
    checkUnsigned(value, Number.MAX_SAFE_INTEGER, 'varint');
    if (value < 0xfd) return this.u8(value);
    if (value <= 0xffff) return this.u8(0xfd).u16(value);
    if (value <= 0xffff_ffff) return this.u8(0xfe).u32(value);
    return this.u8(0xff).u64(BigInt(value));
  }

  /** The bytes as they are; with `length`, exactly that many. */
  bytes(value: Uint8Array, length: number = value.length): this {
    if (value.length !== length) assert(false, `${value.length} bytes given for a field of ${length}`);
    const at = this.#reserve(length);
    this.#bytes.set(value, at);
    return this;
  }

  /** All that was written, as long as nothing more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew in the same memory. */
  reset(): this {
    this.#length = 0;
    return this;
  }

  /** A copy of all that was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #reserve(length: number): number {
    const start = this.#length;
    const end = start + length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
      this.#data = new DataView(grown.buffer);
    }
    this.#length = end;
    return start;
  }
}

function checkUnsigned(value: number, max: number, type: string): void {
  // The message is built only where it is needed: this runs for every field of every hash.
  if (!(Number.isSafeInteger(value) && value >= 0 && value <= max)) assert(false, `${value} does not fit a ${type}`);
}

// A bounded little-endian reader over bytes from outside. It never reads past the end and never allocates more than what remains.

import { assert } from './assert.ts';
import { DecodeError, type DecodeReason } from './decode-error.ts';

/** Reads values in wire order. Every method throws DecodeError if the bytes do not hold the value (HASH-2). */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #data: DataView;
  readonly #lends: boolean;
  #offset = 0;

  /** `lends`: what is read is part of the input instead of a copy; the caller keeps the input as it is, and as long as that. */
  constructor(bytes: Uint8Array, lends = false) {
    this.#lends = lends;
    // The slice of a Node Buffer would be no copy.
    this.#bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#data.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#data.getUint16(this.#take(2), true);
  }

  u24(): number {
    const at = this.#take(3);
    return this.#data.getUint16(at, true) + this.#data.getUint8(at + 2) * 0x10000;
  }

  u32(): number {
    return this.#data.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#data.getBigUint64(this.#take(8), true);
  }

  /** A number of 1, 3, 5 or 9 bytes in its shortest form, at most 2^53 - 1 (HASH-3). */
  varint(): number {
    const start = this.#offset;
    const first = this.u8();
    if (first < 0xfd) return first;
    const value = first === 0xfd ? this.u16() : first === 0xfe ? this.u32() : this.#safeU64(start);
    const least = first === 0xfd ? 0xfd : first === 0xfe ? 0x10000 : 0x1_0000_0000;
    if (value < least) throw new DecodeError('non-minimal-varint', start);
    return value;
  }

  /**
   * A varint that counts items of at least `minItemSize` bytes each, refused before anything is allocated if the
   * remaining bytes cannot hold them (HASH-4).
   */
  count(minItemSize: number, max: number = Number.MAX_SAFE_INTEGER, min = 0): number {
    assert(minItemSize >= 1, 'an item that may be counted takes at least one byte');
    const start = this.#offset;
    const count = this.varint();
    if (count < min || count > max) {
      throw new DecodeError('count-out-of-bounds', start, '', `a count is ${count}; it must be from ${min} to ${max}`);
    }
    if (count > Math.floor(this.remaining / minItemSize)) throw new DecodeError('count-exceeds-bytes', start);
    return count;
  }

  /** The next `length` bytes as a copy, or as a view if the reader lends. */
  bytes(length: number): Uint8Array {
    const start = this.#takeBytes(length);
    return this.#lends ? this.#bytes.subarray(start, start + length) : this.#bytes.slice(start, start + length);
  }

  /** The next `length` bytes as a view of the input: valid only as long as the input is not overwritten. */
  view(length: number): Uint8Array {
    const start = this.#takeBytes(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Checks that nothing follows: every value has exactly one encoding (HASH-2). */
  finish(): void {
    if (this.remaining !== 0) throw new DecodeError('trailing-bytes', this.#offset);
  }

  /** Refuses the item that began at `offset`. */
  fail(reason: DecodeReason, offset: number, detail = ''): never {
    throw new DecodeError(reason, offset, '', detail);
  }

  #safeU64(start: number): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new DecodeError('number-too-large', start);
    return Number(value);
  }

  #takeBytes(length: number): number {
    if (!(Number.isSafeInteger(length) && length >= 0))
      assert(false, `a length is a non-negative integer, not ${length}`);
    return this.#take(length);
  }

  #take(length: number): number {
    const start = this.#offset;
    if (length > this.#bytes.length - start) throw new DecodeError('truncated', start);
    this.#offset = start + length;
    return start;
  }
}

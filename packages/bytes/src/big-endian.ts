// Numbers with the highest byte first: keys of a store then stand in the order of their numbers. Formats of the protocol are little-endian (HASH-1).

/** Writes a u32 at `at`. */
export function writeBigEndian(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** The u32 that `writeBigEndian` wrote. */
export function readBigEndian(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x100_0000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
}

/** A u32 as four bytes. */
export function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeBigEndian(bytes, 0, value);
  return bytes;
}

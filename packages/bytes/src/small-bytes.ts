// Memory for many small records that live and die together: cut from larger pieces, because an array of more than 64 bytes has memory of its own outside
// the heap, which costs more than what is written into it. A piece lasts as long as anything cut from it: not for what others may make us keep.

const PIECE_LENGTH = 16_384;

let piece = new Uint8Array(PIECE_LENGTH);
let used = 0;

/** `length` bytes of zeros, in memory that they may share with others. */
export function smallBytes(length: number): Uint8Array {
  if (used + length > PIECE_LENGTH) {
    piece = new Uint8Array(Math.max(PIECE_LENGTH, length));
    used = 0;
  }
  const start = used;
  used += length;
  return piece.subarray(start, used);
}

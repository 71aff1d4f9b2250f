// Bytes that arrive in pieces of any size and are taken in pieces of the size a format asks for. Memory grows with the bytes
// received (at most three times them), never with a length that a peer merely announced, nor with the number of pieces.

const INITIAL_CAPACITY = 4096;

/** An empty queue lets go of a buffer that is larger than this. */
const KEPT_CAPACITY: number = 128 * 1024;

export class ByteQueue {
  #buffer: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  /** Bytes waiting. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Appends a copy of the piece. */
  push(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#buffer.length) this.#makeRoom(piece.length);
    this.#buffer.set(piece, this.#end);
    this.#end += piece.length;
  }

  /** Takes exactly `length` bytes as a copy of their own, or null (and takes nothing) if fewer are waiting. */
  take(length: number): Uint8Array | null {
    if (length > this.length) return null;
    const taken = this.#buffer.slice(this.#start, this.#start + length);
    this.#start += length;
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
      if (this.#buffer.length > KEPT_CAPACITY) this.#buffer = new Uint8Array(0);
    }
    return taken;
  }

  #makeRoom(extra: number): void {
    const needed = this.length + extra;
    const target = needed * 2 <= this.#buffer.length ? this.#buffer : new Uint8Array(this.#capacityFor(needed));
    target.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = target;
    this.#end -= this.#start;
    this.#start = 0;
  }

  #capacityFor(needed: number): number {
    let capacity = INITIAL_CAPACITY;
    while (capacity < needed * 1.5) capacity *= 2;
    return capacity;
  }
}

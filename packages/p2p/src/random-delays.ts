// Delays that nobody outside can foretell, from a secret seed: when a transaction is passed on must not tell where it came from.

import { concatBytes } from '@resonancenet/bytes/compare';
// By the package's own name, so that Node gets the native function.
import { keccak256 } from '@resonancenet/crypto/keccak';

/** Steps in which a delay grows, per mean. */
const STEPS_PER_MEAN = 16;

export class RandomDelays {
  readonly #seed: Uint8Array;
  #block = new Uint8Array(0);
  #used = 0;
  #counter = 0;

  /** `seed`: 32 random bytes that others do not know. */
  constructor(seed: Uint8Array) {
    this.#seed = seed;
  }

  /** Milliseconds, memoryless with about this mean: how long it has lasted says nothing about how long it will last. At most eight means. */
  next(meanMs: number): number {
    let steps = 1;
    while (steps < 8 * STEPS_PER_MEAN && this.#u8() >= 256 / STEPS_PER_MEAN) steps += 1;
    const stepMs = meanMs / STEPS_PER_MEAN;
    return Math.ceil((steps - 1) * stepMs + (this.#u8() / 256) * stepMs);
  }

  #u8(): number {
    if (this.#used === this.#block.length) {
      this.#counter += 1;
      const counter = new Uint8Array(8);
      new DataView(counter.buffer).setUint32(0, this.#counter, true);
      this.#block = Uint8Array.from(keccak256(concatBytes(this.#seed, counter)));
      this.#used = 0;
    }
    const value = this.#block[this.#used] ?? 0;
    this.#used += 1;
    return value;
  }
}

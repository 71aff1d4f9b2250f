// Whether fast code (wasm/load-module.ts) is still believed: one word for all threads of a process.

/** Trust is there at first and, once lost, never comes back while the process lives. Give `shared` to other threads. */
export class CodeTrust {
  readonly shared: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.shared = shared;
    this.#word = new Int32Array(shared);
  }

  get lost(): boolean {
    return Atomics.load(this.#word, 0) !== 0;
  }

  lose(): void {
    Atomics.store(this.#word, 0, 1);
  }
}

// All threads together or one alone: which is faster depends on what else the machine does. A step of decoding has dozens of barriers; where other programs hold the
// cores, each of them waits for a thread that is not running (measured: 223 against 418 tokens/s at genesis on two busy cores). Both ways give the same bits.

/** Steps of one trial. */
const TRIAL = 8;
/** Steps by the better way before the other is tried again. */
const STRETCH = 128;

/** Decides before each step, from the times of the steps before: trials of both ways, then a stretch of the better, and again. */
export class ThreadChoice {
  #alone = false;
  #phase: 'first trial' | 'second trial' | 'stretch' = 'first trial';
  #left: number = TRIAL;
  #spent = 0;
  #firstSpent = 0;

  /** Whether the next step is to be run by one thread. */
  get alone(): boolean {
    return this.#alone;
  }

  /** Notes how long the step took, milliseconds. */
  record(time: number): void {
    this.#spent += time;
    this.#left -= 1;
    if (this.#left > 0) return;
    switch (this.#phase) {
      case 'first trial':
        this.#firstSpent = this.#spent;
        this.#begin('second trial', !this.#alone, TRIAL);
        break;
      case 'second trial':
        this.#begin('stretch', this.#spent < this.#firstSpent ? this.#alone : !this.#alone, STRETCH);
        break;
      case 'stretch':
        this.#begin('first trial', this.#alone, TRIAL);
        break;
    }
  }

  #begin(phase: 'first trial' | 'second trial' | 'stretch', alone: boolean, steps: number): void {
    this.#phase = phase;
    this.#alone = alone;
    this.#left = steps;
    this.#spent = 0;
  }
}

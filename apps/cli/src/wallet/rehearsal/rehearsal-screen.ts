// A rehearsal as people see it: a line for each step, and on a terminal one that counts the blocks which are waited for.

import type { RehearsalLine } from './rehearsal-report.ts';

/** Back to the line's start, and nothing on it. */
const CLEAR = '\r\u001b[K';
const INDENT = ' '.repeat(31);

export class RehearsalScreen {
  readonly #isQuiet: boolean;
  readonly #isTerminal: boolean;
  readonly #started = performance.now();

  constructor(isQuiet: boolean) {
    this.#isQuiet = isQuiet;
    this.#isTerminal = process.stdout.isTTY === true;
  }

  /** Since it began, to a tenth. */
  get seconds(): number {
    return Math.round((performance.now() - this.#started) / 100) / 10;
  }

  say(text: string): void {
    if (!this.#isQuiet) console.log(`${this.#isTerminal ? CLEAR : ''}${this.#time()}  ${text}`);
  }

  step({ height, step, text, command }: RehearsalLine): void {
    this.say(`  block ${String(height).padStart(3)}  ${step.padEnd(9)}  ${text}`);
    if (this.#isQuiet || command === null) return;
    for (const part of command.split('; ')) console.log(`${INDENT}$ rnt wallet ${part}`);
  }

  wait(height: number, until: number): void {
    if (!this.#isQuiet && this.#isTerminal)
      process.stdout.write(`${CLEAR}${this.#time()}    block ${height} of ${until}`);
  }

  #time(): string {
    return `${this.seconds.toFixed(1).padStart(5)} s`;
  }
}

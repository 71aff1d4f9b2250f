// What a node has promised, and whether a restarted one keeps it.

import type { CrashLine } from './crash-line.ts';

export class Promises {
  #final: { readonly height: number; readonly id: string } = { height: 0, id: '' };
  /** Steps that are done: the restarted node goes on after them. */
  doneSteps = 0;

  /** Takes a line; a sentence if it breaks a promise. */
  take(line: CrashLine): string | null {
    if (line.type === 'progress') this.doneSteps = Math.max(this.doneSteps, line.step + 1);
    if (line.type === 'finalized') {
      if (line.height <= this.#final.height) return `finality went from height ${this.#final.height} to ${line.height}`;
      this.#final = line;
    }
    if (line.type === 'started') {
      const { height, id } = this.#final;
      if (id === '') return null;
      if (line.active[height] !== id)
        return `the final block ${id} of height ${height} is lost: ${line.active[height] ?? 'nothing'} is there`;
      if (line.finalHeight < height) return `the final height fell from ${height} to ${line.finalHeight}`;
    }
    return null;
  }
}

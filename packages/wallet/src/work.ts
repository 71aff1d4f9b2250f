// Work that takes long with a hundred thousand coins, in parts: whoever runs it decides when others have their turn in between. No clock is here.

/** Gives way now and then, and its result in the end. */
export type Work<T> = Generator<undefined, T>;

/** Coins looked at, or moved, before work gives way: about a millisecond. */
export const PER_PART = 500;

/** Runs it without a break. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Sorted runs that are merged. */
const RUN = 1_024;

/** A sorted copy; what is equal stays in its order. */
export function* sorted<T>(items: readonly T[], compare: (a: T, b: T) => number): Work<T[]> {
  let from = [...items];
  for (let start = 0; start < from.length; start += RUN) {
    const run = from.slice(start, start + RUN).sort(compare);
    for (const [index, item] of run.entries()) from[start + index] = item;
    yield;
  }
  let to = from.slice();
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const [middle, end] = [Math.min(start + width, from.length), Math.min(start + 2 * width, from.length)];
      let [left, right] = [start, middle];
      for (let at = start; at < end; at++) {
        const isLeft = left < middle && (right >= end || compare(from[left]!, from[right]!) <= 0);
        to[at] = isLeft ? from[left++]! : from[right++]!;
        if (at % RUN === 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

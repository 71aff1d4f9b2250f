// Why the text of a lock was refused, for people.

/** What is wrong with a text, where, and what to do. */
export interface LockTextProblem {
  /** Character at which it goes wrong; the text's length if its end comes too early. */
  readonly position: number;
  readonly cause: string;
  readonly fix: string;
}

/** Characters that are shown before and after the place. */
const CONTEXT = 30;

/** Three lines: position, cause and fix; the text around the place; a mark under it. */
export function describeLockTextProblem(text: string, { position, cause, fix }: LockTextProblem): string {
  const from = Math.max(0, position - CONTEXT);
  const until = position + CONTEXT;
  const [start, end] = [from > 0 ? '...' : '', until < text.length ? '...' : ''];
  // One line, whatever the text holds, so that the mark stands under its character.
  const shown = text.slice(from, until).replaceAll(/[^\x20-\x7e]/g, ' ');
  const mark = ' '.repeat(start.length + position - from);
  return `at character ${position + 1}: ${cause}; ${fix}\n  ${start}${shown}${end}\n  ${mark}^`;
}

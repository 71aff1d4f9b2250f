// The words of a lock's text one after the other, with their places.

import type { LockTextProblem } from './lock-text-problem.ts';

/** The first thing wrong with a text. Thrown within the parser only; `parseLock` turns it into a result. */
export class LockTextError extends Error {
  override readonly name: string = 'LockTextError';
  readonly problem: LockTextProblem;

  constructor(position: number, cause: string, fix: string) {
    super(`${cause}; ${fix}`);
    this.problem = { position, cause, fix };
  }
}

/** A run of letters, digits, `.`, `-` and `_`. */
export interface Word {
  readonly text: string;
  readonly position: number;
}

const WORD = /[A-Za-z0-9._-]+/y;

/** Reads from left to right; white space separates and means nothing. */
export class LockWords {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  /** Where the next word or mark begins. */
  get position(): number {
    return this.#at;
  }

  /** The next word. `wanted` says what it should be. */
  word(wanted: string): Word {
    const position = this.#at;
    WORD.lastIndex = position;
    const text = WORD.exec(this.#text)?.[0];
    if (text === undefined) throw this.#unexpected(wanted);
    this.#advance(text.length);
    return { text, position };
  }

  /** Whether the next character is this mark, which is then passed. */
  passes(mark: '(' | ')' | ','): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#advance(1);
    return true;
  }

  /** Passes this mark; anything else is refused. */
  expect(mark: '(' | ')' | ',', wanted: string = `'${mark}'`): void {
    if (!this.passes(mark)) throw this.#unexpected(wanted);
  }

  /** Checks that nothing follows. */
  finish(): void {
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
  }

  #unexpected(wanted: string): LockTextError {
    const next = this.#text[this.#at];
    const found = next === undefined ? 'the text ends' : `there is '${next}'`;
    return new LockTextError(this.#at, `${found} where ${wanted} should be`, fixOf(wanted));
  }

  #advance(length: number): void {
    this.#at += length;
    this.#skipSpace();
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}

function fixOf(wanted: string): string {
  return wanted === 'the end' ? 'remove what follows or join it with and(...) or or(...)' : `write ${wanted} here`;
}

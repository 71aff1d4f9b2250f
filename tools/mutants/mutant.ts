// A mutant: one rule of consensus that does not hold, or holds one unit off, made by replacing one piece of one source file.

export interface Mutant {
  /** Rule id of the specification. */
  readonly rule: string;
  /** `removed`: the rule does not hold at all; `shifted`: it holds one unit off, for less, or for more. */
  readonly kind: 'removed' | 'shifted';
  /** Verdict codes that the rule gives. */
  readonly codes: readonly string[];
  /** Relative to the root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** Test files of which at least one must fail, the likeliest first. */
  readonly tests: readonly string[];
}

/**
 * Reads a table. `file PATH` and the lines `test PATH` after it hold for what follows; a mutant is a line `RULE KIND CODES...` and the text as in a
 * diff, `- ` before and `+ ` after, with `\n` for the end of a line and `\\` for a backslash. `#` begins a comment.
 * @throws Error with the line that cannot be read.
 */
export function parseMutants(text: string): Mutant[] {
  const mutants: Mutant[] = [];
  const lines = text.split('\n');
  let file = '';
  let tests: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line === '' || line.startsWith('#')) continue;
    const [word = '', ...rest] = line.split(' ');
    if (word === 'file') [file, tests] = [rest.join(' '), []];
    else if (word === 'test') tests.push(rest.join(' '));
    else {
      const [kind, ...codes] = rest;
      const [from, to] = [patchLine(lines[at + 1], '-'), patchLine(lines[at + 2], '+')];
      if ((kind !== 'removed' && kind !== 'shifted') || from === null || to === null || from === '') {
        throw new Error(
          `line ${at + 1} of a table of mutants: RULE removed|shifted CODES, then '- TEXT' and '+ TEXT': ${line}`,
        );
      }
      mutants.push({ rule: word, kind, codes, file, from, to, tests });
      at += 2;
    }
  }
  return mutants;
}

function patchLine(line: string | undefined, sign: '-' | '+'): string | null {
  if (line === undefined || !line.startsWith(sign)) return null;
  return line.slice(2).replaceAll(/\\(\\|n)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : '\\'));
}

/** Name of a mutant in reports: rule, file, and how it was made. */
export function mutantName({ rule, kind, file, from, to }: Mutant): string {
  const short = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 90);
  return `${rule} ${kind} in ${file}: ${short(from)} => ${short(to)}`;
}

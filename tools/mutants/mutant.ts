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

/** Rule, kind, codes separated by spaces, the text and what replaces it. */
export type Row = readonly [rule: string, kind: Mutant['kind'], codes: string, from: string, to: string];

/** Mutants of one file that the same tests look after. */
export function mutantsOf(file: string, tests: readonly string[], rows: readonly Row[]): Mutant[] {
  return rows.map(([rule, kind, codes, from, to]) => ({
    rule,
    kind,
    codes: codes === '' ? [] : codes.split(' '),
    file,
    from,
    to,
    tests,
  }));
}

/** Name of a mutant in reports: rule, file, and how it was made. */
export function mutantName({ rule, kind, file, from, to }: Mutant): string {
  const short = (text: string): string => text.replaceAll(/\s+/g, ' ').slice(0, 90);
  return `${rule} ${kind} in ${file}: ${short(from)} => ${short(to)}`;
}

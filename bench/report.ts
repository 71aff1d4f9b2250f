// What a benchmark reports: our figure, the peer's and the machine's limit from one run, as ratios.

export interface BenchRow {
  readonly name: string;
  readonly ours: number;
  /** The same work by the peer; null where the peer is not installed (a printed skip). */
  readonly peer: number | null;
  /** What the machine could do at most, in the same unit; null where no such figure is meaningful. */
  readonly limit: number | null;
  readonly unit: string;
  /** Above 1: ours is better, also where less is better. */
  readonly ratioToPeer: number | null;
  readonly ratioToLimit: number | null;
  /** Smallest and largest of the rounds behind the medians. */
  readonly spread: { readonly ours: readonly [number, number]; readonly peer: readonly [number, number] | null };
  readonly note?: string;
}

export interface RowInput {
  readonly name: string;
  readonly unit: string;
  readonly ours: readonly number[];
  readonly peer: readonly number[] | null;
  readonly limit: number | null;
  readonly lessIsBetter?: boolean;
  readonly note?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

const range = (values: readonly number[]): [number, number] => [Math.min(...values), Math.max(...values)];

export function makeRow(input: RowInput): BenchRow {
  const ours = median(input.ours);
  const peer = input.peer === null || input.peer.length === 0 ? null : median(input.peer);
  const ratio = (other: number | null): number | null => {
    if (other === null) return null;
    return input.lessIsBetter === true ? other / ours : ours / other;
  };
  return {
    name: input.name,
    ours,
    peer,
    limit: input.limit,
    unit: input.unit,
    ratioToPeer: ratio(peer),
    ratioToLimit: ratio(input.limit),
    spread: {
      ours: range(input.ours),
      peer: input.peer === null || input.peer.length === 0 ? null : range(input.peer),
    },
    ...(input.note === undefined ? {} : { note: input.note }),
  };
}

const figure = (value: number | null): string => {
  if (value === null) return '-';
  if (value >= 1000) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
};

/** One line for people. */
export function formatRow(row: BenchRow): string {
  const peerSpread = row.spread.peer === null ? '' : ` [${figure(row.spread.peer[0])}..${figure(row.spread.peer[1])}]`;
  return [
    row.name.padEnd(18),
    `ours ${figure(row.ours)} [${figure(row.spread.ours[0])}..${figure(row.spread.ours[1])}]`.padEnd(34),
    `peer ${figure(row.peer)}${peerSpread}`.padEnd(34),
    `limit ${figure(row.limit)}`.padEnd(16),
    row.unit.padEnd(12),
    `x peer ${figure(row.ratioToPeer)}`.padEnd(14),
    `x limit ${figure(row.ratioToLimit)}`,
    row.note === undefined ? '' : `  (${row.note})`,
  ].join(' ');
}

// What a run of the ledger must have seen, and its report for people.

import { assert } from '@resonancenet/bytes/assert';
import type { LedgerReport } from './ledger-run.ts';
import { HAPPENINGS, type Happening } from './replay.ts';

/** Fails if something that the run is about did not happen often enough. `least`: on the chain; 1 where nothing is said. */
export function checkHappened(report: LedgerReport, least: Partial<Record<Happening, number>>): void {
  const seen = describeReport(report);
  for (const name of HAPPENINGS) {
    const wanted = least[name] ?? 1;
    assert((report.counts.get(name) ?? 0) >= wanted, `${name}: at least ${wanted} are wanted\n${seen}`);
  }
  assert(report.reorganisations.has(report.finalityDepth), `no tip went back as far as it may\n${seen}`);
  assert(report.returnedAndConfirmed > 0, `no transaction came back from a reorganisation\n${seen}`);
  assert(report.crashes >= 2 && report.partitions > 0, `too little befell the nodes\n${seen}`);
}

export function describeReport(report: LedgerReport): string {
  const depths = [...report.reorganisations].sort(([a], [b]) => a - b).map(([depth, count]) => `${count} of ${depth}`);
  return [
    `height ${report.height}, state hash ${report.stateHash}`,
    ...HAPPENINGS.map((name) => `${name}: ${report.counts.get(name) ?? 0}`),
    `blocks taken back: ${depths.join(', ')}; partitions ${report.partitions}, crashes ${report.crashes}`,
    `transactions returned to a pool ${report.returnedToPool}, of these confirmed in the end ${report.returnedAndConfirmed}`,
  ].join('\n');
}

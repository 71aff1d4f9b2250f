// The short form of ledger.slow.test.ts: the same five nodes and one that comes late, on deadlines that a hundred and ten blocks reach.

import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { checkHappened, describeReport } from './ledger/ledger-report.ts';
import { LedgerRun } from './ledger/ledger-run.ts';
import { seeds } from './world.ts';

const params = {
  ...regtest,
  name: 'sim-ledger',
  recovery: { ...regtest.recovery, emissionReturnMin: 20, builtInReturn: 40 },
  rotation: {
    ...regtest.rotation,
    window: 8,
    lockIn: 6,
    delay: 14,
    notice: 7,
    cancel: 2,
    expiry: 20,
    bond: 200_000_000_000n,
  },
};

test('110 blocks of payments, recoveries, votes and partitions: all nodes have the state that a replay has', (t) => {
  for (const seed of seeds(1)) {
    const report = new LedgerRun({ seed, params, blocks: 110, fates: ['active', 'cancelled'] }).run();
    t.diagnostic(describeReport(report));
    checkHappened(report, { 'proposals void': 0, 'proposals failed': 0 });
  }
});

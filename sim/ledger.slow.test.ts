// The bar of the ledger: 2,000 blocks on regtest's own parameters. `SIM_SEED=n` runs another one.

import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { checkHappened, describeReport } from './ledger/ledger-report.ts';
import { LedgerRun } from './ledger/ledger-run.ts';
import { runs } from './runs.ts';
import { seeds } from './world.ts';

test('five nodes mine, pay, recover, vote and reorganise for 2,000 regtest blocks and have the state that a replay has', (t) => {
  for (const seed of seeds(runs(1), 1_000)) {
    const fates = ['active', 'cancelled', 'void', 'failed'] as const;
    const report = new LedgerRun({ seed, params: regtest, blocks: 2_000, fates }).run();
    t.diagnostic(`seed ${seed}: ${describeReport(report)}`);
    checkHappened(report, {
      payments: 1_000,
      'spends of what the same block created': 500,
      heartbeats: 100,
      'recoveries after a timeout': 30,
      'announcements cancelled by their owner': 30,
      'social recoveries': 30,
      'returns to the emission': 100,
      activations: 3,
    });
  }
});

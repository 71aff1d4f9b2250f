// The network of the simulation: small checkpoints, devnet's pace, made-up genesis constants.

import { withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import { devnet } from '@resonancenet/params/devnet';
import type { NetworkParams } from '@resonancenet/params/network-params';

/** One chunk per checkpoint, two seconds between blocks. */
export const simParams: NetworkParams = withGenesis({
  ...devnet,
  name: 'sim',
  baseShape: { width: 16, layers: 1 },
  capShape: { width: 16, layers: 1 },
  dval: { windows: 4, windowSize: 32 },
  lossStep: 100,
  spacingBase: 2,
  stallIntervalBase: 60,
});

/** Three chunks per checkpoint, ten seconds between blocks. */
export const chunkySimParams: NetworkParams = {
  ...simParams,
  name: 'sim-chunky',
  baseShape: { width: 256, layers: 1 },
  capShape: { width: 256, layers: 1 },
  spacingBase: 10,
};

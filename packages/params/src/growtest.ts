// Growtest: regtest's size with mainnet's growth and LOSS_STEP, for tests of growth up to the cap.
// Meaning, unit and rule of each field: network-params.ts and spec/networks.md.

import { growtestGenesis } from './genesis/growtest.ts';
import type { NetworkParams } from './network-params.ts';

export const growtest: NetworkParams = {
  name: 'growtest',
  // Bytes 47 4e 45 54.
  magic: 'GNET',
  addressPrefix: 'rrnt',
  lightningPrefix: 'lnrrnt',
  ports: { p2p: 49555, rpc: 49554, lightning: 49556 },
  // Shows as 'T'.
  base58Version: 0x41,
  coinType: 9555,
  vocabulary: { kind: 'bytes', size: 256, startId: 0 },
  baseShape: { width: 16, layers: 1 },
  // Reached at growth 4,080 (width) and 6,016 (layers).
  capShape: { width: 4096, layers: 48 },
  // 128 targets.
  dval: { windows: 4, windowSize: 32 },
  // A quantum against rounding games, not a difficulty: 100 micro-nats = 0.0001 nats a token.
  lossStep: 100,
  spacingBase: 0,
  stallIntervalBase: 60,
  patience: 10,
  coinbaseMaturity: 6,
  finalityDepth: 6,
  maxBlockBytes: 2_000_000,
  maxTransactionBytes: 400_000,
  // At 700 verifications a second, the slowest path there is, a block of them takes under 30 s.
  maxBlockSignatures: 20_000,
  // 50 RNT of 10^10 resonances.
  subsidy: 500_000_000_000n,
  // The whole subsidy from 0.1 % on, twice as much from 1 % on.
  emission: { fullGain: 1_000, doubleGain: 10_000 },
  minRelayFee: 10,
  // The white paper's counts (section 7) divided by 1,000; the cancel window is 6, long enough to act in.
  recovery: {
    heartbeatIntervalMin: 10,
    heartbeatIntervalMax: 500,
    heartbeatTimeoutMin: 1,
    heartbeatTimeoutMax: 500,
    socialWaitMin: 6,
    emissionReturnMin: 200,
    builtInReturn: 200,
    base58Return: 500,
    channelReturn: 500,
    channelClose: 490,
  },
  // The same parts of a shorter window, so that a test can reach them.
  rotation: {
    window: 16,
    lockIn: 12,
    delay: 32,
    notice: 16,
    cancel: 4,
    expiry: 64,
    // 100 RNT.
    bond: 1_000_000_000_000n,
  },
  // Matrices, keys and values: 887 / 2048, the multiple of 1/2048 nearest to sqrt(3 / 16) (init-amplitudes.ts).
  initAmplitudes: {
    embed: 0.0390625,
    taps: 0.015625,
    wz: 0.43310546875,
    wh: 0.43310546875,
    wq: 0.43310546875,
    keys: 0.43310546875,
    values: 0.43310546875,
    wgate: 0.43310546875,
    wup: 0.43310546875,
  },
  // Time is real.
  testClock: false,
  genesis: {
    // 2026-11-01T00:00:00Z.
    timestamp: 1_793_491_200n,
    // ASCII 'resonancenet/growtest/weights/1', padded with zeros.
    weightSeed: '7265736f6e616e63656e65742f67726f77746573742f776569676874732f3100',
    constants: growtestGenesis,
  },
} as const satisfies NetworkParams;

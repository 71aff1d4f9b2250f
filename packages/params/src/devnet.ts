// Devnet, the embedded default: small enough that two cores train it and see blocks within seconds.
// Meaning, unit and rule of each field: network-params.ts and spec/networks.md.

import { devnetGenesis } from './genesis/devnet.ts';
import type { NetworkParams } from './network-params.ts';

export const devnet: NetworkParams = {
  name: 'devnet',
  // Bytes 44 4e 45 54.
  magic: 'DNET',
  addressPrefix: 'drnt',
  lightningPrefix: 'lndrnt',
  ports: { p2p: 29555, rpc: 29554, lightning: 29556 },
  // Shows as 'T'.
  base58Version: 0x41,
  coinType: 9555,
  vocabulary: { kind: 'bytes', size: 256, startId: 0 },
  baseShape: { width: 64, layers: 2 },
  // Reached at growth 64 (width) and 256 (layers).
  capShape: { width: 128, layers: 4 },
  // 16,384 targets.
  dval: { windows: 64, windowSize: 256 },
  // 0.001 nats a token: noise of a small model is no improvement.
  lossStep: 1_000,
  spacingBase: 2,
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
    // Not divided: a newcomer's first rewards must not vanish within minutes.
    builtInReturn: 200_000,
    base58Return: 500,
    channelReturn: 500,
    channelClose: 490,
  },
  // The same parts of a shorter window, so that a test can reach them.
  rotation: {
    window: 64,
    lockIn: 48,
    delay: 128,
    notice: 64,
    cancel: 16,
    expiry: 256,
    // 100 RNT.
    bond: 1_000_000_000_000n,
  },
  // Matrices, keys and values: 443 / 2048, the multiple of 1/2048 nearest to sqrt(3 / 64) (init-amplitudes.ts).
  initAmplitudes: {
    embed: 0.0390625,
    taps: 0.015625,
    wz: 0.21630859375,
    wh: 0.21630859375,
    wq: 0.21630859375,
    keys: 0.21630859375,
    values: 0.21630859375,
    wgate: 0.21630859375,
    wup: 0.21630859375,
  },
  // Time is real.
  testClock: false,
  genesis: {
    // 2026-11-01T00:00:00Z.
    timestamp: 1_793_491_200n,
    // ASCII 'resonancenet/devnet/weights/1', padded with zeros.
    weightSeed: '7265736f6e616e63656e65742f6465766e65742f776569676874732f31000000',
    constants: devnetGenesis,
  },
} as const satisfies NetworkParams;

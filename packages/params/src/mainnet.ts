// Mainnet. White paper section 13; the prefix `rnt` of section 6 (section 13's `mnt1` is a typo).
// Meaning, unit and rule of each field: network-params.ts and spec/networks.md.

import { mainnetGenesis } from './genesis/mainnet.ts';
import type { NetworkParams } from './network-params.ts';

export const mainnet: NetworkParams = {
  name: 'mainnet',
  // Bytes 52 4e 45 54.
  magic: 'RNET',
  addressPrefix: 'rnt',
  lightningPrefix: 'lnrnt',
  ports: { p2p: 9555, rpc: 9554, lightning: 9556 },
  // Shows as 'R'.
  base58Version: 0x3c,
  coinType: 9555,
  vocabulary: { kind: 'gpt2', size: 50_257, startId: 50_256 },
  baseShape: { width: 384, layers: 6 },
  // Reached at growth 3,712 (width) and 5,376 (layers).
  capShape: { width: 4096, layers: 48 },
  // 131,072 targets.
  dval: { windows: 512, windowSize: 256 },
  // A quantum against rounding games, not a difficulty: 100 micro-nats = 0.0001 nats a token.
  lossStep: 100,
  spacingBase: 600,
  stallIntervalBase: 21_600,
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
  // As written in the white paper, section 7.
  recovery: {
    heartbeatIntervalMin: 10_000,
    heartbeatIntervalMax: 500_000,
    heartbeatTimeoutMin: 1_000,
    heartbeatTimeoutMax: 500_000,
    socialWaitMin: 1_000,
    emissionReturnMin: 200_000,
    builtInReturn: 200_000,
    base58Return: 500_000,
    channelReturn: 500_000,
    channelClose: 490_000,
  },
  // A week of ten-minute blocks, three quarters of it, two weeks, a quarter of one.
  rotation: {
    window: 1_008,
    lockIn: 756,
    delay: 2_016,
    notice: 1_008,
    cancel: 252,
    expiry: 4_032,
    // 100 RNT.
    bond: 1_000_000_000_000n,
  },
  // Matrices, keys and values: 181 / 2048, the multiple of 1/2048 nearest to sqrt(3 / 384) (init-amplitudes.ts).
  initAmplitudes: {
    embed: 0.0390625,
    taps: 0.015625,
    wz: 0.08837890625,
    wh: 0.08837890625,
    wq: 0.08837890625,
    keys: 0.08837890625,
    values: 0.08837890625,
    wgate: 0.08837890625,
    wup: 0.08837890625,
  },
  // Time is real.
  testClock: false,
  genesis: {
    // 2026-11-01T00:00:00Z.
    timestamp: 1_793_491_200n,
    // ASCII 'resonancenet/mainnet/weights/1', padded with zeros.
    weightSeed: '7265736f6e616e63656e65742f6d61696e6e65742f776569676874732f310000',
    constants: mainnetGenesis,
  },
} as const satisfies NetworkParams;

// Limits of the networks of the cases, written down by hand and not imported: a changed constant of the project makes a case fail.

/** Regtest's numbers where a network does not say otherwise. Amounts in resonances. */
export const LIMITS = {
  rnt: 10_000_000_000n,
  maxMoney: 210_000_000_000_000_000n,
  subsidy: 500_000_000_000n,
  coinbaseMaturity: 6,
  finalityDepth: 6,
  blockBytes: 2_000_000,
  headerBytes: 329,
  transactionBytes: 400_000,
  witnessBytes: 16_384,
  leafBytes: 747,
  maxLoss: 64_000_000,
  noLock: 0x8000_0000,
  announcementBond: 10_000_000_000n,
} as const;

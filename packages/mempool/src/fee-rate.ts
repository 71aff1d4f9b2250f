// Fees against the bytes that they pay for. A fee rate is in resonances per 1,000 bytes, so that rates below one resonance per byte exist.

/** A fee in resonances and the encoded bytes that it pays for. */
export interface PaidBytes {
  readonly fee: bigint;
  readonly bytes: number;
}

/** Resonances per 1,000 bytes. */
export type FeeRate = bigint;

/** Which of two pays more per byte: above 0 if the first does. Exact. */
export function compareFeeRates(a: PaidBytes, b: PaidBytes): number {
  const left = a.fee * BigInt(b.bytes);
  const right = b.fee * BigInt(a.bytes);
  return left === right ? 0 : left < right ? -1 : 1;
}

/** The rate that is paid, rounded down. */
export function feeRateOf({ fee, bytes }: PaidBytes): FeeRate {
  return (fee * 1000n) / BigInt(bytes);
}

/** The rate of a price per byte, as network parameters give it. */
export function feeRatePerByte(resonances: number): FeeRate {
  return BigInt(resonances) * 1000n;
}

/** The least fee that pays a rate for so many bytes: rounded up. */
export function feeAtRate(rate: FeeRate, bytes: number): bigint {
  return (rate * BigInt(bytes) + 999n) / 1000n;
}

export function greaterRate(a: FeeRate, b: FeeRate): FeeRate {
  if (a < b) return b;
  return a;
}

/** A rate as people read it: resonances per byte, three decimals. */
export function showFeeRate(rate: FeeRate): string {
  return `${rate / 1000n}.${(rate % 1000n).toString().padStart(3, '0')} resonances per byte`;
}

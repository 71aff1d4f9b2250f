// What the ages must hold, worked out from the unspent outputs of a restated ledger.

import type { NaiveLedger } from './naive-ledger.ts';

/** The table `ages` after the block at `height`, worked out from the unspent outputs; keys and values in hexadecimal (LED-29). */
export function naiveAges(ledger: NaiveLedger, height: number): Map<string, string> {
  const buckets = new Map<string, { amount: bigint; count: number }>();
  const deadlines = new Map<number, bigint>();
  for (const output of ledger.unspent) {
    const { policy } = output.target;
    const isBeating = policy.type === 'heartbeat';
    if (!isBeating && !(policy.type === 'emissionReturn' && policy.terms)) continue;
    const since = isBeating ? Math.max(output.created, ledger.lastSign(policy)) : output.created;
    const key = `00${policy.name}${bigEndian(since)}`;
    const { amount, count } = buckets.get(key) ?? { amount: 0n, count: 0 };
    buckets.set(key, { amount: amount + output.amount, count: count + 1 });
    const deadline = since + policy.blocks;
    if (isBeating && deadline > height) deadlines.set(deadline, (deadlines.get(deadline) ?? 0n) + output.amount);
  }
  const lines = [...buckets].map(
    ([key, { amount, count }]) => [key, littleEndian(amount, 8) + littleEndian(BigInt(count), 4)] as const,
  );
  const sums = [...deadlines].filter(([, amount]) => amount > 0n);
  return new Map([...lines, ...sums.map(([at, amount]) => [`01${bigEndian(at)}`, littleEndian(amount, 8)] as const)]);
}

function bigEndian(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function littleEndian(value: bigint, bytes: number): string {
  const digits = value.toString(16).padStart(2 * bytes, '0');
  return (digits.match(/../g) ?? []).reverse().join('');
}

// Damaged encodings for property tests.

import fc from 'fast-check';

interface Damage {
  readonly kind: 'set' | 'flip' | 'insert' | 'remove' | 'cut';
  readonly place: number;
  readonly byte: number;
}

const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(
      'set' as const,
      'flip' as const,
      'flip' as const,
      'insert' as const,
      'remove' as const,
      'cut' as const,
    ),
    place: fc.nat(),
    byte: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Encodings with one to three changes anywhere. */
export function damagedBytes(encodings: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(encodings, damages).map(([bytes, changes]) => changes.reduce(damage, bytes));
}

function damage(bytes: Uint8Array, { kind, place, byte }: Damage): Uint8Array {
  const at = bytes.length === 0 ? 0 : place % bytes.length;
  if (kind === 'cut') return bytes.slice(0, at);
  const tail = kind === 'insert' ? at : at + 1;
  const middle = kind === 'remove' ? [] : [kind === 'flip' ? (bytes[at] ?? 0) ^ (1 << (byte & 7)) : byte];
  return Uint8Array.of(...bytes.subarray(0, at), ...middle, ...bytes.subarray(tail));
}

// The tests that every format passes: vectors, round trips both ways, truncation, trailing bytes, refused encodings.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Codec } from '../codec.ts';
import { decode } from '../decode.ts';
import type { DecodeReason } from '../decode-error.ts';
import { encode } from '../encode.ts';
import { fromHex, toHex } from '../hex.ts';

export interface CodecCases<T> {
  /** Values of the format, as varied as it allows. */
  readonly values: fc.Arbitrary<T>;
  /** Encodings written out by hand; white space in the hex is ignored. */
  readonly vectors: readonly { readonly name: string; readonly value: T; readonly hex: string }[];
  /** Encodings that must be refused, and why. */
  readonly refused: readonly {
    readonly name: string;
    readonly hex: string;
    readonly reason: DecodeReason;
    readonly path?: string;
  }[];
}

/** Declares the suite of one format. */
export function codecSuite<T>(name: string, codec: Codec<T>, cases: CodecCases<T>): void {
  // fast-check makes records without a prototype; decoded values are ordinary objects.
  const values = cases.values.map((value) => structuredClone(value));
  describe(name, () => {
    for (const vector of cases.vectors) {
      test(`encodes and decodes: ${vector.name}`, () => {
        const bytes = fromHex(vector.hex.replaceAll(/\s/g, ''));
        assert.equal(toHex(encode(codec, vector.value)), toHex(bytes));
        assert.deepEqual(decode(codec, bytes), { ok: true, value: vector.value });
      });

      test(`refuses every truncation: ${vector.name}`, () => {
        const bytes = fromHex(vector.hex.replaceAll(/\s/g, ''));
        for (let length = 0; length < bytes.length; length++) {
          const result = decode(codec, bytes.subarray(0, length));
          assert.equal(result.ok, false, `the first ${length} bytes decode`);
        }
      });
    }

    for (const { name: why, hex, reason, path } of cases.refused) {
      test(`refuses: ${why}`, () => {
        const result = decode(codec, fromHex(hex.replaceAll(/\s/g, '')));
        assert.equal(result.ok, false, 'it decodes');
        assert.equal(result.error.reason, reason);
        if (path !== undefined) assert.equal(result.error.path, path);
      });
    }

    test('decodes what it encodes, to the same value', () => {
      fc.assert(
        fc.property(values, (value) => {
          assert.deepEqual(decode(codec, encode(codec, value)), { ok: true, value });
        }),
        { numRuns: 200 },
      );
    });

    test('never writes fewer bytes than its least size', () => {
      fc.assert(fc.property(values, (value) => encode(codec, value).length >= codec.minSize));
    });

    test('refuses bytes after the value', () => {
      fc.assert(
        fc.property(values, fc.uint8Array({ minLength: 1, maxLength: 4 }), (value, extra) => {
          const bytes = Uint8Array.of(...encode(codec, value), ...extra);
          const result = decode(codec, bytes);
          assert.equal(result.ok, false);
          assert.equal(result.error.reason, 'trailing-bytes');
        }),
      );
    });

    test('has one encoding per value: whatever damaged bytes decode encodes to the same bytes', () => {
      fc.assert(
        fc.property(values, damages, (value, changes) => {
          const bytes = changes.reduce(damage, encode(codec, value));
          const result = decode(codec, bytes);
          if (result.ok) assert.equal(toHex(encode(codec, result.value)), toHex(bytes));
        }),
        { numRuns: 500 },
      );
    });
  });
}

interface Damage {
  readonly kind: 'set' | 'insert' | 'remove';
  readonly place: number;
  readonly byte: number;
}

const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('set' as const, 'set' as const, 'set' as const, 'insert' as const, 'remove' as const),
    place: fc.nat(),
    byte: fc.oneof(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xfc, 0xfd, 0xfe, 0xff), fc.nat(255)),
  }),
  { minLength: 1, maxLength: 3 },
);

function damage(bytes: Uint8Array, { kind, place, byte }: Damage): Uint8Array {
  const at = bytes.length === 0 ? 0 : place % bytes.length;
  const tail = kind === 'insert' ? at : at + 1;
  const middle = kind === 'remove' ? [] : [byte];
  return Uint8Array.of(...bytes.subarray(0, at), ...middle, ...bytes.subarray(tail));
}

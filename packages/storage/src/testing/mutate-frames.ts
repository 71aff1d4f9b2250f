// Mutations of values as they lie in a store's file: what the disk or a program that is not ours changed must not be taken for a record.

import assert from 'node:assert/strict';
import { seededNumbers } from '@resonancenet/bytes/testing/seeded-numbers';
import { frameRecord, unframeRecord } from '../record-frame.ts';
import { StorageError } from '../storage-error.ts';

/** What was said of how many. */
export interface FrameTally {
  readonly corrupt: number;
  readonly otherVersion: number;
  /** The mutation left the value as it was. */
  readonly same: number;
}

/** Values of the lengths that wallets keep, each with up to four bits changed, bytes lost, or bytes of another value behind the cut. */
export function mutateFrames(count: number): FrameTally {
  const random = seededNumbers(0x2026_1128);
  const values = [0, 4, 8, 22, 32, 57, 300, 2_000].map((length) =>
    frameRecord(Uint8Array.from({ length }, () => random(256))),
  );
  const tally = { corrupt: 0, otherVersion: 0, same: 0 };
  for (let number = 0; number < count; number++) {
    const framed = values[random(values.length)]!;
    const other = values[random(values.length)]!;
    const mutated = mutate(framed, other, random);
    try {
      const read = unframeRecord(mutated, () => `value ${number}`);
      const asRead = Buffer.from(frameRecord(read));
      // A cut before the first byte leaves the other value whole.
      assert.ok(asRead.equals(framed) || asRead.equals(other), `mutation ${number} is taken for a record`);
      tally.same++;
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.code === 'store-corrupt') tally.corrupt++;
      else tally.otherVersion++;
    }
  }
  return tally;
}

function mutate(framed: Uint8Array, other: Uint8Array, random: (limit: number) => number): Uint8Array {
  const at = random(framed.length);
  switch (random(3)) {
    case 0: {
      const copy = framed.slice();
      for (let flips = random(4); flips >= 0; flips--) copy[random(copy.length)]! ^= 1 << random(8);
      return copy;
    }
    case 1:
      return Buffer.concat([framed.subarray(0, at), framed.subarray(at + 1 + random(40))]);
    default:
      return Buffer.concat([framed.subarray(0, at), other.subarray(Math.min(at, other.length))]);
  }
}

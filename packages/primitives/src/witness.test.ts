import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyHashWitnesses, lockWitnesses } from './testing/arbitraries.ts';
import { decodeKeyHashWitness, decodeLockWitness, encodeKeyHashWitness, encodeLockWitness } from './witness.ts';

test('witnesses of locks come back as they were written (LED-2)', () => {
  fc.assert(
    fc.property(lockWitnesses, (witness) => {
      const result = decodeLockWitness(encodeLockWitness(witness));
      assert.deepEqual(result, { ok: true, witness: structuredClone(witness) });
    }),
  );
});

test('witnesses of Base58 outputs come back as they were written (LED-3)', () => {
  fc.assert(
    fc.property(keyHashWitnesses, (witness) => {
      const result = decodeKeyHashWitness(encodeKeyHashWitness(witness));
      assert.deepEqual(result, { ok: true, witness: structuredClone(witness) });
    }),
  );
});

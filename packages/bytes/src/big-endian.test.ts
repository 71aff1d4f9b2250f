import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bigEndian, readBigEndian, writeBigEndian } from './big-endian.ts';
import { toHex } from './hex.ts';

test('big-endian numbers order like their bytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
      const bytes = new Uint8Array(6);
      writeBigEndian(bytes, 1, value);
      assert.equal(readBigEndian(bytes, 1), value);
      assert.equal(toHex(bytes), `00${value.toString(16).padStart(8, '0')}00`);
      assert.deepEqual(bigEndian(value), bytes.slice(1, 5));
    }),
  );
});

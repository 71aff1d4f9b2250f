import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes, concatBytes, equalBytes } from './compare.ts';

test('equalBytes() needs the same length and the same bytes', () => {
  assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
  assert.equal(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
  assert.equal(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0)), false);
  assert.equal(equalBytes(Uint8Array.of(1, 0), Uint8Array.of(1)), false);
  assert.equal(equalBytes(new Uint8Array(0), new Uint8Array(0)), true);
});

test('compareBytes() orders as unsigned bytes, a prefix first', () => {
  const ordered = [[], [0], [0, 0], [0, 0xff], [1], [0x7f], [0x80], [0xff], [0xff, 0]].map((list) =>
    Uint8Array.from(list),
  );
  for (const [i, a] of ordered.entries()) {
    for (const [j, b] of ordered.entries()) assert.equal(compareBytes(a, b), Math.sign(i - j));
  }
});

test('compareBytes() and equalBytes() agree with the platform', () => {
  const bytes = fc.uint8Array({ maxLength: 4, max: 3 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      assert.equal(compareBytes(a, b), Buffer.compare(a, b));
      assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0);
    }),
  );
});

test('concatBytes() joins copies', () => {
  const first = Uint8Array.of(1, 2);
  const joined = concatBytes(first, new Uint8Array(0), Uint8Array.of(3));
  first[0] = 9;
  assert.deepEqual([...joined], [1, 2, 3]);
  assert.equal(concatBytes().length, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from './byte-queue.ts';

test('ByteQueue gives the bytes back in order, whatever the pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 300 })), { maxLength: 60 }),
      (operations) => {
        const queue = new ByteQueue();
        let model = Buffer.alloc(0);
        for (const operation of operations) {
          if (typeof operation === 'number') {
            const taken = queue.take(operation);
            assert.equal(taken === null, operation > model.length);
            if (taken === null) continue;
            assert.equal(Buffer.compare(taken, model.subarray(0, operation)), 0);
            model = model.subarray(operation);
          } else {
            queue.push(operation);
            model = Buffer.concat([model, operation]);
          }
          assert.equal(queue.length, model.length);
        }
      },
    ),
  );
});

test('ByteQueue gives copies: writing to one changes nothing that is still queued', () => {
  const queue = new ByteQueue();
  const piece = Uint8Array.of(1, 2, 3, 4);
  queue.push(piece);
  piece.fill(9);
  const taken = queue.take(2);
  taken?.fill(7);
  assert.deepEqual([...(queue.take(2) ?? [])], [3, 4]);
});

test('ByteQueue takes a megabyte that came byte by byte', () => {
  const queue = new ByteQueue();
  const piece = new Uint8Array(1);
  for (let i = 0; i < 1 << 20; i += 1) {
    piece[0] = i & 0xff;
    queue.push(piece);
  }
  assert.equal(queue.length, 1 << 20);
  const taken = queue.take(1 << 20);
  assert.equal(taken?.[65_537], 1);
  assert.equal(queue.length, 0);
});

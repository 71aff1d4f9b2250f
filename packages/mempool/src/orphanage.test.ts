import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Orphan, Orphanage } from './orphanage.ts';

const id = (number: number): string => number.toString(16).padStart(64, '0');
const limits = { count: 10, countPerPeer: 5, bytesPerPeer: 100, ageMs: 1000 };

function orphan(number: number, peer = 'a', parts: Partial<Orphan> = {}): Orphan {
  const encoded = new Uint8Array(10);
  return { leaf: id(number), txid: id(1000 + number), encoded, peer, missing: [id(500)], expiresMs: 1000, ...parts };
}

test('Orphanage gives back those that waited for a transaction, once', () => {
  const orphanage = new Orphanage(limits);
  orphanage.add(orphan(1, 'a', { missing: [id(500), id(501)] }));
  orphanage.add(orphan(2, 'a', { missing: [id(501)] }));
  assert.deepEqual(
    orphanage.takeChildrenOf(id(500)).map(({ leaf }) => leaf),
    [id(1)],
  );
  assert.deepEqual(
    orphanage.takeChildrenOf(id(501)).map(({ leaf }) => leaf),
    [id(2)],
  );
  assert.equal(orphanage.size, 0);
  assert.deepEqual(orphanage.takeChildrenOf(id(501)), []);
});

test('p2p_orphan_handling: a peer that floods orphans loses its own oldest, and nobody else loses any', () => {
  const orphanage = new Orphanage(limits);
  for (let number = 0; number < 3; number += 1) orphanage.add(orphan(number, 'honest'));
  for (let number = 100; number < 1000; number += 1) orphanage.add(orphan(number, 'flooder'));
  assert.deepEqual(
    [0, 1, 2].map((number) => orphanage.has(id(number))),
    [true, true, true],
  );
  assert.equal(orphanage.size, 8);
  assert.equal(orphanage.has(id(999)), true);
  assert.equal(orphanage.has(id(994)), false);
});

test('Orphanage takes from whoever has most when many peers fill it', () => {
  const orphanage = new Orphanage(limits);
  for (const peer of ['a', 'b']) for (let n = 0; n < 5; n += 1) orphanage.add(orphan(peer === 'a' ? n : 10 + n, peer));
  orphanage.add(orphan(20, 'c'));
  assert.equal(orphanage.has(id(20)), true);
  assert.equal(orphanage.has(id(0)), false);
  assert.equal(orphanage.size, 10);
});

test('Orphanage counts bytes per peer and refuses what alone is too large', () => {
  const orphanage = new Orphanage(limits);
  assert.equal(orphanage.add(orphan(1, 'a', { encoded: new Uint8Array(101) })), false);
  assert.equal(orphanage.add(orphan(2, 'a', { encoded: new Uint8Array(100) })), true);
  assert.equal(orphanage.add(orphan(3)), true);
  assert.equal(orphanage.has(id(2)), false);
});

test('Orphanage forgets what is too old and what a peer that left had sent', () => {
  const orphanage = new Orphanage(limits);
  orphanage.add(orphan(1));
  orphanage.add(orphan(2, 'b', { expiresMs: 1500 }));
  orphanage.add(orphan(3, 'c', { expiresMs: 1600 }));
  assert.equal(orphanage.nextMs(), 1000);
  orphanage.expire(999);
  assert.equal(orphanage.size, 3);
  orphanage.expire(1000);
  assert.equal(orphanage.size, 2);
  orphanage.removePeer('b');
  assert.equal(orphanage.nextMs(), 1600);
});

test('Orphanage keeps its bounds whatever comes', () => {
  const step = fc.record({
    number: fc.nat(40),
    peer: fc.constantFrom('a', 'b', 'c', 'd'),
    size: fc.nat(120),
    missing: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 3 }),
    what: fc.nat(5),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const orphanage = new Orphanage(limits);
      const sizes = new Map<string, number>();
      for (const { number, peer, size, missing, what } of steps) {
        if (what === 0) orphanage.takeChildrenOf(id(missing[0]!));
        else if (what === 1) orphanage.removePeer(peer);
        else {
          orphanage.add(orphan(number, peer, { encoded: new Uint8Array(size), missing: missing.map(id) }));
          sizes.set(id(number), size);
        }
        assert.ok(orphanage.size <= limits.count);
        const children = new Set(
          [0, 1, 2, 3, 4, 5].flatMap((n) => orphanage.childrenOf(id(n)).map(({ leaf }) => leaf)),
        );
        assert.equal(children.size, orphanage.size, 'every orphan is found by what it waits for');
      }
    }),
    { numRuns: 50 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { hash } from '@resonancenet/crypto/hash';
import { shake256 } from '@resonancenet/crypto/shake256';
import { TAG } from '@resonancenet/crypto/tags';
import fc from 'fast-check';
import { LEDGER_TABLES, type LedgerTable } from './ledger-view.ts';
import { StateHash, stateHash } from './state-hash.ts';
import { LedgerChain } from './testing/ledger-chain.ts';
import { MemoryLedger } from './testing/memory-ledger.ts';

type Entry = readonly [table: LedgerTable, key: Uint8Array, value: Uint8Array];

const bytes = fc.uint8Array({ maxLength: 40 });
const entry: fc.Arbitrary<Entry> = fc.tuple(fc.constantFrom(...LEDGER_TABLES), bytes, bytes);

function sumOf(entries: readonly Entry[]): string {
  const sum = new StateHash();
  for (const [table, key, value] of entries) sum.add(table, key, value);
  return toHex(sum.digest());
}

test('one entry gives the hash of its SHAKE256, an empty state that of zeros', () => {
  assert.equal(sumOf([]), toHex(hash(TAG.utxo, new Uint8Array(2048))));
  // Table 2 is `ages`; lengths are varints.
  const bytes = Uint8Array.of(2, 1, 0xaa, 2, 0xbb, 0xcc);
  assert.equal(
    sumOf([['ages', Uint8Array.of(0xaa), Uint8Array.of(0xbb, 0xcc)]]),
    toHex(hash(TAG.utxo, shake256(bytes, 2048))),
  );
  assert.equal(sumOf([]), 'c24a68b76816ca692cd14670edc0f7dae6d81bb14ea4377a6ffe89b367a806e5');
});

test('the order of the entries does not matter, every one of them does, and one can be taken away', () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), fc.nat(), (entries, number) => {
      const all = sumOf(entries);
      assert.equal(sumOf(entries.toReversed()), all);
      const index = number % entries.length;
      const others = entries.toSpliced(index, 1);
      assert.notEqual(sumOf(others), all);
      const sum = new StateHash();
      for (const [table, key, value] of entries) sum.add(table, key, value);
      sum.remove(...entries[index]!);
      assert.equal(toHex(sum.digest()), sumOf(others));
    }),
    { numRuns: 50 },
  );
});

test('where table, key and value end makes a difference', () => {
  const [a, ab, b, none] = [Uint8Array.of(1), Uint8Array.of(1, 2), Uint8Array.of(2), new Uint8Array(0)];
  const hashes = [
    sumOf([['coins', a, b]]),
    sumOf([['coins', ab, none]]),
    sumOf([['coins', none, ab]]),
    sumOf([['ages', a, b]]),
  ];
  assert.equal(new Set(hashes).size, 4);
});

test('the hash of a state is that before a block again when the block is undone', () => {
  const chain = new LedgerChain();
  chain.advance(3);
  const before = toHex(stateHash(chain.view));
  chain.mine();
  assert.notEqual(toHex(stateHash(chain.view)), before);
  chain.undo();
  assert.equal(toHex(stateHash(chain.view)), before);
  assert.equal(before, sumOf([...chain.view.entries()].toReversed()));
  assert.equal(toHex(stateHash(new MemoryLedger())), sumOf([]));
});

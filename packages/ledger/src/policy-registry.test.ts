import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { bytesOf, u32s } from '@resonancenet/primitives/testing/arbitraries';
import fc from 'fast-check';
import { readPolicy, UNKNOWN_POLICY, writePolicy } from './policy-registry.ts';
import { MemoryLedger } from './testing/memory-ledger.ts';
import { HEARTBEAT, SOCIAL } from './testing/sample-policies.ts';

test('a policy of which nothing was heard has no record', () => {
  assert.deepEqual(readPolicy(new MemoryLedger(), HEARTBEAT), UNKNOWN_POLICY);
});

test('a record comes back as it was written', () => {
  const plain = { noNullPrototype: true } as const;
  const announcement = fc.record(
    {
      height: u32s,
      destination: fc.record({ lockId: bytesOf(24), policyId: bytesOf(24) }, plain),
      bonded: fc.boolean(),
    },
    plain,
  );
  const record = fc.record(
    { lastSign: u32s, announcedBefore: fc.boolean(), announcement: fc.option(announcement) },
    plain,
  );
  fc.assert(
    fc.property(record, (policy) => {
      const view = new MemoryLedger();
      writePolicy(view, SOCIAL, policy);
      assert.deepEqual(readPolicy(view, SOCIAL), policy);
    }),
  );
});

test('the bytes of a record are those of LED-29', () => {
  const view = new MemoryLedger();
  const [lockId, policyId] = [new Uint8Array(24).fill(0xaa), new Uint8Array(24).fill(0xbb)];
  const announcement = { height: 0x0102, destination: { lockId, policyId }, bonded: true };
  writePolicy(view, SOCIAL, { lastSign: 9, announcedBefore: true, announcement });
  assert.equal(
    toHex(view.get('policies', SOCIAL)!),
    `09000000 07 02010000 ${'aa'.repeat(24)} ${'bb'.repeat(24)}`.replaceAll(' ', ''),
  );
  writePolicy(view, SOCIAL, { lastSign: 9, announcedBefore: false, announcement: null });
  assert.equal(toHex(view.get('policies', SOCIAL)!), '0900000000');
});

test('a record of another length is a broken store', () => {
  const view = new MemoryLedger();
  view.put('policies', SOCIAL, Uint8Array.of(0, 0, 0, 0, 2));
  assert.throws(() => readPolicy(view, SOCIAL), AssertionFailure);
});

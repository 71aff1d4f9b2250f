import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { keccak256 } from '@resonancenet/crypto/keccak';
import { mainnet } from '@resonancenet/params/mainnet';
import { regtest } from '@resonancenet/params/regtest';
import fc from 'fast-check';
import { destinationProblem, keyDestination } from './destination.ts';
import { keyLockId } from './lock.ts';
import {
  base58PolicyId,
  builtInReturnPolicyId,
  channelPolicyId,
  POLICY_TYPE,
  type PolicyType,
  parsePolicyId,
  policyId,
  policyProblem,
} from './policy.ts';
import { bytesOf } from './testing/arbitraries.ts';

const noTerms = new Uint8Array(0);
const hashOf = (terms: string): string => toHex(keccak256(keccak256(fromHex(`0d${terms}`)))).slice(0, 40);

test('a policy id is type, blocks and 20 bytes of the hash of its terms (BLK-17)', () => {
  const id = policyId('social', 0x030201, Uint8Array.of(0xab, 0xcd));
  assert.equal(toHex(id), `02010203${hashOf('abcd')}`);
});

test('the built-in policies of mainnet are these bytes', () => {
  const empty = hashOf('');
  assert.equal(toHex(builtInReturnPolicyId(mainnet.recovery)), `03400d03${empty}`);
  assert.equal(toHex(base58PolicyId(mainnet.recovery)), `0420a107${empty}`);
  assert.equal(toHex(channelPolicyId(mainnet.recovery)), `0520a107${empty}`);
});

test('parsePolicyId() gives back the parts', () => {
  const types = fc.constantFrom(...(Object.keys(POLICY_TYPE) as PolicyType[]));
  fc.assert(
    fc.property(types, fc.nat(0xffffff), fc.uint8Array({ maxLength: 100 }), (type, blocks, terms) => {
      const parts = parsePolicyId(policyId(type, blocks, terms));
      assert.equal(parts?.type, type);
      assert.equal(parts?.blocks, blocks);
      assert.equal(toHex(parts!.termsHash), hashOf(toHex(terms)));
    }),
  );
});

test('parsePolicyId() knows no other type', () => {
  const known = new Set<number>(Object.values(POLICY_TYPE));
  for (let type = 0; type < 256; type++) {
    const id = Uint8Array.of(type, ...new Uint8Array(23));
    assert.equal(parsePolicyId(id) !== null, known.has(type), `${type}`);
  }
});

test('policyId() asserts that the blocks fit a u24', () => {
  assert.doesNotThrow(() => policyId('social', 0xffffff, noTerms));
  for (const blocks of [-1, 0x1000000, 0.5]) assert.throws(() => policyId('social', blocks, noTerms), AssertionFailure);
});

test('every type has its range of blocks on mainnet, accepted at the ends and refused one beyond (BLK-18)', () => {
  const terms = Uint8Array.of(1);
  const ranges: readonly [type: PolicyType, terms: Uint8Array, least: number, most: number][] = [
    ['heartbeat', terms, 11_000, 1_000_000],
    ['social', terms, 1_000, 0xffffff],
    ['emissionReturn', terms, 200_000, 0xffffff],
    ['emissionReturn', noTerms, 200_000, 0xffffff],
    ['base58', noTerms, 500_000, 500_000],
    ['channel', noTerms, 500_000, 500_000],
  ];
  for (const [type, of, least, most] of ranges) {
    const problem = (blocks: number): string | null => policyProblem(policyId(type, blocks, of), mainnet.recovery);
    assert.equal(problem(least), null);
    assert.equal(problem(most), null);
    assert.match(problem(least - 1)!, new RegExp(`${least - 1} blocks; allowed are ${least} to ${most}`));
    if (most < 0xffffff) assert.match(problem(most + 1)!, /allowed are/);
  }
});

test('Base58 and channel policies have no terms', () => {
  for (const type of ['base58', 'channel'] as const) {
    assert.match(policyProblem(policyId(type, 500_000, Uint8Array.of(1)), mainnet.recovery)!, /no terms/);
  }
});

test('a policy of one network may be out of range on another', () => {
  assert.equal(policyProblem(builtInReturnPolicyId(regtest.recovery), regtest.recovery), null);
  assert.notEqual(policyProblem(builtInReturnPolicyId(regtest.recovery), mainnet.recovery), null);
});

test('policyProblem() refuses unknown types and names the known ones', () => {
  assert.match(policyProblem(new Uint8Array(24), mainnet.recovery)!, /type 0; use one of 1, 2, 3, 4, 5/);
});

test('a bare key is paid under the built-in emission-return policy (BLK-16)', () => {
  const key = new Uint8Array(32).fill(9);
  const destination = keyDestination(key, mainnet.recovery);
  assert.deepEqual(destination.lockId, keyLockId(key));
  assert.deepEqual(destination.policyId, builtInReturnPolicyId(mainnet.recovery));
  assert.equal(destinationProblem(destination, mainnet.recovery), null);
});

test('the lock id of a Base58 output ends with four zero bytes (BLK-19)', () => {
  const policyIdOfBase58 = base58PolicyId(mainnet.recovery);
  fc.assert(
    fc.property(bytesOf(20), fc.nat(3), (hash, place) => {
      const lockId = Uint8Array.of(...hash, 0, 0, 0, 0);
      assert.equal(destinationProblem({ lockId, policyId: policyIdOfBase58 }, mainnet.recovery), null);
      const bad = lockId.slice();
      bad[20 + place] = 1;
      assert.match(
        destinationProblem({ lockId: bad, policyId: policyIdOfBase58 }, mainnet.recovery)!,
        /four zero bytes/,
      );
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import fc from 'fast-check';
import { type Condition, type Leaf, leafCodec, leafProblem, MAX_LEAF_LENGTH } from './condition.ts';
import { leafBranch, lockIdFromBranch, MAX_LEAVES } from './lock.ts';
import { keyHashWitnesses, lockWitnesses } from './testing/arbitraries.ts';
import { MAX_WITNESS_LENGTH } from './transaction.ts';
import {
  decodeKeyHashWitness,
  decodeLockWitness,
  encodeKeyHashWitness,
  encodeLockWitness,
  keyHashWitnessCodec,
  type LockWitness,
  lockWitnessCodec,
  MAX_LOCK_WITNESS_LENGTH,
  type Satisfaction,
  SIGHASH_ALL,
  SIGHASH_SINGLE,
  type ThresholdSignature,
} from './witness.ts';

const fill = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const hex = (byte: string, length = 32): string => byte.repeat(length);

/** A witness of a leaf, alone in its lock unless said otherwise. */
function witnessOf(leaf: Leaf, satisfactions: readonly Satisfaction[], place: Partial<LockWitness> = {}): LockWitness {
  return { leaf, leafBytes: encode(leafCodec, leaf), index: 0, count: 1, branch: [], satisfactions, ...place };
}

const signed = (key: number, byte: number): ThresholdSignature => ({
  key,
  flag: SIGHASH_SINGLE,
  signature: fill(byte, 64),
});
const keyA: Condition = { kind: 'key', publicKey: fill(0xaa) };
const twoOfThree: Condition = { kind: 'threshold', required: 2, publicKeys: [fill(1), fill(2), fill(3)] };
const keyLeaf = `22 0101${hex('aa')}`;
const signature = `01 ${hex('5a', 64)}`;
const thresholdLeaf = `64 01 02 02 03 ${hex('01')}${hex('02')}${hex('03')}`;

codecSuite('witness of a lock (LED-2)', lockWitnessCodec, {
  values: lockWitnesses,
  vectors: [
    {
      name: 'a key alone',
      value: witnessOf([keyA], [{ kind: 'key', flag: SIGHASH_ALL, signature: fill(0x5a, 64) }]),
      hex: `${keyLeaf} 00 01 ${signature}`,
    },
    {
      name: 'the second of three leaves, whose branch has two items',
      value: witnessOf([keyA], [{ kind: 'key', flag: SIGHASH_ALL, signature: fill(0x5a, 64) }], {
        index: 1,
        count: 3,
        branch: [fill(0xb0), fill(0xb1)],
      }),
      hex: `${keyLeaf} 01 03 ${hex('b0')} ${hex('b1')} ${signature}`,
    },
    {
      name: 'the last of two leaves, and so of three, whose branch has one item',
      value: witnessOf([keyA], [{ kind: 'key', flag: SIGHASH_ALL, signature: fill(0x5a, 64) }], {
        index: 1,
        count: 2,
        branch: [fill(0xb0)],
      }),
      hex: `${keyLeaf} 01 02 ${hex('b0')} ${signature}`,
    },
    {
      name: 'two of three keys',
      value: witnessOf([twoOfThree], [{ kind: 'threshold', signatures: [signed(0, 0x51), signed(2, 0x53)] }]),
      hex: `${thresholdLeaf} 00 01 00 02 ${hex('51', 64)} 02 02 ${hex('53', 64)}`,
    },
    {
      name: 'a preimage, and conditions that take nothing',
      value: witnessOf(
        [{ kind: 'idle' }, { kind: 'preimage', hash: fill(0xbb) }, { kind: 'after', height: 1 }, { kind: 'announced' }],
        [{ kind: 'none' }, { kind: 'preimage', preimage: fill(0x5b) }, { kind: 'none' }, { kind: 'none' }],
      ),
      hex: `29 04 06 03${hex('bb')} 0401000000 07 00 01 ${hex('5b')}`,
    },
  ],
  refused: [
    { name: 'no leaf', hex: `00 00 01 ${signature}`, reason: 'count-out-of-bounds' },
    { name: 'a leaf longer than any', hex: `fdec02 ${hex('00', 748)} 00 01`, reason: 'count-out-of-bounds' },
    { name: 'a leaf longer than the witness', hex: `23 0101${hex('aa')}`, reason: 'count-exceeds-bytes' },
    {
      name: 'a length in a longer form',
      hex: `fd2200 0101${hex('aa')} 00 01 ${signature}`,
      reason: 'non-minimal-varint',
    },
    {
      name: 'a leaf with a byte too many',
      hex: `23 0101${hex('aa')}00 00 01 ${signature}`,
      reason: 'trailing-bytes',
      path: 'leaf',
    },
    {
      name: 'a leaf with a byte too few',
      hex: `21 0101${hex('aa', 31)} 00 01 ${signature}`,
      reason: 'truncated',
      path: 'leaf',
    },
    { name: 'a condition of kind 8', hex: '02 0108 00 01', reason: 'invalid-value', path: 'leaf' },
    { name: 'no leaves', hex: `${keyLeaf} 00 00 ${signature}`, reason: 'invalid-value' },
    { name: 'a place equal to the count', hex: `${keyLeaf} 01 01 ${signature}`, reason: 'invalid-value' },
    { name: 'seventeen leaves', hex: `${keyLeaf} 00 11 ${hex('b0', 160)} ${signature}`, reason: 'invalid-value' },
    { name: 'flag 0', hex: `${keyLeaf} 00 01 00 ${hex('5a', 64)}`, reason: 'invalid-value', path: 'flag' },
    { name: 'flag 3', hex: `${keyLeaf} 00 01 03 ${hex('5a', 64)}`, reason: 'invalid-value', path: 'flag' },
    { name: 'flag 0x81', hex: `${keyLeaf} 00 01 81 ${hex('5a', 64)}`, reason: 'invalid-value', path: 'flag' },
    { name: 'an item of a branch too few', hex: `${keyLeaf} 01 03 ${hex('b0')} ${signature}`, reason: 'invalid-value' },
    {
      name: 'an item of a branch too many',
      hex: `${keyLeaf} 01 02 ${hex('01')} ${hex('01')} ${signature}`,
      reason: 'trailing-bytes',
    },
    {
      name: 'leaf 2 of 3, whose path leaf 1 of 2 has with a lesser count',
      hex: `${keyLeaf} 02 03 ${hex('b0')} ${signature}`,
      reason: 'invalid-value',
    },
    {
      name: 'leaf 0 of 4, whose path leaf 0 of 3 has with a lesser count',
      hex: `${keyLeaf} 00 04 ${hex('b0')} ${hex('b1')} ${signature}`,
      reason: 'invalid-value',
    },
    { name: 'a signature that no condition asks for', hex: `02 0106 00 01 ${signature}`, reason: 'trailing-bytes' },
    { name: 'one signature of two', hex: `${thresholdLeaf} 00 01 00 02 ${hex('51', 64)}`, reason: 'truncated' },
    {
      name: 'three signatures where two are required',
      hex: `${thresholdLeaf} 00 01 00 02 ${hex('51', 64)} 01 02 ${hex('52', 64)} 02 02 ${hex('53', 64)}`,
      reason: 'trailing-bytes',
    },
    {
      name: 'two signatures by one key',
      hex: `${thresholdLeaf} 00 01 01 02 ${hex('51', 64)} 01 02 ${hex('51', 64)}`,
      reason: 'invalid-value',
    },
    {
      name: 'signatures in descending order',
      hex: `${thresholdLeaf} 00 01 01 02 ${hex('51', 64)} 00 02 ${hex('52', 64)}`,
      reason: 'invalid-value',
    },
    {
      name: 'a signature by a key that the threshold does not have',
      hex: `${thresholdLeaf} 00 01 01 02 ${hex('51', 64)} 03 02 ${hex('52', 64)}`,
      reason: 'invalid-value',
    },
  ],
});

codecSuite('witness of a Base58 output (LED-3)', keyHashWitnessCodec, {
  values: keyHashWitnesses,
  vectors: [
    {
      name: 'ALL',
      value: { publicKey: fill(0xaa), flag: SIGHASH_ALL, signature: fill(0x5a, 64) },
      hex: `${hex('aa')} 01 ${hex('5a', 64)}`,
    },
    {
      name: 'SINGLE',
      value: { publicKey: fill(0xaa), flag: SIGHASH_SINGLE, signature: fill(0x5a, 64) },
      hex: `${hex('aa')} 02 ${hex('5a', 64)}`,
    },
  ],
  refused: [
    { name: 'flag 0', hex: `${hex('aa')} 00 ${hex('5a', 64)}`, reason: 'invalid-value', path: 'flag' },
    { name: 'flag 3', hex: `${hex('aa')} 03 ${hex('5a', 64)}`, reason: 'invalid-value', path: 'flag' },
  ],
});

test('the pairs of functions are these formats', () => {
  fc.assert(
    fc.property(lockWitnesses, keyHashWitnesses, (lock, keyHash) => {
      const { leafBytes: _, ...written } = lock;
      assert.deepEqual(decodeLockWitness(encodeLockWitness(written)), { ok: true, witness: structuredClone(lock) });
      assert.deepEqual(decodeKeyHashWitness(encodeKeyHashWitness(keyHash)), {
        ok: true,
        witness: structuredClone(keyHash),
      });
    }),
  );
});

test('of all places that lead to one root by one branch exactly one is readable, and it is written for every one of them (LED-2)', () => {
  const branches = Array.from({ length: 5 }, (_, length) => Array.from({ length }, (_, item) => fill(item + 1)));
  const written = new Map<string, string>();
  let readable = 0;
  for (let count = 1; count <= MAX_LEAVES; count++) {
    for (let index = 0; index < count; index++) {
      const branch = branches.find((items) => lockIdFromBranch(fill(0xaa), index, count, items) !== null)!;
      const root = toHex(lockIdFromBranch(fill(0xaa), index, count, branch)!);
      const bytes = encodeLockWitness(witnessOf([{ kind: 'idle' }], [{ kind: 'none' }], { index, count, branch }));
      const known = written.get(root);
      if (known === undefined) written.set(root, toHex(bytes));
      else assert.equal(toHex(bytes), known, `leaf ${index} of ${count}`);
      const asNamed = bytes.slice();
      asNamed.set([index, count], 3);
      const result = decodeLockWitness(asNamed);
      if (result.ok) readable++;
      // Counts rise and indexes within them: the first place with a path is the least one.
      assert.equal(result.ok, known === undefined, `leaf ${index} of ${count}`);
    }
  }
  assert.equal(readable, written.size);
  // Every path of up to four siblings is one of some place.
  assert.equal(readable, 1 + 2 + 4 + 8 + 16);
});

test('a refused witness says what is wrong with it and where, counted from its first byte', () => {
  const bad = decodeLockWitness(fromHex(`220109${'aa'.repeat(32)}00010000`));
  assert.equal(bad.ok, false);
  assert.equal(bad.detail, 'invalid-value (leaf at 2): a condition of kind 9; there are 1 to 7');
  const short = decodeKeyHashWitness(fill(1, 96));
  assert.equal(short.ok, false);
  assert.match(short.detail, /^truncated \(signature at 33\)/);
});

/** The longest leaf: seven preimages and a threshold of sixteen keys that all sign. */
const sixteen = Array.from({ length: 16 }, (_, index) => fill(index));
const preimages: Leaf = Array.from({ length: 7 }, () => ({ kind: 'preimage', hash: fill(0xbb) }));
const longestLeaf: Leaf = [...preimages, { kind: 'threshold', required: 16, publicKeys: sixteen }];
const longest: LockWitness = witnessOf(
  longestLeaf,
  [
    ...preimages.map(() => ({ kind: 'preimage' as const, preimage: fill(0x5b) })),
    { kind: 'threshold', signatures: sixteen.map((_, index) => signed(index, 0x51)) },
  ],
  {
    index: 15,
    count: 16,
    branch: leafBranch(
      Array.from({ length: 16 }, () => longestLeaf),
      15,
    ),
  },
);

test('the longest witness of a lock is within what a transaction allows (BLK-10)', () => {
  const bytes = encodeLockWitness(longest);
  assert.equal(longest.leafBytes.length, MAX_LEAF_LENGTH);
  assert.equal(bytes.length, MAX_LOCK_WITNESS_LENGTH);
  assert.equal(bytes.length, 2160);
  assert.ok(bytes.length <= MAX_WITNESS_LENGTH);
  assert.deepEqual(decodeLockWitness(bytes), { ok: true, witness: longest });
  assert.equal(decodeLockWitness(Uint8Array.of(...bytes, 0)).ok, false);
});

test('no leaf of eight conditions of one or two kinds is longer than the longest', () => {
  const candidates: readonly Condition[] = [
    keyA,
    { kind: 'preimage', hash: fill(0) },
    { kind: 'after', height: 0 },
    { kind: 'threshold', required: 1, publicKeys: sixteen.slice(0, 2) },
    { kind: 'threshold', required: 1, publicKeys: sixteen.slice(0, 9) },
  ];
  for (const [a, first] of candidates.entries()) {
    for (const second of candidates.slice(a)) {
      for (let count = 0; count <= 8; count++) {
        const leaf = Array.from({ length: 8 }, (_, index) => (index < count ? first : second));
        if (leafProblem(leaf) === null) assert.ok(encode(leafCodec, leaf).length <= MAX_LEAF_LENGTH);
      }
    }
  }
});

test('a witness that does not fit its own leaf is never written', () => {
  const wrong: readonly LockWitness[] = [
    witnessOf([keyA], []),
    witnessOf([keyA], [{ kind: 'none' }]),
    witnessOf([keyA], [{ kind: 'preimage', preimage: fill(0) }]),
    witnessOf([{ kind: 'idle' }], [{ kind: 'key', flag: SIGHASH_ALL, signature: fill(0, 64) }]),
    witnessOf([twoOfThree], [{ kind: 'threshold', signatures: [signed(0, 1)] }]),
    witnessOf([twoOfThree], [{ kind: 'threshold', signatures: [signed(1, 1), signed(0, 1)] }]),
    witnessOf([keyA], [{ kind: 'key', flag: SIGHASH_ALL, signature: fill(0, 63) }]),
    witnessOf([{ kind: 'idle' }], [{ kind: 'none' }], { count: 2 }),
    witnessOf([{ kind: 'idle' }], [{ kind: 'none' }], { index: 1 }),
    witnessOf([{ kind: 'idle' }], [{ kind: 'none' }], { count: 2, branch: [fill(0, 31)] }),
  ];
  for (const witness of wrong) assert.throws(() => encodeLockWitness(witness), AssertionFailure);
});

test('a leaf comes back as the very bytes that its hash is taken over', () => {
  fc.assert(
    fc.property(lockWitnesses, (witness) => {
      const result = decodeLockWitness(encodeLockWitness(witness));
      assert.ok(result.ok);
      assert.equal(toHex(result.witness.leafBytes), toHex(encode(leafCodec, witness.leaf)));
    }),
  );
});

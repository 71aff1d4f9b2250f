// Transactions that are wrong on the state: unreadable witnesses, locks that do not open, signatures, times, order. After invalid_txs.py and feature_block.py.

import { encode } from '@resonancenet/bytes/encode';
import { hash, hashUntagged } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { byKey, keysOf, lockOf, type Owned } from '@resonancenet/ledger/testing/build-transaction';
import { base58, keyLeaves, under } from '@resonancenet/ledger/testing/sample-policies';
import { type Leaf, leafCodec } from '@resonancenet/primitives/condition';
import type { Output, Transaction } from '@resonancenet/primitives/transaction';
import { encodeLockWitness } from '@resonancenet/primitives/witness';
import type { CaseChain } from './case-chain.ts';
import type { Case } from './case.ts';
import { absent, type Make, of, payment } from './case-parts.ts';
import { LIMITS } from './limits.ts';
import { signPlan } from './sign-plan.ts';

/** A coin of the chain's locked by these leaves, made in its own block. */
function lockedIn(chain: CaseChain, leaves: readonly Leaf[], policyId = chain.home.policyId): [Transaction, Owned] {
  const made = chain.spend([chain.coin()], { outputs: [chain.pay(LIMITS.rnt, under(policyId, leaves))] });
  return [made, chain.owned(made, chain.next)[0]!];
}

/** The block that makes an output under a lock and spends it. */
function opening(leaves: readonly Leaf[], spend: object, plan: object = {}): Make {
  return (chain) => {
    const [made, from] = lockedIn(chain, leaves);
    return of(made, chain.sign({ spends: [{ from, leaves, ...spend }], outputs: [chain.pay(LIMITS.rnt)], ...plan }));
  };
}

/** An output under the lock of a leaf of these bytes, which need not be readable, and its spend. */
function openingRaw(leafBytes: Uint8Array, rest: Uint8Array): Make {
  return (chain) => {
    const lockId = hash(TAG.lockLeaf, leafBytes).slice(0, 24);
    const output: Output = { ...chain.pay(LIMITS.rnt), lockId };
    const made = chain.spend([chain.coin()], { outputs: [output] });
    const [from] = chain.owned(made, chain.next);
    const length =
      leafBytes.length < 0xfd ? [leafBytes.length] : [0xfd, leafBytes.length & 0xff, leafBytes.length >> 8];
    const witness = Uint8Array.of(...length, ...leafBytes, 0, 1, ...rest);
    return of(made, chain.unsigned({ spends: [{ from: from!, witness }], outputs: [chain.pay(LIMITS.rnt)] }));
  };
}

const signature = new Uint8Array(64).fill(0x5a);
const keyLeaf = keyLeaves[0]!;

/** A witness by key 1 with a byte changed, put in or taken away. */
function broken(change: (bytes: Uint8Array) => Uint8Array): Make {
  const witness = change(
    encodeLockWitness({
      leaf: keyLeaf,
      index: 0,
      count: 1,
      branch: [],
      satisfactions: [{ kind: 'key', flag: 1, signature }],
    }),
  );
  return (chain) => of(chain.unsigned({ spends: [{ from: chain.coin(), witness }], outputs: [chain.pay(1n)] }));
}

const threeLeaves: readonly Leaf[] = [keyLeaf, [byKey(2)], [byKey(3)]];
const twoOfThree: readonly Leaf[] = [[{ kind: 'threshold', required: 2, publicKeys: keysOf(1, 2, 3) }]];
const preimage = new Uint8Array(32).fill(0x77);
const hashLock: readonly Leaf[] = [[{ kind: 'preimage', hash: hashUntagged(preimage) }]];

/** As often as there are kinds that mean nothing: 0 and 8 upwards. */
const unknownKinds: readonly number[] = [
  0x00, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x40, 0x7f, 0x80, 0xfe, 0xff,
];

const unreadable = (name: string, change: (bytes: Uint8Array) => Uint8Array): Case => ({
  name: `unreadable witness: ${name}`,
  code: 'tx-witness-malformed',
  invalid: broken(change),
  valid: payment,
});

// A leaf of 34 bytes after its length, index at 35, count at 36, flag at 37, signature from 38 to 101.
const witnesses: readonly Case[] = [
  unreadable('none', () => new Uint8Array(0)),
  unreadable('ExtraWitness', (bytes) => Uint8Array.of(...bytes, 0)),
  unreadable('a byte too few', (bytes) => bytes.slice(0, -1)),
  unreadable('a leaf of no conditions', (bytes) => bytes.with(1, 0)),
  unreadable('a leaf of two conditions where one follows', (bytes) => bytes.with(1, 2)),
  unreadable('bad OP_IF', (bytes) => bytes.with(2, 8)),
  unreadable('no leaves', (bytes) => bytes.with(36, 0)),
  unreadable('seventeen leaves', (bytes) => bytes.with(36, 17)),
  unreadable('a place beyond the leaves', (bytes) => bytes.with(35, 1)),
  unreadable('flag 0', (bytes) => bytes.with(37, 0)),
  unreadable('flag 3', (bytes) => bytes.with(37, 3)),
  unreadable('flag 0x81', (bytes) => bytes.with(37, 0x81)),
  unreadable('a length in a longer form', (bytes) => Uint8Array.of(0xfd, 34, 0, ...bytes.slice(1))),
  {
    name: 'unreadable witness: a place that another has the path of',
    code: 'tx-witness-malformed',
    // Leaf 2 of 3 is leaf 1 of 2 (LED-2): by index 2, count 3 anybody could write the same spend in two ways.
    invalid: (chain) => {
      const [made, from] = lockedIn(chain, threeLeaves);
      const good = chain.sign({ spends: [{ from, leaves: threeLeaves, leaf: 2 }], outputs: [chain.pay(LIMITS.rnt)] });
      const witness = good.inputs[0]!.witness.with(35, 2).with(36, 3);
      return of(made, { ...good, inputs: [{ ...good.inputs[0]!, witness }] });
    },
    valid: opening(threeLeaves, { leaf: 2 }),
  },
  {
    name: 'push over 520 bytes',
    code: 'tx-witness-malformed',
    invalid: openingRaw(new Uint8Array(LIMITS.leafBytes + 1), new Uint8Array(0)),
    valid: payment,
  },
  {
    name: 'unreadable Base58 witness: a byte too many',
    code: 'tx-witness-malformed',
    invalid: (chain) => {
      const made = chain.spend([chain.coin()], { outputs: [{ ...chain.pay(LIMITS.rnt), ...base58(5) }] });
      const [from] = chain.owned(made, chain.next);
      const good = chain.sign({ spends: [{ from: from!, baseKey: 5 }], outputs: [chain.pay(LIMITS.rnt)] });
      const witness = Uint8Array.of(...good.inputs[0]!.witness, 0);
      return of(made, { ...good, inputs: [{ ...good.inputs[0]!, witness }] });
    },
    valid: (chain) => {
      const made = chain.spend([chain.coin()], { outputs: [{ ...chain.pay(LIMITS.rnt), ...base58(5) }] });
      const [from] = chain.owned(made, chain.next);
      return of(made, chain.sign({ spends: [{ from: from!, baseKey: 5 }], outputs: [chain.pay(LIMITS.rnt)] }));
    },
  },
  ...unknownKinds.map(
    (kind): Case => ({
      name: `disabled opcode: condition of kind 0x${kind.toString(16).padStart(2, '0')}`,
      code: 'tx-witness-malformed',
      invalid: openingRaw(Uint8Array.of(1, kind), new Uint8Array(0)),
      // The output itself is valid: nobody can see what its lock is made of.
      valid: (chain) => of(openingRaw(Uint8Array.of(1, kind), new Uint8Array(0))(chain).transactions![0]!),
    }),
  ),
];

const locks: readonly Case[] = [
  {
    name: 'OP_RETURN spend',
    code: 'tx-witness-lock',
    // Nobody knows leaves whose root is all zeros.
    invalid: (chain) => {
      const dead = { ...chain.pay(LIMITS.rnt), lockId: new Uint8Array(24) };
      const made = chain.spend([chain.coin()], { outputs: [dead] });
      return of(made, chain.spend([chain.owned(made, chain.next)[0]!]));
    },
    valid: (chain) => of(chain.spend([chain.coin()], { outputs: [{ ...chain.pay(1n), lockId: new Uint8Array(24) }] })),
  },
  {
    name: 'a leaf of another lock',
    code: 'tx-witness-lock',
    invalid: (chain) => {
      const [made, from] = lockedIn(chain, [[byKey(2)]]);
      return of(made, chain.sign({ spends: [{ from, leaves: keyLeaves }], outputs: [chain.pay(LIMITS.rnt)] }));
    },
    valid: opening([[byKey(2)]], {}),
  },
  {
    name: 'a Base58 output opened by another key',
    code: 'tx-witness-key-hash',
    invalid: (chain) => {
      const made = chain.spend([chain.coin()], { outputs: [{ ...chain.pay(LIMITS.rnt), ...base58(5) }] });
      const [from] = chain.owned(made, chain.next);
      return of(made, chain.sign({ spends: [{ from: from!, baseKey: 6 }], outputs: [chain.pay(LIMITS.rnt)] }));
    },
    valid: payment,
  },
  {
    name: 'signature by another key',
    code: 'tx-signature',
    invalid: opening([[byKey(2)]], {}, { forger: 3 }),
    valid: opening([[byKey(2)]], {}),
  },
  {
    name: 'signature by another key, threshold',
    code: 'tx-signature',
    invalid: opening(twoOfThree, {}, { forger: 3 }),
    valid: opening(twoOfThree, {}),
  },
  {
    name: 'signature by another key, Base58',
    code: 'tx-signature',
    invalid: (chain) => {
      const made = chain.spend([chain.coin()], { outputs: [{ ...chain.pay(LIMITS.rnt), ...base58(5) }] });
      const [from] = chain.owned(made, chain.next);
      return of(
        made,
        chain.sign({ spends: [{ from: from!, baseKey: 5 }], outputs: [chain.pay(LIMITS.rnt)], forger: 6 }),
      );
    },
    valid: payment,
  },
  {
    name: 'signature of another transaction',
    code: 'tx-signature',
    invalid: (chain) => {
      const signed = chain.spend([chain.coin()], { outputs: [chain.pay(1n)] });
      return of({ ...signed, outputs: [chain.pay(2n)] });
    },
    valid: payment,
  },
  {
    name: 'signature of another network',
    code: 'tx-signature',
    invalid: (chain) => {
      const from = chain.coin();
      const plan = { spends: [{ from, leaves: keyLeaves }], outputs: [chain.pay(1n)] };
      return of(signPlan(plan, absent));
    },
    valid: payment,
  },
  {
    name: 'SINGLE without its output',
    code: 'tx-sighash-single',
    invalid: (chain) => {
      const spends = [chain.coin(), chain.coin()].map((from) => ({ from, leaves: keyLeaves, flag: 2 as const }));
      return of(chain.sign({ spends, outputs: [chain.pay(1n)] }));
    },
    valid: (chain) => {
      const spends = [chain.coin(), chain.coin()].map((from) => ({ from, leaves: keyLeaves, flag: 2 as const }));
      return of(chain.sign({ spends, outputs: [chain.pay(1n), chain.pay(1n)] }));
    },
  },
  {
    name: 'SINGLE covers its output',
    code: 'tx-signature',
    invalid: (chain) => {
      const signed = chain.sign({
        spends: [{ from: chain.coin(), leaves: keyLeaves, flag: 2 }],
        outputs: [chain.pay(1n)],
      });
      return of({ ...signed, outputs: [chain.pay(2n)] });
    },
    // What it does not cover, others may add.
    valid: (chain) => {
      const signed = chain.sign({
        spends: [{ from: chain.coin(), leaves: keyLeaves, flag: 2 }],
        outputs: [chain.pay(1n)],
      });
      return of({ ...signed, outputs: [...signed.outputs, chain.pay(5n)] });
    },
  },
  {
    name: 'another preimage',
    code: 'tx-preimage',
    invalid: opening(hashLock, { preimage: preimage.with(0, 0) }),
    valid: opening(hashLock, { preimage }),
  },
  {
    name: 'after at its height',
    code: 'tx-after',
    invalid: (chain) => opening([[byKey(1), { kind: 'after', height: chain.next }]], {})(chain),
    valid: (chain) => opening([[byKey(1), { kind: 'after', height: chain.next - 1 }]], {})(chain),
  },
  {
    name: 'older in its own block',
    code: 'tx-older',
    invalid: opening([[byKey(1), { kind: 'older', blocks: 1 }]], {}),
    valid: (chain) => of(lockedIn(chain, [[byKey(1), { kind: 'older', blocks: 1 }]])[0]),
  },
  {
    name: 'idle too early',
    code: 'tx-idle',
    invalid: opening([[byKey(1), { kind: 'idle' }]], {}),
    valid: payment,
  },
  {
    name: 'announced where nothing was',
    code: 'tx-announced-none',
    invalid: opening([[byKey(1), { kind: 'announced' }]], {}),
    valid: payment,
  },
];

const times: readonly Case[] = [
  {
    name: 'non-final transaction',
    code: 'tx-lock-time',
    invalid: (chain) => of(chain.spend([chain.coin()], { lockTime: chain.next })),
    valid: (chain) => of(chain.spend([chain.coin()], { lockTime: chain.next - 1 })),
  },
  {
    name: 'non-final transaction, the last height there is',
    code: 'tx-lock-time',
    invalid: (chain) => of(chain.spend([chain.coin()], { lockTime: LIMITS.noLock - 1 })),
    valid: (chain) => of(chain.spend([chain.coin()], { lockTime: LIMITS.noLock })),
  },
  {
    name: 'sequence one block too long',
    code: 'tx-sequence',
    invalid: (chain) => {
      const from = chain.coin();
      return of(
        chain.sign({
          spends: [{ from, leaves: keyLeaves, sequence: chain.next - from.height + 1 }],
          outputs: [chain.pay(1n)],
        }),
      );
    },
    valid: (chain) => {
      const from = chain.coin();
      return of(
        chain.sign({
          spends: [{ from, leaves: keyLeaves, sequence: chain.next - from.height }],
          outputs: [chain.pay(1n)],
        }),
      );
    },
  },
  {
    name: 'sequence in its own block',
    code: 'tx-sequence',
    invalid: opening(keyLeaves, { sequence: 1 }),
    valid: opening(keyLeaves, { sequence: 0 }),
  },
  {
    name: 'immature coinbase',
    code: 'tx-immature-coinbase',
    invalid: (chain) => {
      // Of the block five below the next one.
      const coinbase = coinbaseAt(chain, LIMITS.coinbaseMaturity - 1);
      return of(chain.spend([chain.owned(coinbase, chain.next)[0]!]));
    },
    valid: (chain) => of(chain.spend([chain.owned(coinbaseAt(chain, LIMITS.coinbaseMaturity), chain.next)[0]!])),
  },
];

/** Coinbase of the block whose outputs have this age in the next block. */
function coinbaseAt(chain: CaseChain, age: number): Transaction {
  let block = chain.tip!;
  for (let back = 1; back < age; back++) block = block.parent!;
  return block.transactions[0]!;
}

const orders: readonly Case[] = [
  {
    name: 'same-block spend order',
    code: 'tx-missing-input',
    invalid: (chain) => {
      const [made, from] = lockedIn(chain, keyLeaves);
      return of(chain.spend([from]), made);
    },
    valid: (chain) => {
      const [made, from] = lockedIn(chain, keyLeaves);
      return of(made, chain.spend([from]));
    },
  },
  {
    name: 'intra-block double spend',
    code: 'tx-missing-input',
    invalid: (chain) => {
      const from = chain.coin();
      return of(chain.spend([from]), chain.spend([from], {}, 1n));
    },
    valid: payment,
  },
  {
    name: 'duplicate transactions',
    code: 'tx-missing-input',
    invalid: (chain) => {
      const twice = chain.spend([chain.coin()]);
      return of(twice, twice);
    },
    valid: payment,
  },
  {
    name: 'spent twice in a chain of spends',
    code: 'tx-missing-input',
    invalid: (chain) => {
      const [made, from] = lockedIn(chain, keyLeaves);
      return of(made, chain.spend([from]), chain.spend([from], {}, 1n));
    },
    valid: payment,
  },
];

const keyLock = lockOf(keyLeaves);

/** Leaves that name one key too many, or none of a threshold. */
const malformedLeaves: readonly Case[] = [
  ['no conditions', Uint8Array.of(0)],
  ['nine conditions', Uint8Array.of(9, ...new Array<number>(9).fill(6))],
  ['a threshold of nobody', Uint8Array.of(1, 2, 0, 1, ...keysOf(1)[0]!)],
  ['a threshold of more than its keys', Uint8Array.of(1, 2, 2, 1, ...keysOf(1)[0]!)],
  ['a threshold without keys', Uint8Array.of(1, 2, 1, 0)],
  ['older of no blocks', Uint8Array.of(1, 5, 0, 0, 0, 0)],
  ['older with bit 31', Uint8Array.of(1, 5, 0, 0, 0, 0x80)],
  ['after with bit 31', Uint8Array.of(1, 4, 0, 0, 0, 0x80)],
  ['a key too short', Uint8Array.of(1, 1, ...keyLock)],
].map(([what, bytes]) => ({
  name: `unreadable leaf: ${what as string}`,
  code: 'tx-witness-malformed' as const,
  invalid: openingRaw(bytes as Uint8Array, new Uint8Array(0)),
  valid: (chain: CaseChain) => of(openingRaw(bytes as Uint8Array, new Uint8Array(0))(chain).transactions![0]!),
}));

/** The longest readable leaf has this many bytes: a limit declared by hand, so that a longer one is noticed. */
export const longestLeafBytes: number = encode(leafCodec, [
  ...Array.from({ length: 7 }, () => ({ kind: 'preimage' as const, hash: preimage })),
  { kind: 'threshold', required: 16, publicKeys: keysOf(...Array.from({ length: 16 }, (_, index) => index + 1)) },
]).length;

export const invalidSpends: readonly Case[] = [...witnesses, ...locks, ...times, ...orders, ...malformedLeaves];

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { build, heartbeat, type Owned } from '@resonancenet/ledger/testing/build-transaction';
import { paying } from '@resonancenet/ledger/testing/ledger-chain';
import { HEARTBEAT, heartbeatTerms, keyLeaves, under } from '@resonancenet/ledger/testing/sample-policies';
import { leafOf } from './parsed-transaction.ts';
import { checkPool, checkTemplate } from './testing/pool-invariants.ts';
import { bytesOf, COIN, PoolWorld, toKey } from './testing/pool-world.ts';

type Step =
  | {
      readonly kind: 'pay';
      readonly from: readonly number[];
      readonly outputs: number;
      readonly fee: number;
      readonly sign: boolean;
    }
  | { readonly kind: 'package'; readonly from: number; readonly fee: number; readonly dust: boolean }
  | { readonly kind: 'mine'; readonly maxBytes: number }
  | { readonly kind: 'mine-other'; readonly from: number }
  | { readonly kind: 'reorganise'; readonly depth: number; readonly from: number }
  | { readonly kind: 'pass'; readonly hours: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pay' as const),
      from: fc.array(fc.nat(60), { minLength: 1, maxLength: 3 }),
      outputs: fc.integer({ min: 1, max: 3 }),
      fee: fc.integer({ min: 0, max: 60_000 }),
      sign: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('package' as const),
      from: fc.nat(60),
      fee: fc.integer({ min: 0, max: 60_000 }),
      dust: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mine' as const), maxBytes: fc.nat(4000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mine-other' as const), from: fc.nat(60) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('reorganise' as const),
      depth: fc.integer({ min: 1, max: 3 }),
      from: fc.nat(60),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 200 }) }) },
);

/** Everything that was ever made, so that steps may spend what is spent, lost or not there yet. */
class Play {
  readonly world: PoolWorld = new PoolWorld({ maxBytes: 25_000, maxAncestors: 6, maxDescendants: 6 });
  readonly #owned: Owned[];
  #blocks = 0;

  constructor() {
    const outputs = Array.from({ length: 8 }, (_, index) => (index < 3 ? paying(under(HEARTBEAT), COIN) : toKey(COIN)));
    this.#owned = this.world.fundOutputs(...outputs);
  }

  run(one: Step): void {
    const { world } = this;
    switch (one.kind) {
      case 'pay':
        world.submit(this.#pay(one.from, one.outputs, BigInt(one.fee), one.sign));
        break;
      case 'package': {
        const from = this.#at(one.from);
        const parent = world.pay([from], one.dust ? [0n, from.output.amount] : [from.output.amount]);
        const child = world.payFee(world.outputsOf(parent), BigInt(one.fee));
        world.submit([parent, child], null);
        this.#owned.push(...world.outputsOf(child));
        break;
      }
      case 'mine':
        this.#blocks += 1;
        world.mine(world.machine.selectTransactions({ maxBytes: one.maxBytes, maxSignatures: 20 }).transactions);
        break;
      case 'mine-other':
        this.#blocks += 1;
        world.mine(this.#valid([this.#pay([one.from], 1, 7n, false)]));
        break;
      case 'reorganise': {
        const depth = Math.min(one.depth, this.#blocks);
        if (depth > 0)
          world.reorganise(
            depth,
            Array.from({ length: depth + 1 }, () => []),
          );
        this.#blocks += depth > 0 ? 1 : 0;
        break;
      }
      case 'pass':
        world.pass(one.hours * 3_600_000);
        break;
      default:
        one satisfies never;
    }
  }

  #at(index: number): Owned {
    return this.#owned[index % this.#owned.length]!;
  }

  #pay(indices: readonly number[], outputs: number, fee: bigint, sign: boolean): Transaction {
    const from = [...new Set(indices.map((index) => this.#at(index)))];
    const held = from.reduce((sum, { output }) => sum + output.amount, 0n);
    const each = (held - fee) / BigInt(outputs);
    const made = build({
      spends: from.map((owned) => ({ from: owned, leaves: keyLeaves })),
      outputs: Array.from({ length: outputs }, () => toKey(each)),
      actions: sign ? [heartbeat(heartbeatTerms)] : [],
    });
    this.#owned.push(...this.world.outputsOf(made));
    return made;
  }

  /** A block with these if it is one, else an empty one. */
  #valid(transactions: readonly Transaction[]): readonly Transaction[] {
    return this.world.chain.attempt(transactions).ok ? transactions : [];
  }
}

test('whatever comes, is mined, replaced, taken back or grows old: the pool holds together and its template is a valid block', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 60 }), (steps) => {
      const play = new Play();
      for (const one of steps) {
        play.run(one);
        checkPool(play.world);
      }
      checkTemplate(play.world, 1_000_000, 20_000);
      checkTemplate(play.world, 1_500, 5);
    }),
    { numRuns: 20 },
  );
});

test('whatever bytes come, the machine answers each of them and goes on', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const valid = bytesOf(world.payFee([coin!], 100_000n, { actions: [heartbeat(heartbeatTerms)] }));
  const changed = fc
    .array(fc.record({ at: fc.nat(valid.length - 1), bit: fc.nat(7) }), { minLength: 1, maxLength: 3 })
    .map((flips) => {
      const bytes = valid.slice();
      for (const { at, bit } of flips) bytes[at]! ^= 1 << bit;
      return bytes;
    });
  const cut = fc.nat(valid.length).map((length) => valid.subarray(0, length));
  fc.assert(
    fc.property(
      fc.oneof(changed, cut, fc.uint8Array({ maxLength: 300 })),
      fc.option(fc.constant('peer')),
      (bytes, peer) => {
        const actions = world.give({ type: 'transactions', encoded: [bytes], peer, ticket: 7 });
        const isKept =
          actions.some(({ type }) => type === 'want-parents') || world.machine.getByLeaf(leafOf(bytes)) !== null;
        assert.ok(isKept || world.refusals(actions).length > 0 || !world.machine.wants(leafOf(bytes)));
        checkPool(world);
      },
    ),
    { numRuns: 300 },
  );
});

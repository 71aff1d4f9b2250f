import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAction } from '@resonancenet/primitives/action-content';
import type { Leaf } from '@resonancenet/primitives/condition';
import type { Destination } from '@resonancenet/primitives/destination';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { type Action, type Output, type Transaction, transactionCodec } from '@resonancenet/primitives/transaction';
import { readPolicy } from './policy-registry.ts';
import { build, byKey, heartbeat, type Owned } from './testing/build-transaction.ts';
import { LedgerChain, paying } from './testing/ledger-chain.ts';
import { outcome } from './testing/outcome.ts';
import { BUILT_IN, HEARTBEAT, keyLeaves, SOCIAL, socialTerms, under } from './testing/sample-policies.ts';

const RNT = 10_000_000_000n;
const signature = new Uint8Array(64);
const leaves: readonly Leaf[] = [[byKey(1)], [{ kind: 'announced' }, byKey(2)]];
const safe = under(SOCIAL, leaves);
const heir = under(BUILT_IN, [[byKey(9)]]);
const rival = under(HEARTBEAT, [[byKey(8)]]);

function announce(destination: Destination = heir, terms = socialTerms): Action {
  const signatures = [0, 1].map((guardian) => ({ guardian, signature }));
  return encodeAction({ kind: 'announce', terms, destination, signatures });
}

/** A transaction of these actions that pays `fee` of an output of its own and keeps nothing. */
function act(from: Owned, ...actions: readonly Action[]): Transaction {
  return build({ spends: [{ from, leaves: keyLeaves }], actions });
}

function recover(
  from: readonly Owned[],
  outputs: readonly Output[],
  more: { actions?: readonly Action[] } = {},
): Transaction {
  return build({ spends: from.map((one) => ({ from: one, leaves, leaf: 1 })), outputs, ...more });
}

interface Setting {
  readonly chain: LedgerChain;
  /** Outputs under the social policy, 10 RNT each. */
  readonly coins: readonly Owned[];
  /** Outputs that pay for actions, 1 RNT and a resonance each. */
  readonly purses: readonly Owned[];
}

function setting(params = withGenesis(regtest)): Setting {
  const chain = new LedgerChain(params);
  const coins = [safe, safe].map((destination) => paying(destination, 10n * RNT));
  const purses = Array.from({ length: 6 }, () => paying(under(BUILT_IN), RNT + 1n));
  const owned = chain.fund(...coins, ...purses);
  return { chain, coins: owned.slice(0, 2), purses: owned.slice(2) };
}

/** A setting in which the first announcement was made in the last block. */
function announced(): Setting {
  const made = setting();
  made.chain.mine([act(made.purses[0]!, announce())]);
  return made;
}

const tried = (chain: LedgerChain, ...transactions: readonly Transaction[]): string =>
  outcome(chain.attempt(transactions));
const all = [paying(heir, 20n * RNT)];

test('a recovery opens exactly after the waiting time (LED-18)', () => {
  const { chain, coins } = announced();
  chain.advance(4);
  assert.equal(tried(chain, recover(coins, all)), 'tx-announced-wait');
  chain.advance(1);
  assert.equal(tried(chain, recover(coins, all)), 'valid');
  assert.equal(tried(chain, recover(coins.slice(0, 1), [paying(heir, 10n * RNT)])), 'valid');
});

test('the owner may spend as before while an announcement stands', () => {
  const { chain, coins } = announced();
  const own = build({ spends: [{ from: coins[0]!, leaves }], outputs: [paying(safe, 10n * RNT)] });
  assert.equal(tried(chain, own), 'valid');
});

test('a heartbeat cancels, up to the block in which the recovery could be made and before it', () => {
  const { chain, coins, purses } = announced();
  chain.advance(5);
  const cancel = act(purses[1]!, heartbeat(socialTerms));
  assert.equal(tried(chain, cancel, recover(coins, all)), 'tx-announced-none');
  assert.equal(tried(chain, recover(coins, all), cancel), 'valid');
  chain.mine([cancel]);
  assert.equal(tried(chain, recover(coins, all)), 'tx-announced-none');
  chain.advance(20);
  assert.equal(tried(chain, recover(coins, all)), 'tx-announced-none');
});

test('another announcement replaces the first: its destination, and its own waiting time', () => {
  const { chain, coins, purses } = announced();
  chain.advance(5);
  chain.mine([act(purses[1]!, announce(rival))]);
  assert.equal(tried(chain, recover(coins, all)), 'tx-announced-wait');
  chain.advance(4);
  assert.equal(tried(chain, recover(coins, [paying(rival, 20n * RNT)])), 'tx-announced-wait');
  chain.advance(1);
  assert.equal(tried(chain, recover(coins, all)), 'tx-announced-form');
  assert.equal(tried(chain, recover(coins, [paying(rival, 21n * RNT)])), 'valid');
});

test('a recovery has inputs of one policy, all by the announcement, one output to its destination, and no actions', () => {
  const { chain, coins, purses } = announced();
  chain.advance(5);
  const form = (transaction: Transaction): void => assert.equal(tried(chain, transaction), 'tx-announced-form');
  form(recover(coins, [paying(heir, 10n * RNT), paying(heir, 10n * RNT)]));
  form(recover(coins, [paying({ ...heir, lockId: rival.lockId }, 20n * RNT)]));
  form(recover(coins, [paying({ ...heir, policyId: rival.policyId }, 20n * RNT)]));
  form(recover(coins, all, { actions: [heartbeat({ ...socialTerms, wait: 7 })] }));
  form(
    build({
      spends: [
        { from: coins[0]!, leaves, leaf: 1 },
        { from: coins[1]!, leaves, leaf: 0 },
      ],
      outputs: all,
    }),
  );
  form(
    build({
      spends: [
        { from: coins[0]!, leaves, leaf: 1 },
        { from: purses[1]!, leaves: keyLeaves },
      ],
      outputs: all.slice(0, 1),
    }),
  );
  const none = build({
    spends: [{ from: coins[0]!, leaves, leaf: 1 }],
    actions: [heartbeat({ ...socialTerms, wait: 7 })],
  });
  form(none);
});

test('outputs of two social policies are not recovered together', () => {
  const chain = new LedgerChain();
  const otherTerms = { ...socialTerms, wait: 7 };
  const other = under(termsPolicyId(otherTerms), leaves);
  const [purse, ...coins] = chain.fund(paying(under(BUILT_IN), 1n), paying(safe, RNT), paying(other, RNT));
  chain.mine([act(purse!, announce(), announce(heir, otherTerms))]);
  chain.advance(6);
  assert.equal(tried(chain, recover(coins.slice(0, 1), [paying(heir, RNT)])), 'valid');
  assert.equal(tried(chain, recover(coins.slice(1), [paying(heir, RNT)])), 'valid');
  assert.equal(tried(chain, recover(coins, [paying(heir, 2n * RNT)])), 'tx-announced-form');
});

test('the fee of a recovery is at most a hundredth, to the resonance', () => {
  const { chain, coins } = announced();
  chain.advance(5);
  const hundredth = (20n * RNT) / 100n;
  assert.equal(tried(chain, recover(coins, [paying(heir, 20n * RNT - hundredth)])), 'valid');
  const greedy = chain.attempt([recover(coins, [paying(heir, 20n * RNT - hundredth - 1n)])]);
  assert.equal(outcome(greedy), 'tx-announced-fee');
  assert.ok(!greedy.ok && greedy.code === 'tx-announced-fee');
  assert.deepEqual([greedy.facts.fee, greedy.facts.limit], [hundredth + 1n, hundredth]);
});

test('of little money the fee may be a hundred times the least relay fee', () => {
  const chain = new LedgerChain();
  const [coin, purse] = chain.fund(paying(safe, 1_000_000n), paying(under(BUILT_IN), 1n));
  chain.mine([act(purse!, announce())]);
  chain.advance(5);
  const size = BigInt(encode(transactionCodec, recover([coin!], [paying(heir, 1n)])).length);
  const limit = 100n * 10n * size;
  assert.ok(limit > 10_000n && limit < 1_000_000n);
  assert.equal(tried(chain, recover([coin!], [paying(heir, 1_000_000n - limit)])), 'valid');
  assert.equal(tried(chain, recover([coin!], [paying(heir, 1_000_000n - limit - 1n)])), 'tx-announced-fee');
});

test('the first announcement is free, every further one locks 1 RNT, also after a cancellation (LED-17)', () => {
  const { chain, purses } = setting();
  const free = build({
    spends: [{ from: purses[0]!, leaves: keyLeaves }],
    outputs: [paying(heir, RNT + 1n)],
    actions: [announce()],
  });
  chain.mine([free]);
  assert.equal(chain.totals.bonds, 0n);
  const pay = (from: Owned, change: bigint): Transaction =>
    build({ spends: [{ from, leaves: keyLeaves }], outputs: [paying(heir, change)], actions: [announce()] });
  assert.equal(tried(chain, pay(purses[1]!, 2n)), 'tx-insufficient');
  const cancelled = act(purses[5]!, heartbeat(socialTerms));
  assert.equal(tried(chain, cancelled, pay(purses[1]!, 2n)), 'tx-insufficient');
  chain.mine([pay(purses[1]!, 1n)]);
  assert.equal(chain.totals.bonds, RNT);
});

test('a bond is forfeited when its announcement is replaced or cancelled, and can be minted again', () => {
  const { chain, purses } = announced();
  chain.mine([act(purses[1]!, announce())]);
  const before = chain.totals;
  assert.deepEqual([before.bonds, before.returned], [RNT, 0n]);
  chain.mine([act(purses[2]!, announce(rival))]);
  assert.deepEqual([chain.totals.bonds, chain.totals.returned], [RNT, RNT]);
  chain.mine([act(purses[3]!, heartbeat(socialTerms))]);
  assert.deepEqual([chain.totals.bonds, chain.totals.returned], [0n, 2n * RNT]);
  chain.mine([act(purses[4]!, heartbeat(socialTerms))]);
  assert.deepEqual([chain.totals.bonds, chain.totals.returned], [0n, 2n * RNT]);
  for (let back = 0; back < 3; back++) chain.undo();
  assert.deepEqual(chain.totals, before);
});

test('the first use of an announcement gets its bond back as an input, a second one does not (LED-19)', () => {
  const { chain, coins, purses } = announced();
  chain.mine([act(purses[1]!, announce())]);
  chain.advance(5);
  const [first, second] = coins as [Owned, Owned];
  assert.equal(tried(chain, recover([first], [paying(heir, 11n * RNT)])), 'valid');
  assert.equal(tried(chain, recover([first], [paying(heir, 11n * RNT + 1n)])), 'tx-insufficient');
  // Left to the miner it counts as a fee, which is bounded by a hundredth of what the inputs hold.
  const tenth = RNT / 10n;
  assert.equal(tried(chain, recover([first], [paying(heir, 11n * RNT - tenth)])), 'valid');
  assert.equal(tried(chain, recover([first], [paying(heir, 11n * RNT - tenth - 1n)])), 'tx-announced-fee');
  assert.equal(tried(chain, recover([first], [paying(heir, 10n * RNT)])), 'tx-announced-fee');
  chain.mine([recover([first], [paying(heir, 11n * RNT)])]);
  assert.equal(chain.totals.bonds, 0n);
  assert.equal(tried(chain, recover([second], [paying(heir, 10n * RNT + 1n)])), 'tx-insufficient');
  chain.mine([recover([second], [paying(heir, 10n * RNT)])]);
  assert.equal(chain.totals.returned, 0n);
  chain.mine([act(purses[2]!, heartbeat(socialTerms))]);
  assert.equal(chain.totals.returned, 0n);
});

test('announcing and cancelling in one transaction leaves nothing standing but the bond’s loss', () => {
  const { chain, coins, purses } = announced();
  chain.mine([act(purses[1]!, announce(), heartbeat(socialTerms))]);
  assert.equal(readPolicy(chain.view, SOCIAL).announcement, null);
  assert.deepEqual([chain.totals.bonds, chain.totals.returned], [0n, RNT]);
  chain.mine([act(purses[2]!, heartbeat(socialTerms), announce())]);
  assert.equal(chain.totals.bonds, RNT);
  chain.advance(5);
  assert.equal(tried(chain, recover(coins, [paying(heir, 21n * RNT)])), 'valid');
});

test('social outputs neither lapse nor return', () => {
  const { chain } = setting();
  const before = chain.totals;
  chain.advance(185);
  assert.equal(chain.totals.lapsed, 0n);
  assert.equal(chain.totals.returned, before.returned);
});

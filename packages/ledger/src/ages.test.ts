import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Leaf } from '@resonancenet/primitives/condition';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { build, heartbeat, type Owned, ownedBy } from './testing/build-transaction.ts';
import { LedgerChain, paying } from './testing/ledger-chain.ts';
import { BUILT_IN, HEARTBEAT, heartbeatTerms, keyLeaves, under } from './testing/sample-policies.ts';
import { writeTotals } from './totals.ts';

const account = under(HEARTBEAT);
const leaves: readonly Leaf[] = keyLeaves;

function beat(from: Owned): Transaction {
  return build({ spends: [{ from, leaves }], actions: [heartbeat(heartbeatTerms)] });
}

/** Entries of the ages. */
function entries(chain: LedgerChain): number {
  return [...chain.view.range('ages', new Uint8Array(0), null)].length;
}

test('outputs lapse after exactly the blocks of their policy, together with what came at the same height (LED-15)', () => {
  const chain = new LedgerChain();
  chain.mine([], { pay: [paying(account, 30n), paying(account, 4n)] });
  chain.mine([], { pay: [paying(account, 500n)] });
  chain.advance(9);
  assert.deepEqual([chain.height, chain.totals.lapsed], [11, 0n]);
  chain.mine();
  assert.deepEqual([chain.height, chain.totals.lapsed], [12, 34n]);
  chain.mine();
  assert.equal(chain.totals.lapsed, 534n);
  chain.undo();
  chain.undo();
  assert.equal(chain.totals.lapsed, 0n);
});

test('a heartbeat one block before the deadline keeps an account alive, at the deadline it revives it', () => {
  for (const [wait, atDeadline] of [
    [4, 0n],
    [5, 34n],
    [6, 34n],
  ] as const) {
    const chain = new LedgerChain();
    const [, , purse] = chain.fund(paying(account, 30n), paying(account, 4n), paying(under(BUILT_IN), 1n));
    chain.advance(wait);
    assert.equal(chain.height + 1, 1 + 10 + (wait - 4));
    chain.mine();
    assert.equal(chain.totals.lapsed, wait === 4 ? 0n : atDeadline);
    chain.undo();
    chain.mine([beat(purse!)]);
    assert.equal(chain.totals.lapsed, 0n);
    chain.advance(10);
    assert.equal(chain.totals.lapsed, 0n);
    chain.mine();
    assert.equal(chain.totals.lapsed, 34n);
  }
});

test('a lapsed output is spent as before and leaves the lapsed sum; what it pays counts anew', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(account, 30n));
  chain.advance(6);
  assert.equal(chain.totals.lapsed, 30n);
  chain.mine([build({ spends: [{ from: coin!, leaves }], outputs: [paying(account, 20n)] })]);
  assert.equal(chain.totals.lapsed, 0n);
  chain.advance(10);
  assert.equal(chain.totals.lapsed, 0n);
  chain.mine();
  assert.equal(chain.totals.lapsed, 20n);
});

test('an output that is created after a heartbeat lapses by its own age', () => {
  const chain = new LedgerChain();
  const [purse] = chain.fund(paying(under(BUILT_IN), 1n));
  chain.mine([beat(purse!)]);
  chain.advance(2);
  chain.mine([], { pay: [paying(account, 7n)] });
  chain.advance(10);
  assert.equal(chain.totals.lapsed, 0n);
  chain.mine();
  assert.equal(chain.totals.lapsed, 7n);
});

test('a spend finds its bucket after a heartbeat, before the deadline and after it', () => {
  for (const wait of [3, 20]) {
    const chain = new LedgerChain();
    const [coin, other, purse] = chain.fund(paying(account, 30n), paying(account, 0n), paying(under(BUILT_IN), 1n));
    chain.mine([beat(purse!)]);
    chain.advance(wait);
    chain.mine([
      build({ spends: [coin!, other!].map((from) => ({ from, leaves })), outputs: [paying(under(BUILT_IN), 30n)] }),
    ]);
    assert.equal(chain.totals.lapsed, 0n);
    // No bucket and no deadline is left behind.
    assert.equal(entries(chain), 0);
  }
});

test('an account’s outputs are one bucket after a heartbeat, however many heights they came from', () => {
  const chain = new LedgerChain();
  for (let block = 0; block < 5; block++) chain.mine([], { pay: [paying(account, 1n)] });
  const [purse] = chain.fund(paying(under(BUILT_IN), 1n));
  assert.equal(entries(chain), 10);
  chain.mine([beat(purse!)]);
  assert.equal(entries(chain), 2);
  chain.undo();
  assert.equal(entries(chain), 10);
});

test('two heartbeats of one policy in one block, and an output created between them', () => {
  const chain = new LedgerChain();
  const purses = chain.fund(paying(under(BUILT_IN), 5n), paying(under(BUILT_IN), 5n), paying(account, 9n));
  const first = build({
    spends: [{ from: purses[0]!, leaves }],
    outputs: [paying(account, 5n)],
    actions: [heartbeat(heartbeatTerms)],
  });
  chain.mine([first, beat(purses[1]!)]);
  assert.equal(entries(chain), 2);
  chain.mine([
    build({
      spends: [ownedBy(first, chain.height)[0]!, purses[2]!].map((from) => ({ from, leaves })),
      outputs: [paying(under(BUILT_IN), 1n)],
    }),
  ]);
  assert.equal(entries(chain), 0);
});

test('a heartbeat policy without terms lapses, and nobody can keep it alive', () => {
  const chain = new LedgerChain();
  const noTerms = Uint8Array.from(BUILT_IN);
  noTerms.set([1, 11, 0, 0]);
  chain.mine([], { pay: [paying(under(noTerms), 3n)] });
  chain.advance(10);
  assert.equal(chain.totals.lapsed, 0n);
  chain.mine();
  assert.equal(chain.totals.lapsed, 3n);
});

const HALF = 105_000_000_000_000_000n;
const RNT = 10_000_000_000n;

/** As if so much had been mined by others before. */
function addSupply(chain: LedgerChain, minted: bigint): void {
  const totals = chain.totals;
  const more = minted - totals.minted;
  writeTotals(chain.view, { ...totals, minted, unspent: totals.unspent + more });
  chain.view.takeJournal();
}

function reward(chain: LedgerChain): bigint {
  const result = chain.attempt([]);
  return result.ok ? result.reward : -1n;
}

test('a halving comes with the block after the one that mints the last resonance of the half (LED-22)', () => {
  for (const [short, second] of [
    [0n, 25n * RNT],
    [1n, 50n * RNT],
  ] as const) {
    const chain = new LedgerChain();
    addSupply(chain, HALF - 50n * RNT - short);
    assert.equal(reward(chain), 50n * RNT);
    chain.mine();
    assert.equal(reward(chain), second);
    chain.mine();
    assert.equal(reward(chain), 25n * RNT);
  }
});

test('coins that lapse bring the halving back, to the resonance, and a heartbeat takes the subsidy away again', () => {
  for (const [above, after] of [
    [25n * RNT, 25n * RNT],
    [25n * RNT - 1n, 50n * RNT],
  ] as const) {
    const chain = new LedgerChain();
    chain.mine([], { pay: [paying(account, 50n * RNT)] });
    const [purse] = chain.fund(paying(under(BUILT_IN), 1n));
    chain.advance(4);
    assert.equal(chain.height, 11);
    addSupply(chain, HALF + above);
    // Judged by the state of the parent, in which nothing has lapsed yet.
    assert.equal(reward(chain), 25n * RNT);
    chain.mine();
    assert.equal(chain.totals.lapsed, 50n * RNT);
    assert.equal(reward(chain), after);
    chain.mine([beat(purse!)]);
    assert.equal(chain.totals.lapsed, 0n);
    assert.equal(reward(chain), 25n * RNT);
    chain.undo();
    assert.equal(reward(chain), after);
  }
});

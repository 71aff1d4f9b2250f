import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { coinKey } from './coin.ts';
import { RETURNS_PER_BLOCK } from './deadlines.ts';
import { build, heartbeat, type Owned } from './testing/build-transaction.ts';
import { LedgerChain, paying } from './testing/ledger-chain.ts';
import { outcome } from './testing/outcome.ts';
import { base58, BUILT_IN, CHANNEL, keyLeaves, RETURN, returnTerms, under } from './testing/sample-policies.ts';

const channel = under(CHANNEL);
const own = under(RETURN);

function act(from: Owned): Transaction {
  return build({ spends: [{ from, leaves: keyLeaves }], actions: [heartbeat(returnTerms)] });
}

/** A chain of which only what a test pays can return: the miner's own outputs last longer than the tests. */
function chainOf(returnsPerBlock?: number): LedgerChain {
  const chain = new LedgerChain(undefined, returnsPerBlock);
  const { params } = chain;
  const patient = { ...params, recovery: { ...params.recovery, builtInReturn: 100_000, emissionReturnMin: 200 } };
  return new LedgerChain(patient, returnsPerBlock);
}

const returned = (chain: LedgerChain): bigint => chain.totals.returned;

test('an output returns at exactly its deadline, and can be minted again (LED-20)', () => {
  for (const [destination, blocks] of [
    [own, 200],
    [under(BUILT_IN), 200],
    [base58(1), 500],
    [channel, 500],
  ] as const) {
    const chain = chainOf();
    chain.mine([], { pay: [paying(destination, 7n)] });
    chain.advance(blocks - 1);
    assert.deepEqual([chain.height, returned(chain)], [blocks, 0n]);
    const before = chain.totals;
    chain.mine();
    assert.deepEqual([chain.height, returned(chain)], [blocks + 1, 7n]);
    assert.equal(chain.totals.unspent, before.unspent + 500_000_000_000n - 7n);
    chain.undo();
    assert.deepEqual(chain.totals, before);
    chain.mine();
    assert.equal(returned(chain), 7n);
  }
});

test('a spend takes an output out of the queue, before and after its entry has moved', () => {
  for (const beats of [0, 1, 2]) {
    const chain = chainOf();
    const [coin, ...purses] = chain.fund(paying(own, 7n), paying(channel, 1n), paying(channel, 1n));
    for (let beat = 0; beat < beats; beat++) {
      chain.advance(150);
      chain.mine([act(purses[beat]!)]);
    }
    const key = toHex(coinKey(coin!.txid, coin!.index));
    const count = (): number =>
      [...chain.view.range('deadlines', new Uint8Array(0), null)].filter(([entry]) => toHex(entry).endsWith(key))
        .length;
    assert.equal(count(), 1);
    chain.mine([build({ spends: [{ from: coin!, leaves: keyLeaves }], outputs: [paying(under(BUILT_IN), 7n)] })]);
    assert.equal(count(), 0);
    chain.advance(250);
    assert.equal(outcome(chain.attempt([])), 'valid');
  }
});

test('a heartbeat one block before the deadline moves it, one at the deadline comes too late for the output', () => {
  for (const [wait, kept] of [
    [193, true],
    [194, false],
  ] as const) {
    const chain = chainOf();
    const [, purse] = chain.fund(paying(own, 7n), paying(channel, 1n));
    chain.advance(wait);
    assert.equal(chain.height + 1, 1 + 200 + (kept ? -1 : 0));
    chain.mine([act(purse!)]);
    const at = chain.height;
    chain.advance(1);
    assert.equal(returned(chain), kept ? 0n : 7n);
    if (!kept) continue;
    chain.advance(198);
    assert.deepEqual([chain.height, returned(chain)], [at + 199, 0n]);
    chain.mine();
    assert.equal(returned(chain), 7n);
  }
});

test('a heartbeat at the deadline is valid: what was due has just returned', () => {
  const chain = chainOf();
  const [, purse] = chain.fund(paying(own, 7n), paying(channel, 1n));
  chain.advance(194);
  assert.equal(outcome(chain.attempt([act(purse!)])), 'valid');
});

test('what is due and waits behind others is not revived by a heartbeat (LED-13)', () => {
  const chain = chainOf(1);
  // All three are due at height 201; one returns at 201, 202 and 203 each.
  const [, , , purse] = chain.fund(paying(own, 7n), paying(own, 8n), paying(own, 9n), paying(channel, 1n));
  chain.advance(194);
  assert.equal(chain.height + 1, 201);
  const refused = chain.attempt([act(purse!)]);
  assert.equal(outcome(refused), 'tx-heartbeat-due');
  chain.advance(1);
  assert.equal(outcome(chain.attempt([act(purse!)])), 'tx-heartbeat-due');
  chain.advance(1);
  assert.equal(outcome(chain.attempt([act(purse!)])), 'valid');
  chain.advance(1);
  assert.equal(returned(chain), 24n);
});

test('the same at the very height at which the last sign of life ends', () => {
  const chain = chainOf(1);
  const [, , purse, other] = chain.fund(paying(own, 7n), paying(own, 8n), paying(channel, 1n), paying(channel, 1n));
  chain.advance(1);
  chain.mine([act(purse!)]);
  assert.equal(chain.height, 8);
  chain.advance(198);
  assert.equal(outcome(chain.attempt([act(other!)])), 'valid');
  chain.advance(1);
  // Height 208: the first of two returns, the second is due.
  assert.equal(outcome(chain.attempt([act(other!)])), 'tx-heartbeat-due');
});

test('other policies’ outputs in the queue do not keep a heartbeat away', () => {
  const chain = chainOf(1);
  const [, , , purse] = chain.fund(
    paying(under(BUILT_IN), 7n),
    paying(under(BUILT_IN), 8n),
    paying(under(BUILT_IN), 9n),
    paying(channel, 1n),
  );
  chain.advance(194);
  assert.equal(outcome(chain.attempt([act(purse!)])), 'valid');
});

test('an output that an old entry holds although its policy gave signs of life is entered anew, and takes its place of the block', () => {
  const chain = chainOf(1);
  const [, purse] = chain.fund(paying(own, 7n), paying(channel, 1n));
  chain.mine([act(purse!)]);
  chain.mine([], { pay: [paying(under(BUILT_IN), 5n)] });
  chain.advance(200 - chain.height);
  // Height 201: the old entry of the first output is the one that is looked at.
  chain.mine();
  assert.equal(returned(chain), 0n);
  chain.advance(6);
  assert.deepEqual([chain.height, returned(chain)], [207, 7n]);
  chain.mine();
  assert.equal(returned(chain), 12n);
});

test('of one deadline the order is that of txid and index', () => {
  const chain = chainOf(2);
  const outputs = Array.from({ length: 300 }, (_, index) => paying(under(BUILT_IN), BigInt(index)));
  chain.mine([], { pay: outputs });
  chain.advance(199);
  let sum = 0n;
  for (let block = 0; block < 150; block++) {
    chain.mine();
    sum += BigInt(4 * block + 1);
    assert.equal(returned(chain), sum);
  }
});

test('a block settles 4,096 entries, the next one the rest', () => {
  assert.equal(RETURNS_PER_BLOCK, 4096);
  const chain = chainOf();
  const { recovery } = chain.params;
  chain.mine([], { pay: Array.from({ length: 4097 }, () => paying(under(BUILT_IN), 1n)) });
  chain.advance(recovery.emissionReturnMin - 1);
  assert.equal(returned(chain), 0n);
  chain.mine();
  assert.equal(returned(chain), 4096n);
  chain.mine();
  assert.equal(returned(chain), 4097n);
});

test('a spent output of the backlog is refused, an output that is not due is not', () => {
  const chain = chainOf(1);
  const [a, b, c] = chain.fund(paying(under(BUILT_IN), 1n), paying(under(BUILT_IN), 2n), paying(channel, 3n));
  chain.advance(194);
  const spend = (from: Owned): Transaction =>
    build({ spends: [{ from, leaves: keyLeaves }], outputs: [paying(channel, from.output.amount)] });
  assert.equal(outcome(chain.attempt([spend(a!)])), 'tx-missing-input');
  assert.equal(outcome(chain.attempt([spend(b!)])), 'tx-returned-input');
  assert.equal(outcome(chain.attempt([spend(c!)])), 'valid');
});

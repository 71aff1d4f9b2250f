import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { build, type Owned, ownedBy } from './testing/build-transaction.ts';
import { LedgerChain, paying } from './testing/ledger-chain.ts';
import { outcome } from './testing/outcome.ts';
import { BASE58, base58, BUILT_IN, CHANNEL, keyLeaves, RETURN, under } from './testing/sample-policies.ts';

const payee = under(BUILT_IN);

/** Spends it to `payee`, without a fee. */
function spend(from: Owned, more: { sequence?: number; lockTime?: number } = {}): Transaction {
  const { sequence, lockTime } = more;
  const how = from.output.policyId === BASE58 ? { from, baseKey: 1 } : { from, leaves: keyLeaves };
  return build({
    spends: [{ ...how, ...(sequence === undefined ? {} : { sequence }) }],
    outputs: [paying(payee, from.output.amount)],
    ...(lockTime === undefined ? {} : { lockTime }),
  });
}

/** An output that is no coinbase's, in the last block. */
function fresh(chain: LedgerChain, destination = payee): Owned {
  const [coin] = chain.fund(paying(payee, 1000n));
  const transaction = build({ spends: [{ from: coin!, leaves: keyLeaves }], outputs: [paying(destination, 1000n)] });
  chain.mine([transaction]);
  return ownedBy(transaction, chain.height)[0]!;
}

test('a coinbase may be spent six blocks later, not five (LED-9)', () => {
  const chain = new LedgerChain();
  const coinbase = chain.mine([], { pay: [paying(payee, 1000n)] });
  const coin = ownedBy(coinbase, 1)[0]!;
  chain.advance(4);
  const early = chain.attempt([spend(coin)]);
  assert.equal(outcome(early), 'tx-immature-coinbase');
  assert.ok(!early.ok && early.code === 'tx-immature-coinbase');
  assert.deepEqual([early.facts.age, early.facts.required], [5, 6]);
  chain.advance(1);
  assert.equal(outcome(chain.attempt([spend(coin)])), 'valid');
});

test('what is no coinbase may be spent in its own block, and only after what creates it', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(payee, 1000n));
  const first = spend(coin!);
  const second = spend(ownedBy(first, chain.height + 1)[0]!);
  assert.equal(outcome(chain.attempt([first, second])), 'valid');
  assert.equal(outcome(chain.attempt([second, first])), 'tx-missing-input');
});

test('an output is spent once, in one block or over blocks', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(payee, 1000n));
  const other = build({ spends: [{ from: coin!, leaves: keyLeaves }], outputs: [paying(payee, 999n)] });
  assert.equal(outcome(chain.attempt([spend(coin!), other])), 'tx-missing-input');
  assert.equal(outcome(chain.attempt([other])), 'valid');
  chain.mine([spend(coin!)]);
  assert.equal(outcome(chain.attempt([other])), 'tx-missing-input');
  chain.undo();
  assert.equal(outcome(chain.attempt([other])), 'valid');
});

test('an output that never was, or has another index, is missing', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(payee, 1000n));
  // Every byte of the index counts.
  for (const index of [2, 256, 65_536, 16_777_216]) {
    assert.equal(outcome(chain.attempt([spend({ ...coin!, index })])), 'tx-missing-input');
  }
  assert.equal(outcome(chain.attempt([spend({ ...coin!, txid: new Uint8Array(32).fill(9) })])), 'tx-missing-input');
});

test('a lock time below the height is over, one at the height is not; bit 31 takes it away (LED-8)', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(payee, 1000n));
  const next = chain.height + 1;
  assert.equal(outcome(chain.attempt([spend(coin!, { lockTime: next - 1 })])), 'valid');
  assert.equal(outcome(chain.attempt([spend(coin!, { lockTime: next })])), 'tx-lock-time');
  assert.equal(outcome(chain.attempt([spend(coin!, { lockTime: 0x7fff_ffff })])), 'tx-lock-time');
  assert.equal(outcome(chain.attempt([spend(coin!, { lockTime: 0x8000_0000 + next })])), 'valid');
  chain.advance(1);
  assert.equal(outcome(chain.attempt([spend(coin!, { lockTime: next })])), 'valid');
});

test('a sequence waits for its number of blocks, to the block (LED-8)', () => {
  const chain = new LedgerChain();
  const coin = fresh(chain);
  assert.equal(outcome(chain.attempt([spend(coin, { sequence: 1 })])), 'valid');
  assert.equal(outcome(chain.attempt([spend(coin, { sequence: 2 })])), 'tx-sequence');
  assert.equal(outcome(chain.attempt([spend(coin, { sequence: 0x8000_0002 })])), 'valid');
  chain.advance(1);
  assert.equal(outcome(chain.attempt([spend(coin, { sequence: 2 })])), 'valid');
  assert.equal(outcome(chain.attempt([spend(coin, { sequence: 3 })])), 'tx-sequence');
});

test('in its own block an output has the age 0', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(payee, 1000n));
  const first = spend(coin!);
  const child = ownedBy(first, chain.height + 1)[0]!;
  assert.equal(outcome(chain.attempt([first, spend(child, { sequence: 0 })])), 'valid');
  assert.equal(outcome(chain.attempt([first, spend(child, { sequence: 1 })])), 'tx-sequence');
});

test('outputs that return can be spent up to the block before their deadline (LED-20)', () => {
  for (const [destination, blocks] of [
    [under(BUILT_IN), 200],
    [under(RETURN), 200],
    [base58(1), 500],
    [under(CHANNEL), 500],
  ] as const) {
    const chain = new LedgerChain();
    const coin = fresh(chain, destination);
    chain.advance(blocks - 2);
    assert.equal(chain.height + 1, coin.height + blocks - 1);
    assert.equal(outcome(chain.attempt([spend(coin)])), 'valid');
    chain.advance(1);
    // At its deadline it has returned before the block's transactions.
    assert.equal(outcome(chain.attempt([spend(coin)])), 'tx-missing-input');
  }
});

test('what is due but still waits in the queue cannot be spent either (LED-9)', () => {
  const chain = new LedgerChain(undefined, 0);
  const coin = fresh(chain);
  chain.advance(198);
  assert.equal(outcome(chain.attempt([spend(coin)])), 'valid');
  chain.advance(1);
  const late = chain.attempt([spend(coin)]);
  assert.equal(outcome(late), 'tx-returned-input');
  assert.ok(!late.ok && late.code === 'tx-returned-input');
  assert.deepEqual([late.facts.deadline, late.facts.height], [coin.height + 200, coin.height + 200]);
});

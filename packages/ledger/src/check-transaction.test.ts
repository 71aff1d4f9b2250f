import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import { regtest } from '@resonancenet/params/regtest';
import { type Transaction, transactionCodec, txid } from '@resonancenet/primitives/transaction';
import { applyTransaction, checkTransaction } from './check-transaction.ts';
import { build, heartbeat, type Owned, ownedBy } from './testing/build-transaction.ts';
import { LedgerChain, paying } from './testing/ledger-chain.ts';
import { BUILT_IN, HEARTBEAT, heartbeatTerms, keyLeaves, under } from './testing/sample-policies.ts';
import { readTotals } from './totals.ts';

const payee = under(BUILT_IN);

function pay(from: Owned, resonances: bigint): Transaction {
  return build({ spends: [{ from, leaves: keyLeaves }], outputs: [paying(payee, resonances)] });
}

/** How the pool judges it on top of the chain. */
function judged(chain: LedgerChain, transaction: Transaction): string {
  const checked = checkTransaction(transaction, chain.height + 1, chain.view, chain.context);
  return checked.ok ? 'valid' : checked.code;
}

test('outside of a block size and form are judged too', () => {
  const sized = (maxTransactionBytes: number): LedgerChain =>
    new LedgerChain({ ...withGenesis(regtest), maxTransactionBytes });
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(payee, 10n));
  const good = pay(coin!, 9n);
  assert.equal(judged(chain, good), 'valid');
  assert.equal(judged(chain, { ...good, outputs: [] }), 'tx-no-effect');
  assert.equal(judged(chain, { ...good, inputs: [good.inputs[0]!, good.inputs[0]!] }), 'tx-duplicate-input');
  const bytes = encode(transactionCodec, good).length;
  for (const [limit, found] of [
    [bytes, 'valid'],
    [bytes - 1, 'tx-size'],
  ] as const) {
    const small = sized(limit);
    const [same] = small.fund(paying(payee, 10n));
    assert.equal(judged(small, pay(same!, 9n)), found);
  }
});

test('a checked transaction says what it spends, pays and signs, and the check changes nothing', () => {
  const chain = new LedgerChain();
  const coins = chain.fund(paying(payee, 10n), paying(under(HEARTBEAT), 20n));
  const spends = coins.map((from) => ({ from, leaves: keyLeaves }));
  const transaction = build({ spends, outputs: [paying(payee, 25n)], actions: [heartbeat(heartbeatTerms)] });
  const mark = chain.view.mark();
  const checked = checkTransaction(transaction, chain.height + 1, chain.view, chain.context);
  assert.equal(chain.view.mark(), mark);
  assert.ok(checked.ok);
  assert.deepEqual(checked.txid, txid(transaction));
  assert.deepEqual([checked.fee, checked.bonds, checked.refund, checked.signatures.length], [5n, 0n, 0n, 3]);
  assert.deepEqual(
    checked.spent.map(({ coin }) => [coin.amount, coin.height, coin.coinbase]),
    [
      [10n, 1, true],
      [20n, 1, true],
    ],
  );
  assert.deepEqual(
    checked.actions.map(({ subject }) => subject),
    [HEARTBEAT],
  );
});

test('transactions are applied one on the other before any block, and taken back', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(payee, 10n));
  const parent = pay(coin!, 9n);
  const child = pay(ownedBy(parent, chain.height + 1)[0]!, 8n);
  assert.equal(judged(chain, child), 'tx-missing-input');
  const mark = chain.view.mark();
  const checked = checkTransaction(parent, chain.height + 1, chain.view, chain.context);
  assert.ok(checked.ok);
  applyTransaction(checked, chain.height + 1, chain.view, readTotals(chain.view), chain.context);
  assert.equal(judged(chain, child), 'valid');
  assert.equal(judged(chain, parent), 'tx-missing-input');
  chain.view.rollback(mark);
  assert.equal(judged(chain, parent), 'valid');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import { regtest } from '@resonancenet/params/regtest';
import { amount } from '@resonancenet/primitives/amount';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import type { Condition, Leaf } from '@resonancenet/primitives/condition';
import { connectBlock } from './connect-block.ts';
import { build, keysOf } from './testing/build-transaction.ts';
import { LedgerChain, paying } from './testing/ledger-chain.ts';
import { outcome } from './testing/outcome.ts';
import { BUILT_IN, keyLeaves, under } from './testing/sample-policies.ts';

const FIFTY = 500_000_000_000n;
const payee = under(BUILT_IN);

function paid(chain: LedgerChain, resonances: bigint): string {
  const coinbase = makeCoinbase(chain.height + 1, amount(resonances), payee);
  return outcome(chain.attempt([], { coinbase }));
}

test('the coinbase pays exactly the reward, not one resonance more or less (LED-23)', () => {
  const chain = new LedgerChain();
  assert.equal(paid(chain, FIFTY), 'valid');
  assert.equal(paid(chain, FIFTY - 1n), 'body-coinbase-amount');
  assert.equal(paid(chain, FIFTY + 1n), 'body-coinbase-amount');
  const refused = chain.attempt([], { coinbase: makeCoinbase(1, amount(FIFTY + 1n), payee) });
  assert.ok(!refused.ok && refused.code === 'body-coinbase-amount');
  assert.deepEqual(refused.facts, { claimed: FIFTY + 1n, expected: FIFTY, reward: FIFTY, fees: 0n });
});

test('a block that earns nothing pays nothing', () => {
  const params = { ...withGenesis(regtest), emission: { fullGain: 1_000, doubleGain: 10_000 } };
  const chain = new LedgerChain(params);
  const none = makeCoinbase(1, amount(0n), payee);
  assert.equal(outcome(chain.attempt([], { coinbase: none })), 'valid');
  assert.equal(outcome(chain.attempt([], { coinbase: none, valLoss: 4_999_999 })), 'body-coinbase-amount');
  chain.mine([], { coinbase: none });
  assert.deepEqual(chain.totals, { height: 1, minted: 0n, returned: 0n, lapsed: 0n, unspent: 0n, bonds: 0n });
});

test('the reward is paid by the improvement of the header', () => {
  const chain = new LedgerChain({ ...withGenesis(regtest), emission: { fullGain: 1_000, doubleGain: 10_000 } });
  const rewardAt = (valLoss: number): bigint => {
    const result = chain.attempt([], { valLoss });
    return result.ok ? result.reward : -1n;
  };
  assert.deepEqual([5_000_000, 4_995_001, 4_995_000, 4_950_000].map(rewardAt), [
    0n,
    499_900_000_000n,
    550_000_000_000n,
    2n * FIFTY,
  ]);
});

test('sums of a coinbase’s outputs do not wrap', () => {
  const chain = new LedgerChain();
  const all = amount(210_000_000_000_000_000n);
  const coinbase = makeCoinbase(1, all, payee);
  const outputs = Array.from({ length: 88 }, () => coinbase.outputs[0]!);
  const refused = chain.attempt([], { coinbase: { ...coinbase, outputs } });
  assert.ok(!refused.ok && refused.code === 'body-coinbase-amount');
  assert.equal(refused.facts.claimed, 88n * all);
});

test('fees go to the coinbase, to the resonance', () => {
  const chain = new LedgerChain();
  const coins = chain.fund(paying(payee, 10n), paying(payee, 20n));
  const spends = coins.map((from) => build({ spends: [{ from, leaves: keyLeaves }], outputs: [paying(payee, 7n)] }));
  const coinbase = (fees: bigint): string =>
    outcome(chain.attempt(spends, { coinbase: makeCoinbase(chain.height + 1, amount(FIFTY + fees), payee) }));
  assert.equal(coinbase(16n), 'valid');
  assert.equal(coinbase(15n), 'body-coinbase-amount');
  assert.equal(coinbase(17n), 'body-coinbase-amount');
  chain.mine(spends);
  assert.equal(chain.totals.minted, 7n * FIFTY);
  assert.equal(chain.totals.unspent, 7n * FIFTY);
});

test('outputs are at most what the inputs hold, to the resonance (LED-10)', () => {
  const chain = new LedgerChain();
  const coins = chain.fund(paying(payee, 10n), paying(payee, 20n));
  const spends = coins.map((from) => ({ from, leaves: keyLeaves }));
  const pays = (...amounts: readonly bigint[]): string =>
    outcome(chain.attempt([build({ spends, outputs: amounts.map((one) => paying(payee, one)) })]));
  assert.equal(pays(29n, 1n), 'valid');
  assert.equal(pays(30n, 1n), 'tx-insufficient');
});

test('a block has at most the network’s signatures, over all its transactions (CON-16)', () => {
  const threshold: Condition = { kind: 'threshold', required: 3, publicKeys: keysOf(2, 3, 4) };
  const leaves: readonly Leaf[] = [[threshold]];
  const at = (maxBlockSignatures: number): string => {
    const chain = new LedgerChain({ ...withGenesis(regtest), maxBlockSignatures });
    const coins = chain.fund(paying(under(BUILT_IN, leaves), 10n), paying(payee, 20n));
    const first = build({ spends: [{ from: coins[0]!, leaves }], outputs: [paying(payee, 1n)] });
    const second = build({ spends: [{ from: coins[1]!, leaves: keyLeaves }], outputs: [paying(payee, 1n)] });
    return outcome(chain.attempt([first, second]));
  };
  assert.deepEqual([at(4), at(3)], ['valid', 'body-signature-count']);
});

test('a block of another height than the next is a bug of the caller', () => {
  const chain = new LedgerChain();
  const block = chain.block([], {});
  chain.mine();
  assert.throws(() => connectBlock(block, chain.view, chain.context), AssertionFailure);
});

test('a block on another D_val than its parent’s is refused as long as none is due', () => {
  const chain = new LedgerChain();
  assert.equal(outcome(chain.attempt([], { dvalId: new Uint8Array(32).fill(0xa2) })), 'header-dval');
});

test('the state after connecting and disconnecting is the same, byte for byte', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(payee, 10n));
  const state = (): string =>
    JSON.stringify([...chain.view.entries()].map(([table, key, value]) => [table, [...key], [...value]]));
  const before = state();
  chain.mine([build({ spends: [{ from: coin!, leaves: keyLeaves }], outputs: [paying(payee, 7n)] })]);
  assert.notEqual(state(), before);
  chain.undo();
  assert.equal(state(), before);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import { dvalId } from '@resonancenet/params/dval';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAction } from '@resonancenet/primitives/action-content';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { build } from '../testing/build-transaction.ts';
import { LedgerChain, paying } from '../testing/ledger-chain.ts';
import { outcome } from '../testing/outcome.ts';
import { BUILT_IN, keyLeaves, under } from '../testing/sample-policies.ts';
import { refundTxid } from './end-of-block.ts';
import { propose, reveal, sampleSet } from './testing/rotation-world.ts';

const { bond, lockIn, notice } = regtest.rotation;
const payee = under(BUILT_IN);
const set = sampleSet(3);
const id = dvalId(set.shard);
const LOSS = 5_000_000;

/** A transaction with this action that takes all of a coin of this size. */
function acting(chain: LedgerChain, resonances: bigint, content: Parameters<typeof encodeAction>[0]): Transaction {
  const [from] = chain.fund(paying(payee, resonances));
  return build({ spends: [{ from: from!, leaves: keyLeaves }], actions: [encodeAction(content)] });
}

function chainWithLoss(loss: number | null = LOSS): LedgerChain {
  const chain = new LedgerChain(withGenesis({ ...regtest, subsidy: 4n * bond }), undefined, () => loss);
  return chain;
}

/** A chain whose next block is the activation. */
function beforeActivation(loss: number | null = LOSS): LedgerChain {
  const chain = chainWithLoss(loss);
  chain.mine([acting(chain, bond + 5n, propose(set.proposal, payee))]);
  const revealing = acting(chain, 7n, reveal(set));
  for (let i = 0; i < lockIn; i += 1) chain.mine([], { vote: { kind: 'for', proposal: set.proposal } });
  chain.mine([revealing]);
  chain.advance(regtest.rotation.delay - 2);
  return chain;
}

test('a proposal takes its bond from its transaction, to the resonance', () => {
  const chain = chainWithLoss();
  const exact = acting(chain, bond, propose(set.proposal, payee));
  const short = acting(chain, bond - 1n, propose(set.proposal, payee));
  assert.equal(outcome(chain.attempt([exact])), 'valid');
  assert.equal(outcome(chain.attempt([short])), 'tx-insufficient');
  const both = chain.attempt([exact, acting(chain, bond, propose(set.proposal, payee))]);
  assert.equal(outcome(both), 'tx-proposal-repeated');
  const before = chain.totals;
  chain.mine([exact]);
  assert.equal(chain.totals.bonds, bond);
  assert.equal(chain.totals.unspent, before.unspent + 4n * bond - bond);
});

test('from proposal to activation in blocks: the old set, another set and a loss out of bounds are refused, the bond comes back and is spent', () => {
  const chain = beforeActivation();
  const activation = chain.height + 1;
  assert.equal(outcome(chain.attempt([])), 'header-dval');
  assert.equal(outcome(chain.attempt([], { dvalId: new Uint8Array(32).fill(0xa2) })), 'header-dval');
  assert.equal(outcome(chain.attempt([], { dvalId: id, parentLoss: LOSS / 2 - 1, valLoss: 1 })), 'header-dval-bounds');
  assert.equal(outcome(chain.attempt([], { dvalId: id, parentLoss: LOSS / 2, valLoss: 1 })), 'valid');
  const entries = [...chain.view.entries()];
  chain.mine([], { dvalId: id });
  assert.equal(chain.totals.bonds, 0n);
  const from = { txid: refundTxid(set.proposal), index: 0, output: paying(payee, bond), height: activation };
  const spend = build({ spends: [{ from, leaves: keyLeaves }], outputs: [paying(payee, bond)] });
  assert.equal(outcome(chain.attempt([spend])), 'valid');
  assert.equal(outcome(chain.attempt([], { dvalId: new Uint8Array(32).fill(0xa1) })), 'header-dval');
  chain.undo();
  assert.deepEqual([...chain.view.entries()], entries);
});

test('where the loss on the new set is out of bounds the old set stays and the bond goes to the pool', () => {
  const chain = beforeActivation(2 * LOSS + 1);
  assert.equal(
    outcome(chain.attempt([], { dvalId: id, parentLoss: 2 * LOSS + 1, valLoss: LOSS })),
    'header-dval-bounds',
  );
  chain.mine();
  assert.deepEqual([chain.totals.bonds, chain.totals.returned], [0n, bond]);
});

test('a block that keeps the old set waits for the loss on the new one', () => {
  assert.equal(outcome(beforeActivation(null).attempt([])), 'needs a loss');
  assert.equal(outcome(beforeActivation(null).attempt([], { dvalId: id })), 'valid');
});

test('what is not revealed in time loses its bond in exactly one block', () => {
  const chain = chainWithLoss();
  chain.mine([acting(chain, bond, propose(set.proposal, payee))]);
  for (let i = 0; i < lockIn; i += 1) chain.mine([], { vote: { kind: 'for', proposal: set.proposal } });
  chain.advance(regtest.rotation.delay - notice - 1);
  assert.deepEqual([chain.totals.bonds, chain.totals.returned], [bond, 0n]);
  chain.mine();
  assert.deepEqual([chain.totals.bonds, chain.totals.returned], [0n, bond]);
});

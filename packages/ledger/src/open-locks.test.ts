import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@resonancenet/bytes/compare';
import { verify } from '@resonancenet/crypto/ed25519';
import { hashUntagged } from '@resonancenet/crypto/hash';
import type { Condition, Leaf } from '@resonancenet/primitives/condition';
import { SIGHASH_ALL, SIGHASH_SINGLE } from '@resonancenet/primitives/witness';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { checkTransaction } from './check-transaction.ts';
import {
  build,
  byKey,
  heartbeat,
  keyOf,
  keysOf,
  type Owned,
  ownedBy,
  signedBy,
  type Spend,
} from './testing/build-transaction.ts';
import { LedgerChain, paying } from './testing/ledger-chain.ts';
import { outcome } from './testing/outcome.ts';
import {
  base58,
  BUILT_IN,
  CHANNEL,
  HEARTBEAT,
  heartbeatTerms,
  keyLeaves,
  LIVENESS,
  SOCIAL,
  under,
} from './testing/sample-policies.ts';

const secret = new Uint8Array(32).fill(0x77);

/** A chain and an output of these leaves in its last block, no coinbase's. */
function locked(leaves: readonly Leaf[], policyId = BUILT_IN): { chain: LedgerChain; coin: Owned } {
  const chain = new LedgerChain();
  const [funds] = chain.fund(paying(under(BUILT_IN), 1000n));
  const outputs = [paying(under(policyId, leaves), 1000n)];
  const transaction = build({ spends: [{ from: funds!, leaves: keyLeaves }], outputs });
  chain.mine([transaction]);
  return { chain, coin: ownedBy(transaction, chain.height)[0]! };
}

function spend(how: Spend): Transaction {
  return build({ spends: [how], outputs: [paying(under(BUILT_IN), how.from.output.amount)] });
}

/** Outcome of spending it by a leaf in the next block. */
function tried(chain: LedgerChain, how: Spend): string {
  return outcome(chain.attempt([spend(how)]));
}

const or = (...leaves: readonly Leaf[]): readonly Leaf[] => leaves;

test('after(H) opens in blocks above H (LED-1)', () => {
  const chain = new LedgerChain();
  const leaves = or([{ kind: 'after', height: 7 }, byKey(1)]);
  const [coin] = chain.fund(paying(under(BUILT_IN, leaves), 5n));
  assert.equal(chain.height + 1, 7);
  assert.equal(tried(chain, { from: coin!, leaves }), 'tx-after');
  chain.advance(1);
  assert.equal(tried(chain, { from: coin!, leaves }), 'valid');
});

test('older(n) opens n blocks after the output was created', () => {
  const leaves = or([{ kind: 'older', blocks: 3 }, byKey(1)]);
  const { chain, coin } = locked(leaves);
  chain.advance(1);
  assert.equal(tried(chain, { from: coin, leaves }), 'tx-older');
  chain.advance(1);
  assert.equal(tried(chain, { from: coin, leaves }), 'valid');
});

test('idle opens after exactly the blocks of the output’s own policy; a heartbeat starts it anew', () => {
  const leaves = or([byKey(1)], [{ kind: 'idle' }, byKey(2)]);
  const { chain, coin } = locked(leaves, HEARTBEAT);
  const [fee] = chain.fund(paying(under(BUILT_IN), 1n), paying(under(BUILT_IN), 1n));
  chain.advance(3);
  assert.equal(chain.height + 1, coin.height + 10);
  assert.equal(tried(chain, { from: coin, leaves, leaf: 1 }), 'tx-idle');
  assert.equal(tried(chain, { from: coin, leaves, leaf: 0 }), 'valid');
  chain.advance(1);
  assert.equal(tried(chain, { from: coin, leaves, leaf: 1 }), 'valid');
  // The owner still may, too.
  assert.equal(tried(chain, { from: coin, leaves, leaf: 0 }), 'valid');
  chain.mine([build({ spends: [{ from: fee!, leaves: keyLeaves }], actions: [heartbeat(heartbeatTerms)] })]);
  assert.equal(tried(chain, { from: coin, leaves, leaf: 1 }), 'tx-idle');
  chain.advance(9);
  assert.equal(tried(chain, { from: coin, leaves, leaf: 1 }), 'tx-idle');
  chain.advance(1);
  assert.equal(tried(chain, { from: coin, leaves, leaf: 1 }), 'valid');
});

test('a heartbeat comes at the deadline - 1, at it and after it; the leaf is open from it on', () => {
  for (const [wait, before] of [
    [8, 'tx-idle'],
    [9, 'valid'],
    [10, 'valid'],
  ] as const) {
    const leaves = or([{ kind: 'idle' }]);
    const { chain, coin } = locked(leaves, HEARTBEAT);
    const [fee] = chain.fund(paying(under(BUILT_IN), 1n));
    chain.advance(wait - chain.height + coin.height + 1);
    assert.equal(chain.height + 1, coin.height + wait + 2);
    assert.equal(tried(chain, { from: coin, leaves }), before);
    const beat = build({ spends: [{ from: fee!, leaves: keyLeaves }], actions: [heartbeat(heartbeatTerms)] });
    // In one block: the heartbeat first closes the leaf, the other way round both are valid.
    assert.equal(outcome(chain.attempt([beat, spend({ from: coin, leaves })])), 'tx-idle');
    assert.equal(outcome(chain.attempt([spend({ from: coin, leaves }), beat])), before);
  }
});

test('a transaction’s inputs are judged before its own heartbeat counts', () => {
  const leaves = or([{ kind: 'idle' }]);
  const { chain, coin } = locked(leaves, HEARTBEAT);
  const both = build({ spends: [{ from: coin, leaves }], actions: [heartbeat(heartbeatTerms)] });
  chain.advance(9);
  assert.equal(outcome(chain.attempt([both])), 'tx-idle');
  chain.advance(1);
  assert.equal(outcome(chain.attempt([both])), 'valid');
});

test('outputs that return are gone before they are idle', () => {
  for (const [policyId, blocks] of [
    [BUILT_IN, 200],
    [CHANNEL, 500],
  ] as const) {
    const leaves = or([{ kind: 'idle' }]);
    const { chain, coin } = locked(leaves, policyId);
    chain.advance(blocks - 2);
    assert.equal(tried(chain, { from: coin, leaves }), 'tx-idle');
    chain.advance(1);
    assert.equal(tried(chain, { from: coin, leaves }), 'tx-missing-input');
  }
});

test('announced needs an announcement, and a social policy', () => {
  for (const policyId of [SOCIAL, HEARTBEAT, BUILT_IN]) {
    const leaves = or([{ kind: 'announced' }]);
    const { chain, coin } = locked(leaves, policyId);
    chain.advance(20);
    assert.equal(tried(chain, { from: coin, leaves }), 'tx-announced-none');
  }
});

test('a preimage is 32 bytes with the right untagged hash', () => {
  const leaves = or([{ kind: 'preimage', hash: hashUntagged(secret) }, byKey(1)]);
  const { chain, coin } = locked(leaves);
  assert.equal(tried(chain, { from: coin, leaves, preimage: secret }), 'valid');
  assert.equal(tried(chain, { from: coin, leaves, preimage: secret.with(31, 0) }), 'tx-preimage');
});

test('every condition of a leaf must hold, each leaf opens alone', () => {
  const leaves = or(
    [
      { kind: 'older', blocks: 1 },
      { kind: 'preimage', hash: hashUntagged(secret) },
    ],
    [{ kind: 'after', height: 1000 }],
    [byKey(1)],
  );
  const { chain, coin } = locked(leaves);
  assert.equal(tried(chain, { from: coin, leaves, leaf: 0, preimage: secret }), 'valid');
  assert.equal(tried(chain, { from: coin, leaves, leaf: 0 }), 'tx-preimage');
  assert.equal(tried(chain, { from: coin, leaves, leaf: 1 }), 'tx-after');
  assert.equal(tried(chain, { from: coin, leaves, leaf: 2 }), 'valid');
});

test('a leaf of another lock opens nothing (LED-2)', () => {
  const { chain, coin } = locked(or([byKey(1)], [byKey(2)]));
  assert.equal(tried(chain, { from: coin, leaves: or([byKey(1)], [byKey(2)]) }), 'valid');
  assert.equal(tried(chain, { from: coin, leaves: or([byKey(2)], [byKey(1)]) }), 'tx-witness-lock');
  assert.equal(tried(chain, { from: coin, leaves: or([byKey(1)]) }), 'tx-witness-lock');
  assert.equal(tried(chain, { from: coin, leaves: or([byKey(3)], [byKey(2)]) }), 'tx-witness-lock');
});

test('a witness has one reading: nothing follows it, no flag but two', () => {
  const { chain, coin } = locked(keyLeaves);
  const good = spend({ from: coin, leaves: keyLeaves }).inputs[0]!.witness;
  assert.equal(tried(chain, { from: coin, witness: good }), 'valid');
  assert.equal(tried(chain, { from: coin, witness: concatBytes(good, Uint8Array.of(0)) }), 'tx-witness-malformed');
  assert.equal(tried(chain, { from: coin, witness: good.slice(0, -1) }), 'tx-witness-malformed');
  assert.equal(tried(chain, { from: coin, witness: new Uint8Array(0) }), 'tx-witness-malformed');
  const flagAt = good.length - 65;
  assert.equal(good[flagAt], SIGHASH_ALL);
  for (const flag of [0, 3, 0x81]) {
    assert.equal(tried(chain, { from: coin, witness: good.with(flagAt, flag) }), 'tx-witness-malformed');
  }
});

test('an unreadable leaf is never spendable', () => {
  // Kind 8 does not exist; the lock commits to it all the same.
  const leafBytes = Uint8Array.of(1, 8);
  const { chain, coin } = locked(keyLeaves);
  assert.equal(
    tried(chain, { from: coin, witness: Uint8Array.of(leafBytes.length, ...leafBytes, 0, 1) }),
    'tx-witness-malformed',
  );
});

test('a Base58 output is opened by its key and nothing else (LED-3)', () => {
  const chain = new LedgerChain();
  const [coin] = chain.fund(paying(base58(1), 1000n));
  assert.equal(tried(chain, { from: coin!, baseKey: 1 }), 'valid');
  assert.equal(tried(chain, { from: coin!, baseKey: 2 }), 'tx-witness-key-hash');
  assert.equal(tried(chain, { from: coin!, leaves: keyLeaves }), 'tx-witness-malformed');
  const [lock] = chain.fund(paying(under(BUILT_IN), 1000n));
  assert.equal(tried(chain, { from: lock!, baseKey: 1 }), 'tx-witness-malformed');
  // All twenty bytes of the key hash count.
  const lockId = base58(1).lockId.slice();
  lockId[19]! ^= 1;
  const [near] = chain.fund(paying({ ...base58(1), lockId }, 1000n));
  assert.equal(tried(chain, { from: near!, baseKey: 1 }), 'tx-witness-key-hash');
});

test('a signature over a single output needs that output (LED-4)', () => {
  const chain = new LedgerChain();
  const coins = chain.fund(paying(under(BUILT_IN), 3n), paying(under(BUILT_IN), 4n));
  const spends = coins.map((from) => ({ from, leaves: keyLeaves, flag: SIGHASH_SINGLE }) as const);
  const outputs = [paying(under(BUILT_IN), 1n), paying(under(BUILT_IN), 2n)];
  assert.equal(outcome(chain.attempt([build({ spends, outputs })])), 'valid');
  assert.equal(outcome(chain.attempt([build({ spends, outputs: outputs.slice(1) })])), 'tx-sighash-single');
});

test('the signatures that are named are those of the keys, over what LED-4 and LED-5 say: signed for real they hold', () => {
  const chain = new LedgerChain();
  const threshold: Condition = { kind: 'threshold', required: 2, publicKeys: keysOf(2, 3, 4) };
  const leaves = or([threshold, byKey(5)], keyLeaves[0]!);
  const coins = chain.fund(paying(under(HEARTBEAT, leaves), 9n), paying(base58(6), 9n));
  const spends = [
    { from: coins[0]!, leaves },
    { from: coins[1]!, baseKey: 6, flag: SIGHASH_SINGLE },
  ] as const;
  const outputs = [paying(under(BUILT_IN), 1n), paying(under(BUILT_IN), 2n)];
  const plan = { spends, outputs, actions: [heartbeat(heartbeatTerms)] };
  const named = (transaction: Transaction): Uint8Array[][] => {
    const checked = checkTransaction(transaction, chain.height + 1, chain.view, chain.context);
    assert.ok(checked.ok);
    return checked.signatures.map(({ publicKey, message, signature }) => [publicKey, message, signature]);
  };
  const signatures = named(build(plan));
  const signers = [2, 3, 4].sort((a, b) => Buffer.compare(keyOf(a), keyOf(b))).slice(0, 2);
  const expected = [...signers, 5, 6, LIVENESS];
  assert.deepEqual(
    signatures.map(([publicKey]) => publicKey),
    expected.map(keyOf),
  );
  for (const [place, number] of expected.entries()) {
    const [publicKey, message] = signatures[place]!;
    assert.equal(verify(signedBy(number, message!), message!, publicKey!), true);
    assert.equal(verify(signedBy(number + 1, message!), message!, publicKey!), false);
  }
  // Every message is its own, and what it covers changes it.
  const messages = (transaction: Transaction): string[] => named(transaction).map(([, message]) => String(message));
  // One for all signatures of input 0.
  assert.equal(new Set(messages(build(plan))).size, 3);
  const other = messages(build({ ...plan, outputs: [paying(under(BUILT_IN), 2n), outputs[1]!] }));
  // Only SINGLE of input 1 does not see output 0.
  assert.deepEqual(
    messages(build(plan)).map((message, place) => message === other[place]),
    [false, false, false, true, false],
  );
});

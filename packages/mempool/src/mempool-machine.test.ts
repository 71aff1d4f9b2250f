import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeAction } from '@resonancenet/primitives/action-content';
import { build, heartbeat } from '@resonancenet/ledger/testing/build-transaction';
import { base58, HEARTBEAT, heartbeatTerms, keyLeaves, under } from '@resonancenet/ledger/testing/sample-policies';
import { paying } from '@resonancenet/ledger/testing/ledger-chain';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { MempoolAction, StrictOutcome } from './mempool-events.ts';
import { mempoolLimits } from './mempool-limits.ts';
import { bytesOf, COIN, idOf, leafHexOf, leavesOf, PoolWorld, toKey } from './testing/pool-world.ts';

const FEE = 100_000n;

test('mempool_accept: a transaction whose signatures hold is in the pool, told to be announced, and found under its names', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const payment = world.payFee([coin!], FEE);
  const actions = world.submit(payment, 'alice');
  const [accepted] = world.ofType('transaction-accepted', actions);
  assert.deepEqual(accepted, {
    type: 'transaction-accepted',
    txid: idOf(payment),
    leaf: leafHexOf(payment),
    peer: 'alice',
    ticket: null,
    isLocal: false,
  });
  assert.equal(world.machine.getByLeaf(leafHexOf(payment))?.fee, FEE);
  assert.deepEqual(world.machine.totals().count, 1);
  assert.equal(world.machine.wants(leafHexOf(payment)), false);
  assert.equal(world.outcome(payment), 'already-in-pool');
});

test('mempool_accept: refusals keep the code of the ledger’s rules, with both numbers and whose fault it is', () => {
  const world = new PoolWorld();
  const [coin, other] = world.fund(COIN, COIN);
  const cases: readonly (readonly [string, Uint8Array, boolean])[] = [
    ['malformed', Uint8Array.of(1, 2, 3), true],
    ['malformed', Uint8Array.from([...bytesOf(world.payFee([coin!], FEE)), 0]), true],
    ['tx-insufficient', bytesOf(world.payFee([coin!], -1n)), false],
    ['tx-lock-time', bytesOf(world.payFee([coin!], FEE, { lockTime: world.chain.height + 1 })), false],
    ['tx-duplicate-input', bytesOf(world.payFee([coin!, coin!], FEE)), true],
    ['tx-no-effect', bytesOf(world.pay([coin!], [])), true],
    [
      'tx-witness-lock',
      bytesOf(build({ spends: [{ from: other!, leaves: leavesOf(2) }], outputs: [toKey(1n)] })),
      true,
    ],
    [
      'tx-witness-malformed',
      bytesOf(
        build({ spends: [{ from: other!, leaves: keyLeaves, witness: Uint8Array.of(0) }], outputs: [toKey(1n)] }),
      ),
      true,
    ],
  ];
  for (const [code, encoded, fault] of cases) {
    const actions = world.give({ type: 'transactions', encoded: [encoded], peer: 'mallory', ticket: null });
    const [refused] = world.ofType('transaction-refused', actions);
    assert.equal(refused?.code, code);
    assert.equal(refused?.peerFault, fault, code);
    assert.equal(refused?.peer, 'mallory');
    assert.notEqual(refused?.detail, '');
  }
  assert.equal(world.size, 0);
  const late = world.payFee([coin!], FEE, { lockTime: world.chain.height });
  assert.equal(world.outcome(late), 'accepted', 'one block less is judged for the block after the tip');
});

test('mempool_accept: nobody is asked again for what was refused, until the tip moves', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const early = world.payFee([coin!], FEE, { lockTime: world.chain.height + 1 });
  assert.equal(world.outcome(early), 'tx-lock-time');
  assert.equal(world.machine.wants(leafHexOf(early)), false);
  assert.equal(world.outcome(early), 'recently-refused');
  assert.equal(world.outcome(early, null), 'tx-lock-time', 'the operator is told why each time');
  world.mine();
  assert.equal(world.machine.wants(leafHexOf(early)), true);
  assert.equal(world.outcome(early), 'accepted');
});

test('signatures: what is refused is the sender’s fault, what only ZIP-215 accepts is not and is not taken', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN, COIN);
  const [bad, lenient, failed] = coins.map((coin) => world.payFee([coin], FEE));
  world.verifier = () => ({ kind: 'invalid', index: 0 });
  const [refused] = world.ofType('transaction-refused', world.submit(bad!, 'mallory'));
  assert.deepEqual([refused?.code, refused?.peerFault], ['signature-refused', true]);
  world.verifier = () => ({ kind: 'lenient', index: 0 });
  const [loose] = world.ofType('transaction-refused', world.submit(lenient!, 'bob'));
  assert.deepEqual([loose?.code, loose?.peerFault], ['signature-lenient', false]);
  world.verifier = () => ({ kind: 'failed', detail: 'a worker died' });
  const [trouble] = world.ofType('transaction-refused', world.submit(failed!, 'bob'));
  assert.deepEqual([trouble?.code, trouble?.peerFault], ['verification-failed', false]);
  assert.equal(world.size, 0);
  world.verifier = () => ({ kind: 'valid' });
  assert.equal(world.outcome(failed!), 'accepted', 'our own trouble is not held against it');
  assert.equal(world.outcome(bad!), 'recently-refused');
});

test('signatures: what is known to hold is not checked again, and what is checked is known', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const payment = world.payFee([coin!], FEE);
  assert.equal(world.ofType('verify-transaction', world.submit(payment)).length, 1);
  assert.equal(world.known.size, 1);
  world.machine = world.restarted();
  assert.equal(world.ofType('verify-transaction', world.submit(payment)).length, 0);
  assert.equal(world.has(payment), true);
});

test('signatures: what is being checked is not checked twice for peers, but whoever waits for an answer gets one', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const payment = world.payFee([coin!], FEE);
  const encoded = [bytesOf(payment)];
  world.verifier = () => null;
  const jobsOf = (peer: string | null, ticket: number | null): number[] =>
    world
      .ofType('verify-transaction', world.give({ type: 'transactions', encoded, peer, ticket }))
      .map(({ job }) => job);
  const first = jobsOf('alice', null);
  assert.deepEqual([first.length, jobsOf('bob', null).length], [1, 0]);
  const second = jobsOf(null, 5);
  assert.equal(second.length, 1);
  world.give({ type: 'transaction-signatures', job: first[0]!, outcome: { kind: 'valid' } });
  const answer = world.give({ type: 'transaction-signatures', job: second[0]!, outcome: { kind: 'valid' } });
  const [refused] = world.ofType('transaction-refused', answer);
  assert.deepEqual([refused?.code, refused?.ticket], ['already-in-pool', 5]);
});

test('signatures: tip and pool may change while they are checked', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const [first, second] = [world.payFee([coin!], FEE), world.payFee([coin!], FEE + 1n)];
  const jobs: number[] = [];
  world.verifier = () => null;
  for (const payment of [first, second])
    jobs.push(...world.ofType('verify-transaction', world.submit(payment)).map(({ job }) => job));
  world.give({ type: 'transaction-signatures', job: jobs[0]!, outcome: { kind: 'valid' } });
  assert.equal(world.has(first), true);
  const late = world.give({ type: 'transaction-signatures', job: jobs[1]!, outcome: { kind: 'valid' } });
  assert.deepEqual(world.refusals(late), ['replacement-fee']);
  assert.deepEqual(world.give({ type: 'transaction-signatures', job: 99, outcome: { kind: 'valid' } }), []);
});

test('signatures: a flood of bad ones from one peer neither keeps others waiting nor grows without bound', () => {
  const verification = { ...mempoolLimits.verification, jobs: 4, signaturesPerPeer: 20 };
  const world = new PoolWorld({ verification });
  const coins = world.fund(...Array.from({ length: 51 }, () => COIN));
  const running: number[] = [];
  world.verifier = () => null;
  const note = (actions: readonly MempoolAction[]): void => {
    running.push(...world.ofType('verify-transaction', actions).map(({ job }) => job));
  };
  for (const coin of coins.slice(1)) note(world.submit(world.payFee([coin], FEE), 'flooder'));
  assert.equal(running.length, verification.jobs);
  assert.equal(world.refusals().filter((code) => code === 'queue-full').length, 30, 'the room of a peer is bounded');
  assert.deepEqual([world.machine.isIdle('flooder'), world.machine.isIdle('honest')], [false, true]);
  const honest = world.payFee([coins[0]!], FEE);
  note(world.submit(honest, 'honest'));
  // The jobs run in the order in which they were given: one of the flooder's ends, the honest one is next but one.
  const outcomeOf = (checks: readonly SignatureCheck[]): StrictOutcome =>
    checks.length === 1 && world.isOf(honest, checks[0]!) ? { kind: 'valid' } : { kind: 'invalid', index: 0 };
  let answered = 0;
  for (; !world.has(honest); answered += 1) {
    const job = running.shift()!;
    note(world.give({ type: 'transaction-signatures', job, outcome: outcomeOf(world.checksOf(job)) }));
  }
  assert.ok(answered <= verification.jobs + 2, `${answered} jobs before the honest one was done`);
  note(world.give({ type: 'peer-gone', peer: 'flooder' }));
  assert.equal(running.length, verification.jobs, 'what runs already is not called back');
  for (const job of running.splice(0))
    note(world.give({ type: 'transaction-signatures', job, outcome: { kind: 'invalid', index: 0 } }));
  assert.deepEqual(running, [], 'what the flooder had waiting is forgotten');
});

test('mempool_spend_coinbase: a coinbase can be spent in the block in which it is mature, not one earlier', () => {
  const world = new PoolWorld();
  const coinbase = world.chain.mine([], { pay: [toKey(COIN)] });
  const coin = { ...world.outputsOf(coinbase)[0]!, height: world.chain.height };
  world.give({ type: 'tip', connected: [], disconnected: [] });
  const payment = world.payFee([coin], FEE);
  for (let age = 1; age < world.chain.params.coinbaseMaturity; age += 1) {
    assert.equal(world.outcome(payment, null), 'tx-immature-coinbase');
    world.mine();
  }
  assert.equal(world.outcome(payment, null), 'accepted');
});

test('mempool_expiry: after 336 hours a transaction goes with its descendants, not a minute earlier', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const [parent, child] = world.row(coin!, 2, FEE);
  world.submit(parent!);
  world.pass(1_000_000);
  world.submit(child!);
  world.pass(336 * 3_600_000 - 1_000_000);
  assert.equal(world.size, 2);
  world.pass(600_001);
  assert.equal(world.size, 0);
  assert.deepEqual([world.removal(parent!), world.removal(child!)], ['expired', 'expired']);
});

test('mempool_limit: a full pool puts out what pays least, asks for more than that, and for less again as blocks come', () => {
  const world = new PoolWorld({ maxBytes: 20_000 });
  const coins = world.fund(...Array.from({ length: 20 }, () => COIN));
  const payments = coins.map((coin, index) => world.payFee([coin], FEE + 1000n * BigInt(index)));
  for (const payment of payments) world.submit(payment);
  assert.ok(world.machine.totals().usedBytes <= 20_000);
  const kept = payments.map((payment) => world.has(payment));
  assert.equal(kept.indexOf(true), 20 - world.size, 'the best are kept');
  assert.equal(world.removal(payments[0]!), 'evicted');
  const raised = world.machine.leastRate(world.now);
  assert.ok(raised > 10_000n);
  assert.equal(world.outcome(payments[0]!, null), 'fee-below-pool');
  world.pass(100 * 3_600_000);
  assert.equal(world.machine.leastRate(world.now), raised, 'without a block nothing has changed');
  world.mine(payments.filter((payment) => world.has(payment)));
  world.pass(100 * 3_600_000);
  assert.equal(world.machine.leastRate(world.now), 10_000n);
  assert.equal(world.outcome(payments[0]!, null), 'accepted');
});

test('mempool_limit: a parent that pays little is kept for its child that pays for both', () => {
  const world = new PoolWorld({ maxBytes: 12_000 });
  const coins = world.fund(...Array.from({ length: 12 }, () => COIN));
  const parent = world.payFee([coins[0]!], 5_000n);
  const child = world.payFee(world.outputsOf(parent), 2_000_000n);
  world.submit(parent);
  world.submit(child);
  for (const coin of coins.slice(1)) world.submit(world.payFee([coin], FEE));
  assert.deepEqual([world.has(parent), world.has(child)], [true, true], 'the child pays for both');
  assert.ok(world.ofType('transaction-removed').some(({ reason }) => reason === 'evicted'));
});

test('mempool_accept: chains of unconfirmed transactions have at most 25, in both directions', () => {
  const world = new PoolWorld();
  const [coin, second] = world.fund(COIN, COIN);
  const row = world.row(coin!, 26, FEE);
  for (const payment of row.slice(0, 25)) assert.equal(world.outcome(payment), 'accepted');
  assert.equal(world.outcome(row[25]!), 'too-many-ancestors');
  const fan = world.pay(
    [second!],
    Array.from({ length: 26 }, () => 10_000_000n),
  );
  world.submit(fan);
  const children = world.outputsOf(fan).map((output) => world.payFee([output], FEE));
  const outcomes = children.map((child) => world.outcome(child));
  assert.deepEqual(
    outcomes.slice(0, 24).filter((code) => code !== 'accepted'),
    [],
  );
  assert.equal(outcomes[24], 'too-many-descendants');
  assert.equal(world.machine.get(idOf(fan))?.descendants.count, 25);
});

test('mempool_dust: an output that costs more to spend than it holds is not taken, one resonance more is', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  // 36 + 4 + 1 bytes of input and 102 of witness, 10 resonances each.
  assert.equal(world.outcome(world.pay([coin!], [1_429n, COIN - FEE])), 'dust');
  assert.equal(world.outcome(world.pay([coin!], [1_430n, COIN - FEE])), 'accepted');
});

test('mempool_dust: an output under the Base58 policy is cheaper to spend by five bytes', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const pay = (resonances: bigint): Transaction =>
    world.pay([coin!], [], { outputs: [paying(base58(2), resonances), toKey(COIN - FEE)] });
  assert.equal(world.outcome(pay(1_379n)), 'dust');
  assert.equal(world.outcome(pay(1_380n)), 'accepted');
});

test('mempool_limit: a pool that is full to the byte puts nobody out, one byte less does', () => {
  for (const [maxBytes, size] of [
    [2 * 1_210, 2],
    [2 * 1_210 - 1, 1],
  ] as const) {
    const world = new PoolWorld({ maxBytes });
    for (const coin of world.fund(COIN, COIN)) world.submit(world.payFee([coin], FEE));
    assert.equal(world.size, size);
  }
});

test('mempool_accept: the codes tell what the network relays from what the full pool asks for', () => {
  const world = new PoolWorld({ maxBytes: 2 * 1_210 });
  const coins = world.fund(COIN, COIN, COIN, COIN);
  for (const coin of coins.slice(0, 3)) world.submit(world.payFee([coin], FEE));
  assert.equal(world.outcome(world.payFee([coins[3]!], 2_099n)), 'fee-too-low');
  assert.equal(world.outcome(world.payFee([coins[3]!], 2_100n)), 'fee-below-pool');
});

test('feature_fee_estimation: only what stands by itself teaches, and what went for want of room or time counts as failed', () => {
  const counts = (world: PoolWorld): readonly [confirmed: number, failed: number] => {
    const { confirmed, failed } = world.machine.persisted().fees;
    return [Math.sign(Math.max(...confirmed)), Math.sign(Math.max(...failed))];
  };
  const one = new PoolWorld();
  const payment = one.payFee(one.fund(COIN), FEE);
  one.submit(payment);
  one.mine([payment]);
  assert.deepEqual(counts(one), [1, 0]);

  const pair = new PoolWorld();
  const [parent, child] = pair.row(pair.fund(COIN)[0]!, 2, FEE);
  pair.submit([parent!, child!], null);
  pair.mine([parent!, child!]);
  assert.deepEqual(counts(pair), [0, 0], 'how long a package waits, its members decide together');

  const family = new PoolWorld();
  const [first, second] = family.row(family.fund(COIN)[0]!, 2, FEE);
  family.submit(first!);
  family.submit(second!);
  family.reorganise(1, [[], []]);
  family.mine();
  family.pass(340 * 3_600_000);
  assert.deepEqual(counts(family), [0, 1], 'expired');
});

test('mempool_sigoplimit: a transaction has at most so many signatures', () => {
  const world = new PoolWorld({ maxSignatures: 3 });
  const coins = world.fund(COIN, COIN, COIN, COIN);
  assert.equal(world.outcome(world.payFee(coins, FEE)), 'too-many-signatures');
  assert.equal(world.outcome(world.payFee(coins.slice(1), FEE)), 'accepted');
});

test('heartbeats and announcements: one unconfirmed per policy, and neither keeps the other out', () => {
  const world = new PoolWorld();
  const coins = world.fundOutputs(...[1, 2, 3].map(() => paying(under(HEARTBEAT), COIN)));
  const sign = heartbeat(heartbeatTerms);
  const first = world.payFee([coins[0]!], FEE, { actions: [sign] });
  assert.equal(world.outcome(first), 'accepted');
  assert.equal(world.outcome(world.payFee([coins[1]!], FEE, { actions: [sign] })), 'replacement-rate');
  const better = world.payFee([coins[2]!], 3n * FEE, { actions: [sign] });
  assert.equal(world.outcome(better), 'accepted');
  assert.equal(world.removal(first), 'replaced');
  const stranger = encodeAction({
    kind: 'heartbeat',
    terms: { ...heartbeatTerms, timeout: 2 } as never,
    signature: new Uint8Array(64),
  });
  assert.equal(world.outcome(world.payFee([coins[0]!], FEE, { actions: [stranger] })), 'accepted', 'another policy');
});

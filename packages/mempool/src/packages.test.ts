import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heartbeat } from '@resonancenet/ledger/testing/build-transaction';
import { heartbeatTerms } from '@resonancenet/ledger/testing/sample-policies';
import { COIN, idOf, leafHexOf, PoolWorld } from './testing/pool-world.ts';

const FEE = 100_000n;

test('mempool_packages: a parent below the minimum is taken with a child that pays for both, and not without', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const parent = world.payFee([coin!], 0n);
  assert.equal(world.outcome(parent, null), 'fee-too-low');
  // Twice 210 bytes at 10 resonances.
  const poor = world.payFee(world.outputsOf(parent), 4_199n);
  assert.equal(world.outcome([parent, poor], null), 'fee-too-low');
  const child = world.payFee(world.outputsOf(parent), 4_200n);
  assert.equal(world.outcome([parent, child], null), 'accepted');
  assert.deepEqual([world.has(parent), world.has(child)], [true, true]);
  assert.equal(world.machine.get(idOf(child))?.ancestors.count, 2);
});

test('mempool_packages: a parent that pays enough does not pay for others', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN);
  const rich = world.payFee([coins[0]!], 10n * FEE);
  const poor = world.payFee([coins[1]!], 0n);
  // The parent that pays nothing and the child of two inputs: 210 + 353 bytes.
  const child = world.payFee([...world.outputsOf(rich), ...world.outputsOf(poor)], 5_629n);
  assert.equal(world.outcome([rich, poor, child], null), 'fee-too-low');
  const paying = world.payFee([...world.outputsOf(rich), ...world.outputsOf(poor)], 5_630n);
  assert.equal(world.outcome([rich, poor, paying], null), 'accepted');
});

test('mempool_packages: what is no child with its parents is refused, what is known already need not come again', () => {
  const world = new PoolWorld({ maxPackage: 3 });
  const coins = world.fund(COIN, COIN);
  const [a, b] = coins.map((coin) => world.payFee([coin], FEE));
  assert.equal(world.outcome([a!, b!], null), 'package-shape');
  const double = world.payFee([coins[0]!], 2n * FEE);
  const child = world.payFee([...world.outputsOf(a!), ...world.outputsOf(double)], FEE);
  assert.equal(world.outcome([a!, double, child], null), 'tx-missing-input', 'its parents spend the same output');
  assert.equal(world.outcome([a!, b!, double, child], null), 'package-count');
  assert.equal(world.outcome(a!, null), 'accepted');
  const good = world.payFee(world.outputsOf(a!), FEE);
  assert.equal(world.outcome([a!, good], null), 'accepted');
  assert.equal(world.outcome([a!, good], null), 'already-in-pool');
});

test('mempool_packages: parent and child cannot both be the one unconfirmed sign of life of a policy', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const actions = [heartbeat(heartbeatTerms)];
  const parent = world.payFee([coin!], 0n, { actions });
  assert.equal(world.outcome([parent, world.payFee(world.outputsOf(parent), FEE, { actions })], null), 'package-shape');
});

test('p2p_opportunistic_1p1c: a child asks for its parent, and both come in whatever order they came', () => {
  for (const parentFirst of [true, false]) {
    const world = new PoolWorld();
    const [coin] = world.fund(COIN);
    const parent = world.payFee([coin!], 0n);
    const child = world.payFee(world.outputsOf(parent), FEE);
    if (parentFirst) assert.equal(world.outcome(parent, 'alice'), 'fee-too-low');
    const actions = world.submit(child, 'bob');
    const wanted = world.ofType('want-parents', actions);
    assert.deepEqual(wanted, parentFirst ? [] : [{ type: 'want-parents', peer: 'bob', txids: [idOf(parent)] }]);
    if (!parentFirst) world.submit(parent, 'bob');
    assert.deepEqual([world.has(parent), world.has(child)], [true, true]);
    const accepted = world.ofType('transaction-accepted').map(({ txid }) => txid);
    assert.deepEqual(accepted, [idOf(parent), idOf(child)], 'parents first');
  }
});

test('p2p_opportunistic_1p1c: several parents of one child are waited for', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN, COIN);
  const parents = coins.map((coin) => world.payFee([coin], 0n));
  const child = world.payFee(
    parents.flatMap((parent) => world.outputsOf(parent)),
    5n * FEE,
  );
  world.submit(child, 'bob');
  for (const parent of parents.slice(0, 2)) world.submit(parent, 'bob');
  assert.equal(world.size, 0);
  world.submit(parents[2]!, 'bob');
  assert.equal(world.size, 4);
});

test('p2p_opportunistic_1p1c: a forged parent does not keep the right one and its child out', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const parent = world.payFee([coin!], 0n);
  const child = world.payFee(world.outputsOf(parent), FEE);
  // Another witness under the same id; its signature does not hold.
  const witness = parent.inputs[0]!.witness.slice();
  witness[witness.length - 1]! ^= 1;
  const forged = { ...parent, inputs: [{ ...parent.inputs[0]!, witness }] };
  assert.equal(idOf(forged), idOf(parent));
  assert.notEqual(leafHexOf(forged), leafHexOf(parent));
  world.verifier = (checks) =>
    checks.some(({ signature }) => signature[63] === 1)
      ? { kind: 'invalid', index: checks.findIndex(({ signature }) => signature[63] === 1) }
      : { kind: 'valid' };
  world.submit(forged, 'mallory');
  const [refused] = world
    .ofType('transaction-refused', world.submit(child, 'bob'))
    .filter(({ peerFault }) => peerFault);
  assert.deepEqual([refused?.peer, refused?.code], ['mallory', 'signature-refused']);
  world.submit(parent, 'bob');
  assert.deepEqual([world.has(parent), world.has(child)], [true, true]);
});

test('p2p_orphan_handling: an orphan is taken when its parent comes, in the pool or in a block', () => {
  for (const inBlock of [true, false]) {
    const world = new PoolWorld();
    const [coin] = world.fund(COIN);
    const [parent, child, grandchild] = world.row(coin!, 3, FEE);
    assert.deepEqual(world.ofType('want-parents', world.submit(grandchild!, 'bob'))[0]?.txids, [idOf(child!)]);
    assert.equal(world.machine.wants(leafHexOf(grandchild!)), false);
    world.submit(child!, 'bob');
    if (inBlock) world.mine([parent!]);
    else world.submit(parent!, 'bob');
    assert.deepEqual([world.has(child!), world.has(grandchild!)], [true, true]);
  }
});

test('p2p_orphan_handling: the operator is told at once that inputs are missing, and that a block was too late for it', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const [parent, child] = world.row(coin!, 2, FEE);
  assert.equal(world.outcome(child!, null), 'missing-inputs');
  world.mine([parent!]);
  assert.equal(world.outcome(parent!, null), 'already-confirmed');
  assert.equal(
    world.outcome(world.payFee([coin!], 2n * FEE), null),
    'tx-missing-input',
    'its transaction is known, the output is spent',
  );
  assert.equal(world.outcome(child!, null), 'accepted');
});

test('mempool_accept: a child of the operator waits for its parent whose signatures are being checked', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const [parent, child] = world.row(coin!, 2, FEE);
  world.verifier = () => null;
  const [job] = world.ofType('verify-transaction', world.submit(parent!, null));
  world.submit(child!, null);
  assert.equal(world.size, 0);
  world.verifier = () => ({ kind: 'valid' });
  world.give({ type: 'transaction-signatures', job: job!.job, outcome: { kind: 'valid' } });
  assert.deepEqual([world.has(parent!), world.has(child!)], [true, true]);
});

test('mempool_package_rbf: a package replaces what its parent conflicts with, if together they pay', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const old = world.payFee([coin!], FEE);
  const oldChild = world.payFee(world.outputsOf(old), FEE);
  world.submit(old);
  world.submit(oldChild);
  const parent = world.payFee([coin!], 0n, { lockTime: 0 });
  assert.equal(world.outcome(parent, null), 'fee-too-low');
  const required = 2n * FEE + 4_200n;
  const poor = world.payFee(world.outputsOf(parent), required - 1n);
  assert.equal(world.outcome([parent, poor], null), 'replacement-fee');
  const child = world.payFee(world.outputsOf(parent), required);
  assert.equal(world.outcome([parent, child], null), 'accepted');
  assert.deepEqual([world.removal(old), world.removal(oldChild)], ['replaced', 'replaced']);
  assert.equal(world.size, 2);
});

test('mempool_ephemeral_dust: a worthless output is taken only with the child that spends it, from a transaction without a fee', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN, COIN);
  const parent = world.pay([coins[0]!], [0n, COIN]);
  const [anchor, rest] = world.outputsOf(parent);
  assert.equal(world.outcome(parent, null), 'dust');
  assert.equal(world.outcome([parent, world.payFee([rest!], FEE)], null), 'dust', 'the child leaves it');
  const child = world.payFee([anchor!, coins[1]!], FEE);
  const paying = world.pay([coins[0]!], [0n, COIN - 1n]);
  const payingChild = world.payFee([world.outputsOf(paying)[0]!, coins[1]!], FEE);
  assert.equal(world.outcome([paying, payingChild], null), 'dust-fee');
  assert.equal(world.outcome([parent, child], null), 'accepted');
  assert.equal(world.outcome(world.payFee([rest!], FEE), null), 'dust-unspent', 'every child takes it');
  // Another child of the parent takes the place of the first; the parent stays.
  const better = world.payFee([anchor!, coins[2]!], 3n * FEE);
  assert.equal(world.outcome(better, null), 'accepted');
  assert.equal(world.removal(child), 'replaced');
  assert.equal(world.has(parent), true);
});

test('mempool_ephemeral_dust: when nothing spends the worthless output any more, its transaction goes', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN);
  const parent = world.pay([coins[0]!], [0n, COIN]);
  const child = world.payFee([world.outputsOf(parent)[0]!, coins[1]!], FEE);
  assert.equal(world.outcome([parent, child], null), 'accepted');
  const rival = world.payFee([coins[1]!], 3n * FEE);
  assert.equal(world.outcome(rival, null), 'accepted');
  assert.deepEqual([world.removal(child), world.removal(parent)], ['replaced', 'dust-unspent']);
  assert.equal(world.size, 1);
});

test('p2p_orphan_handling: what could never be in the pool with all its parents is no orphan', () => {
  const world = new PoolWorld({ maxAncestors: 3 });
  const coins = world.fund(COIN, COIN, COIN);
  const parents = coins.map((coin) => world.payFee([coin], FEE));
  const outputs = parents.flatMap((parent) => world.outputsOf(parent));
  assert.equal(world.outcome(world.payFee(outputs, FEE)), 'missing-inputs');
  const small = world.submit(world.payFee(outputs.slice(1), FEE), 'bob');
  assert.equal(world.ofType('want-parents', small)[0]?.txids.length, 2);
});

test('p2p_opportunistic_1p1c: who floods parents without a fee puts out his own, not those of others', () => {
  const world = new PoolWorld({ waitingParents: { count: 8, bytes: 100_000 } });
  const coins = world.fund(...Array.from({ length: 12 }, () => COIN));
  const parents = coins.map((coin) => world.payFee([coin], 0n));
  world.submit(parents[0]!, 'alice');
  for (const parent of parents.slice(1)) world.submit(parent, 'flooder');
  assert.deepEqual(
    [0, 1, 9, 10, 11].map((index) => world.machine.wants(leafHexOf(parents[index]!))),
    [false, true, true, false, false],
  );
  world.submit(world.payFee(world.outputsOf(parents[0]!), FEE), 'alice');
  assert.equal(world.has(parents[0]!), true);
});

test('p2p_orphan_handling: nobody is asked for a parent whose signatures are being checked', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const [parent, child] = world.row(coin!, 2, FEE);
  world.verifier = () => null;
  const [job] = world.ofType('verify-transaction', world.submit(parent!, 'alice'));
  assert.deepEqual(world.ofType('want-parents', world.submit(child!, 'bob')), []);
  world.verifier = () => ({ kind: 'valid' });
  world.give({ type: 'transaction-signatures', job: job!.job, outcome: { kind: 'valid' } });
  assert.deepEqual([world.has(parent!), world.has(child!)], [true, true]);
});

test('p2p_orphan_handling: of several parents only those are asked for that are not known', () => {
  const world = new PoolWorld();
  const coins = world.fund(COIN, COIN);
  const [known, unknown] = coins.map((coin) => world.payFee([coin], 0n));
  world.submit(known!, 'alice');
  const child = world.payFee([...world.outputsOf(known!), ...world.outputsOf(unknown!)], 5n * FEE);
  assert.deepEqual(world.ofType('want-parents', world.submit(child, 'bob'))[0]?.txids, [idOf(unknown!)]);
});

test('p2p_opportunistic_1p1c: a package that falls with a parent that may not be mined yet is given up', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  const late = world.payFee([coin!], 0n, { lockTime: world.chain.height });
  world.submit(late, 'alice');
  world.reorganise(1, [[]]);
  world.reorganise(2, [[]]);
  const actions = world.submit(world.payFee(world.outputsOf(late), FEE), 'bob');
  assert.deepEqual(world.refusals(actions), ['tx-lock-time']);
  assert.deepEqual(world.ofType('want-parents', actions), []);
});

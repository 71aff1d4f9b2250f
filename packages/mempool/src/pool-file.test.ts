import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashUntagged } from '@resonancenet/crypto/hash';
import { FeeEstimator } from './fee-estimator.ts';
import { decodePoolFile, encodePoolFile, type PoolFile } from './pool-file.ts';
import { bytesOf, COIN, PoolWorld } from './testing/pool-world.ts';

const FEE = 100_000n;
const MAX = 400_000;
const network = new Uint8Array(32).fill(0xab);

function fileOf(world: PoolWorld): PoolFile {
  return { networkId: network, ...world.machine.persisted() };
}

test('mempool_persist: a pool is what it was after a restart: transactions, their age, whose they are, what was learned of fees', () => {
  const world = new PoolWorld();
  const [coin, other] = world.fund(COIN, COIN);
  const row = world.row(coin!, 5, FEE);
  for (const payment of row.slice(0, 4)) world.submit(payment);
  world.submit(row[4]!, null);
  world.submit(world.payFee([other!], FEE));
  const before = world.machine.persisted();
  const bytes = encodePoolFile(fileOf(world), MAX);
  const read = decodePoolFile(bytes, network, MAX);
  assert.ok(read.ok);
  assert.deepEqual(encodePoolFile(read.file, MAX), bytes);
  world.pass(3_600_000);
  world.known.clear();
  world.machine = world.restarted({ feeHistory: read.file.fees });
  world.give({ type: 'load-transactions', transactions: read.file.transactions });
  assert.equal(world.size, 6);
  const after = world.machine.persisted();
  const facts = (file: typeof after): unknown[] =>
    file.transactions.map(({ encoded, enteredUnixMs, isLocal }) => [encoded, enteredUnixMs, isLocal]);
  assert.deepEqual(facts(after), facts(before));
  assert.deepEqual(after.fees, before.fees);
});

test('mempool_persist: what an earlier run left is kept while it is not judged, and judged as anything else', () => {
  const world = new PoolWorld({ stepTransactions: 2 });
  const coins = world.fund(COIN, COIN, COIN);
  const payments = coins.map((coin) => world.payFee([coin], FEE));
  world.verifier = () => null;
  const transactions = payments.map((payment) => ({ encoded: bytesOf(payment), enteredUnixMs: 5, isLocal: false }));
  world.machine.step(
    { type: 'load-transactions', transactions: [...transactions, { ...transactions[0]!, encoded: Uint8Array.of(9) }] },
    world.now,
  );
  assert.equal(world.machine.persisted().transactions.length, 4, 'two are being judged, two wait: none is lost');
  world.machine = world.restarted();
  world.verifier = () => ({ kind: 'valid' });
  world.mine([payments[0]!]);
  world.give({ type: 'load-transactions', transactions });
  assert.equal(world.size, 2);
  world.pass(600_001);
  assert.equal(world.size, 0, 'they are older than two weeks');
});

test('mempool_persist: files that were cut, changed or written elsewhere are refused, and nothing makes the reader throw', () => {
  const world = new PoolWorld();
  const [coin] = world.fund(COIN);
  world.submit(world.payFee([coin!], FEE));
  const bytes = encodePoolFile(fileOf(world), MAX);
  const detailOf = (input: Uint8Array, id: Uint8Array = network): string => {
    const read = decodePoolFile(input, id, MAX);
    return read.ok ? '' : read.detail;
  };
  assert.match(detailOf(bytes.subarray(0, bytes.length - 1)), /hash/);
  assert.match(detailOf(new Uint8Array(0)), /hash/);
  assert.match(detailOf(bytes, new Uint8Array(32)), /another network/);
  for (let at = 0; at < 200; at += 1) {
    const changed = bytes.slice();
    changed[at]! ^= 1;
    assert.notEqual(detailOf(changed), '');
  }
  const sealed = (content: Uint8Array): Uint8Array => Uint8Array.from([...content, ...hashUntagged(content)]);
  const body = bytes.subarray(0, bytes.length - 32);
  assert.match(detailOf(sealed(Uint8Array.from([2, ...body.subarray(1)]))), /version 2/);
  assert.notEqual(detailOf(sealed(Uint8Array.from([...body, 0]))), '', 'trailing bytes');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
      const input = sealed(Uint8Array.from([1, 0, 0, 0, ...network, ...content]));
      const read = decodePoolFile(input, network, MAX);
      if (read.ok) assert.deepEqual(encodePoolFile(read.file, MAX), input);
    }),
  );
});

test('mempool_persist: an estimator goes on from the numbers of the file', () => {
  const world = new PoolWorld();
  const coins = world.fund(...Array.from({ length: 30 }, () => COIN));
  for (const coin of coins) {
    const payment = world.payFee([coin], FEE);
    world.submit(payment);
    world.mine([payment]);
  }
  const estimate = world.machine.estimateFee({ blocks: 2 });
  assert.ok(estimate.ok);
  assert.equal(estimate.rate, (FEE * 1000n) / 210n);
  const read = decodePoolFile(encodePoolFile(fileOf(world), MAX), network, MAX);
  assert.ok(read.ok);
  const again = new FeeEstimator(10_000n, read.file.fees).estimate({ blocks: 2 });
  assert.ok(again.ok && again.rate - estimate.rate < 10n && estimate.rate - again.rate < 10n);
  const hour = world.machine.estimateFee({ seconds: 3600 });
  assert.ok(hour.ok && hour.blocks === 6, 'blocks of ten minutes');
});

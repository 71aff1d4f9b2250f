import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { VerificationQueue, type Waiting } from './verification-queue.ts';

interface Item extends Waiting {
  readonly name: string;
}

const limits = {
  jobs: 2,
  runningSignatures: 100,
  bytesPerPeer: 100,
  signaturesPerPeer: 10,
  bytes: 250,
  signatures: 100,
};
const item = (name: string, peer: string | null, bytes = 10, signatures = 1): Item => ({
  name,
  peer,
  bytes,
  signatures,
});

test('VerificationQueue runs so many jobs at a time, and the senders take turns', () => {
  const queue = new VerificationQueue<Item>(limits);
  for (const name of ['a1', 'a2', 'a3', 'b1', 'c1']) queue.push(item(name, name[0]!));
  const order: string[] = [];
  const jobs: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    for (let next = queue.next(); next !== null; next = queue.next()) {
      order.push(next.item.name);
      jobs.push(next.job);
    }
    assert.ok(jobs.length <= limits.jobs);
    assert.equal(queue.finish(jobs.shift()!)?.peer, order[turn]![0]);
  }
  assert.deepEqual(order, ['a1', 'b1', 'c1', 'a2', 'a3']);
  assert.equal(queue.size, 0);
});

test('VerificationQueue begins no job while those that run have many signatures', () => {
  const queue = new VerificationQueue<Item>({ ...limits, jobs: 5, runningSignatures: 4 });
  for (const [number, signatures] of [3, 9, 1].entries())
    queue.push(item(`${number}`, `peer ${number}`, 10, signatures));
  const first = queue.next()!;
  const second = queue.next()!;
  assert.deepEqual([first.item.signatures, second.item.signatures, queue.next()], [3, 9, null]);
  queue.finish(first.job);
  assert.equal(queue.next(), null);
  queue.finish(second.job);
  assert.equal(queue.next()?.item.signatures, 1);
});

test('VerificationQueue gives each sender a room of bytes and signatures, and all together one', () => {
  const queue = new VerificationQueue<Item>(limits);
  assert.equal(queue.hasRoom(item('', 'a', 100, 10)), true);
  assert.equal(queue.hasRoom(item('', 'a', 101, 10)), false);
  assert.equal(queue.hasRoom(item('', 'a', 100, 11)), false);
  queue.push(item('', 'a', 60, 1));
  assert.equal(queue.hasRoom(item('', 'a', 41, 1)), false);
  assert.equal(queue.hasRoom(item('', 'b', 41, 1)), true);
  assert.equal(queue.isIdle('a'), false);
  assert.equal(queue.isIdle('b'), true);
  for (const peer of ['b', 'c']) queue.push(item('', peer, 95, 1));
  assert.equal(queue.hasRoom(item('', 'd', 1, 1)), false, 'all together');
  assert.equal(queue.hasRoom(item('', null, 1, 1)), true, 'this node itself');
});

test('VerificationQueue frees a room when a job ends or what waited is dropped', () => {
  const queue = new VerificationQueue<Item>(limits);
  for (const name of ['a1', 'a2', 'a3']) queue.push(item(name, 'a', 33));
  const first = queue.next();
  assert.deepEqual(
    queue.dropWaiting('a').map(({ name }) => name),
    ['a2', 'a3'],
  );
  assert.equal(queue.hasRoom(item('', 'a', 68)), false, 'what runs still counts');
  queue.finish(first!.job);
  assert.equal(queue.hasRoom(item('', 'a', 100)), true);
  assert.equal(queue.finish(first!.job), null, 'an answer that nobody waits for');
  assert.deepEqual(queue.dropWaiting('a'), []);
});

test('VerificationQueue: whatever a flooder hands in, another sender runs next but one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), (flood) => {
      const queue = new VerificationQueue<Item>({ ...limits, jobs: 1 });
      for (let number = 0; number < flood; number += 1) queue.push(item('flood', 'flooder'));
      const running = queue.next();
      queue.push(item('honest', 'honest'));
      queue.finish(running!.job);
      const names = [queue.next()].map((next) => next!.item.name);
      const second = queue.finish(2);
      assert.notEqual(second, null);
      names.push(queue.next()?.item.name ?? '');
      assert.ok(names.includes('honest'));
    }),
  );
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, test } from 'node:test';
import { concatBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { publicKey, sign } from '@resonancenet/crypto/ed25519';
import { verifyStrict } from '@resonancenet/crypto/ed25519-node';
import { smallOrderEncodings } from '@resonancenet/crypto/testing/edwards-edge-cases';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { sharedRequest, stopTask, takeChecks } from './signature-messages.ts';
import { SignatureService } from './signature-service.ts';

const service = new SignatureService({ threads: 2 });
after(() => service.close());

function goodChecks(count: number): SignatureCheck[] {
  return Array.from({ length: count }, () => {
    const seed = randomBytes(32);
    const message = randomBytes(32);
    return { publicKey: publicKey(seed), message, signature: sign(message, seed) };
  });
}

function spoiled(checks: readonly SignatureCheck[], index: number): SignatureCheck[] {
  return checks.map((check, i) => (i === index ? { ...check, message: randomBytes(32) } : check));
}

const good = goodChecks(300);
/** Key and R of small order and S = 0: ZIP-215 accepts it for every message, OpenSSL for few. */
const lenient = smallOrderEncodings
  .map((point) => ({ publicKey: point, message: new Uint8Array(32).fill(7), signature: signatureOf(point) }))
  .filter(({ signature, message, publicKey: key }) => !verifyStrict(signature, message, key));

function signatureOf(point: Uint8Array): Uint8Array {
  const signature = new Uint8Array(64);
  signature.set(point);
  return signature;
}

test('valid signatures of several batches are valid in both modes', async () => {
  assert.deepEqual(await service.check(good, 'exact'), { kind: 'valid' });
  assert.deepEqual(await service.check(good, 'strict'), { kind: 'valid' });
  assert.deepEqual(await service.check([], 'exact'), { kind: 'valid' });
});

test('the place of a bad signature is told, in whichever batch it is', async () => {
  for (const index of [0, 127, 128, 299])
    for (const mode of ['exact', 'strict'] as const)
      assert.deepEqual(await service.check(spoiled(good, index), mode), { kind: 'invalid', index });
});

test('threads share a task out among themselves, each check once, and nothing is left of one that was stopped', () => {
  const request = sharedRequest(1, good.slice(0, 20));
  const shares = [takeChecks(request), takeChecks(request), takeChecks(request)].map((share) =>
    share[Symbol.iterator](),
  );
  const hex = ({ publicKey: key, message, signature }: SignatureCheck): string =>
    toHex(concatBytes(key, message, signature));
  const taken: string[] = [];
  for (let open = shares; open.length > 0; ) {
    open = open.filter((share) => {
      const { done, value } = share.next();
      if (done !== true) taken.push(`${value[0]} ${hex(value[1])}`);
      return done !== true;
    });
  }
  assert.deepEqual(
    taken.toSorted(),
    good
      .slice(0, 20)
      .map((check, place) => `${place} ${hex(check)}`)
      .toSorted(),
  );
  const stopped = sharedRequest(2, good);
  const share = takeChecks(stopped)[Symbol.iterator]();
  assert.equal(share.next().value?.[0], 0);
  stopTask(stopped.progress);
  assert.ok([...{ [Symbol.iterator]: () => share }].length < 8, 'what was taken at once is all that is done');
  assert.deepEqual([...takeChecks(stopped)], []);
});

test('what only ZIP-215 accepts holds in a block and is refused for relay', async () => {
  assert.ok(lenient.length > 0, 'there are such cases');
  const mixed = [...good.slice(0, 2), lenient[0]!];
  assert.deepEqual(await service.check(mixed, 'exact'), { kind: 'valid' });
  assert.deepEqual(await service.check(mixed, 'strict'), { kind: 'invalid', index: 2 });
});

test('small jobs that go together are answered each for itself', async () => {
  const jobs = Array.from({ length: 200 }, (_, at) => {
    const checks = good.slice(at, at + 1 + (at % 4));
    return at % 3 === 0 ? spoiled(checks, checks.length - 1) : checks;
  });
  const answers = await Promise.all(jobs.map((checks, at) => service.check(checks, at % 2 === 0 ? 'strict' : 'exact')));
  for (const [at, answer] of answers.entries()) {
    const index = jobs[at]!.length - 1;
    assert.deepEqual(answer, at % 3 === 0 ? { kind: 'invalid', index } : { kind: 'valid' }, String(at));
  }
});

test('blocks overtake unconfirmed transactions, and those of a kind are answered in order', async () => {
  const single = new SignatureService({ threads: 1 });
  const order: string[] = [];
  const ask = async (name: string, mode: 'exact' | 'strict'): Promise<void> => {
    await single.check(good, mode);
    order.push(name);
  };
  await Promise.all([
    ask('pool 1', 'strict'),
    ask('pool 2', 'strict'),
    ask('block 1', 'exact'),
    ask('block 2', 'exact'),
  ]);
  await single.close();
  assert.deepEqual(order, ['block 1', 'block 2', 'pool 1', 'pool 2']);
});

test('a full queue and a stopping service answer with trouble, not with a verdict', async () => {
  const small = new SignatureService({ threads: 1, maxWaiting: 300 });
  const first = small.check(good, 'exact');
  const second = small.check(good.slice(0, 200), 'exact');
  const third = await second;
  assert.equal(third.kind, 'failed');
  assert.match(third.kind === 'failed' ? third.detail : '', /300 signatures wait .* 200 more .* 300/);
  const closing = small.close();
  assert.deepEqual(await first, { kind: 'failed', detail: 'the node is stopping' });
  await closing;
  assert.equal((await small.check(good, 'strict')).kind, 'failed');
  assert.equal(small.waiting, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyFetch } from './body-fetch.ts';

const id = (number: number): string => number.toString(16).padStart(64, '0');
const always = (): boolean => true;

function fetcher(...peers: string[]): BodyFetch {
  const fetch = new BodyFetch();
  for (const peer of peers) fetch.addPeer(peer);
  return fetch;
}

test('BodyFetch asks a peer that knows the block, and nobody else', () => {
  const fetch = fetcher('a', 'b');
  fetch.want(id(1));
  assert.deepEqual(
    fetch.next(0, (peer) => peer === 'b'),
    [{ peer: 'b', blockId: id(1) }],
  );
  assert.deepEqual(fetch.next(1, always), []);
  fetch.settle('b', id(1), true);
  fetch.unwant(id(1));
  assert.deepEqual(fetch.next(2, always), []);
  assert.equal(fetch.nextMs(2), null);
});

test('BodyFetch asks another peer at once when the answer is wrong or missing or its peer leaves', () => {
  const fetch = fetcher('a', 'b', 'c');
  fetch.want(id(1));
  const first = fetch.next(0, always)[0]?.peer ?? '';
  fetch.settle(first, id(1), false);
  const second = fetch.next(1, always)[0]?.peer ?? '';
  fetch.removePeer(second);
  const third = fetch.next(2, always)[0]?.peer ?? '';
  assert.equal(new Set([first, second, third]).size, 3);
  assert.deepEqual(fetch.next(3, always), []);
});

test('BodyFetch asks more and more peers while the body does not come, but none twice that still owes it', () => {
  const names = Array.from({ length: 12 }, (_, index) => `peer-${index}`);
  const fetch = fetcher(...names);
  fetch.want(id(1));
  const counts: number[] = [];
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 1000) counts.push(fetch.next(nowMs, always).length);
  assert.deepEqual(counts.slice(0, 6), [1, 1, 2, 4, 4, 0]);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    12,
  );
});

test('BodyFetch says when it has more to ask', () => {
  const fetch = fetcher('a', 'b');
  assert.equal(fetch.nextMs(0), 0, 'peers are new');
  fetch.next(0, always);
  assert.equal(fetch.nextMs(0), null);
  fetch.want(id(1));
  assert.equal(fetch.nextMs(5), 5);
  fetch.next(5, always);
  assert.equal(fetch.nextMs(5), 1005);
});

test('BodyFetch asks those who did not have the body again after a while', () => {
  const fetch = fetcher('a');
  fetch.want(id(1));
  const times: number[] = [];
  for (let nowMs = 0; nowMs <= 11_000; nowMs += 500)
    for (const { peer } of fetch.next(nowMs, always)) {
      times.push(nowMs);
      fetch.settle(peer, id(1), false);
    }
  assert.deepEqual(times, [0, 5500, 11_000]);
});

test('BodyFetch spreads many bodies, keeps a bounded number open per peer, and prefers those who deliver', () => {
  const fetch = fetcher('a', 'b');
  for (let number = 0; number < 100; number += 1) fetch.want(id(number));
  const asked = fetch.next(0, always);
  assert.equal(asked.length, 32);
  assert.equal(asked.filter(({ peer }) => peer === 'a').length, 16);
  const [first] = asked;
  fetch.settle(first?.peer ?? '', first?.blockId ?? '', true);
  fetch.unwant(first?.blockId ?? '');
  assert.equal(fetch.next(1, always).length, 1, 'a place that becomes free is used at once');
  const two = fetcher('idle', 'proven');
  two.want(id(1));
  two.next(0, (peer) => peer === 'proven');
  two.settle('proven', id(1), true);
  two.unwant(id(1));
  two.want(id(2));
  assert.equal(two.next(1, always)[0]?.peer, 'proven');
});

test('BodyFetch asks a peer again at once when it says that it has the block now', () => {
  const fetch = fetcher('a');
  fetch.want(id(1));
  fetch.next(0, always);
  fetch.settle('a', id(1), false);
  assert.deepEqual(fetch.next(1, always), []);
  fetch.available('a', id(1));
  assert.equal(fetch.next(2, always).length, 1);
});

test('BodyFetch forgets what nobody waits for any more', () => {
  const fetch = fetcher();
  fetch.want(id(1));
  fetch.want(id(2));
  fetch.prune(59_999, () => false);
  assert.equal(fetch.isWanted(id(1)), true);
  fetch.prune(60_000, (blockId) => blockId === id(2));
  assert.equal(fetch.isWanted(id(1)), false);
  assert.equal(fetch.isWanted(id(2)), true);
});

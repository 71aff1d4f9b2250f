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
  fetch.settle('b', id(1));
  fetch.unwant(id(1));
  assert.deepEqual(fetch.next(2, always), []);
  assert.equal(fetch.nextMs(2), null);
});

test('BodyFetch asks another peer when the answer is wrong, missing or late', () => {
  const fetch = fetcher('a', 'b', 'c', 'd');
  fetch.want(id(1));
  const first = fetch.next(0, always)[0]?.peer ?? '';
  fetch.settle(first, id(1));
  const second = fetch.next(1, always)[0]?.peer ?? '';
  assert.equal(fetch.nextMs(1), 2001);
  assert.deepEqual(fetch.next(2000, always), []);
  const third = fetch.next(2001, always)[0]?.peer ?? '';
  fetch.removePeer(third);
  const fourth = fetch.next(2002, always)[0]?.peer ?? '';
  assert.equal(new Set([first, second, third, fourth]).size, 4);
});

test('BodyFetch asks those who answered again after a while, but never one that still owes the answer', () => {
  const fetch = fetcher('answers', 'withholds');
  fetch.want(id(1));
  const asked: string[] = [];
  for (let nowMs = 0; nowMs <= 30_000; nowMs += 500)
    for (const { peer } of fetch.next(nowMs, always)) {
      asked.push(peer);
      if (peer === 'answers') fetch.settle(peer, id(1));
    }
  assert.equal(asked.filter((peer) => peer === 'withholds').length, 1);
  assert.ok(asked.filter((peer) => peer === 'answers').length >= 3);
});

test('BodyFetch spreads many bodies and keeps a bounded number open per peer', () => {
  const fetch = fetcher('a', 'b');
  for (let number = 0; number < 100; number += 1) fetch.want(id(number));
  const asked = fetch.next(0, always);
  assert.equal(asked.length, 32);
  assert.equal(asked.filter(({ peer }) => peer === 'a').length, 16);
  const [first] = asked;
  fetch.settle(first?.peer ?? '', first?.blockId ?? '');
  fetch.unwant(first?.blockId ?? '');
  assert.equal(fetch.next(1, always).length, 1, 'a place that becomes free is used at once');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TransactionName } from './messages/transactions.ts';
import { TransactionFetch } from './transaction-fetch.ts';

const leaf = (number: number): TransactionName => ({ by: 'leaf', id: number.toString(16).padStart(64, '0') });
const always = (): boolean => true;

function fetcher(peers: Readonly<Record<string, boolean>>): TransactionFetch {
  const fetch = new TransactionFetch();
  for (const [peer, outbound] of Object.entries(peers)) fetch.addPeer(peer, outbound);
  return fetch;
}

const asked = (fetch: TransactionFetch, nowMs: number): string[] =>
  fetch.next(nowMs, always, always).map(({ peer, id }) => `${peer} ${Number.parseInt(id, 16)}`);

test('p2p_tx_download: one peer is asked, one that we chose at once, one that chose us two seconds later', () => {
  const fetch = fetcher({ inbound: false, outbound: true });
  fetch.offered('inbound', leaf(1), 0);
  assert.deepEqual(asked(fetch, 1999), []);
  assert.equal(fetch.nextMs(always), 2000);
  fetch.offered('outbound', leaf(1), 1999);
  assert.deepEqual(asked(fetch, 1999), ['outbound 1']);
  assert.deepEqual(asked(fetch, 2000), [], 'it is asked for already');
});

test('p2p_tx_download: when a peer is silent, says no or leaves, the next one that announced it is asked', () => {
  const fetch = fetcher({ a: true, b: true, c: true, d: true });
  for (const peer of ['a', 'b', 'c', 'd']) fetch.offered(peer, leaf(1), 0);
  assert.deepEqual(asked(fetch, 0), ['a 1']);
  assert.deepEqual(asked(fetch, 19_999), []);
  assert.equal(fetch.nextMs(always), 20_000);
  assert.deepEqual(asked(fetch, 20_000), ['b 1']);
  fetch.settle('b', leaf(1), false, 20_001);
  const [third] = asked(fetch, 25_000);
  fetch.removePeer(third!.split(' ')[0]!, 25_001);
  const [fourth] = asked(fetch, 30_000);
  assert.equal(new Set(['a 1', 'b 1', third, fourth]).size, 4);
  fetch.settle(fourth!.split(' ')[0]!, leaf(1), true, 30_001);
  assert.deepEqual(asked(fetch, 100_000), []);
});

test('p2p_tx_download: a silent peer keeps its places taken, and what it delivers late still counts', () => {
  const fetch = fetcher({ silent: true, other: true });
  for (let number = 0; number < 40; number += 1) fetch.offered('silent', leaf(number), 0);
  assert.equal(asked(fetch, 0).length, 16);
  assert.deepEqual(asked(fetch, 20_000), [], 'nobody else has them, and the places are taken');
  fetch.settle('silent', leaf(3), true, 20_001);
  assert.deepEqual(asked(fetch, 20_001), ['silent 16']);
});

test('p2p_tx_download: nobody is asked for what is not wanted any more, nor while there is enough to check', () => {
  const fetch = fetcher({ a: true });
  fetch.offered('a', leaf(1), 0);
  fetch.offered('a', leaf(2), 0);
  assert.deepEqual(
    fetch.next(0, always, () => false),
    [],
  );
  assert.equal(
    fetch.nextMs(() => false),
    Number.POSITIVE_INFINITY,
  );
  const requests = fetch.next(0, ({ id }) => id === leaf(2).id, always);
  assert.deepEqual(requests, [{ peer: 'a', ...leaf(2) }]);
  fetch.clear();
  assert.equal(fetch.nextMs(always), Number.POSITIVE_INFINITY);
});

test('p2p_tx_download: floods of names keep bounds, and every name that somebody honest announced is asked of them', () => {
  const step = fc.record({
    peer: fc.constantFrom('a', 'b', 'flood'),
    number: fc.nat(60),
    what: fc.integer({ min: 0, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const fetch = fetcher({ a: true, b: false, flood: false });
      const open = new Map<string, Set<string>>();
      let nowMs = 0;
      for (const { peer, number, what } of steps) {
        nowMs += 500;
        if (what < 4) fetch.offered(peer, leaf(number), nowMs);
        else if (what === 4) fetch.settle(peer, leaf(number), number % 2 === 0, nowMs);
        if (what === 4) open.get(peer)?.delete(leaf(number).id);
        for (const { peer: to, id } of fetch.next(nowMs, always, always)) {
          const owed = open.get(to) ?? new Set();
          assert.ok(!owed.has(id), 'nobody is asked twice for one thing at a time');
          owed.add(id);
          open.set(to, owed);
          assert.ok(owed.size <= 16);
        }
      }
    }),
  );
  const fetch = fetcher({ flood: false });
  for (let number = 0; number < 20_000; number += 1) fetch.offered('flood', leaf(number), 0);
  let total = 0;
  for (let nowMs = 2000; ; nowMs += 1) {
    const requests = fetch.next(nowMs, always, always);
    if (requests.length === 0) break;
    total += requests.length;
    for (const request of requests) fetch.settle('flood', request, true, nowMs);
  }
  assert.equal(total, 5000);
});

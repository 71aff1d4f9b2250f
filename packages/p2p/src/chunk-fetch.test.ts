import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkFetch, type ChunkRequest, chunkFetchLimits } from './chunk-fetch.ts';

const root = 'aa'.repeat(32);
const otherRoot = 'bb'.repeat(32);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function fetcher(peers: readonly string[], salt = 1): ChunkFetch {
  const fetch = new ChunkFetch(salt);
  for (const peer of peers) {
    fetch.addPeer(peer);
    fetch.offer(peer, root);
  }
  return fetch;
}

const of = (requests: readonly ChunkRequest[], peer: string): number[] =>
  requests.filter((request) => request.peer === peer).map(({ index }) => index);

test('ChunkFetch asks all who offer at once, for different chunks', () => {
  const fetch = fetcher(['a', 'b', 'c']);
  fetch.want(root, range(100));
  const requests = fetch.next(0);
  assert.equal(requests.length, 3 * chunkFetchLimits.firstWindow);
  assert.equal(new Set(requests.map(({ index }) => index)).size, requests.length);
  assert.deepEqual(fetch.next(0), [], 'windows are full');
});

test('ChunkFetch asks nobody who does not offer, and begins elsewhere with another salt', () => {
  const fetch = fetcher(['a']);
  fetch.addPeer('silent');
  fetch.want(root, range(50));
  assert.ok(fetch.next(0).every(({ peer }) => peer === 'a'));
  const orders = range(8).map((salt) => {
    const one = fetcher(['a'], salt * 77_777);
    one.want(root, range(50));
    return one.next(0)[0]?.index;
  });
  assert.ok(new Set(orders).size > 3);
});

test('ChunkFetch widens the window of a quick peer, and narrows it again for a slow answer', () => {
  const fetch = fetcher(['a']);
  fetch.want(root, range(100));
  let open = fetch.next(0);
  for (let round = 0; round < 10; round += 1) {
    for (const { index } of open) fetch.received('a', root, index, true, 10);
    open = fetch.next(10);
  }
  assert.equal(open.length, chunkFetchLimits.maxWindow);
  for (const { index } of open) fetch.received('a', root, index, true, 10 + chunkFetchLimits.stallMs);
  assert.equal(fetch.next(5000).length, chunkFetchLimits.firstWindow);
});

test('ChunkFetch takes the rarest chunk first', () => {
  const fetch = fetcher(['a', 'b', 'c']);
  fetch.want(root, range(20));
  const first = fetch.next(0);
  const [lost] = of(first, 'a');
  assert.ok(lost !== undefined);
  fetch.notFound('a', root, lost);
  for (const { peer, index } of first) if (index !== lost) fetch.received(peer, root, index, true, 1);
  const second = fetch.next(1);
  assert.equal(second.find(({ peer }) => peer === 'b')?.index, lost, 'what a lacks is asked of b at once');
  assert.equal(of(second, 'a').includes(lost), false, 'and not of a again');
});

test('ChunkFetch: a peer that withholds blocks nobody and is not asked again', () => {
  const fetch = fetcher(['withholds', 'honest']);
  fetch.want(root, range(10));
  let withheld = 0;
  let nowMs = 0;
  for (; fetch.isWanted(root) && nowMs < 60_000; nowMs += 100)
    for (const { peer, index } of fetch.next(nowMs)) {
      if (peer === 'honest') fetch.received(peer, root, index, true, nowMs + 50);
      else withheld += 1;
    }
  assert.equal(fetch.isWanted(root), false);
  assert.ok(nowMs <= chunkFetchLimits.stallMs + 200, `all chunks after ${nowMs} ms`);
  assert.equal(withheld, chunkFetchLimits.firstWindow);
  fetch.want(otherRoot, range(3));
  fetch.offer('withholds', otherRoot);
  assert.deepEqual(fetch.next(nowMs), [], 'its places stay taken by what it owes');
});

test('ChunkFetch: one honest peer among many that withhold delivers within a few stalls', () => {
  for (const position of [0, 3, 7]) {
    const names = range(8).map((index) => (index === position ? 'honest' : `withholds-${index}`));
    const fetch = fetcher(names);
    fetch.want(root, [0]);
    let nowMs = 0;
    for (; fetch.isWanted(root) && nowMs < 60_000; nowMs += 50)
      for (const { peer, index } of fetch.next(nowMs))
        if (peer === 'honest') fetch.received(peer, root, index, true, nowMs);
    assert.ok(nowMs <= 3 * chunkFetchLimits.stallMs + 50, `position ${position}: ${nowMs} ms`);
  }
});

test('ChunkFetch: a late answer still counts, once', () => {
  const fetch = fetcher(['slow', 'quick']);
  fetch.want(root, [0]);
  const [first] = fetch.next(0);
  assert.ok(first !== undefined);
  const second = fetch.next(chunkFetchLimits.stallMs);
  assert.equal(second.length, 1);
  assert.notEqual(second[0]?.peer, first.peer);
  fetch.received(first.peer, root, 0, true, 9000);
  assert.equal(fetch.isWanted(root), false);
  fetch.received(second[0]?.peer ?? '', root, 0, true, 9001);
  assert.deepEqual(fetch.next(9002), []);
});

test('ChunkFetch asks others at once when a peer leaves', () => {
  const fetch = fetcher(['a', 'b']);
  fetch.want(root, range(4));
  const asked = fetch.next(0);
  fetch.removePeer('a');
  for (const index of of(asked, 'b')) fetch.received('b', root, index, true, 1);
  assert.deepEqual(of(fetch.next(1), 'b').toSorted(), of(asked, 'a').toSorted());
});

test('ChunkFetch resumes with just the chunks that are still missing', () => {
  const fetch = fetcher(['a', 'b']);
  fetch.want(root, [7, 12]);
  assert.deepEqual(
    fetch
      .next(0)
      .map(({ index }) => index)
      .toSorted(),
    [12, 7],
  );
});

test('ChunkFetch: a chunk that was wrong stays wanted', () => {
  const fetch = fetcher(['liar', 'honest']);
  fetch.want(root, [0]);
  const [first] = fetch.next(0);
  fetch.received(first?.peer ?? '', root, 0, false, 1);
  fetch.removePeer(first?.peer ?? '');
  assert.equal(fetch.next(1).length, 1);
});

test('ChunkFetch works on several checkpoints at once and remembers a bounded number of offers', () => {
  const fetch = fetcher(['a', 'b']);
  fetch.removePeer('b');
  fetch.addPeer('b');
  fetch.offer('b', otherRoot);
  fetch.want(root, range(5));
  fetch.want(otherRoot, range(5));
  const requests = fetch.next(0);
  assert.ok(requests.some((request) => request.peer === 'a' && request.root === root));
  assert.ok(requests.some((request) => request.peer === 'b' && request.root === otherRoot));
  for (let i = 0; i < 1000; i += 1) fetch.offer('a', i.toString(16).padStart(64, '0'));
  assert.deepEqual(fetch.offerers(root), []);
  fetch.unwant(otherRoot);
  assert.equal(fetch.isWanted(otherRoot), false);
});

test('ChunkFetch ends with everything whatever peers do, as long as one honest peer offers', () => {
  const behaviour = fc.constantFrom('answers', 'withholds', 'lies', 'lacks', 'leaves');
  fc.assert(
    fc.property(
      fc.array(behaviour, { maxLength: 6 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(),
      (kinds, chunks, salt) => {
        const fetch = new ChunkFetch(salt);
        const names = [...kinds.map((kind, index) => `${kind}-${index}`), 'answers-honest'];
        for (const name of names) {
          fetch.addPeer(name);
          fetch.offer(name, root);
        }
        fetch.want(root, range(chunks));
        let nowMs = 0;
        for (; fetch.isWanted(root) && nowMs < 120_000; nowMs += 100) {
          for (const { peer, index } of fetch.next(nowMs)) {
            if (peer.startsWith('answers')) fetch.received(peer, root, index, true, nowMs);
            else if (peer.startsWith('lies')) {
              fetch.received(peer, root, index, false, nowMs);
              fetch.removePeer(peer);
            } else if (peer.startsWith('lacks')) fetch.notFound(peer, root, index);
            else if (peer.startsWith('leaves')) fetch.removePeer(peer);
          }
          const next = fetch.nextStallMs(nowMs);
          assert.ok(next === null || next > nowMs);
        }
        assert.equal(fetch.isWanted(root), false);
        assert.ok(nowMs <= 8 * chunkFetchLimits.stallMs, `${nowMs} ms`);
      },
    ),
    { numRuns: 200 },
  );
});

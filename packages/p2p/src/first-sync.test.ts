import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FirstSync, type FinalBlock, type Quorum } from './first-sync.ts';
import { networkGroup } from './network-group.ts';
import { fakeRow, idOf } from './testing/fake-chain.ts';

const quorum: Quorum = { outbound: 8, agree: 6 };
const honestChain = fakeRow(30);
const forgedChain = fakeRow(40, 1);
const final = (chain: typeof honestChain, height: number): FinalBlock => ({ height, id: idOf(chain[height - 1]!) });

/** Peers by name with their chain and final height; each answers as a node does, or not at all. */
function play(
  peers: readonly {
    readonly name: string;
    readonly group?: string;
    readonly chain: typeof honestChain;
    readonly final: number;
    readonly silent?: boolean;
  }[],
  asked = quorum,
): { readonly sync: FirstSync; readonly questions: number; readonly nowMs: number } {
  const sync = new FirstSync(asked, 0);
  for (const { name, group, chain, final: height } of peers) sync.addPeer(name, group ?? name, final(chain, height));
  let questions = 0;
  let nowMs = 0;
  for (; nowMs <= 120_000 && sync.decision === null; nowMs += 5_000)
    for (const { peer, message } of sync.next(nowMs)) {
      questions += 1;
      const behind = peers.find(({ name }) => name === peer)!;
      if (behind.silent === true) continue;
      const at = behind.chain.findIndex((header) => idOf(header) === message.locator[0]);
      assert.equal(sync.answer(peer, message.request, behind.chain.slice(at + 1)), true);
    }
  sync.next(nowMs);
  return { sync, questions, nowMs };
}

const many = (
  count: number,
  chain: typeof honestChain,
  prefix: string,
  heights = 24,
): Parameters<typeof play>[0][number][] =>
  Array.from({ length: count }, (_, index) => ({ name: `${prefix}${index}`, chain, final: heights - (index % 3) }));

test('FirstSync follows what six of eight hold, whatever the two others tell', () => {
  const { sync } = play([...many(6, honestChain, 'honest'), ...many(2, forgedChain, 'forged', 34)]);
  assert.ok(sync.decision !== null);
  assert.ok(honestChain.some((header) => idOf(header) === sync.decision?.anchor.id));
  assert.deepEqual(
    sync.decision.holders.toSorted(),
    many(6, honestChain, 'honest').map(({ name }) => name),
  );
});

test('FirstSync decides nothing when only five of eight agree, and says so after a minute', () => {
  const { sync } = play([...many(5, honestChain, 'honest'), ...many(3, forgedChain, 'forged', 34)]);
  assert.equal(sync.decision, null);
  assert.equal(sync.problem(59_999), null);
  assert.match(sync.problem(60_000) ?? '', /fewer than 6 of 8/);
});

test('FirstSync counts one peer per network group', () => {
  const crowd = many(20, forgedChain, 'crowd', 34).map((peer) => ({ ...peer, group: 'one' }));
  const { sync } = play([...crowd, ...many(6, honestChain, 'honest')]);
  assert.equal(sync.decision, null, 'seven groups are not eight');
  assert.match(sync.problem(60_000) ?? '', /8 outbound peers of different network groups, 7 are connected/);
  const { sync: enough } = play([...crowd, ...many(7, honestChain, 'honest')]);
  assert.equal(
    enough.decision?.holders.some((peer) => peer.startsWith('crowd')),
    false,
  );
});

test('FirstSync: a peer that does not answer counts as one that does not hold it', () => {
  const silent = many(2, honestChain, 'silent').map((peer, index) => ({ ...peer, silent: true, final: 10 + index }));
  const { sync } = play([...many(6, honestChain, 'honest'), ...silent]);
  assert.equal(sync.decision?.holders.length, 6);
  const three = many(3, forgedChain, 'silent').map((peer, index) => ({ ...peer, silent: true, final: 10 + index }));
  assert.equal(play([...many(5, honestChain, 'honest'), ...three]).sync.decision, null);
});

test('FirstSync with a quorum of one follows the first peer and asks nothing', () => {
  const { sync, questions } = play(many(1, honestChain, 'only'), { outbound: 1, agree: 1 });
  assert.deepEqual(sync.decision?.holders, ['only0']);
  assert.equal(questions, 0);
});

test('FirstSync asks anew after a minute, and takes no answer that it did not ask for', () => {
  const { sync } = play([...many(5, honestChain, 'honest'), ...many(3, forgedChain, 'forged', 34)]);
  assert.equal(sync.answer('honest0', 1, []), false);
  sync.removePeer('forged0');
  sync.addPeer('honest9', 'honest9', final(honestChain, 22));
  for (let nowMs = 125_000; nowMs < 300_000 && sync.decision === null; nowMs += 5_000)
    for (const { peer, message } of sync.next(nowMs)) {
      const chain = peer.startsWith('honest') ? honestChain : forgedChain;
      const at = chain.findIndex((header) => idOf(header) === message.locator[0]);
      sync.answer(peer, message.request, chain.slice(at + 1));
    }
  assert.equal(sync.decision?.holders.length, 6);
});

test('networkGroup() puts neighbouring addresses into one group', () => {
  assert.equal(networkGroup('192.0.2.1'), networkGroup('192.0.99.7'));
  assert.notEqual(networkGroup('192.0.2.1'), networkGroup('192.1.2.1'));
  assert.equal(networkGroup('::ffff:192.0.2.1'), '192.0');
  assert.equal(networkGroup('2001:DB8::1'), networkGroup('2001:db8:ffff::2'));
  assert.equal(networkGroup('peer.example'), 'peer.example');
});

// Whole nodes on a simulated network, with a chain that has no rules: what is tested here is synchronisation alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { ANNOUNCEMENT } from './messages/headers.ts';
import type { PeerMessage } from './messages/message.ts';
import { FakeChain, fakeChunk, fakeHeader, fakeRow, idOf } from './testing/fake-chain.ts';
import { FakeNode } from './testing/fake-node.ts';
import { Network } from './testing/network.ts';
import { askAll, emptyMind, Puppet } from './testing/puppet.ts';
import { SeededRandom } from './testing/seeded-random.ts';
import { testNetwork } from './testing/session-pair.ts';

const network = (seed = 1): Network => new Network(new SeededRandom(seed));
const tips = (...nodes: FakeNode[]): string[] => nodes.map((node) => node.chain.tipId);

function puppet(net: Network, name: string, number: number, targets: string[]): Puppet {
  const made = new Puppet({ network: testNetwork, number, targets, mind: emptyMind });
  net.add(name, made);
  return made;
}

const say = (net: Network, name: string, who: Puppet, message: PeerMessage): void =>
  net.perform(name, who.say(message, net.now(name)));

test('NodeMachine: a new node fetches headers, bodies and chunks of a longer chain', () => {
  const net = network();
  const row = fakeRow(4500, 0, 1).slice(0, 30);
  const source = new FakeNode('source', net, new FakeChain().seed(row));
  const fresh = new FakeNode('fresh', net, new FakeChain(), { addresses: ['source'] });
  assert.ok(net.runUntil(() => fresh.chain.tipId === source.chain.tipId, 20_000));
  assert.equal(fresh.mayMine, 'true in-sync');
  assert.equal(source.mayMine, 'true in-sync');
});

test('NodeMachine: headers beyond one answer are asked for until the end', () => {
  const net = network();
  const source = new FakeNode('source', net, new FakeChain().seed(fakeRow(4100)));
  const fresh = new FakeNode('fresh', net, new FakeChain(), { addresses: ['source'] });
  assert.ok(net.runUntil(() => fresh.chain.heightOf(source.chain.tipId) === 4100, 20_000));
  assert.equal(fresh.mayMine, 'false behind');
  const asked = fresh.chain.events.filter((event) => event.type === 'header').length;
  assert.equal(asked, 4100, 'no header twice');
});

test('NodeMachine: a new block goes from node to node along a line, header first', () => {
  const net = network();
  const line = ['a', 'b', 'c', 'd'].map(
    (name, index, names) =>
      new FakeNode(name, net, new FakeChain(), index === 0 ? {} : { addresses: [names[index - 1] ?? ''] }),
  );
  net.run(2000);
  const header = fakeRow(1)[0]!;
  line[0]!.give({ type: 'local-block', header, root: toHex(header.checkpointRoot), body: Uint8Array.of(1) });
  assert.ok(net.runUntil(() => new Set(tips(...line)).size === 1 && line[3]!.chain.tipId === idOf(header), 5000));
});

test('NodeMachine: a large checkpoint comes from all who have it', () => {
  const net = network();
  const row = fakeRow(1, 0, 400);
  const sources = ['s1', 's2', 's3'].map((name) => new FakeNode(name, net, new FakeChain().seed(row)));
  const fresh = new FakeNode('fresh', net, new FakeChain(), { addresses: ['s1', 's2', 's3'] });
  assert.ok(net.runUntil(() => fresh.chain.tipId === sources[0]!.chain.tipId, 60_000));
  const from = new Map<string, number>();
  for (const event of fresh.chain.events)
    if (event.type === 'chunk' && event.peer !== null) from.set(event.peer, (from.get(event.peer) ?? 0) + 1);
  assert.equal(
    [...from.values()].reduce((sum, count) => sum + count, 0),
    400,
    'no chunk twice',
  );
  assert.equal(from.size, 3);
  assert.ok(Math.min(...from.values()) > 20, [...from.values()].join(' '));
});

test('NodeMachine: a branch that nobody has made active is still passed on, header by header', () => {
  const net = network();
  const main = fakeRow(6);
  const branch = fakeRow(4, 1);
  const [a, b, c] = ['a', 'b', 'c'].map(
    (name, index, names) =>
      new FakeNode(name, net, new FakeChain().seed(main), index === 0 ? {} : { addresses: [names[index - 1] ?? ''] }),
  ) as [FakeNode, FakeNode, FakeNode];
  net.run(2000);
  const rival = new FakeNode('rival', net, new FakeChain().seed(branch), { addresses: ['a'] });
  net.run(2000);
  // The rival sees the longer chain and leaves its branch; nobody asked for it so far.
  assert.equal(rival.chain.tipId, a.chain.tipId);
  const tip = idOf(branch[3]!);
  const next = fakeHeader(tip, 5, 1);
  rival.give({ type: 'local-block', header: next, root: toHex(next.checkpointRoot), body: Uint8Array.of(1) });
  net.run(5000);
  for (const node of [a, b, c]) assert.equal(node.chain.heightOf(idOf(next)), 5, node.name);
  assert.equal(b.chain.statusOf(idOf(branch[0]!)), 'verified');
});

test('NodeMachine disconnects and discourages whoever sends an invalid header, and others stay connected', () => {
  const net = network();
  const bad = fakeRow(1, 66)[0]!;
  const chain = new FakeChain();
  chain.refuses.set(idOf(bad), { code: 'header-signature', peerFault: true });
  const node = new FakeNode('node', net, chain);
  const honest = new FakeNode('honest', net, new FakeChain(), { addresses: ['node'] });
  const hostile = puppet(net, 'hostile', 1, ['node']);
  net.run(1000);
  say(net, 'hostile', hostile, { command: 'headers', body: { request: ANNOUNCEMENT, headers: [bad] } });
  net.run(30_000);
  assert.deepEqual(
    node.gone.map(({ code }) => code),
    ['block-invalid'],
  );
  assert.match(node.gone[0]?.detail ?? '', /header-signature/);
  assert.equal(hostile.connections, 1, 'it is not let in again');
  assert.ok(hostile.heard.includes('reject'));
  assert.equal(node.machine.peers().length, 1);
  assert.equal(honest.machine.peers()[0]?.version?.userAgent, '/fake:1/');
});

test('NodeMachine disconnects everybody who offered a block that proves false', () => {
  const net = network();
  const row = fakeRow(1, 5, 60);
  const chain = new FakeChain();
  chain.falseRoots.add(toHex(row[0]!.checkpointRoot));
  for (const name of ['liar-1', 'liar-2']) new FakeNode(name, net, new FakeChain().seed(row));
  new FakeNode('honest', net, new FakeChain());
  const node = new FakeNode('node', net, chain, { addresses: ['liar-1', 'liar-2', 'honest'] });
  net.run(5000);
  assert.deepEqual(
    node.gone.map(({ code, detail }) => `${code} ${detail.split(':')[0]}`),
    ['block-invalid evaluation-window-sum', 'block-invalid evaluation-window-sum'],
  );
  assert.deepEqual(
    node.machine.peers().map(({ address }) => address),
    ['honest'],
  );
});

test('NodeMachine: a wrong chunk ends the connection that sent it, and the block still comes', () => {
  const net = network();
  const row = fakeRow(1, 0, 200);
  const source = new FakeNode('source', net, new FakeChain().seed(row));
  const liar = puppet(net, 'liar', 3, []);
  const root = toHex(row[0]!.checkpointRoot);
  liar.mind = (message, reply) => {
    emptyMind(message, reply);
    if (message.command === 'getheaders') reply({ command: 'offer', body: { root, blockId: idOf(row[0]!) } });
    if (message.command === 'getchunk')
      reply({ command: 'chunk', body: { root, index: message.body.index, branch: [], bytes: Uint8Array.of(99, 99) } });
  };
  const fresh = new FakeNode('fresh', net, new FakeChain(), { addresses: ['liar', 'source'] });
  assert.ok(net.runUntil(() => fresh.chain.tipId === source.chain.tipId, 10_000));
  net.run(100);
  assert.deepEqual(
    fresh.gone.map(({ detail }) => detail.split(':')[0]),
    ['checkpoint-chunk'],
  );
});

test('NodeMachine: peers that withhold chunks delay a block by seconds only, and stay connected', () => {
  const net = network();
  const row = fakeRow(1, 0, 3);
  const source = new FakeNode('source', net, new FakeChain().seed(row));
  const names = ['w1', 'w2', 'w3', 'w4'];
  for (const [index, name] of names.entries()) {
    const withholder = puppet(net, name, 10 + index, []);
    withholder.mind = (message, reply) => {
      emptyMind(message, reply);
      if (message.command === 'getheaders')
        reply({ command: 'offer', body: { root: toHex(row[0]!.checkpointRoot), blockId: idOf(row[0]!) } });
    };
  }
  const fresh = new FakeNode('fresh', net, new FakeChain(), { addresses: [...names, 'source'] });
  const startMs = net.nowMs;
  assert.ok(net.runUntil(() => fresh.chain.tipId === source.chain.tipId, 20_000));
  assert.ok(net.nowMs - startMs <= 5_000, `${net.nowMs - startMs} ms`);
  assert.equal(fresh.machine.peers().length, 5);
});

test('NodeMachine: answers that were not asked for, and too long announcements, end the connection', () => {
  const row = fakeRow(3);
  const cases = [
    [{ command: 'headers', body: { request: 999, headers: [] } }, 'unrequested'],
    [{ command: 'headers', body: { request: ANNOUNCEMENT, headers: fakeRow(9) } }, 'headers-rate'],
    [{ command: 'body', body: { blockId: idOf(row[0]!), bytes: Uint8Array.of(1) } }, 'unrequested'],
    [{ command: 'chunk', body: { root: idOf(row[0]!), index: 0, branch: [], bytes: fakeChunk(0) } }, 'unrequested'],
  ] as const;
  for (const [message, code] of cases) {
    const net = network();
    const node = new FakeNode('node', net, new FakeChain());
    const hostile = puppet(net, 'hostile', 1, ['node']);
    net.run(1000);
    say(net, 'hostile', hostile, message);
    net.run(1000);
    assert.equal(node.gone[0]?.code, code);
  }
});

test('NodeMachine: an answer whose headers do not follow each other ends the connection; an announcement may name several branches', () => {
  const row = fakeRow(3);
  for (const isAnswer of [true, false]) {
    const net = network();
    const node = new FakeNode('node', net, new FakeChain());
    const other = puppet(net, 'other', 1, ['node']);
    other.mind = (message, reply) => {
      if (message.command !== 'getheaders') return;
      const request = isAnswer ? message.body.request : ANNOUNCEMENT;
      reply({ command: 'headers', body: { request, headers: [row[0]!, row[2]!] } });
    };
    net.run(1000);
    assert.equal(node.gone[0]?.code, isAnswer ? 'headers-discontinuous' : undefined);
  }
});

test('NodeMachine: announcements beyond the rate are dropped and asked for later, a flood ends the connection', () => {
  const net = network();
  const node = new FakeNode('node', net, new FakeChain());
  const busy = puppet(net, 'busy', 1, ['node']);
  net.run(1000);
  const row = fakeRow(400);
  for (const header of row)
    say(net, 'busy', busy, { command: 'headers', body: { request: ANNOUNCEMENT, headers: [header] } });
  net.run(3000);
  assert.equal(node.gone.length, 0);
  const seen = node.chain.events.filter((event) => event.type === 'header').length;
  assert.ok(seen >= 256 && seen < 400, `${seen} looked at`);
  assert.ok(busy.heard.filter((command) => command === 'getheaders').length >= 2);
  for (let i = 0; i < 1200; i += 1)
    say(net, 'busy', busy, {
      command: 'headers',
      body: { request: ANNOUNCEMENT, headers: [fakeHeader('11'.repeat(32), 5, i)] },
    });
  net.run(1000);
  assert.equal(node.gone[0]?.code, 'headers-rate');
});

test('NodeMachine: requests are answered in turn, and too many at once end the connection', () => {
  const net = network();
  const row = fakeRow(1, 0, 40);
  const node = new FakeNode('node', net, new FakeChain().seed(row));
  const root = toHex(row[0]!.checkpointRoot);
  const asker = puppet(net, 'asker', 1, ['node']);
  net.run(1000);
  for (let index = 0; index < 40; index += 1) say(net, 'asker', asker, { command: 'getchunk', body: { root, index } });
  net.run(2000);
  assert.deepEqual(
    asker.received.flatMap((message) => (message.command === 'chunk' ? [message.body.index] : [])),
    Array.from({ length: 40 }, (_, index) => index),
  );
  say(net, 'asker', asker, { command: 'getchunk', body: { root: 'ee'.repeat(32), index: 7 } });
  say(net, 'asker', asker, { command: 'getbody', body: { blockId: 'dd'.repeat(32) } });
  net.run(1000);
  assert.deepEqual(
    asker.received.flatMap((message) => (message.command === 'notfound' ? [message.body.what] : [])),
    ['chunk', 'body'],
  );
  assert.equal(node.gone.length, 0);
});

test('NodeMachine under an upload cap delays answers and refuses none', () => {
  const net = network();
  const source = new FakeNode('source', net, new FakeChain().seed(fakeRow(1, 0, 20)), {
    uploads: { waitingPerPeer: 32, unsentBytes: 2 ** 20, bytesPerSecond: 200 },
  });
  const fresh = new FakeNode('fresh', net, new FakeChain(), { addresses: ['source'] });
  assert.ok(net.runUntil(() => fresh.chain.tipId === source.chain.tipId, 60_000));
  assert.ok(net.nowMs > 8_000, `done after ${net.nowMs} ms`);
  assert.equal(source.gone.length + fresh.gone.length, 0);
});

test('NodeMachine: the mining gate waits for the first peer, follows it, and closes when the last one is gone', () => {
  const net = network();
  const waiting = new FakeNode('waiting', net, new FakeChain(), { addresses: ['late'] });
  assert.equal(waiting.mayMine, 'false waiting');
  net.run(9_900);
  assert.equal(waiting.mayMine, 'false waiting');
  net.run(200);
  assert.equal(waiting.mayMine, 'true no-answer');
  const changes = waiting.actions.filter((action) => action.type === 'mining').map(({ verdict }) => verdict.code);
  assert.deepEqual(changes, ['waiting', 'no-answer'], 'told when it changes');
  const late = new FakeNode('late', net, new FakeChain().seed(fakeRow(600)));
  net.runUntil(() => waiting.mayMine === 'false behind', 20_000);
  assert.equal(waiting.mayMine, 'false behind');
  assert.ok(net.runUntil(() => waiting.mayMine === 'true in-sync', 60_000));
  assert.equal(waiting.chain.tipId, late.chain.tipId);
  net.crash('late');
  net.run(100);
  assert.equal(waiting.mayMine, 'false lost');
  net.run(600_000);
  assert.equal(waiting.mayMine, 'false lost');
  assert.equal(waiting.chain.events.findLast((event) => event.type === 'in-sync')?.value, false);
});

test('NodeMachine: who knows no peer mines at once', () => {
  const net = network();
  const alone = new FakeNode('alone', net, new FakeChain());
  assert.equal(alone.mayMine, 'true alone');
  assert.deepEqual(
    alone.chain.events.filter((event) => event.type === 'in-sync').map(({ value }) => value),
    [true],
  );
});

test('NodeMachine: a lost connection comes back after half a second', () => {
  const net = network();
  const a = new FakeNode('a', net, new FakeChain());
  const b = new FakeNode('b', net, new FakeChain(), { addresses: ['a'] });
  net.run(2000);
  net.resetOne();
  assert.equal(a.machine.peers().length, 0);
  assert.ok(net.runUntil(() => b.mayMine === 'true in-sync', 2000));
  assert.ok(net.nowMs <= 3000, `${net.nowMs} ms`);
});

test('NodeMachine: two nodes that connect to each other at once keep one connection, the same on both sides', () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const net = network(seed);
    const a = new FakeNode('a', net, new FakeChain(), { addresses: ['b'] });
    const b = new FakeNode('b', net, new FakeChain(), { addresses: ['a'] });
    net.run(400);
    net.run(20_000);
    const [left, right] = [a.machine.peers(), b.machine.peers()].map((peers) =>
      peers.filter(({ version }) => version !== null),
    );
    assert.equal(left?.length, 1, `seed ${seed}`);
    assert.equal(right?.length, 1);
    assert.notEqual(left?.[0]?.outbound, right?.[0]?.outbound);
    assert.equal(a.mayMine, 'true in-sync');
  }
});

test('NodeMachine: a node that connects to itself notices', () => {
  const net = network();
  const node = new FakeNode('self', net, new FakeChain(), { addresses: ['self'] });
  net.run(300);
  assert.equal(node.gone[0]?.code, 'version-self');
  assert.equal(node.machine.peers().filter(({ version }) => version !== null).length, 0);
});

test('NodeMachine accepts a bounded number of connections and none while it stops', () => {
  const net = network();
  const node = new FakeNode('node', net, new FakeChain());
  for (let number = 0; number < 70; number += 1) puppet(net, `p${number}`, number, ['node']);
  net.run(300);
  assert.equal(node.machine.peers().length, 64);
  assert.ok(node.actions.some((action) => action.type === 'close' && action.reason.code === 'too-many-peers'));
  node.give({ type: 'stop' });
  assert.equal(node.machine.peers().length, 0);
  net.run(5000);
  assert.equal(node.machine.peers().length, 0);
  assert.ok(node.gone.every(({ code }) => code === 'shutdown'));
});

test('NodeMachine: a new node follows what most of its outbound peers hold, not what is longest', () => {
  const net = network();
  const honest = fakeRow(24);
  const forged = fakeRow(60, 1);
  const names = Array.from({ length: 8 }, (_, index) => `peer-${index}`);
  for (const [index, name] of names.entries())
    new FakeNode(name, net, new FakeChain().seed(index < 2 ? forged : honest.slice(0, 24 - (index % 3))));
  const fresh = new FakeNode('fresh', net, new FakeChain(), { addresses: names, quorum: { outbound: 8, agree: 6 } });
  assert.equal(fresh.mayMine, 'false first-sync');
  const isForged = new Set(forged.map(idOf));
  net.run(20_000);
  const { events } = fresh.chain;
  const firstForged = events.findIndex((event) => event.type === 'header' && isForged.has(idOf(event.header)));
  // What six of eight have as final: height 16 at least. Until that is final here, nobody else is listened to.
  const honestBefore = events.slice(0, firstForged).filter((event) => event.type === 'header').length;
  assert.ok(firstForged > 0 && honestBefore >= 22, `${honestBefore} headers before the first forged one`);
});

test('NodeMachine: a new node that finds no agreement follows nobody and calls the operator', () => {
  const net = network();
  for (const [index, name] of ['a', 'b', 'c'].entries())
    new FakeNode(name, net, new FakeChain().seed(fakeRow(20, index)));
  const fresh = new FakeNode('fresh', net, new FakeChain(), {
    addresses: ['a', 'b', 'c'],
    quorum: { outbound: 3, agree: 2 },
  });
  net.run(180_000);
  assert.equal(fresh.chain.events.filter((event) => event.type === 'header').length, 0);
  assert.equal(fresh.mayMine, 'false first-sync');
  const alarms = fresh.actions.filter((action) => action.type === 'alarm');
  assert.equal(alarms.length, 1);
  assert.match(alarms[0]?.reason ?? '', /fewer than 2 of 3/);
});

test('NodeMachine: headers that a peer merely passes on stop nobody from mining', () => {
  const net = network();
  const a = new FakeNode('a', net, new FakeChain());
  const b = new FakeNode('b', net, new FakeChain(), { addresses: ['a'] });
  const hostile = puppet(net, 'hostile', 1, ['a']);
  net.run(1000);
  for (const header of fakeRow(8))
    say(net, 'hostile', hostile, { command: 'headers', body: { request: ANNOUNCEMENT, headers: [header] } });
  net.run(2000);
  assert.equal(b.chain.heightOf(idOf(fakeRow(8)[7]!)), 8, 'the headers were passed on');
  assert.deepEqual([a.mayMine, b.mayMine], ['true in-sync', 'true in-sync']);
  // The same headers as its own chain, by an offer, do count, and only against the one who claims them.
  say(net, 'hostile', hostile, {
    command: 'offer',
    body: { root: idOf(fakeRow(8)[7]!), blockId: idOf(fakeRow(8)[7]!) },
  });
  net.run(1000);
  assert.deepEqual(
    a.machine
      .peers()
      .map(({ lag }) => lag)
      .toSorted(),
    [0, 8],
  );
  assert.equal(a.mayMine, 'true in-sync');
});

test('NodeMachine tells the chain when contact with the peers that it chose is lost, since when, and when it is back', () => {
  const net = network();
  const node = new FakeNode('node', net, new FakeChain(), { addresses: ['p', 'q'] });
  for (const name of ['p', 'q']) new FakeNode(name, net, new FakeChain());
  const inbound = new FakeNode('inbound', net, new FakeChain(), { addresses: ['node'] });
  net.run(2000);
  const contacts = (): (readonly [boolean, number])[] =>
    node.chain.events.flatMap((event) =>
      event.type === 'contact' ? [[event.value, event.sinceMonotonicMs] as const] : [],
    );
  assert.deepEqual(
    contacts().map(([value]) => value),
    [true],
  );
  net.crash('inbound');
  net.run(500);
  assert.equal(contacts().length, 1, 'who chose us does not count');
  assert.ok(inbound.chain.events.some((event) => event.type === 'contact'));
  net.partition([['q']]);
  const cutMs = net.nowMs;
  net.run(60_000);
  assert.deepEqual(
    contacts().map(([value]) => value),
    [true, false],
  );
  assert.ok((contacts()[1]?.[1] ?? Number.POSITIVE_INFINITY) <= cutMs, 'dated back to the last message');
  net.heal();
  net.run(30_000);
  assert.deepEqual(
    contacts().map(([value]) => value),
    [true, false, true],
  );
});

test('NodeMachine lets go of a peer that does not take what it is sent', () => {
  const net = new Network(new SeededRandom(1), { latencyMs: [5, 5], bytesPerMs: 20 });
  const uploads = { waitingPerPeer: 64, unsentBytes: 2 ** 40, bytesPerSecond: null };
  const node = new FakeNode('node', net, new FakeChain().seed(fakeRow(2000)), { uploads });
  const asker = puppet(net, 'asker', 1, ['node']);
  net.run(2000);
  assert.equal(asker.isConnected, true);
  // 25 answers of 658,007 bytes are just below the bound of 16 MiB, the next one is above it.
  for (let request = 1; request <= 25; request += 1) say(net, 'asker', asker, askAll(request));
  net.run(300);
  assert.equal(node.gone.length, 0);
  say(net, 'asker', asker, askAll(26));
  net.run(300);
  assert.equal(node.gone[0]?.code, 'not-reading');
});

test('NodeMachine refuses a host that connects all the time', () => {
  const net = network();
  const node = new FakeNode('node', net, new FakeChain());
  puppet(net, 'restless', 1, ['node']);
  for (let i = 0; i < 60; i += 1) {
    net.run(100);
    net.resetOne();
  }
  const refused = node.actions.filter((action) => action.type === 'close' && action.reason.code === 'connection-rate');
  assert.ok(refused.length > 0);
});

test('NodeMachine asks everybody anew when the operator reconsiders', () => {
  const net = network();
  const row = fakeRow(2);
  const source = new FakeNode('source', net, new FakeChain().seed(row));
  const chain = new FakeChain();
  chain.refuses.set(idOf(row[0]!), { code: 'header-below-finality', peerFault: false });
  const node = new FakeNode('node', net, chain, { addresses: ['source'] });
  net.run(3000);
  assert.equal(node.mayMine, 'false diverged');
  chain.refuses.clear();
  node.give({ type: 'reconsider', blockId: idOf(row[0]!) });
  assert.ok(net.runUntil(() => node.chain.tipId === source.chain.tipId, 3000));
  assert.equal(node.mayMine, 'true in-sync');
});

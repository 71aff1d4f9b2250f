import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import type { Now } from '@resonancenet/chain/events';
import { leafOf } from '@resonancenet/mempool/parsed-transaction';
import type { Amount } from '@resonancenet/primitives/amount';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { transactionCodec } from '@resonancenet/primitives/transaction';
import type { PeerMessage } from './messages/message.ts';
import { FakePool } from './testing/fake-pool.ts';
import { type RelayAction, TransactionRelay } from './transaction-relay.ts';

const noBlocks = { header: () => null, transactions: () => null };
const bytesOf = (number: number): Uint8Array => Uint8Array.of(1, number & 0xff, number >> 8);

class Play {
  readonly pool: FakePool = new FakePool();
  readonly relay: TransactionRelay;
  readonly actions: RelayAction[] = [];
  nowMs = 0;

  constructor(peers: readonly string[] = ['alice', 'bob', 'carol'], isActive = true) {
    const seed = new Uint8Array(32).fill(7);
    this.relay = new TransactionRelay({ pool: this.pool, blocks: noBlocks, maxTransactionBytes: 1000, seed });
    if (isActive) this.relay.setActive(true, this.now);
    for (const peer of peers) this.relay.addPeer(peer, peer !== 'carol', this.now);
    this.finish();
  }

  get now(): Now {
    return { unixMs: 1_800_000_000_000 + this.nowMs, monotonicMs: this.nowMs };
  }

  finish(): RelayAction[] {
    const actions = this.relay.finish(this.now);
    this.actions.push(...actions);
    return actions;
  }

  /** Moves time on, doing what is due. */
  pass(milliseconds: number): RelayAction[] {
    const before = this.actions.length;
    const endMs = this.nowMs + milliseconds;
    for (let next = this.relay.nextMs(); next !== null && next <= endMs; next = this.relay.nextMs()) {
      this.nowMs = Math.max(this.nowMs, next);
      this.finish();
    }
    this.nowMs = endMs;
    return this.actions.slice(before);
  }

  receive(peer: string, message: PeerMessage): RelayAction[] {
    this.relay.receive(peer, message, this.now);
    return this.finish();
  }

  submit(encoded: Uint8Array, peer: string | null = null): string {
    this.relay.poolEvent({ type: 'transactions', encoded: [encoded], peer, ticket: null }, this.now);
    this.finish();
    return leafOf(encoded);
  }

  /** Names announced to a peer so far. */
  announcedTo(peer: string): string[] {
    return this.sentTo(peer).flatMap((message) => (message.command === 'newtx' ? message.body.leaves : []));
  }

  askedOf(peer: string): string[] {
    return this.sentTo(peer).flatMap((message) => (message.command === 'gettx' ? [message.body.id] : []));
  }

  sentTo(peer: string): PeerMessage[] {
    return this.actions.flatMap((action) => (action.type === 'send' && action.peer === peer ? [action.message] : []));
  }

  get disconnected(): string[] {
    return this.actions.flatMap((action) =>
      action.type === 'disconnect' ? [`${action.peer} ${action.reason.code}`] : [],
    );
  }
}

const newtx = (...leaves: readonly string[]): PeerMessage => ({ command: 'newtx', body: { leaves } });
const tx = (id: string, bytes: Uint8Array): PeerMessage => ({ command: 'tx', body: { by: 'leaf', id, bytes } });

test('a transaction is announced to every peer but the one it came from, once, after a delay', () => {
  const play = new Play();
  const leaf = leafOf(bytesOf(1));
  play.receive('alice', newtx(leaf));
  assert.deepEqual(play.askedOf('alice'), [leaf]);
  play.receive('alice', tx(leaf, bytesOf(1)));
  assert.deepEqual(play.announcedTo('bob'), [], 'not at once');
  play.pass(60_000);
  assert.deepEqual(
    ['alice', 'bob', 'carol'].map((peer) => play.announcedTo(peer)),
    [[], [leaf], [leaf]],
  );
});

test('p2p_tx_privacy: until it is announced to a peer, a transaction is not given to it; then it is', () => {
  const play = new Play();
  const leaf = play.submit(bytesOf(1));
  const answer = (): string => play.relay.answer('bob', { by: 'leaf', id: leaf }).message.command;
  assert.equal(answer(), 'notfound');
  assert.equal(play.relay.answer('bob', { by: 'txid', id: play.pool.txidOf(leaf) }).message.command, 'notfound');
  play.pass(60_000);
  assert.deepEqual(play.announcedTo('bob'), [leaf]);
  assert.equal(answer(), 'tx');
  const byId = play.relay.answer('bob', { by: 'txid', id: play.pool.txidOf(leaf) }).message;
  assert.ok(byId.command === 'tx' && byId.body.by === 'txid');
  play.pool.drop(leaf);
  assert.equal(answer(), 'notfound');
});

test('announcements are batched, and the moment does not follow from when the transaction came', () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => {
    const pool = new FakePool();
    const options = { pool, blocks: noBlocks, maxTransactionBytes: 1000, seed: new Uint8Array(32).fill(seed) };
    const relay = new TransactionRelay(options);
    const now = { unixMs: 0, monotonicMs: 0 };
    relay.setActive(true, now);
    relay.addPeer('bob', true, now);
    relay.finish(now);
    for (let number = 0; number < 10; number += 1)
      relay.poolEvent({ type: 'transactions', encoded: [bytesOf(number)], peer: null, ticket: null }, now);
    const atMs = relay.nextMs()!;
    const sent = relay.finish({ unixMs: 0, monotonicMs: atMs }).filter(({ type }) => type === 'send');
    assert.equal(sent.length, 1);
    const [first] = sent;
    assert.ok(first?.type === 'send' && first.message.command === 'newtx' && first.message.body.leaves.length === 10);
    return atMs;
  });
  assert.ok(new Set(delays).size >= 6, delays.join());
});

test('p2p_ibd_txrelay: a node that is not in sync hears of nothing, tells nothing, and wants nothing; then it does', () => {
  const play = new Play(['alice', 'bob'], false);
  const [filter] = play.sentTo('alice');
  assert.ok(filter?.command === 'feefilter' && filter.body.rate === 0xffff_ffff_ffff_ffffn);
  const leaf = leafOf(bytesOf(1));
  play.receive('alice', newtx(leaf));
  const own = play.submit(bytesOf(2));
  play.pass(60_000);
  assert.deepEqual([play.askedOf('alice'), play.announcedTo('bob')], [[], []]);
  play.relay.setActive(true, play.now);
  play.pass(60_000);
  const last = play.sentTo('alice').findLast(({ command }) => command === 'feefilter');
  assert.ok(last?.command === 'feefilter' && last.body.rate === 10_000n);
  assert.deepEqual(play.announcedTo('bob'), [own]);
  play.relay.setActive(false, play.now);
  play.receive('bob', newtx(leafOf(bytesOf(3))));
  assert.deepEqual(play.askedOf('bob'), []);
});

test('p2p_feefilter: nothing below a peer’s filter is announced to it', () => {
  const play = new Play(['alice', 'bob']);
  play.receive('alice', { command: 'feefilter', body: { rate: 400_000_000n } });
  // Three bytes.
  play.pool.put(bytesOf(1), 1_199_999n);
  play.pool.put(bytesOf(2), 1_200_000n);
  play.relay.addPeer('dave', true, play.now);
  play.receive('dave', { command: 'feefilter', body: { rate: 400_000_000n } });
  play.pass(60_000);
  assert.deepEqual(play.announcedTo('dave'), [leafOf(bytesOf(2))]);
});

test('a peer that has just come is told what is in the pool', () => {
  const play = new Play(['alice']);
  const leaf = play.submit(bytesOf(1), 'alice');
  play.relay.addPeer('late', false, play.now);
  play.pass(60_000);
  assert.deepEqual(play.announcedTo('late'), [leaf]);
});

test('p2p_invalid_tx: who sends what no honest node passes on is disconnected, and so is who sends another one than asked for', () => {
  const play = new Play();
  const bad = Uint8Array.of(0xff);
  play.receive('alice', newtx(leafOf(bad)));
  play.receive('alice', tx(leafOf(bad), bad));
  assert.deepEqual(play.disconnected, ['alice transaction-invalid']);
  const leaf = leafOf(bytesOf(1));
  play.receive('bob', newtx(leaf));
  play.receive('bob', tx(leaf, bytesOf(2)));
  assert.deepEqual(play.disconnected, ['alice transaction-invalid', 'bob message-malformed']);
  assert.equal(play.pool.getByLeaf(leafOf(bytesOf(2))), null);
});

test('p2p_tx_download: a transaction that a peer does not deliver is got from another', () => {
  const play = new Play();
  const leaf = leafOf(bytesOf(1));
  play.receive('alice', newtx(leaf));
  play.receive('bob', newtx(leaf));
  assert.deepEqual(play.askedOf('bob'), []);
  play.pass(19_000);
  assert.deepEqual(play.askedOf('bob'), []);
  play.pass(2_000);
  assert.deepEqual(play.askedOf('bob'), [leaf]);
  play.receive('bob', tx(leaf, bytesOf(1)));
  assert.notEqual(play.pool.getByLeaf(leaf), null);
  play.relay.removePeer('alice');
  play.finish();
  assert.deepEqual(play.pool.events.at(-1), { type: 'peer-gone', peer: 'alice' });
});

test('names beyond the rate are not heard, and a peer whose transactions wait to be checked is not asked for more', () => {
  const play = new Play(['alice']);
  play.pool.idle = false;
  for (let round = 0; round < 20; round += 1)
    play.receive('alice', newtx(...Array.from({ length: 500 }, (_, index) => leafOf(bytesOf(500 * round + index)))));
  assert.deepEqual(play.askedOf('alice'), []);
  play.pool.idle = true;
  play.finish();
  let asked = 0;
  for (let open = play.askedOf('alice'); open.length > 0; ) {
    asked += open.length;
    for (const id of open) play.relay.notFound('alice', { by: 'leaf', id }, play.now);
    open = play
      .finish()
      .flatMap((one) => (one.type === 'send' && one.message.command === 'gettx' ? [one.message.body.id] : []));
  }
  assert.equal(asked, 5000);
});

test('mempool_unbroadcast: the operator’s transaction is announced again until somebody asks for it', () => {
  const play = new Play(['alice']);
  const leaf = play.submit(bytesOf(1));
  play.pass(60_000);
  assert.deepEqual(play.announcedTo('alice'), [leaf]);
  play.pass(5_000_000);
  const times = play.announcedTo('alice').length;
  assert.ok(times >= 3, `announced ${times} times`);
  play.relay.answer('alice', { by: 'leaf', id: leaf });
  play.pass(5_000_000);
  assert.ok(play.announcedTo('alice').length <= times + 1);
});

test('an announcement names parents before children, then who pays most, and at most 500 at a time', () => {
  const play = new Play(['alice']);
  const fees = [3n, 1n, 2n].map((fee) => fee * 1_000_000n);
  const leaves = fees.map((fee, index) => {
    const encoded = bytesOf(index);
    play.pool.put(encoded, fee);
    return leafOf(encoded);
  });
  const child = bytesOf(9);
  play.pool.put(child, 9_000_000n, false, null, 2);
  play.relay.addPeer('late', true, play.now);
  play.pass(60_000);
  assert.deepEqual(play.announcedTo('late'), [leaves[0], leaves[2], leaves[1], leafOf(child)]);

  const crowd = new Play([]);
  for (let number = 0; number < 700; number += 1) crowd.pool.put(bytesOf(number));
  crowd.relay.addPeer('late', true, crowd.now);
  crowd.pass(60_000);
  const sizes = crowd
    .sentTo('late')
    .flatMap((message) => (message.command === 'newtx' ? [message.body.leaves.length] : []));
  assert.deepEqual(sizes, [500, 200]);
});

test('p2p_leak_tx: what came after the last announcement to a peer is not given to it, what came before is', () => {
  const play = new Play(['alice']);
  const first = play.submit(bytesOf(1));
  play.pass(60_000);
  const second = play.submit(bytesOf(2));
  const answer = (id: string): string => play.relay.answer('alice', { by: 'leaf', id }).message.command;
  assert.deepEqual([answer(first), answer(second)], ['tx', 'notfound']);
  assert.equal(play.relay.answer('stranger', { by: 'leaf', id: first }).message.command, 'notfound');
  play.pass(60_000);
  assert.equal(answer(second), 'tx');
});

test('a parent is asked for by its id, of the peer whose child it is, and checked against that id', () => {
  const play = new Play(['alice', 'carol']);
  const txid = 'cd'.repeat(32);
  play.pool.nextActions.push({ type: 'want-parents', peer: 'carol', txids: [txid] });
  play.submit(bytesOf(1), 'carol');
  const asked = play.sentTo('carol').filter(({ command }) => command === 'gettx');
  assert.deepEqual(asked, [{ command: 'gettx', body: { by: 'txid', id: txid } }]);
  const other = encode(
    transactionCodec,
    makeCoinbase(7, 0n as Amount, { lockId: new Uint8Array(24), policyId: new Uint8Array(24) }),
  );
  play.receive('carol', { command: 'tx', body: { by: 'txid', id: txid, bytes: other } });
  assert.deepEqual(play.disconnected, ['carol message-malformed']);
});

test('ticks that the pool asks for are given to it', () => {
  const play = new Play(['alice']);
  play.pool.nextActions.push({ type: 'wake', atMonotonicMs: 5_000 });
  play.submit(bytesOf(1));
  const ticks = (): number => play.pool.events.filter(({ type }) => type === 'tick').length;
  play.pass(4_999);
  assert.equal(ticks(), 0);
  play.pass(1);
  assert.equal(ticks(), 1);
});

test('if a peer wants to hear of none of what waits for it, it is told nothing', () => {
  const play = new Play(['alice']);
  play.receive('alice', { command: 'feefilter', body: { rate: 10n ** 15n } });
  play.submit(bytesOf(1));
  play.pass(60_000);
  assert.deepEqual(
    play.sentTo('alice').map(({ command }) => command),
    ['feefilter'],
  );
});

test('of more than 5,000 names that wait for a peer the oldest are not told', () => {
  const play = new Play(['alice']);
  for (let number = 0; number < 5_001; number += 1) play.submit(Uint8Array.of(2, number & 0xff, number >> 8), 'bob');
  play.pass(600_000);
  const told = new Set(play.announcedTo('alice'));
  assert.equal(told.size, 5_000);
  assert.equal(told.has(leafOf(Uint8Array.of(2, 0, 0))), false);
  const late = new Play([]);
  for (let number = 0; number < 5_001; number += 1) late.pool.put(Uint8Array.of(2, number & 0xff, number >> 8));
  late.relay.addPeer('late', true, late.now);
  late.pass(600_000);
  assert.equal(new Set(late.announcedTo('late')).size, 5_000);
});

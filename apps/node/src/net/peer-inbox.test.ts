import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PeerEvent, PeerInbox } from './peer-inbox.ts';

/** An inbox with a loop and a clock of its own; looking at a piece takes `pieceMs`. */
class InboxWorld {
  readonly delivered: PeerEvent[] = [];
  readonly reading: string[] = [];
  readonly inbox: PeerInbox;
  pieceMs = 0.25;
  onDelivered: (event: PeerEvent) => void = () => {};
  #nowMs = 0;
  #work: (() => void)[] = [];

  constructor() {
    this.inbox = new PeerInbox({
      deliver: (event) => {
        this.delivered.push(event);
        this.#nowMs += this.pieceMs;
        this.onDelivered(event);
      },
      setReading: (peer, isReading) => this.reading.push(`${peer} ${isReading}`),
      later: (work) => this.#work.push(work),
      nowMs: () => this.#nowMs,
    });
  }

  get isWaiting(): boolean {
    return this.#work.length > 0;
  }

  /** One round of the loop; what was looked at, as `peer:first byte:length`. */
  round(): string[] {
    const from = this.delivered.length;
    for (const work of this.#work.splice(0)) work();
    return this.delivered
      .slice(from)
      .map((event) =>
        event.type === 'bytes'
          ? `${event.peer}:${event.bytes[0]}:${event.bytes.length}`
          : `${event.peer}:${event.code}`,
      );
  }

  rounds(): string[] {
    const all: string[] = [];
    while (this.isWaiting) all.push(...this.round());
    return all;
  }
}

test('nothing is looked at before the loop has come round, and a turn ends when its time is up', () => {
  const world = new InboxWorld();
  for (let number = 0; number < 6; number += 1) world.inbox.push('a', Uint8Array.of(number));
  assert.equal(world.delivered.length, 0);
  assert.deepEqual(world.round(), ['a:0:1', 'a:1:1', 'a:2:1', 'a:3:1']);
  assert.deepEqual(world.round(), ['a:4:1', 'a:5:1']);
  assert.equal(world.isWaiting, false);
  world.pieceMs = 100;
  for (let number = 0; number < 2; number += 1) world.inbox.push('a', Uint8Array.of(number));
  assert.deepEqual(world.round(), ['a:0:1'], 'one piece at least');
});

test('peers take turns piece by piece, however much one of them has sent', () => {
  const world = new InboxWorld();
  world.inbox.push('flooder', new Uint8Array(40_000).fill(1));
  world.inbox.push('b', Uint8Array.of(2));
  world.inbox.push('c', Uint8Array.of(3, 3));
  assert.deepEqual(world.rounds(), [
    'flooder:1:8192',
    'b:2:1',
    'c:3:2',
    'flooder:1:8192',
    'flooder:1:8192',
    'flooder:1:8192',
    'flooder:1:7232',
  ]);
});

test('who has sent too much is not read from until half of it is done', () => {
  const world = new InboxWorld();
  world.inbox.push('a', new Uint8Array(128 * 1024));
  assert.deepEqual(world.reading, []);
  world.inbox.push('a', Uint8Array.of(1));
  assert.deepEqual(world.reading, ['a false']);
  for (let turn = 0; turn < 3; turn += 1) {
    assert.equal(world.reading.length, 1);
    world.round();
  }
  assert.deepEqual(world.reading, ['a false', 'a true']);
  world.rounds();
  for (let number = 0; number < 65; number += 1) world.inbox.push('b', Uint8Array.of(number));
  assert.deepEqual(world.reading.slice(2), ['b false'], 'many small pieces count too');
  world.rounds();
  assert.deepEqual(world.reading.slice(3), ['b true']);
});

test('the end of a connection comes after what came over it; what we end is not looked at any more', () => {
  const world = new InboxWorld();
  for (const peer of ['a', 'b']) world.inbox.push(peer, new Uint8Array(10_000));
  world.inbox.end('a', 'remote-closed');
  world.inbox.end('c', 'connection-lost');
  world.onDelivered = ({ peer, type }) => {
    if (peer === 'b' && type === 'bytes') world.inbox.drop('b');
  };
  assert.deepEqual(world.rounds(), ['a:0:8192', 'b:0:8192', 'c:connection-lost', 'a:0:1808', 'a:remote-closed']);
  assert.equal(world.isWaiting, false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CLOSE_CODES, closeText, isFault } from './close-code.ts';
import { encodeFrame, magicBytes } from './frame.ts';
import { hostBudget, hostRates } from './host-limits.ts';
import { MessageCodec, type PeerMessage } from './messages/message.ts';
import { PeerSession, type SessionAction } from './peer-session.ts';
import { SecureStream } from './secure-stream.ts';
import { SessionPair, testNetwork, testVersion } from './testing/session-pair.ts';

const magic = magicBytes(testNetwork.magic);
const codec = new MessageCodec(testNetwork);
const id = (byte: number): string => byte.toString(16).padStart(2, '0').repeat(32);

/** A peer that obeys the transport and sends whatever frames a test wants. */
class RawPeer {
  readonly session: PeerSession;
  readonly stream: SecureStream;
  readonly seen: SessionAction[] = [];
  nowMs = 0;

  constructor() {
    this.session = new PeerSession({
      initiator: false,
      network: testNetwork,
      staticSecret: new Uint8Array(32).fill(2),
      ephemeralSecret: new Uint8Array(32).fill(4),
      version: testVersion(2n),
      announced: hostBudget(hostRates, 0).announced,
      nowMs: 0,
    });
    this.stream = new SecureStream({
      initiator: true,
      network: testNetwork.id,
      staticSecret: new Uint8Array(32).fill(1),
      ephemeralSecret: new Uint8Array(32).fill(3),
    });
    this.#pump();
  }

  #pump(): void {
    for (let event = this.stream.next(); event !== null; event = this.stream.next())
      if (event.type === 'send') this.#feed(event.bytes);
  }

  #feed(bytes: Uint8Array): void {
    for (const action of this.session.step({ type: 'bytes', bytes }, this.nowMs)) {
      if (action.type === 'send') this.stream.push(action.bytes);
      else this.seen.push(action);
    }
    this.#pump();
  }

  sendBytes(plaintext: Uint8Array): this {
    this.#feed(this.stream.write(plaintext));
    return this;
  }

  send(message: PeerMessage): this {
    return this.sendBytes(encodeFrame(magic, message.command, codec.encode(message)));
  }

  /** The session under test sends something. */
  ask(message: PeerMessage): this {
    for (const action of this.session.step({ type: 'send', message }, this.nowMs))
      if (action.type === 'send') this.stream.push(action.bytes);
    this.#pump();
    return this;
  }

  ready(): this {
    this.send({ command: 'version', body: testVersion(1n) }).send({ command: 'verack', body: {} });
    assert.equal(this.session.isReady, true);
    return this;
  }

  get closed(): string | null {
    const last = this.seen.at(-1);
    return last?.type === 'close' ? last.reason.code : null;
  }
}

test('PeerSession: two sides shake hands, exchange versions and carry messages both ways', () => {
  const pair = new SessionPair().open();
  for (const side of [pair.initiator, pair.responder]) assert.equal(side.seen[0]?.type, 'ready');
  const offer: PeerMessage = { command: 'offer', body: { root: id(1), blockId: id(2) } };
  pair.deliver('initiator', pair.initiator.session.step({ type: 'send', message: offer }, 1));
  pair.deliver('responder', pair.responder.session.step({ type: 'send', message: offer }, 1));
  assert.deepEqual(pair.responder.seen[1], { type: 'message', message: offer });
  assert.deepEqual(pair.initiator.seen[1], { type: 'message', message: offer });
});

test('PeerSession works whatever the size of the pieces that arrive', () => {
  const pair = new SessionPair();
  pair.pieceLength = 1;
  pair.open();
  assert.equal(pair.initiator.seen[0]?.type, 'ready');
  assert.equal(pair.responder.seen[0]?.type, 'ready');
});

test('PeerSession: nothing but random-looking bytes is on the wire, no magic and no command', () => {
  const pair = new SessionPair();
  const wire: Uint8Array[] = [];
  pair.tamper = (bytes) => {
    wire.push(bytes);
    return bytes;
  };
  pair.open();
  const text = Buffer.concat(wire).toString('latin1');
  for (const word of ['XNET', 'version', 'verack', 'test:1']) assert.equal(text.includes(word), false, word);
});

test('PeerSession of another network ends in the handshake, before any version is sent', () => {
  const pair = new SessionPair({ responderNetwork: { ...testNetwork, id: 'cd'.repeat(32) } }).open();
  assert.equal(pair.closeCode('initiator'), 'handshake-tag');
});

test('PeerSession closes on handshake garbage, and on a handshake that does not come', () => {
  const garbage = new PeerSession({
    initiator: false,
    network: testNetwork,
    staticSecret: new Uint8Array(32).fill(2),
    ephemeralSecret: new Uint8Array(32).fill(4),
    version: testVersion(2n),
    announced: hostBudget(hostRates, 0).announced,
    nowMs: 0,
  });
  const actions = garbage.step({ type: 'bytes', bytes: new Uint8Array(500).fill(0x47) }, 0);
  const last = actions.at(-1);
  assert.equal(last?.type === 'close' ? last.reason.code : '', 'handshake-tag');
  assert.deepEqual(garbage.step({ type: 'bytes', bytes: new Uint8Array(500) }, 0), [], 'a closed session does nothing');

  const silent = new SessionPair();
  silent.tick(9_999);
  assert.equal(silent.closeCode('responder'), null);
  silent.tick(10_000);
  assert.equal(silent.closeCode('responder'), 'handshake-timeout');
});

const wireFaults: readonly (readonly [string, (packets: readonly Uint8Array[]) => readonly Uint8Array[]])[] = [
  [
    'a changed byte',
    ([a, b]) => [Uint8Array.from(a ?? [], (byte, index) => (index === 20 ? byte ^ 1 : byte)), b ?? new Uint8Array(0)],
  ],
  ['packets in another order', (packets) => packets.toReversed()],
  ['a repeated packet', ([a]) => [a ?? new Uint8Array(0), a ?? new Uint8Array(0)]],
  ['a missing packet', ([, b]) => [b ?? new Uint8Array(0)]],
];

for (const [title, damage] of wireFaults)
  test(`PeerSession closes with packet-tag on ${title}`, () => {
    const pair = new SessionPair().open();
    const packets: Uint8Array[] = [];
    for (const byte of [1, 2]) {
      const message: PeerMessage = { command: 'offer', body: { root: id(byte), blockId: id(3) } };
      for (const action of pair.initiator.session.step({ type: 'send', message }, 1))
        if (action.type === 'send') packets.push(action.bytes);
    }
    for (const bytes of damage(packets))
      pair.deliver('responder', pair.responder.session.step({ type: 'bytes', bytes }, 1));
    assert.equal(pair.closeCode('responder'), 'packet-tag');
  });

const header = (command: string, length: number): Uint8Array => {
  const frame = encodeFrame(magic, command, new Uint8Array(0));
  new DataView(frame.buffer).setUint32(16, length, true);
  return frame;
};

const frameFaults: readonly (readonly [string, string, Uint8Array])[] = [
  ['another magic', 'frame-magic', encodeFrame(magicBytes('RNET'), 'offer', new Uint8Array(64))],
  [
    'a command of capitals',
    'frame-command',
    encodeFrame(magic, 'offer', new Uint8Array(64)).map((byte, index) => (index === 4 ? 0x4f : byte)),
  ],
  [
    'a wrong checksum',
    'frame-checksum',
    encodeFrame(magic, 'offer', new Uint8Array(64)).map((byte, index) => (index === 20 ? byte ^ 1 : byte)),
  ],
  ['an oversize ping, before its payload has come', 'frame-length', header('ping', 9)],
  ['an oversize headers message, before its payload has come', 'frame-length', header('headers', 7 + 2000 * 329 + 1)],
  ['an oversize unknown command', 'frame-length', header('future', 65_537)],
  ['a chunk that nobody asked for, before its payload has come', 'unrequested', header('chunk', 1 << 20)],
  ['a body that nobody asked for, before its payload has come', 'unrequested', header('body', 1000)],
  ['a notfound that answers nothing', 'unrequested', header('notfound', 37)],
  ['a transaction that nobody asked for, before its payload has come', 'unrequested', header('tx', 300_000)],
  ['501 announced transactions', 'frame-length', header('newtx', 3 + 501 * 32)],
  [
    'trailing bytes after a message',
    'message-malformed',
    encodeFrame(magic, 'getheaders', new Uint8Array(4 + 1 + 32 + 1)),
  ],
  ['a locator of 65 ids', 'frame-length', header('getheaders', 4 + 1 + 65 * 32 + 32)],
  [
    'a second version',
    'version-duplicate',
    encodeFrame(magic, 'version', codec.encode({ command: 'version', body: testVersion(5n) })),
  ],
  ['a second verack', 'version-duplicate', encodeFrame(magic, 'verack', new Uint8Array(0))],
  ['a pong that answers no ping', 'unrequested', encodeFrame(magic, 'pong', new Uint8Array(8))],
  [
    'an answer to a getheaders that was not sent',
    'unrequested',
    encodeFrame(magic, 'headers', codec.encode({ command: 'headers', body: { request: 7, headers: [] } })),
  ],
  [
    'a reject with a control character',
    'message-malformed',
    encodeFrame(magic, 'reject', Uint8Array.from([1, 0x1b, ...new Uint8Array(32), 0])),
  ],
  [
    'a user agent that is too long',
    'message-malformed',
    encodeFrame(magic, 'reject', Uint8Array.from([33, ...new Uint8Array(33).fill(65), ...new Uint8Array(32), 0])),
  ],
];

for (const [title, code, bytes] of frameFaults)
  test(`PeerSession closes with ${code} on ${title}`, () => {
    const peer = new RawPeer().ready().sendBytes(bytes);
    assert.equal(peer.closed, code);
    assert.equal(isFault(code as never), true);
  });

test('PeerSession skips a well-formed command that it does not know', () => {
  const peer = new RawPeer().ready().sendBytes(encodeFrame(magic, 'future', new Uint8Array(65_536)));
  assert.equal(peer.closed, null);
});

test('PeerSession accepts nothing before the version exchange', () => {
  const peer = new RawPeer().send({ command: 'getbody', body: { blockId: id(1) } });
  assert.equal(peer.closed, 'message-early');
  const acknowledgedOnly = new RawPeer().send({ command: 'verack', body: {} });
  assert.equal(acknowledgedOnly.session.isReady, false);
  assert.equal(acknowledgedOnly.send({ command: 'ping', body: { nonce: 1n } }).closed, 'message-early');
});

test('PeerSession refuses another network, itself and an old version', () => {
  const version = testVersion(1n);
  const cases = [
    [{ ...version, network: id(9) }, 'version-network'],
    [{ ...version, nonce: 2n }, 'version-self'],
    [{ ...version, protocol: 0 }, 'version-old'],
  ] as const;
  for (const [body, code] of cases) assert.equal(new RawPeer().send({ command: 'version', body }).closed, code);
  const newer = new RawPeer().send({ command: 'version', body: { ...version, protocol: 99, services: 255n } });
  assert.equal(newer.send({ command: 'verack', body: {} }).session.isReady, true);
});

test('PeerSession lets a transaction through by the name by which it was asked for, once', () => {
  const answer: PeerMessage = { command: 'tx', body: { by: 'txid', id: id(1), bytes: Uint8Array.of(1) } };
  const asked = (): RawPeer => new RawPeer().ready().ask({ command: 'gettx', body: { by: 'txid', id: id(1) } });
  assert.equal(asked().send(answer).closed, null);
  assert.equal(asked().send(answer).send(answer).closed, 'unrequested', 'twice');
  const byLeaf: PeerMessage = { command: 'tx', body: { by: 'leaf', id: id(1), bytes: Uint8Array.of(1) } };
  assert.equal(asked().send(byLeaf).closed, 'unrequested', 'under another name');
  const missing: PeerMessage = { command: 'notfound', body: { what: 'txid', id: id(1), index: 0 } };
  assert.equal(asked().send(missing).closed, null);
  assert.equal(asked().send(missing).send(answer).closed, 'unrequested', 'after a notfound');
});

test('PeerSession lets through exactly the answers that were asked for, each once', () => {
  const chunk: PeerMessage = { command: 'chunk', body: { root: id(1), index: 3, branch: [], bytes: Uint8Array.of(1) } };
  const body: PeerMessage = { command: 'body', body: { blockId: id(2), bytes: Uint8Array.of(1) } };
  const asked = (): RawPeer =>
    new RawPeer()
      .ready()
      .ask({ command: 'getchunk', body: { root: id(1), index: 3 } })
      .ask({ command: 'getbody', body: { blockId: id(2) } });
  const good = asked().send(chunk).send(body);
  assert.deepEqual(
    good.seen.slice(1).map((action) => (action.type === 'message' ? action.message.command : action.type)),
    ['chunk', 'body'],
  );
  assert.equal(good.send(chunk).closed, 'unrequested', 'twice');
  const other: PeerMessage = { command: 'chunk', body: { root: id(1), index: 4, branch: [], bytes: Uint8Array.of(1) } };
  assert.equal(asked().send(other).closed, 'unrequested', 'another index');
  const missing: PeerMessage = { command: 'notfound', body: { what: 'body', id: id(2), index: 0 } };
  assert.equal(asked().send(missing).send(body).closed, 'unrequested', 'after a notfound');
  const answer: PeerMessage = { command: 'headers', body: { request: 5, headers: [] } };
  const headers = new RawPeer().ready().ask({ command: 'getheaders', body: { request: 5, locator: [], stop: id(0) } });
  assert.equal(headers.send(answer).closed, null);
  assert.equal(headers.send(answer).closed, 'unrequested');
});

test('PeerSession measures the round trip, and closes a peer that falls silent', () => {
  const pair = new SessionPair().open();
  pair.tick(15_000);
  assert.equal(pair.initiator.session.roundTripMs, 0);
  assert.equal(pair.closeCode('initiator'), null);
  pair.tamper = (_bytes, from) => (from === 'responder' ? null : _bytes);
  pair.tick(30_000);
  pair.tick(59_999);
  assert.equal(pair.closeCode('initiator'), null);
  pair.tick(60_000);
  assert.equal(pair.closeCode('initiator'), 'silent');
  assert.equal(isFault('silent'), false);
});

test('PeerSession: its tick is due when it says so', () => {
  const pair = new SessionPair();
  assert.equal(pair.responder.session.nextTickMs, 10_000);
  pair.open();
  assert.equal(pair.responder.session.nextTickMs, 15_000);
});

test('PeerSession limits messages and pings, and says so before it closes', () => {
  const flood = new RawPeer().ready();
  for (let i = 0; i < 5000 && flood.closed === null; i += 1)
    flood.send({ command: 'offer', body: { root: id(1), blockId: id(2) } });
  assert.equal(flood.closed, 'request-rate');
  const pings = new RawPeer().ready();
  for (let i = 0; i < 16; i += 1) pings.send({ command: 'ping', body: { nonce: 1n } });
  assert.equal(pings.closed, null);
  assert.equal(pings.send({ command: 'ping', body: { nonce: 1n } }).closed, 'request-rate');
});

test('PeerSession under random frames closes with a listed code or goes on, and never throws', () => {
  const command = fc.constantFrom(
    'version',
    'verack',
    'ping',
    'getheaders',
    'headers',
    'getbody',
    'getchunk',
    'offer',
    'reject',
    'odd',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(command, fc.uint8Array({ maxLength: 120 })), { maxLength: 8 }), (frames) => {
      const peer = new RawPeer().ready();
      for (const [name, payload] of frames) if (peer.closed === null) peer.sendBytes(encodeFrame(magic, name, payload));
      assert.ok(peer.closed === null || (CLOSE_CODES as readonly string[]).includes(peer.closed));
    }),
    { numRuns: 150 },
  );
});

test('every close code has its words', () => {
  for (const code of CLOSE_CODES) assert.ok(closeText(code).length > 10);
});

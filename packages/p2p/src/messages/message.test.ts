import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NO_VOTE } from '@resonancenet/primitives/dval-vote';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { MAX_HEADERS, MAX_LOCATOR } from './headers.ts';
import { toPrintable } from './ascii.ts';
import { type Command, MessageCodec, type PeerMessage } from './message.ts';
import { MAX_NEW_TRANSACTIONS } from './transactions.ts';
import { CHUNK_SIZE, MAX_BRANCH } from './transfer.ts';

const maxBlockBytes = 5000;
const maxTransactionBytes = 1000;
const codec = new MessageCodec({ maxBlockBytes, maxTransactionBytes });
const id = (byte: number): string => byte.toString(16).padStart(2, '0').repeat(32);
const bytes = (length: number, fill = 5): Uint8Array => new Uint8Array(length).fill(fill);

const header: BlockHeader = {
  version: 1,
  height: 7,
  prevHash: bytes(32, 1),
  txRoot: bytes(32, 2),
  checkpointRoot: bytes(32, 3),
  valLoss: 5_000_000,
  parentLoss: 5_100_000,
  lossRoot: bytes(32, 4),
  dvalId: bytes(32, 5),
  dModel: 16,
  nLayers: 1,
  growth: 14n,
  stagnation: 0,
  timestamp: 1_793_491_300n,
  dvalVote: NO_VOTE,
  minerKey: bytes(32, 6),
  signature: bytes(64, 7),
};

/** One of each command, with the bytes that the layout of P2P-10 gives, written down by hand. */
const samples: readonly (readonly [PeerMessage, string])[] = [
  [
    {
      command: 'version',
      body: {
        protocol: 1,
        network: id(0xab),
        services: 3n,
        tipHeight: 0x0102,
        finalizedHeight: 0x0101,
        finalizedId: id(0xcd),
        nonce: 0x1122n,
        userAgent: '/rn:1/',
        listenPort: 29555,
      },
    },
    `01000000${'ab'.repeat(32)}03000000000000000201000001010000${'cd'.repeat(32)}221100000000000006${Buffer.from('/rn:1/').toString('hex')}7373`,
  ],
  [{ command: 'verack', body: {} }, ''],
  [{ command: 'ping', body: { nonce: 258n } }, '0201000000000000'],
  [{ command: 'pong', body: { nonce: 1n } }, '0100000000000000'],
  [
    { command: 'getheaders', body: { request: 9, locator: [id(1), id(2)], stop: id(0) } },
    `0900000002${'01'.repeat(32)}${'02'.repeat(32)}${'00'.repeat(32)}`,
  ],
  [{ command: 'headers', body: { request: 9, headers: [] } }, '0900000000'],
  [{ command: 'getbody', body: { blockId: id(3) } }, '03'.repeat(32)],
  [{ command: 'body', body: { blockId: id(3), bytes: bytes(2) } }, `${'03'.repeat(32)}020505`],
  [{ command: 'getchunk', body: { root: id(4), index: 5 } }, `${'04'.repeat(32)}05000000`],
  [
    { command: 'chunk', body: { root: id(4), index: 5, branch: [bytes(32, 9)], bytes: bytes(3) } },
    `${'04'.repeat(32)}0500000001${'09'.repeat(32)}03050505`,
  ],
  [{ command: 'offer', body: { root: id(4), blockId: id(5) } }, '04'.repeat(32) + '05'.repeat(32)],
  [{ command: 'notfound', body: { what: 'chunk', id: id(4), index: 2 } }, `01${'04'.repeat(32)}02000000`],
  [{ command: 'notfound', body: { what: 'txid', id: id(4), index: 0 } }, `03${'04'.repeat(32)}00000000`],
  [{ command: 'newtx', body: { leaves: [id(6), id(7)] } }, `02${'06'.repeat(32)}${'07'.repeat(32)}`],
  [{ command: 'gettx', body: { by: 'txid', id: id(6) } }, `01${'06'.repeat(32)}`],
  [{ command: 'tx', body: { by: 'leaf', id: id(6), bytes: bytes(2) } }, `00${'06'.repeat(32)}020505`],
  [{ command: 'feefilter', body: { rate: 0x0102n } }, '0201000000000000'],
  [{ command: 'reject', body: { code: 'a', id: id(4), detail: 'b c' } }, `0161${'04'.repeat(32)}03622063`],
];

test('MessageCodec has one sample of every command', () => {
  const commands: Command[] = samples.map(([message]) => message.command);
  for (const command of commands) assert.ok(codec.isKnown(command));
  assert.equal(new Set(commands).size, 17);
  assert.equal(codec.isKnown('addr'), false);
  assert.equal(codec.isKnown('constructor'), false);
});

for (const [message, expected] of samples)
  test(`${message.command} has the bytes of P2P-10, and every cut or lengthened form is refused`, () => {
    const encoded = codec.encode(message);
    assert.equal(Buffer.from(encoded).toString('hex'), expected);
    const read = codec.decode(message.command, encoded);
    assert.deepEqual(read.ok ? read.message : read.detail, message);
    for (let length = 0; length < encoded.length; length += 1)
      assert.equal(codec.decode(message.command, encoded.subarray(0, length)).ok, false, `cut to ${length} bytes`);
    assert.equal(codec.decode(message.command, Buffer.concat([encoded, Buffer.alloc(1)])).ok, false);
    assert.ok(encoded.length <= codec.maxSize(message.command));
  });

test('headers carry whole headers and their signatures', () => {
  const message: PeerMessage = {
    command: 'headers',
    body: { request: 0, headers: [header, { ...header, height: 8 }] },
  };
  const encoded = codec.encode(message);
  assert.equal(encoded.length, 4 + 1 + 2 * 329);
  const read = codec.decode('headers', encoded);
  assert.deepEqual(read.ok ? read.message : read.detail, message);
});

test('the longest message of each list is as long as its limit, and one more item is refused', () => {
  const full: PeerMessage = {
    command: 'headers',
    body: { request: 1, headers: Array.from({ length: MAX_HEADERS }, () => header) },
  };
  assert.equal(codec.encode(full).length, codec.maxSize('headers'));
  const locator: PeerMessage = {
    command: 'getheaders',
    body: { request: 1, locator: Array.from({ length: MAX_LOCATOR }, () => id(1)), stop: id(0) },
  };
  assert.equal(codec.encode(locator).length, codec.maxSize('getheaders'));
  const chunk: PeerMessage = {
    command: 'chunk',
    body: {
      root: id(1),
      index: 0,
      branch: Array.from({ length: MAX_BRANCH }, () => bytes(32)),
      bytes: bytes(CHUNK_SIZE),
    },
  };
  assert.equal(codec.encode(chunk).length, codec.maxSize('chunk'));
  const body: PeerMessage = { command: 'body', body: { blockId: id(1), bytes: bytes(maxBlockBytes - 329) } };
  assert.ok(codec.encode(body).length <= codec.maxSize('body'));

  const announced: PeerMessage = {
    command: 'newtx',
    body: { leaves: Array.from({ length: MAX_NEW_TRANSACTIONS }, () => id(1)) },
  };
  assert.equal(codec.encode(announced).length, codec.maxSize('newtx'));
  const transaction: PeerMessage = {
    command: 'tx',
    body: { by: 'leaf', id: id(1), bytes: bytes(maxTransactionBytes) },
  };
  assert.ok(codec.encode(transaction).length <= codec.maxSize('tx'));

  const one = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
  const tooMany: readonly (readonly [Command, Uint8Array])[] = [
    ['headers', Buffer.concat([one('01000000fdd107'), bytes(2001 * 329)])],
    ['getheaders', Buffer.concat([one('0100000041'), bytes(65 * 32 + 32)])],
    ['chunk', Buffer.concat([bytes(36), one('19'), bytes(25 * 32), one('0101')])],
    ['chunk', Buffer.concat([bytes(36), one('00fe01001000'), bytes(CHUNK_SIZE + 1)])],
    ['chunk', Buffer.concat([bytes(36), one('0000')])],
    ['body', Buffer.concat([bytes(32), one('fd4012'), bytes(maxBlockBytes - 328)])],
    ['newtx', Buffer.concat([one('fdf501'), bytes(501 * 32)])],
    ['newtx', one('00')],
    ['tx', Buffer.concat([bytes(1, 0), bytes(32), one('fde903'), bytes(1001)])],
    ['tx', Buffer.concat([bytes(1, 0), bytes(32), one('00')])],
    ['version', Buffer.concat([codec.encode(samples[0]![0]).subarray(0, 96), one('41'), bytes(65, 65), bytes(2)])],
  ];
  for (const [command, encoded] of tooMany) assert.equal(codec.decode(command, encoded).ok, false, command);
});

test('one encoding per value: longer varints, unknown kinds and unprintable texts are refused', () => {
  const one = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
  assert.equal(codec.decode('headers', one('09000000fd0000')).ok, false);
  assert.equal(codec.decode('notfound', one(`04${'04'.repeat(32)}00000000`)).ok, false);
  assert.equal(codec.decode('notfound', one(`02${'04'.repeat(32)}01000000`)).ok, false);
  assert.equal(codec.decode('gettx', one(`02${'04'.repeat(32)}`)).ok, false);
  assert.equal(codec.decode('notfound', one(`00${'04'.repeat(32)}01000000`)).ok, false);
  assert.equal(codec.decode('reject', one(`017f${'04'.repeat(32)}00`)).ok, false);
  assert.equal(codec.decode('reject', one(`00${'04'.repeat(32)}00`)).ok, false);
});

test('MessageCodec.decode() never throws, and re-encodes what it accepts to the same bytes', () => {
  const commands = fc.constantFrom(...samples.map(([message]) => message.command));
  fc.assert(
    fc.property(commands, fc.uint8Array({ maxLength: 400 }), (command, input) => {
      const read = codec.decode(command, input);
      if (read.ok) assert.equal(Buffer.compare(codec.encode(read.message), input), 0);
    }),
    { numRuns: 2000 },
  );
});

test('toPrintable() makes any text fit for a field', () => {
  assert.equal(toPrintable('a\u001b[2Jb\nä', 6), 'a?[2Jb');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const detail = toPrintable(text, 256);
      assert.equal(
        codec.decode('reject', codec.encode({ command: 'reject', body: { code: 'x', id: id(0), detail } })).ok,
        true,
      );
    }),
  );
});

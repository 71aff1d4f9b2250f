// Vectors: cacophony (haskell-cryptography/cacophony, vectors/cacophony.txt as kept in mcginty/snow tests/vectors), the entries
// Noise_XX_25519_ChaChaPoly_SHA256 and Noise_XK_25519_ChaChaPoly_SHA256; and those of flynn/noise (vectors.txt) for XX without prologue.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Handshake, type HandshakeResult, protocolName } from './noise.ts';
import { type NoisePattern, XK, XX } from './noise-pattern.ts';
import type { NoiseSuite } from './noise-suite.ts';
import { NonceExhaustedError } from './noise-cipher-state.ts';
import { transportSuite } from './transport-suite.ts';
import { nobleSuite25519 } from './testing/noble-suites.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const NOTHING = new Uint8Array(0);

interface Vector {
  readonly title: string;
  readonly pattern: NoisePattern;
  readonly prologue: string;
  readonly initiatorStatic: string;
  readonly initiatorEphemeral: string;
  readonly responderStatic: string;
  readonly responderEphemeral: string;
  readonly handshakeHash?: string;
  /** Payload and message, the initiator's first; those after the handshake are transport messages. */
  readonly messages: readonly (readonly [payload: string, message: string])[];
}

const cacophonyKeys = {
  prologue: '4a6f686e2047616c74',
  initiatorStatic: 'e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1',
  initiatorEphemeral: '893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a',
  responderStatic: '4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893',
  responderEphemeral: 'bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b',
};

const flynnKeys = {
  prologue: '',
  initiatorStatic: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
  initiatorEphemeral: '202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f',
  responderStatic: '0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20',
  responderEphemeral: '4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60',
};

const vectors: readonly Vector[] = [
  {
    title: 'cacophony XX',
    pattern: XX,
    ...cacophonyKeys,
    handshakeHash: 'c8e5f64e846193be2a834104c2a009868d6c9f3bd3c186299888b488b2f1f58e',
    messages: [
      [
        '4c756477696720766f6e204d69736573',
        'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573',
      ],
      [
        '4d757272617920526f746862617264',
        '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f14480884381cbad1f276e038c48378ffce2b65285e08d6b68aaa3629a5a8639392490e5b9bd5269c2f1e4f488ed8831161f19b7815528f8982ffe09be9b5c412f8a0db50f8814c7194e83f23dbd8d162c9326ad',
      ],
      [
        '462e20412e20486179656b',
        'c7195ffacac1307ff99046f219750fc47693e23c3cb08b89c2af808b444850a80ae475b9df0f169ae80a89be0865b57f58c9fea0d4ec82a286427402f113e4b6ae769a1d95941d49b25030',
      ],
      ['4361726c204d656e676572', '96763ed773f8e47bb3712f0e29b3060ffc956ffc146cee53d5e1df'],
      ['4a65616e2d426170746973746520536179', '3e40f15f6f3a46ae446b253bf8b1d9ffb6ed9b174d272328ff91a7e2e5c79c07f5'],
      [
        '457567656e2042f6686d20766f6e2042617765726b',
        'eb3f3515110702e047a6c9da4478b6ead94873c11c0f2d710ddb3f09fce024b3a58502ae3f',
      ],
    ],
  },
  {
    title: 'cacophony XK',
    pattern: XK,
    ...cacophonyKeys,
    handshakeHash: 'cefffc5d1074126cc980ebfe902587ff36ba61dc77d4447ebe0f96dc22ae59d7',
    messages: [
      [
        '4c756477696720766f6e204d69736573',
        'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944a3785af283c991bab613473804356ef6931f83acf64f99c274b93570857cfc5e',
      ],
      [
        '4d757272617920526f746862617264',
        '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088433a4534805fa9fe4eb8343ace6609160c767ad9b832e8eea1d9b7a2111818dd',
      ],
      [
        '462e20412e20486179656b',
        '5d8e67b9c1b8e36f5dc674bc5cd2ce243fb5d1710fa57de0370da7cc979015398eaad94603b05498ba9a613d2fd923dcaa6fd4288dfd8d70f419bf737efb4cd37f5da37ebb728849318c82',
      ],
      ['4361726c204d656e676572', '3205e1265f809505e6edc092839d3156745d2abafbfd946b261e41'],
      ['4a65616e2d426170746973746520536179', '470bcb1ae099555ff0d729500df550418d6ee5149d9e40bd2f4c6b3d263cc818d5'],
      [
        '457567656e2042f6686d20766f6e2042617765726b',
        'd7187ed9d217ba6e91cf596e4871012ccedf7b5bed0d4cb8f7affb020fa17a95a23371e0f6',
      ],
    ],
  },
  {
    title: 'flynn XX without payloads',
    pattern: XX,
    ...flynnKeys,
    messages: [
      ['', '358072d6365880d1aeea329adf9121383851ed21a28e3b75e965d0d2cd166254'],
      [
        '',
        '64b101b1d0be5a8704bd078f9895001fc03e8e9f9522f188dd128d9846d484663414af878d3e46a2f58911a816d6e8346d4ea17a6f2a0bb4ef4ed56c133cff4560a34e36ea82109f26cf2e5a5caf992b608d55c747f615e5a3425a7a19eefb8f',
      ],
      [
        '',
        '87f864c11ba449f46a0a4f4e2eacbb7b0457784f4fca1937f572c93603e9c4d97e5ea11b16f3968710b23a3be3202dc1b5e1ce3c963347491e74f5c0768a9b42',
      ],
    ],
  },
];

function pair(suite: NoiseSuite, vector: Vector, prologue = vector.prologue): readonly [Handshake, Handshake] {
  const knows = vector.pattern.preMessages.responder;
  const common = { suite, pattern: vector.pattern, prologue: hex(prologue) };
  return [
    new Handshake({
      ...common,
      initiator: true,
      staticSecret: hex(vector.initiatorStatic),
      ephemeralSecret: hex(vector.initiatorEphemeral),
      ...(knows ? { remoteStatic: suite.dh.publicKey(hex(vector.responderStatic)) } : {}),
    }),
    new Handshake({
      ...common,
      prologue: hex(vector.prologue),
      initiator: false,
      staticSecret: hex(vector.responderStatic),
      ephemeralSecret: hex(vector.responderEphemeral),
    }),
  ];
}

function play(suite: NoiseSuite, vector: Vector): readonly [HandshakeResult, HandshakeResult] {
  const sides = pair(suite, vector);
  const count = vector.pattern.messages.length;
  for (let i = 0; i < count; i += 1) {
    const [writer, reader] = i % 2 === 0 ? sides : [sides[1], sides[0]];
    const [payload, message] = vector.messages[i] ?? ['', ''];
    assert.equal(writer.nextLength(payload.length / 2), message.length / 2);
    assert.equal(toHex(writer.write(hex(payload))), message, `${vector.title}, message ${i}`);
    const read = reader.read(hex(message));
    assert.equal(read.ok, true);
    if (read.ok) assert.equal(toHex(read.payload), payload);
  }
  const ends = [sides[0].finish(), sides[1].finish()] as const;
  for (let i = count; i < vector.messages.length; i += 1) {
    const [sender, receiver] = i % 2 === 0 ? ends : [ends[1], ends[0]];
    const [payload, message] = vector.messages[i] ?? ['', ''];
    assert.equal(toHex(sender.send.encrypt(NOTHING, hex(payload))), message);
    assert.equal(toHex(receiver.receive.decrypt(NOTHING, hex(message)) ?? NOTHING), payload);
  }
  return ends;
}

for (const [name, suite] of [
  ['the transport suite', transportSuite],
  ['noble', nobleSuite25519],
] as const)
  for (const vector of vectors)
    test(`Handshake follows the vectors ${vector.title} with ${name}`, () => {
      const [initiator, responder] = play(suite, vector);
      assert.deepEqual(initiator.handshakeHash, responder.handshakeHash);
      if (vector.handshakeHash !== undefined) assert.equal(toHex(initiator.handshakeHash), vector.handshakeHash);
      assert.equal(toHex(initiator.remoteStatic), toHex(suite.dh.publicKey(hex(vector.responderStatic))));
      assert.equal(toHex(responder.remoteStatic), toHex(suite.dh.publicKey(hex(vector.initiatorStatic))));
    });

const vectorXX = vectors[0] as Vector;

test('protocolName() is the name of section 8', () => {
  assert.equal(Buffer.from(protocolName(XX, transportSuite)).toString(), 'Noise_XX_25519_ChaChaPoly_SHA256');
});

test('Handshake with another prologue fails at the first encrypted message', () => {
  const [initiator, responder] = pair(transportSuite, vectorXX, '00');
  assert.equal(responder.read(initiator.write(NOTHING)).ok, true);
  const refused = initiator.read(responder.write(NOTHING));
  assert.equal(refused.ok ? '' : refused.code, 'handshake-tag');
});

test('Handshake refuses every single changed byte of its messages', () => {
  for (const position of [0, 31, 32, 79, 80, 95]) {
    const [initiator, responder] = pair(transportSuite, vectorXX);
    responder.read(initiator.write(NOTHING));
    const second = responder.write(NOTHING);
    second[position] = (second[position] ?? 0) ^ 1;
    assert.equal(initiator.read(second).ok, false, `second message, byte ${position}`);
  }
  for (const position of [0, 47, 48, 63]) {
    const [initiator, responder] = pair(transportSuite, vectorXX);
    responder.read(initiator.write(NOTHING));
    initiator.read(responder.write(NOTHING));
    const third = initiator.write(NOTHING);
    third[position] = (third[position] ?? 0) ^ 0x80;
    assert.equal(responder.read(third).ok, false, `third message, byte ${position}`);
  }
});

test('Handshake refuses a short message and a key of small order, each with its code', () => {
  const [initiator, responder] = pair(transportSuite, vectorXX);
  const short = responder.read(initiator.write(NOTHING).subarray(0, 31));
  assert.equal(short.ok ? '' : short.code, 'handshake-length');
  // A responder that answers with the point 0: the agreed secret would be known to everybody.
  const [victim, other] = pair(transportSuite, vectorXX);
  other.read(victim.write(NOTHING));
  const answer = other.write(NOTHING);
  answer.fill(0, 0, 32);
  const refused = victim.read(answer);
  assert.equal(refused.ok ? '' : refused.code, 'handshake-key');
});

test('Handshake read or written out of turn is an assertion', () => {
  const [initiator, responder] = pair(transportSuite, vectorXX);
  assert.throws(() => responder.write(NOTHING), /not our turn/);
  assert.throws(() => initiator.read(new Uint8Array(96)), /not our turn/);
  assert.throws(() => initiator.finish(), /not finished/);
});

test('CipherState stops before its counter repeats and rekeys as section 4.2 says', () => {
  const [initiator, responder] = play(transportSuite, vectorXX);
  const { send } = initiator;
  const { receive } = responder;
  const before = toHex(send.encrypt(NOTHING, hex('00')));
  assert.notEqual(receive.decrypt(NOTHING, hex(before)), null);
  send.rekey();
  const after = send.encrypt(NOTHING, hex('00'));
  assert.equal(receive.decrypt(NOTHING, after), null, 'a side that did not rekey cannot read');
  receive.rekey();
  assert.equal(toHex(receive.decrypt(NOTHING, after) ?? NOTHING), '00');
  send.setNonce(0xffff_ffff_ffff_fffen);
  send.encrypt(NOTHING, NOTHING);
  assert.throws(() => send.encrypt(NOTHING, NOTHING), NonceExhaustedError);
  receive.setNonce(0xffff_ffff_ffff_ffffn);
  assert.throws(() => receive.decrypt(NOTHING, new Uint8Array(16)), NonceExhaustedError);
});

test('CipherState refuses a reordered, repeated or changed message and stays usable', () => {
  const [initiator, responder] = play(nobleSuite25519, vectorXX);
  const first = initiator.send.encrypt(NOTHING, hex('01'));
  const second = initiator.send.encrypt(NOTHING, hex('02'));
  assert.equal(responder.receive.decrypt(NOTHING, second), null);
  assert.equal(toHex(responder.receive.decrypt(NOTHING, first) ?? NOTHING), '01');
  assert.equal(responder.receive.decrypt(NOTHING, first), null);
  assert.equal(responder.receive.decrypt(hex('00'), second), null);
  assert.equal(toHex(responder.receive.decrypt(NOTHING, second) ?? NOTHING), '02');
});

// BOLT 8, appendix A (lightning/bolts a3772650, 08-transport.md), run on the same machine with other parameters: XK over secp256k1.
// It proves that Lightning's transport needs no second Noise.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Handshake } from './noise.ts';
import { CipherState } from './noise-cipher-state.ts';
import { XK } from './noise-pattern.ts';
import { bolt8Rotation, PacketReader, PacketWriter } from './packet-cipher.ts';
import { nobleChaChaPoly, nobleSha256, nobleSuiteSecp256k1 } from './testing/noble-suites.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const NOTHING = new Uint8Array(0);

const initiatorStatic = '11'.repeat(32);
const initiatorEphemeral = '12'.repeat(32);
const responderStatic = '21'.repeat(32);
const responderEphemeral = '22'.repeat(32);
const responderPublic = '028d7500dd4c12685d1f568b4c2b5048e8534b873319f3a8daa612b469132ec7f7';

// Each act is a version byte 0 and the Noise message.
const actOne = '036360e856310ce5d294e8be33fc807077dc56ac80d95d9cd4ddbd21325eff73f70df6086551151f58b8afe6c195782c6a';
const actTwo = '02466d7fcae563e5cb09a0d1870bb580344804617879a14949cf22285f1bae3f276e2470b93aac583c9ef6eafca3f730ae';
const actThree =
  'b9e3a702e93e3a9948c2ed6e5fd7590a6e1c3a0344cfc9d5b57357049aa22355361aa02e55a8fc28fef5bd6d71ad0c38228dc68b1c466263b47fdf31e560e139ba';

const chainingKey = '919219dbb2920afa8db80f9a51787a840bcf111ed8d588caf9ab4be716e42b01';
const sendingKey = '969ab31b4d288cedf6218839b27a3e2140827047f2c0f01bf5c04435d43511a9';

function initiator(): Handshake {
  return new Handshake({
    suite: nobleSuiteSecp256k1,
    pattern: XK,
    initiator: true,
    prologue: Uint8Array.from(Buffer.from('lightning')),
    staticSecret: hex(initiatorStatic),
    ephemeralSecret: hex(initiatorEphemeral),
    remoteStatic: hex(responderPublic),
  });
}

function responder(): Handshake {
  return new Handshake({
    suite: nobleSuiteSecp256k1,
    pattern: XK,
    initiator: false,
    prologue: Uint8Array.from(Buffer.from('lightning')),
    staticSecret: hex(responderStatic),
    ephemeralSecret: hex(responderEphemeral),
  });
}

test('Handshake makes and reads the three acts of BOLT 8', () => {
  const [a, b] = [initiator(), responder()];
  assert.equal(toHex(a.write(NOTHING)), actOne);
  assert.equal(b.read(hex(actOne)).ok, true);
  assert.equal(toHex(b.write(NOTHING)), actTwo);
  assert.equal(a.read(hex(actTwo)).ok, true);
  assert.equal(toHex(a.write(NOTHING)), actThree);
  assert.equal(b.read(hex(actThree)).ok, true);
  const [left, right] = [a.finish(), b.finish()];
  assert.equal(toHex(left.chainingKey), chainingKey);
  assert.deepEqual(left.handshakeHash, right.handshakeHash);
  assert.equal(toHex(right.remoteStatic), '034f355bdcb7cc0af728ef3cceb9615d90684bb5b2ca5f859ab0f0b704075871aa');
  // The keys are seen through what they encrypt: the same as a cipher made of the vector's key.
  const plain = hex('0005');
  assert.equal(
    toHex(left.send.encrypt(NOTHING, plain)),
    toHex(new CipherState(nobleChaChaPoly, hex(sendingKey)).encrypt(NOTHING, plain)),
  );
});

const change = (text: string, from: string, to: string): string => {
  assert.ok(text.includes(from));
  return text.replace(from, to);
};

const refusedActs = [
  ['act one, short read', 'one', actOne.slice(0, -2), 'handshake-length'],
  ['act one, bad key serialization', 'one', change(actOne, '0363', '0463'), 'handshake-key'],
  ['act one, bad MAC', 'one', change(actOne, '782c6a', '782c6b'), 'handshake-tag'],
  ['act two, short read', 'two', actTwo.slice(0, -2), 'handshake-length'],
  ['act two, bad key serialization', 'two', change(actTwo, '0246', '0446'), 'handshake-key'],
  ['act two, bad MAC', 'two', change(actTwo, 'f730ae', 'f730af'), 'handshake-tag'],
  ['act three, short read', 'three', actThree.slice(0, -2), 'handshake-length'],
  ['act three, bad MAC for ciphertext', 'three', change(actThree, 'b9e3', 'c9e3'), 'handshake-tag'],
  [
    'act three, bad rs',
    'three',
    'bfe3a702e93e3a9948c2ed6e5fd7590a6e1c3a0344cfc9d5b57357049aa2235536ad09a8ee351870c2bb7f78b754a26c6cef79a98d25139c856d7efd252c2ae73c',
    'handshake-key',
  ],
  ['act three, bad MAC', 'three', change(actThree, 'e139ba', 'e139bb'), 'handshake-tag'],
] as const;

for (const [title, act, message, code] of refusedActs)
  test(`Handshake refuses BOLT 8 ${title}`, () => {
    const side = act === 'two' ? initiator() : responder();
    if (act === 'two') side.write(NOTHING);
    if (act === 'three') {
      side.read(hex(actOne));
      side.write(NOTHING);
    }
    const result = side.read(hex(message));
    assert.equal(result.ok ? 'accepted' : result.code, code);
  });

test('PacketWriter and PacketReader follow the message vectors of BOLT 8 across key rotations', () => {
  const expected = new Map([
    [0, 'cf2b30ddf0cf3f80e7c35a6e6730b59fe802473180f396d88a8fb0db8cbcf25d2f214cf9ea1d95'],
    [1, '72887022101f0b6753e0c7de21657d35a4cb2a1f5cde2650528bbc8f837d0f0d7ad833b1a256a1'],
    [500, '178cb9d7387190fa34db9c2d50027d21793c9bc2d40b1e14dcf30ebeeeb220f48364f7a4c68bf8'],
    [501, '1b186c57d44eb6de4c057c49940d79bb838a145cb528d6e8fd26dbe50a60ca2c104b56b60e45bd'],
    [1000, '4a2f3cc3b5e78ddb83dcb426d9863d9d9a723b0337c89dd0b005d89f8d3c05c52b76b29b740f09'],
    [1001, '2ecd8c8a5629d0d02ab457a0fdd0f7b90a192cd46be5ecb6ca570bfc5e268338b1a16cf4ef2d36'],
  ]);
  const rotation = (): ReturnType<typeof bolt8Rotation> =>
    bolt8Rotation(nobleSha256, hex(chainingKey), hex(sendingKey));
  const writer = new PacketWriter(new CipherState(nobleChaChaPoly, hex(sendingKey)), rotation());
  const reader = new PacketReader(new CipherState(nobleChaChaPoly, hex(sendingKey)), rotation());
  const hello = Uint8Array.from(Buffer.from('hello'));
  for (let i = 0; i <= 1001; i += 1) {
    const packet = writer.write(hello);
    const vector = expected.get(i);
    if (vector !== undefined) assert.equal(toHex(packet), vector, `message ${i}`);
    reader.push(packet);
    const read = reader.next();
    assert.ok(read?.ok === true && Buffer.compare(read.content, hello) === 0);
  }
});

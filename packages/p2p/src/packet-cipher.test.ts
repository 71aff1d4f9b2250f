import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CipherState } from './noise-cipher-state.ts';
import { LENGTH_PREFIX, MAX_PACKET_CONTENT, noiseRekey, PacketReader, PacketWriter } from './packet-cipher.ts';
import { transportSuite } from './transport-suite.ts';

const key = new Uint8Array(32).fill(7);
const NOTHING = new Uint8Array(0);
const cipher = (): CipherState => new CipherState(transportSuite.cipher, key);

function pair(every = 1024n): readonly [PacketWriter, PacketReader] {
  return [new PacketWriter(cipher(), noiseRekey(every)), new PacketReader(cipher(), noiseRekey(every))];
}

function readAll(reader: PacketReader): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let read = reader.next(); read !== null; read = reader.next()) {
    assert.ok(read.ok);
    parts.push(read.content);
  }
  return Buffer.concat(parts);
}

test('PacketReader gives back what PacketWriter took, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
      (messages, cuts) => {
        const [writer, reader] = pair(4n);
        const stream = Buffer.concat(messages.map((message) => writer.write(message)));
        const received: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const step = cuts[turn % cuts.length] ?? 1;
          reader.push(stream.subarray(at, at + step));
          at += step;
          received.push(readAll(reader));
        }
        assert.deepEqual(Buffer.concat(received), Buffer.concat(messages));
      },
    ),
    { numRuns: 60 },
  );
});

test('PacketWriter splits what is longer than one packet', () => {
  const [writer, reader] = pair();
  const long = new Uint8Array(MAX_PACKET_CONTENT * 2 + 1).map((_, index) => index & 0xff);
  const wire = writer.write(long);
  assert.equal(wire.length, long.length + 3 * (LENGTH_PREFIX + 16));
  reader.push(wire);
  assert.equal(Buffer.compare(readAll(reader), long), 0);
  assert.equal(writer.write(NOTHING).length, 0);
});

test('PacketReader notices every changed, dropped, repeated or reordered packet', () => {
  const cases: readonly (readonly [string, (packets: Uint8Array[]) => Uint8Array[]])[] = [
    ['a changed length', ([a, b]) => [flip(a, 0), b].filter((packet) => packet !== undefined)],
    ['a changed length tag', ([a, b]) => [flip(a, 17), b].filter((packet) => packet !== undefined)],
    ['a changed content', ([a, b]) => [flip(a, 18), b].filter((packet) => packet !== undefined)],
    ['a changed content tag', ([a, b]) => [flip(a, (a?.length ?? 0) - 1), b].filter((packet) => packet !== undefined)],
    ['a dropped packet', ([, b]) => [b].filter((packet) => packet !== undefined)],
    ['a repeated packet', ([a]) => [a, a].filter((packet) => packet !== undefined)],
    ['reordered packets', ([a, b]) => [b, a].filter((packet) => packet !== undefined)],
  ];
  for (const [title, damage] of cases) {
    const [writer, reader] = pair();
    const packets = [writer.write(Uint8Array.of(1, 2)), writer.write(Uint8Array.of(3, 4))];
    for (const packet of damage(packets)) reader.push(packet);
    let read = reader.next();
    while (read?.ok === true) read = reader.next();
    assert.equal(read === null ? 'accepted' : read.code, 'packet-tag', title);
  }
});

function flip(packet: Uint8Array | undefined, position: number): Uint8Array | undefined {
  return packet?.map((byte, index) => (index === position ? byte ^ 1 : byte));
}

test('PacketReader refuses an authentic length of 0 and one above the limit', () => {
  for (const length of [0, MAX_PACKET_CONTENT + 1]) {
    const reader = new PacketReader(cipher(), noiseRekey(1024n));
    reader.push(cipher().encrypt(NOTHING, Uint8Array.of(length >> 8, length & 0xff)));
    const read = reader.next();
    assert.equal(read === null || read.ok ? 'accepted' : read.code, 'packet-length', String(length));
  }
  const allowed = new PacketReader(cipher(), noiseRekey(1024n));
  allowed.push(cipher().encrypt(NOTHING, Uint8Array.of(MAX_PACKET_CONTENT >> 8, MAX_PACKET_CONTENT & 0xff)));
  assert.equal(allowed.next(), null);
});

test('PacketWriter changes its key after the agreed number of encryptions, and a reader that does not cannot follow', () => {
  const writer = new PacketWriter(cipher(), noiseRekey(4n));
  const never = new PacketReader(cipher(), noiseRekey(1n << 40n));
  for (let i = 0; i < 2; i += 1) never.push(writer.write(Uint8Array.of(i)));
  assert.deepEqual([...readAll(never)], [0, 1]);
  never.push(writer.write(Uint8Array.of(2)));
  assert.equal(never.next()?.ok, false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import type { CloseReason } from './close-code.ts';
import { encodeFrame, FRAME_HEADER, FrameDecoder, magicBytes } from './frame.ts';

const magic = magicBytes('DNET');
const open = (): CloseReason | null => null;
const payload = Uint8Array.of(1, 2, 3);

/** A frame made by hand: the layout is stated here once more, apart from the code under test. */
function handmade(fields: {
  magic?: string;
  command?: Buffer;
  length?: number;
  checksum?: Buffer;
  content?: Buffer;
}): Buffer {
  const content = fields.content ?? Buffer.from(payload);
  const keccak = (bytes: Buffer): Buffer => createHash('keccak-256').update(bytes).digest();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(fields.length ?? content.length);
  return Buffer.concat([
    Buffer.from(fields.magic ?? 'DNET'),
    fields.command ?? Buffer.from('ping\0\0\0\0\0\0\0\0'),
    length,
    fields.checksum ?? keccak(keccak(content)).subarray(0, 4),
    content,
  ]);
}

function decodeOnce(bytes: Uint8Array, gate = open): string {
  const decoder = new FrameDecoder(magic, gate);
  decoder.push(bytes);
  const read = decoder.next();
  if (read === null) return 'incomplete';
  return read.ok ? `${read.command} ${Buffer.from(read.payload).toString('hex')}` : read.reason.code;
}

test('encodeFrame() writes magic, command, length, checksum and payload in this order', () => {
  assert.equal(Buffer.from(encodeFrame(magic, 'ping', payload)).toString('hex'), handmade({}).toString('hex'));
  assert.equal(FRAME_HEADER, 24);
  assert.throws(() => encodeFrame(magic, 'Ping', payload));
  assert.throws(() => encodeFrame(magic, 'thirteenchars', payload));
});

test('FrameDecoder reads frames that are split at every byte', () => {
  const stream = Buffer.concat([encodeFrame(magic, 'ping', payload), encodeFrame(magic, 'verack', new Uint8Array(0))]);
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const decoder = new FrameDecoder(magic, open);
    const commands: string[] = [];
    for (const part of [stream.subarray(0, cut), stream.subarray(cut)]) {
      decoder.push(part);
      for (let read = decoder.next(); read !== null; read = decoder.next())
        commands.push(read.ok ? read.command : 'refused');
    }
    assert.deepEqual(commands, ['ping', 'verack'], `cut at ${cut}`);
  }
});

const refusals: readonly (readonly [string, Buffer, string])[] = [
  ['another magic', handmade({ magic: 'TNET' }), 'frame-magic'],
  ['an empty command', handmade({ command: Buffer.alloc(12) }), 'frame-command'],
  ['an upper-case command', handmade({ command: Buffer.from('Ping\0\0\0\0\0\0\0\0') }), 'frame-command'],
  ['bytes after the padding', handmade({ command: Buffer.from('ping\0x\0\0\0\0\0\0') }), 'frame-command'],
  ['a command of binary bytes', handmade({ command: Buffer.alloc(12, 0xff) }), 'frame-command'],
  ['a wrong checksum', handmade({ checksum: Buffer.alloc(4) }), 'frame-checksum'],
  [
    'a payload of other bytes',
    handmade({ checksum: handmade({}).subarray(20, 24), content: Buffer.from([1, 2, 4]) }),
    'frame-checksum',
  ],
];

for (const [title, bytes, code] of refusals)
  test(`FrameDecoder refuses ${title} with ${code}`, () => {
    assert.equal(decodeOnce(handmade({})), 'ping 010203');
    assert.equal(decodeOnce(bytes), code);
  });

test('FrameDecoder asks its gate with command and length before the payload has come', () => {
  const asked: string[] = [];
  const gate = (command: string, length: number): CloseReason | null => {
    asked.push(`${command} ${length}`);
    return length > 3 ? { code: 'frame-length', detail: `${length} bytes` } : null;
  };
  assert.equal(
    decodeOnce(handmade({ length: 4_000_000_000 }).subarray(0, FRAME_HEADER), gate as typeof open),
    'frame-length',
  );
  assert.equal(decodeOnce(handmade({}).subarray(0, FRAME_HEADER), gate as typeof open), 'incomplete');
  assert.deepEqual(asked, ['ping 4000000000', 'ping 3']);
});

test('FrameDecoder survives any bytes and gives frames only for well-formed ones', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 20 }), fc.boolean(), (pieces, withMagic) => {
      const decoder = new FrameDecoder(magic, (_, length) =>
        length > 64 ? { code: 'frame-length', detail: '' } : null,
      );
      if (withMagic) decoder.push(handmade({}).subarray(0, 16));
      for (const piece of pieces) {
        decoder.push(piece);
        const read = decoder.next();
        if (read?.ok === false) return;
      }
    }),
    { numRuns: 300 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { concatBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { utf8 } from '@resonancenet/bytes/utf8';
import { bytesToWords, encodeBech32 } from '@resonancenet/crypto/bech32';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import fc from 'fast-check';
import { decodeQR } from 'qr/decode.js';
import { qrAsSvg, qrForTerminal } from './qr-code.ts';
import { MAX_QR_CONTENT, MAX_QR_PARTS, QR_PART_LENGTH, QrCollector, qrParts } from './qr-parts.ts';

const noise = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 167 + (index >> 8)) & 0xff);

const textOf = (payload: Uint8Array, version = 0): string =>
  encodeBech32('bech32m', 'rntq', concatBytes(Uint8Array.of(version), bytesToWords(payload))).toUpperCase();

test('parts are laid out as WAL-16 says', () => {
  const content = utf8('content');
  const set = hash(TAG.qrParts, content).subarray(0, 8);
  assert.deepEqual(qrParts(content), [textOf(concatBytes(set, fromHex('0000010007'), content))]);
  const parts = qrParts(noise(QR_PART_LENGTH + 1));
  const whole = hash(TAG.qrParts, noise(QR_PART_LENGTH + 1)).subarray(0, 8);
  const last = concatBytes(whole, fromHex('0100020001'), noise(QR_PART_LENGTH + 1).subarray(QR_PART_LENGTH));
  assert.equal(parts.length, 2);
  assert.equal(parts[1], textOf(last));
});

test('content comes back from its parts in any order, read more than once, in either case', () => {
  const lengths = fc.oneof(fc.integer({ min: 1, max: 2_500 }), fc.constantFrom(QR_PART_LENGTH, 2 * QR_PART_LENGTH));
  fc.assert(
    fc.property(lengths, fc.infiniteStream(fc.nat()), (length, numbers) => {
      const content = noise(length);
      const parts = qrParts(content);
      const collector = new QrCollector();
      const left = new Set(parts.map((_, index) => index + 1));
      for (const number of numbers) {
        const index = number % parts.length;
        assert.deepEqual(collector.add(number % 2 === 0 ? parts[index]! : ` ${parts[index]!.toLowerCase()}\n`), {
          ok: true,
        });
        left.delete(index + 1);
        assert.deepEqual(
          collector.missing,
          [...left].sort((a, b) => a - b),
        );
        if (left.size === 0) break;
        assert.equal(collector.bytes, null);
      }
      assert.deepEqual(collector.bytes, content);
    }),
    { numRuns: 50 },
  );
});

test('the most content fits into the most parts, one byte more and none at all do not', () => {
  const parts = qrParts(noise(MAX_QR_CONTENT));
  assert.equal(parts.length, MAX_QR_PARTS);
  const collector = new QrCollector();
  for (const part of parts.toReversed()) assert.ok(collector.add(part).ok);
  assert.deepEqual(collector.bytes, noise(MAX_QR_CONTENT));
  for (const length of [0, MAX_QR_CONTENT + 1]) assert.throws(() => qrParts(noise(length)), AssertionFailure);
});

test('parts of another set, wrong texts and sets that do not fit together are refused in words of their own', () => {
  const [first, second] = qrParts(noise(QR_PART_LENGTH * 2)) as [string, string];
  const set = '0102030405060708';
  const cases: readonly (readonly [text: string, code: string])[] = [
    ['', 'bad-text'],
    ['https://example.org', 'bad-text'],
    ['x'.repeat(100_000), 'bad-text'],
    [`${first.slice(0, -1)}${first.endsWith('Q') ? 'P' : 'Q'}`, 'bad-text'],
    [encodeBech32('bech32m', 'rntx', new Uint8Array(20)), 'bad-text'],
    [textOf(fromHex(`${set}0000010001aa`), 1), 'unknown-version'],
    [textOf(fromHex(`${set}0000000001aa`)), 'bad-text'],
    [textOf(fromHex(`${set}0100010001aa`)), 'bad-text'],
    [textOf(fromHex(`${set}0000c90001aa`)), 'bad-text'],
    [textOf(fromHex(`${set}0000010000`)), 'bad-text'],
    [textOf(fromHex(`${set}0000010001aabb`)), 'bad-text'],
    [qrParts(noise(5))[0]!, 'other-set'],
    [
      textOf(concatBytes(hash(TAG.qrParts, noise(QR_PART_LENGTH * 2)).subarray(0, 8), fromHex('0100030001aa'))),
      'other-set',
    ],
  ];
  const collector = new QrCollector();
  assert.deepEqual(collector.missing, []);
  assert.ok(collector.add(first).ok);
  for (const [text, code] of cases) {
    const verdict = collector.add(text);
    assert.ok(!verdict.ok, text.slice(0, 60));
    assert.equal(verdict.code, code, text.slice(0, 60));
    assert.deepEqual(collector.missing, [2]);
  }
  assert.ok(collector.add(second).ok);
  assert.deepEqual(collector.bytes, noise(QR_PART_LENGTH * 2));

  const forged = new QrCollector();
  const verdict = forged.add(textOf(fromHex(`${set}0000010001aa`)));
  assert.ok(!verdict.ok);
  assert.equal(verdict.code, 'damaged-set');
  assert.equal(forged.bytes, null);
  // It starts anew, and is of use again.
  assert.ok(forged.add(qrParts(noise(5))[0]!).ok);
  assert.deepEqual(forged.bytes, noise(5));
});

/** What a camera sees of lines of half blocks: four pixels to a module. */
function photographed(lines: readonly string[]): { width: number; height: number; data: Uint8Array } {
  const rows = lines.flatMap((line) => [
    [...line].map((block) => block === '█' || block === '▀'),
    [...line].map((block) => block === '█' || block === '▄'),
  ]);
  const scale = 4;
  const [width, height] = [rows[0]!.length * scale, rows.length * scale];
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const light = rows[Math.floor(y / scale)]![Math.floor(x / scale)] === true;
      data.fill(light ? 255 : 0, 4 * (y * width + x), 4 * (y * width + x) + 3);
      data[4 * (y * width + x) + 3] = 255;
    }
  return { width, height, data };
}

test('codes as a terminal shows them are read back, and fit into 100 columns', () => {
  const collector = new QrCollector();
  for (const part of qrParts(noise(1_000))) {
    const lines = qrForTerminal(part).trimEnd().split('\n');
    assert.ok(lines.every((line) => [...line].length <= 100));
    const read = decodeQR(photographed(lines));
    assert.equal(read, part);
    assert.ok(collector.add(read).ok);
  }
  assert.equal(toHex(collector.bytes!), toHex(noise(1_000)));
});

test('codes for pages are SVG', () => {
  assert.match(qrAsSvg(qrParts(noise(10))[0]!), /^<svg[^>]*viewBox[\s\S]*<\/svg>\s*$/);
});

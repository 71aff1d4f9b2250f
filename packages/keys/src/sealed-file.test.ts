import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { concatBytes, equalBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import { cbc } from '@noble/ciphers/aes.js';
import { argon2id } from '@noble/hashes/argon2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import {
  MAX_SEALED_CONTENT,
  MAX_SEALED_LENGTH,
  openSealedFile,
  sealFile,
  type SealedFileProblem,
  type Sealing,
  USUAL_COST,
} from './sealed-file.ts';
import { damagedBytes } from './testing/damage.ts';
import { quickDerivation } from './testing/quick-derivation.ts';

const count = (first: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => first + index);

/** The worked example of WAL-13. */
const example: Sealing = {
  kind: 'backup',
  content: utf8('what a wallet knows'),
  passphrase: utf8('correct horse battery staple'),
  salt: count(0x00, 16),
  iv: count(0x10, 16),
  cost: { memoryKib: 65_536, passes: 3 },
};
const sealedExample = sealFile(example);

test('the worked example of the specification is what we write', () => {
  const chapter = readFileSync(join(import.meta.dirname, '../../../spec/wallet.md'), 'utf8');
  const file = /^\| whole file\s*\| `([0-9a-f]+)`/m.exec(chapter)?.[1];
  assert.ok(file !== undefined);
  assert.equal(toHex(sealedExample), file);
  assert.deepEqual(openSealedFile(fromHex(file), 'backup', example.passphrase), { ok: true, content: example.content });
});

/** Opens a file by the table of WAL-13 alone, with nothing of ours but helpers for bytes. */
function openByLayout(file: Uint8Array, passphrase: string): { content: Uint8Array; keys: Uint8Array } {
  const view = new DataView(file.buffer, file.byteOffset);
  assert.equal(fromUtf8(file.subarray(0, 4)), 'rnts');
  assert.deepEqual([file[4], file[5], file[6], file[12]], [1, 1, 1, 1]);
  const salt = file.subarray(13, 29);
  const length = view.getUint32(53, true);
  assert.equal(file.length, 57 + length + 32 + 8);
  const keys = argon2id(passphrase.normalize('NFKD'), salt, {
    m: view.getUint32(7, true),
    t: file[11]!,
    p: 1,
    dkLen: 96,
  });
  assert.deepEqual(hmac(sha256, keys.subarray(64), file.subarray(0, 45)).subarray(0, 8), file.subarray(45, 53));
  assert.deepEqual(
    hmac(sha256, keys.subarray(32, 64), file.subarray(0, 57 + length)),
    file.subarray(57 + length, 89 + length),
  );
  assert.deepEqual(sha256(file.subarray(0, 89 + length)).subarray(0, 8), file.subarray(89 + length));
  return { content: cbc(keys.subarray(0, 32), file.subarray(29, 45)).decrypt(file.subarray(57, 57 + length)), keys };
}

/** Opened once for both tests: the derivation takes a second in JavaScript. */
const opened = openByLayout(sealedExample, 'correct horse battery staple');

test('an independent implementation (noble) opens our file by the published layout', () => {
  assert.deepEqual(opened.content, example.content);
});

const openssl = (args: readonly string[], input: Uint8Array): Uint8Array => {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input });
  assert.equal(status, 0, stderr.toString());
  return new Uint8Array(stdout);
};
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

test('the openssl command opens our file with the keys', { skip: hasOpenssl ? false : 'no openssl command' }, () => {
  const { keys } = opened;
  const [cipherKey, macKey] = [toHex(keys.subarray(0, 32)), toHex(keys.subarray(32, 64))];
  const end = sealedExample.length - 40;
  const iv = toHex(sealedExample.subarray(29, 45));
  const content = openssl(['enc', '-d', '-aes-256-cbc', '-K', cipherKey, '-iv', iv], sealedExample.subarray(57, end));
  assert.deepEqual(content, example.content);
  const mac = openssl(
    ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${macKey}`, '-binary'],
    sealedExample.subarray(0, end),
  );
  assert.deepEqual(mac, sealedExample.slice(end, end + 32));
  const checksum = openssl(['dgst', '-sha256', '-binary'], sealedExample.subarray(0, end + 32));
  assert.deepEqual(checksum.slice(0, 8), sealedExample.slice(end + 32));
});

test('a passphrase typed with composed accents opens what one with others sealed', () => {
  const file = sealFile({ ...example, passphrase: utf8('caf\u00e9') }, quickDerivation);
  for (const typed of ['caf\u00e9', 'cafe\u0301'])
    assert.ok(openSealedFile(file, 'backup', utf8(typed), quickDerivation).ok);
  assert.equal(codeOf(file, utf8('cafe')), 'wrong-passphrase');
});

const quick = sealFile(example, quickDerivation);

function codeOf(file: Uint8Array, passphrase: Uint8Array = example.passphrase): SealedFileProblem | 'ok' {
  const result = openSealedFile(file, 'backup', passphrase, quickDerivation);
  return result.ok ? 'ok' : result.code;
}

/** The file with these bytes at a place, and a checksum that fits. */
function changed(at: number, ...bytes: readonly number[]): Uint8Array {
  const file = quick.slice();
  file.set(bytes, at);
  return withChecksum(file.subarray(0, -8));
}

function withChecksum(bytes: Uint8Array): Uint8Array {
  return concatBytes(bytes, sha256(bytes).subarray(0, 8));
}

test('a wrong passphrase, damage, change on purpose and unfit files have errors of their own (WAL-14)', () => {
  const cases: readonly (readonly [what: string, file: Uint8Array, code: SealedFileProblem])[] = [
    ['nothing', new Uint8Array(0), 'not-sealed'],
    ['another file', utf8('{"version": 3, "crypto": {}}'), 'not-sealed'],
    ['the magic alone', utf8('rnts'), 'corrupt'],
    ['another version', changed(4, 2), 'unknown-version'],
    ['another kind', changed(5, 2), 'other-kind'],
    ['an unknown kind', changed(5, 3), 'corrupt'],
    ['another derivation', changed(6, 2), 'refused-cost'],
    ['memory of 64 MiB less 1 KiB', changed(7, 0xff, 0xff, 0x00, 0x00), 'refused-cost'],
    ['memory of 1 GiB and 1 KiB', changed(7, 0x01, 0x00, 0x10, 0x00), 'refused-cost'],
    ['memory of 4 TiB', changed(7, 0xff, 0xff, 0xff, 0xff), 'refused-cost'],
    ['no pass', changed(11, 0), 'refused-cost'],
    ['eleven passes', changed(11, 11), 'refused-cost'],
    ['two lanes', changed(12, 2), 'refused-cost'],
    ['another salt', changed(13, 0xff), 'wrong-passphrase'],
    ['another IV', changed(29, 0xff), 'wrong-passphrase'],
    ['another key check', changed(45, ~quick[45]!), 'wrong-passphrase'],
    ['another length', changed(53, 0x30), 'corrupt'],
    ['a length of 4 GiB', changed(53, 0xf0, 0xff, 0xff, 0xff), 'corrupt'],
    ['another ciphertext', changed(57, ~quick[57]!), 'tampered'],
    ['another MAC', changed(quick.length - 9, ~quick[quick.length - 9]!), 'tampered'],
    [
      'two blocks swapped',
      withChecksum(
        concatBytes(quick.subarray(0, 57), quick.subarray(73, 89), quick.subarray(57, 73), quick.subarray(89, -8)),
      ),
      'tampered',
    ],
    ['a byte less', quick.subarray(0, -1), 'corrupt'],
    ['a byte more', concatBytes(quick, Uint8Array.of(0)), 'corrupt'],
    ['a byte more under the checksum', withChecksum(concatBytes(quick.subarray(0, -8), Uint8Array.of(0))), 'corrupt'],
    ['too many bytes', new Uint8Array(MAX_SEALED_LENGTH + 1), 'too-long'],
  ];
  for (const [what, file, code] of cases) assert.equal(codeOf(file), code, what);
  assert.equal(codeOf(quick, utf8('correct horse battery stapl')), 'wrong-passphrase');
  assert.equal(codeOf(quick, Uint8Array.of(0xff)), 'bad-passphrase');
  assert.equal(codeOf(quick), 'ok');
});

test('costs at the bounds are taken (with a derivation that costs nothing)', () => {
  for (const cost of [
    { memoryKib: 65_536, passes: 1 },
    { memoryKib: 1_048_576, passes: 10 },
  ])
    assert.ok(
      openSealedFile(sealFile({ ...example, cost }, quickDerivation), 'backup', example.passphrase, quickDerivation).ok,
    );
  assert.throws(
    () => sealFile({ ...example, cost: { memoryKib: 65_535, passes: 1 } }, quickDerivation),
    AssertionFailure,
  );
});

test('any changed bit of a file is damage, never a wrong passphrase', () => {
  for (let bit = 0; bit < quick.length * 8; bit++) {
    const file = quick.slice();
    file[bit >> 3]! ^= 1 << (bit & 7);
    const expected: SealedFileProblem = bit < 32 ? 'not-sealed' : bit < 40 ? 'unknown-version' : 'corrupt';
    assert.equal(codeOf(file), expected, `bit ${bit}`);
  }
});

test('every truncation is refused', () => {
  for (let length = 0; length < quick.length; length++)
    assert.notEqual(codeOf(quick.subarray(0, length)), 'ok', `${length}`);
});

test('content of any length comes back, under the passphrase and the kind that it was sealed with', () => {
  const passphrases = fc.string({ maxLength: 20, unit: 'grapheme' }).map((text) => utf8(text));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), passphrases, passphrases, (content, passphrase, other) => {
      const file = sealFile({ ...example, kind: 'secret', content, passphrase }, quickDerivation);
      assert.deepEqual(openSealedFile(file, 'secret', passphrase, quickDerivation), { ok: true, content });
      assert.equal(openSealedFile(file, 'backup', passphrase, quickDerivation).ok, false);
      const normal = (bytes: Uint8Array): string => fromUtf8(bytes).normalize('NFKD');
      const same = normal(other) === normal(passphrase);
      assert.equal(openSealedFile(file, 'secret', other, quickDerivation).ok, same);
    }),
    { numRuns: 200 },
  );
});

test('the longest content fits, one byte more does not', () => {
  const longest = sealFile({ ...example, content: new Uint8Array(MAX_SEALED_CONTENT) }, quickDerivation);
  assert.equal(longest.length, MAX_SEALED_LENGTH);
  assert.equal(codeOf(longest), 'ok');
  const more = { ...example, content: new Uint8Array(MAX_SEALED_CONTENT + 1) };
  assert.throws(() => sealFile(more, quickDerivation), AssertionFailure);
});

test('damaged files do not open, whatever the damage, and with a checksum that fits neither', () => {
  fc.assert(
    fc.property(damagedBytes(fc.constant(quick)), fc.boolean(), (bytes, repaired) => {
      const file = repaired && bytes.length >= 8 ? withChecksum(bytes.subarray(0, -8)) : bytes;
      assert.equal(codeOf(file) === 'ok', equalBytes(file, quick));
    }),
    { numRuns: 2_000 },
  );
});

test('the usual cost is 64 MiB and three passes', () => {
  assert.deepEqual(USUAL_COST, { memoryKib: 65_536, passes: 3 });
});

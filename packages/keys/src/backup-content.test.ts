import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { codecSuite } from '@resonancenet/bytes/testing/codec-suite';
import { utf8 } from '@resonancenet/bytes/utf8';
import fc from 'fast-check';
import { type BackupContent, backupContentCodec, MAX_BACKUP_LABELS } from './backup-content.ts';
import { keyWindowCodec, watchedPolicy } from './key-window.ts';
import { openSealedFile, sealFile } from './sealed-file.ts';
import { backupContents } from './testing/arbitraries.ts';
import { quickDerivation } from './testing/quick-derivation.ts';

const bytes = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte);
const hexText = (text: string): string => toHex(Uint8Array.of(text.length, ...utf8(text)));

const seed = '5a'.repeat(16);
const empty: BackupContent = {
  network: 'regtest',
  fingerprint: fromHex('01020304'),
  secret: { kind: 'seed', seed: fromHex(seed) },
  birthHeight: 7,
  accounts: [],
  labels: [],
  contacts: [],
  wards: [],
  channels: [],
};
const head = `726e7462 01 ${hexText('regtest')} 01020304 02 10 ${seed} 07000000`;

const terms = { type: 'emissionReturn', blocks: 200, livenessKey: bytes(0xaa, 32) } as const;
const ward = {
  fingerprint: fromHex('0a0b0c0d'),
  account: 0,
  ...watchedPolicy(terms, null),
  receive: { first: 0, publicKeys: [bytes(0xb1, 32)] },
  change: { first: 0, publicKeys: [] },
};
const full: BackupContent = {
  ...empty,
  accounts: [
    {
      number: 1,
      name: 'main',
      policy: watchedPolicy(terms, null),
      nextReceive: 3,
      nextChange: 2,
      nextGuardian: 1,
      nextRecovery: 2 ** 31,
    },
  ],
  labels: [
    { subject: 'a', text: 'rent' },
    { subject: 'b', text: '' },
  ],
  contacts: [{ name: 'Ann', text: 'rrnt1x' }],
  wards: [ward],
  channels: [fromHex('c0ffee')],
};
const account = `01000000 ${hexText('main')} 03 c80000 ${'aa'.repeat(32)} 03000000 02000000 01000000 00000080`;
const labels = (...subjects: string[]): string =>
  `${toHex(Uint8Array.of(subjects.length))} ${subjects.map((subject) => `${hexText(subject)} 00`).join(' ')}`;

codecSuite('content of a backup', backupContentCodec, {
  values: backupContents,
  vectors: [
    { name: 'of an empty wallet', value: empty, hex: `${head} 00 00 00 00 00` },
    {
      name: 'with one of everything',
      value: full,
      hex: `${head} 01 ${account} 02 ${hexText('a')} ${hexText('rent')} ${hexText('b')} 00
        01 ${hexText('Ann')} ${hexText('rrnt1x')} 01 ${toHex(encode(keyWindowCodec, ward))} 01 03c0ffee`,
    },
  ],
  refused: [
    { name: 'another magic', hex: `726e7473 ${head.slice(8)} 00 00 00 00 00`, reason: 'invalid-value', path: 'magic' },
    {
      name: 'another version',
      hex: `726e7462 02 ${head.slice(11)} 00 00 00 00 00`,
      reason: 'invalid-value',
      path: 'magic',
    },
    {
      name: 'an account twice',
      hex: `${head} 02 ${account} ${account} 00 00 00 00`,
      reason: 'invalid-value',
      path: 'accounts',
    },
    {
      name: 'labels out of order',
      hex: `${head} 00 ${labels('b', 'a')} 00 00 00`,
      reason: 'invalid-value',
      path: 'labels',
    },
    {
      name: 'a subject twice',
      hex: `${head} 00 ${labels('a', 'a')} 00 00 00`,
      reason: 'invalid-value',
      path: 'labels',
    },
    {
      name: 'an escape character',
      hex: `${head} 00 ${labels('\u001b')} 00 00 00`,
      reason: 'invalid-value',
      path: 'labels[0].subject',
    },
    {
      name: 'text that is no UTF-8',
      hex: `${head} 00 01 01ff 00 00 00 00`,
      reason: 'invalid-utf8',
      path: 'labels[0].subject',
    },
    {
      name: 'a subject of 129 bytes',
      hex: `${head} 00 01 81 ${'61'.repeat(129)} 00 00 00 00`,
      reason: 'count-out-of-bounds',
    },
    { name: 'more labels than may be', hex: `${head} 00 fea1860100`, reason: 'count-out-of-bounds', path: 'labels' },
    {
      name: 'more keys given out than there are',
      hex: `${head} 01 ${account.slice(0, -8)}01000080 00 00 00 00`,
      reason: 'invalid-value',
      path: 'accounts[0].nextRecovery',
    },
  ],
});

test('characters that change what a terminal shows are refused in every text', () => {
  for (const character of ['\u0000', '\u001b', '\u007f', '\u009b', '\u202e', '\u2028', '\u2066']) {
    const name = Array.from(utf8(`x${character}`));
    const hex = `${head} 00 00 01 ${toHex(Uint8Array.of(name.length, ...name))} 00 00 00`;
    assert.equal(decode(backupContentCodec, fromHex(hex.replaceAll(/\s/g, ''))).ok, false, JSON.stringify(character));
  }
});

test('labels stand in the order of their UTF-8, also where UTF-16 has another', () => {
  const withSubjects = (...subjects: string[]): BackupContent => ({
    ...empty,
    labels: subjects.map((subject) => ({ subject, text: '' })),
  });
  const ordered = withSubjects('a', 'ab', '\uffe6', '\u{1f600}', '\u{1f601}');
  assert.deepEqual(decode(backupContentCodec, encode(backupContentCodec, ordered)), { ok: true, value: ordered });
  for (const wrong of [
    ['\u{1f600}', '\uffe6'],
    ['ab', 'a'],
    ['\u{1f601}', '\u{1f600}'],
  ])
    assert.throws(() => encode(backupContentCodec, withSubjects(...wrong)), AssertionFailure);
});

test('joiners, which some scripts need, are taken', () => {
  const content = { ...empty, contacts: [{ name: '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645', text: '' }] };
  assert.deepEqual(decode(backupContentCodec, encode(backupContentCodec, content)), { ok: true, value: content });
});

test('a backup with as many labels as there may be is sealed, opened and read', () => {
  const many = Array.from({ length: MAX_BACKUP_LABELS }, (_, index) => ({
    subject: String(index).padStart(6, '0'),
    text: 'rent',
  }));
  const content = { ...full, labels: many };
  const sealing = { kind: 'backup', passphrase: utf8('p'), salt: bytes(1, 16), iv: bytes(2, 16) } as const;
  const cost = { memoryKib: 65_536, passes: 1 };
  const file = sealFile({ ...sealing, cost, content: encode(backupContentCodec, content) }, quickDerivation);
  const opened = openSealedFile(file, 'backup', utf8('p'), quickDerivation);
  assert.ok(opened.ok);
  const result = decode(backupContentCodec, opened.content);
  assert.ok(result.ok);
  assert.equal(result.value.labels.length, MAX_BACKUP_LABELS);
  assert.deepEqual(result.value.labels.at(-1), many.at(-1));
});

test('random bytes after the head of a backup are refused or have this one encoding', () => {
  const start = fromHex(head.replaceAll(/\s/g, ''));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
      const all = Uint8Array.of(...start, ...tail);
      const result = decode(backupContentCodec, all);
      if (result.ok) assert.equal(toHex(encode(backupContentCodec, result.value)), toHex(all));
    }),
    { numRuns: 1_000 },
  );
});

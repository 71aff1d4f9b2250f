// Mutated texts and files of a wallet by the thousand: nothing throws, and nothing that was changed is taken for what it was.

import assert from 'node:assert/strict';
import type { Codec } from '@resonancenet/bytes/codec';
import { concatBytes, equalBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import { hash } from '@resonancenet/crypto/hash';
import { TAG, type Tag } from '@resonancenet/crypto/tags';
import { regtest } from '@resonancenet/params/regtest';
import { encodeAddress, encodeBase58Address, keyHash, parseAddress } from '@resonancenet/primitives/address';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { sha256 } from '@resonancenet/keys/sealing-primitives';
import { accountLockId } from '../account-policy.ts';
import { type BackupContent, backupContentCodec } from '../backup-content.ts';
import { parsePath, printPath } from '../derivation-path.ts';
import { decodeKeyText, encodeKeyText } from '../key-text.ts';
import { type KeyWindow, keyWindowCodec, watchedAccount } from '../key-window.ts';
import { mnemonicPhrase, parseMnemonic } from '../mnemonic.ts';
import { parsePolicyText, printPolicyText } from '../policy-text.ts';
import { QrCollector, qrParts } from '../qr-parts.ts';
import { openSealedFile, sealFile, type SealedFileProblem } from '../sealed-file.ts';
import type { KeyDerivation } from '../sealing-primitives-node.ts';
import { walletNotesCodec } from '../wallet-notes.ts';
import { type WalletRecord, walletRecordCodec } from '../wallet-record.ts';
import { wordList } from '../word-lists.ts';
import { honestKeys } from './arbitraries.ts';
import { quickDerivation } from './quick-derivation.ts';

/** What came of the rounds, by kind. */
export type FuzzTally = ReadonlyMap<string, number>;

export type FuzzedFormat =
  | 'sealedFile'
  | 'backupContent'
  | 'keyWindow'
  | 'walletRecord'
  | 'walletNotes'
  | 'address'
  | 'keyText'
  | 'policyText'
  | 'path'
  | 'replacedWords'
  | 'words'
  | 'qrPart';

/** Numbers from 0 to below the bound. */
type Random = (bound: number) => number;

/** Mulberry32: the same numbers for a seed on every machine. */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

const printable = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ,()'/-.\n\u00e9\u3042";

/** A text with one to three characters changed, put in, taken out, or with a part repeated. */
function mutatedText(random: Random, text: string): string {
  let mutated = text;
  for (let change = random(3); change >= 0; change--) {
    const at = random(mutated.length + 1);
    const character = printable[random(printable.length)]!;
    const end = at + random(mutated.length + 1 - at);
    const turns = [
      mutated.slice(0, at) + character + mutated.slice(at + 1),
      mutated.slice(0, at) + character + mutated.slice(at),
      mutated.slice(0, at) + mutated.slice(at + 1),
      mutated.slice(0, end) + mutated.slice(at),
    ];
    mutated = turns[random(turns.length)]!;
  }
  return mutated;
}

const edges = [0, 1, 0x7f, 0x80, 0xfd, 0xff];

/** Bytes with one to three changes: a bit, a byte, a byte in or out, a cut, a part repeated. */
function mutatedBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let mutated: Uint8Array = bytes.slice();
  for (let change = random(3); change >= 0; change--) {
    const at = random(mutated.length);
    switch (random(6)) {
      case 0:
      case 1:
        mutated[at]! ^= 1 << random(8);
        break;
      case 2:
        mutated[at] = edges[random(edges.length)]!;
        break;
      case 3:
        mutated = concatBytes(mutated.subarray(0, at), Uint8Array.of(random(256)), mutated.subarray(at));
        break;
      case 4:
        mutated = concatBytes(mutated.subarray(0, at), mutated.subarray(at + 1));
        break;
      default:
        mutated = concatBytes(mutated.subarray(0, at + random(mutated.length - at)), mutated.subarray(at));
    }
    if (mutated.length === 0) mutated = Uint8Array.of(0);
  }
  return mutated;
}

/** Runs `round` and counts what it returns. */
function rounds(seed: number, count: number, round: (random: Random) => string): FuzzTally {
  const random = randomOf(seed);
  const tally = new Map<string, number>();
  for (let index = 0; index < count; index++) {
    const kind = round(random);
    tally.set(kind, (tally.get(kind) ?? 0) + 1);
  }
  return tally;
}

const passphrase = utf8('correct horse');
const salt = new Uint8Array(16).fill(0x5a);
const leastCost = { memoryKib: 65_536, passes: 1 };

function sampleFile(derive: KeyDerivation): Uint8Array {
  const content = encode(backupContentCodec, sampleBackup());
  return sealFile({ kind: 'backup', content, passphrase, salt, iv: salt, cost: leastCost }, derive);
}

/** Mutated sealed files, half of them with a checksum that fits, so that the key derivation is reached. */
function fuzzSealedFiles(seed: number, count: number): FuzzTally {
  const file = sampleFile(quickDerivation);
  return rounds(seed, count, (random): SealedFileProblem | 'ok' => {
    const bytes = mutatedBytes(random, file);
    const body = bytes.subarray(0, -8);
    const mutated = random(2) === 0 ? bytes : concatBytes(body, sha256(body).subarray(0, 8));
    const result = openSealedFile(mutated, 'backup', passphrase, quickDerivation);
    assert.equal(result.ok, equalBytes(mutated, file), 'a changed file opens');
    return result.ok ? 'ok' : result.code;
  });
}

/**
 * Sealed files changed where only the keys show it, with a checksum that fits, through a derivation that costs what it costs.
 */
export function fuzzBehindDerivation(seed: number, count: number, derive: KeyDerivation): FuzzTally {
  const file = sampleFile(derive);
  return rounds(seed, count, (random) => {
    const body = file.slice(0, -8);
    // Salt, IV and key check; then the first half of ciphertext and MAC, without the length.
    const at = random(2) === 0 ? 13 + random(40) : 57 + random(body.length - 57);
    body[at]! ^= 1 << random(8);
    const result = openSealedFile(concatBytes(body, sha256(body).subarray(0, 8)), 'backup', passphrase, derive);
    assert.ok(!result.ok, 'a changed file opens');
    assert.equal(result.code, at < 53 ? 'wrong-passphrase' : 'tampered');
    return result.code;
  });
}

/** Mutated contents of backups, as if they had been authenticated. */
function fuzzBackupContents(seed: number, count: number): FuzzTally {
  const encoded = encode(backupContentCodec, sampleBackup());
  return rounds(seed, count, (random) => {
    const mutated = mutatedBytes(random, encoded);
    const result = decode(backupContentCodec, mutated);
    if (!result.ok) return result.error.reason;
    assert.ok(equalBytes(encode(backupContentCodec, result.value), mutated), 'a second encoding');
    return 'ok';
  });
}

/** Mutated key windows. */
function fuzzKeyWindows(seed: number, count: number): FuzzTally {
  return fuzzChecksummed(seed, count, keyWindowCodec, sampleWindow(), TAG.keyWindow);
}

/** Mutated public records of wallets. */
function fuzzWalletRecords(seed: number, count: number): FuzzTally {
  return fuzzChecksummed(seed, count, walletRecordCodec, sampleRecord(), TAG.walletRecord);
}

/** Mutated notes, as a restore leaves them in a wallet's folder. */
function fuzzWalletNotes(seed: number, count: number): FuzzTally {
  const { fingerprint, labels, contacts } = sampleBackup();
  const notes = { fingerprint, given: [{ account: 3, nextReceive: 7, nextChange: 300 }], labels, contacts };
  return fuzzChecksummed(seed, count, walletNotesCodec, notes, TAG.walletNotes);
}

/** Mutations of what ends in a checksum, half of them with one that fits. */
function fuzzChecksummed<T>(seed: number, count: number, codec: Codec<T>, sample: T, tag: Tag): FuzzTally {
  const encoded = encode(codec, sample);
  return rounds(seed, count, (random) => {
    const bytes = mutatedBytes(random, encoded);
    const body = bytes.subarray(0, -8);
    const repaired = random(2) === 0;
    const mutated = repaired ? concatBytes(body, hash(tag, body).subarray(0, 8)) : bytes;
    const result = decode(codec, mutated);
    if (!result.ok) return result.error.reason;
    assert.ok(repaired || equalBytes(mutated, encoded), 'changed bytes are taken');
    assert.ok(equalBytes(encode(codec, result.value), mutated), 'a second encoding');
    return 'ok';
  });
}

/** Mutated addresses of both kinds. */
function fuzzAddresses(seed: number, count: number): FuzzTally {
  const { terms, siblingHash } = sampleWindow();
  const policyId = termsPolicyId(terms);
  const texts = honestKeys.flatMap((key) => [
    encodeAddress(regtest.addressPrefix, { lockId: accountLockId(key, siblingHash), policyId }),
    encodeBase58Address(regtest.base58Version, keyHash(key)),
  ]);
  return rounds(seed, count, (random) => {
    const text = texts[random(texts.length)]!;
    const mutated = mutatedText(random, text);
    const result = parseAddress(regtest, mutated);
    if (!result.ok) return result.code;
    const isBech32 = text.startsWith(`${regtest.addressPrefix}1`);
    assert.equal(isBech32 ? mutated.toLowerCase() : mutated, text, 'a changed address is taken');
    return 'ok';
  });
}

/** Mutated texts of keys. */
function fuzzKeyTexts(seed: number, count: number): FuzzTally {
  const texts = honestKeys.map((key) => encodeKeyText('rrnt', key));
  return rounds(seed, count, (random) => {
    const text = texts[random(texts.length)]!;
    const mutated = mutatedText(random, text);
    const result = decodeKeyText('rrnt', mutated);
    if (!result.ok) return result.code;
    assert.equal(mutated.toLowerCase(), text, 'a changed text of a key is taken');
    return 'ok';
  });
}

/** Mutated lines of policies. Whatever is read prints to a line that is read the same. */
function fuzzPolicyTexts(seed: number, count: number): FuzzTally {
  const [first, second, third] = honestKeys as [Uint8Array, Uint8Array, Uint8Array];
  const texts = [
    printPolicyText({ type: 'emissionReturn', blocks: 200 }, 'rrnt'),
    printPolicyText({ type: 'heartbeat', interval: 100, timeout: 50, recoveryKey: first }, 'rrnt'),
    `social(100, 2, ${[first, second, third].map((key) => encodeKeyText('rrnt', key)).join(', ')})`,
  ];
  return rounds(seed, count, (random) => {
    const result = parsePolicyText(mutatedText(random, texts[random(texts.length)]!), regtest);
    if (!result.ok) return result.code;
    const printed = printPolicyText(result.policy, 'rrnt');
    assert.deepEqual(parsePolicyText(printed, regtest), result);
    return 'ok';
  });
}

/** Mutated paths. */
function fuzzPaths(seed: number, count: number): FuzzTally {
  return rounds(seed, count, (random) => {
    const result = parsePath(mutatedText(random, "m/44'/9555'/0'/1'/2147483647'"));
    if (!result.ok) return result.code;
    assert.deepEqual(parsePath(printPath(result.path)), result);
    return 'ok';
  });
}

/** Words, some of them replaced by others of the list: of 24, one of 256 passes. The tally's `ok` are those that passed with other entropy. */
function fuzzReplacedWords(seed: number, count: number): FuzzTally {
  const words = fromUtf8(mnemonicPhrase({ language: 'english', entropy: new Uint8Array(32).fill(0x5a) })).split(' ');
  const english = wordList('english');
  return rounds(seed, count, (random) => {
    const mutated = words.slice();
    for (let change = random(3); change >= 0; change--) mutated[random(24)] = english[random(2_048)]!;
    const result = parseMnemonic(utf8(mutated.join(' ')), 'english');
    if (mutated.every((word, index) => word === words[index])) return 'unchanged';
    return result.ok ? 'ok' : result.code;
  });
}

/** Words with changed letters, in any language. */
function fuzzWords(seed: number, count: number): FuzzTally {
  const entropy = new Uint8Array(16).fill(0x33);
  const phrases = (['english', 'french', 'japanese', 'korean'] as const).map((language) =>
    fromUtf8(mnemonicPhrase({ language, entropy })),
  );
  return rounds(seed, count, (random) => {
    const result = parseMnemonic(utf8(mutatedText(random, phrases[random(phrases.length)]!)));
    return result.ok ? 'ok' : result.code;
  });
}

/** Mutated texts of QR codes. */
function fuzzQrParts(seed: number, count: number): FuzzTally {
  const content = Uint8Array.from({ length: 700 }, (_, index) => index & 0xff);
  const parts = qrParts(content);
  return rounds(seed, count, (random) => {
    const collector = new QrCollector();
    const broken = random(parts.length);
    const results = parts.map((part, index) => collector.add(index === broken ? mutatedText(random, part) : part));
    if (collector.bytes !== null) assert.ok(equalBytes(collector.bytes, content), 'changed codes are taken');
    const refused = results.find((result) => !result.ok);
    return refused === undefined || refused.ok ? 'ok' : refused.code;
  });
}

/** By what is mutated. The sealed files' key derivation costs nothing. */
export const fuzzers: Readonly<Record<FuzzedFormat, (seed: number, count: number) => FuzzTally>> = {
  sealedFile: fuzzSealedFiles,
  backupContent: fuzzBackupContents,
  keyWindow: fuzzKeyWindows,
  walletRecord: fuzzWalletRecords,
  walletNotes: fuzzWalletNotes,
  address: fuzzAddresses,
  keyText: fuzzKeyTexts,
  policyText: fuzzPolicyTexts,
  path: fuzzPaths,
  replacedWords: fuzzReplacedWords,
  words: fuzzWords,
  qrPart: fuzzQrParts,
};

function sampleWindow(): KeyWindow {
  const [liveness, heir, ...others] = honestKeys as [Uint8Array, Uint8Array, ...Uint8Array[]];
  const policy = { type: 'heartbeat', interval: 100, timeout: 50, recoveryKey: heir } as const;
  return {
    fingerprint: Uint8Array.of(1, 2, 3, 4),
    account: 3,
    ...watchedAccount(policy, liveness),
    receive: { first: 10, publicKeys: others.slice(0, 3) },
    change: { first: 0, publicKeys: others.slice(3, 4) },
  };
}

function sampleRecord(): WalletRecord {
  const { fingerprint, account: number, terms, siblingHash, recoveryKey, receive, change } = sampleWindow();
  const policy = { terms, siblingHash, recoveryKey };
  const branches = { receive: receive.publicKeys, change: change.publicKeys };
  return {
    name: 'main',
    networkId: new Uint8Array(32).fill(9),
    fingerprint,
    birthHeight: 100,
    accounts: [{ number, name: 'savings', policy, ...branches }],
  };
}

function sampleBackup(): BackupContent {
  const { fingerprint, terms, siblingHash, recoveryKey } = sampleWindow();
  return {
    network: 'regtest',
    fingerprint,
    secret: {
      kind: 'words',
      mnemonic: { language: 'english', entropy: new Uint8Array(32).fill(7) },
      passphrase: utf8('more'),
    },
    birthHeight: 100,
    accounts: [
      {
        number: 0,
        name: 'main',
        policy: { terms, siblingHash, recoveryKey },
        nextReceive: 5,
        nextChange: 2,
        nextGuardian: 0,
        nextRecovery: 1,
      },
    ],
    labels: [{ subject: 'rrnt1x', text: 'rent' }],
    contacts: [{ name: 'Ann', text: 'rrnt1y' }],
    wards: [sampleWindow()],
    channels: [Uint8Array.of(1, 2, 3)],
  };
}

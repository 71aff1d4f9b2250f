// Sealed files (WAL-13, WAL-14): content under a passphrase, for a wallet's secret and for backups. Encrypted, then authenticated; a checksum that needs no
// passphrase tells damage from a wrong passphrase.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, refine, struct, u8, u32 } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { utf8 } from '@resonancenet/bytes/utf8';
// By the package's own name, so that Node gets the native functions.
import {
  CIPHER_BLOCK_LENGTH,
  CIPHER_IV_LENGTH,
  CIPHER_KEY_LENGTH,
  costProblem,
  decryptCbc,
  deriveKeys,
  encryptCbc,
  hmacSha256,
  KDF_OUTPUT_LENGTH,
  KDF_SALT_LENGTH,
  type KdfCost,
  type KeyDerivation,
  sha256,
} from '@resonancenet/keys/sealing-primitives';
import { magic } from './file-format.ts';
import { normalizedText, passphraseProblem } from './secret-text.ts';

/** What a sealed file holds. One kind is never taken for another. */
export const SEALED_KIND = { backup: 1, secret: 2 } as const;

export type SealedKind = keyof typeof SEALED_KIND;

export interface Sealing {
  readonly kind: SealedKind;
  /** At most 16 MiB. */
  readonly content: Uint8Array;
  /** UTF-8 that `passphraseProblem` allows. Empty: everybody can open the file. */
  readonly passphrase: Uint8Array;
  /** 16 random bytes, never used before. */
  readonly salt: Uint8Array;
  /** 16 random bytes, never used before. */
  readonly iv: Uint8Array;
  readonly cost: KdfCost;
}

export type SealedFileProblem =
  | 'not-sealed'
  | 'unknown-version'
  | 'too-long'
  | 'corrupt'
  | 'other-kind'
  | 'refused-cost'
  | 'bad-passphrase'
  | 'wrong-passphrase'
  | 'tampered';

export type OpenedFile =
  | { readonly ok: true; readonly content: Uint8Array }
  | { readonly ok: false; readonly code: SealedFileProblem; readonly detail: string };

/** RFC 9106's second recommended choice, with one lane: 64 MiB, three passes. */
export const USUAL_COST: KdfCost = { memoryKib: 65_536, passes: 3 };

export const MAX_SEALED_CONTENT: number = 16 * 1_024 * 1_024;

const MAGIC = 'rnts';
const VERSION = 1;
const KDF_ARGON2ID = 1;
const LANES = 1;
const KEY_CHECK_LENGTH = 8;
const MAC_LENGTH = 32;
const CHECKSUM_LENGTH = 8;

/** What the key check covers: all that the keys follow from. */
interface Header {
  readonly magic: null;
  readonly kind: number;
  readonly kdf: number;
  readonly cost: KdfCost;
  readonly lanes: number;
  readonly salt: Uint8Array;
  readonly iv: Uint8Array;
}

const costCodec: Codec<KdfCost> = refine(struct<KdfCost>({ memoryKib: u32, passes: u8 }), costProblem);

const headerCodec: Codec<Header> = struct<Header>({
  magic: magic(MAGIC, VERSION),
  kind: refine(u8, (kind) => (kind === 1 || kind === 2 ? null : `kind ${kind}; there are 1 and 2`)),
  kdf: refine(u8, (kdf) => (kdf === KDF_ARGON2ID ? null : `key derivation ${kdf}; there is 1, Argon2id`)),
  cost: costCodec,
  lanes: refine(u8, (lanes) => (lanes === LANES ? null : `${lanes} lanes of Argon2; there is one`)),
  salt: fixedBytes(KDF_SALT_LENGTH),
  iv: fixedBytes(CIPHER_IV_LENGTH),
});

interface Body {
  readonly header: Header;
  readonly keyCheck: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** A length u32 and whole blocks. The length of the file bounds it. */
const ciphertextCodec: Codec<Uint8Array> = {
  minSize: 4 + CIPHER_BLOCK_LENGTH,
  read: (reader) => {
    const start = reader.offset;
    const length = reader.u32();
    if (length >= CIPHER_BLOCK_LENGTH && length % CIPHER_BLOCK_LENGTH === 0) return reader.bytes(length);
    return reader.fail('invalid-value', start, `a ciphertext of ${length} bytes`);
  },
  write: (writer, ciphertext) => void writer.u32(ciphertext.length).bytes(ciphertext),
};

const bodyCodec: Codec<Body> = struct<Body>({
  header: headerCodec,
  keyCheck: fixedBytes(KEY_CHECK_LENGTH),
  ciphertext: ciphertextCodec,
});

/** Bytes of the shortest and the longest file. */
const MIN_LENGTH = bodyCodec.minSize + MAC_LENGTH + CHECKSUM_LENGTH;
export const MAX_SEALED_LENGTH: number = MIN_LENGTH + paddedLength(MAX_SEALED_CONTENT) - CIPHER_BLOCK_LENGTH;

/** Bytes of a sealed file. `derive` is Argon2id except in tests. */
export function sealFile(sealing: Sealing, derive: KeyDerivation = deriveKeys): Uint8Array {
  const { kind, content, passphrase, salt, iv, cost } = sealing;
  assert(content.length <= MAX_SEALED_CONTENT, `${content.length} bytes do not go into a sealed file`);
  const problem = costProblem(cost);
  assert(problem === null, problem ?? '');
  const header: Header = { magic: null, kind: SEALED_KIND[kind], kdf: KDF_ARGON2ID, cost, lanes: LANES, salt, iv };
  const keys = keysOf(header, passphrase, derive);
  const ciphertext = encryptCbc(keys.cipher, iv, content);
  const body = encode(bodyCodec, { header, keyCheck: keyCheckOf(keys, header), ciphertext });
  const file = new Uint8Array(body.length + MAC_LENGTH + CHECKSUM_LENGTH);
  file.set(body);
  file.set(hmacSha256(keys.mac, body), body.length);
  file.set(checksumOf(file.subarray(0, -CHECKSUM_LENGTH)), body.length + MAC_LENGTH);
  keys.wipe();
  return file;
}

/** The content of a sealed file, which is the caller's to overwrite, or why it does not open. Costs outside the bounds are refused before anything is allocated for them. */
export function openSealedFile(
  file: Uint8Array,
  kind: SealedKind,
  passphrase: Uint8Array,
  derive: KeyDerivation = deriveKeys,
): OpenedFile {
  const parsed = parseSealedFile(file);
  if (!parsed.ok) return parsed;
  const { body } = parsed;
  if (body.header.kind !== SEALED_KIND[kind]) {
    return fail('other-kind', `the file holds no ${kind}; give the right file`);
  }
  const problem = passphraseProblem(passphrase);
  if (problem !== null) return fail('bad-passphrase', problem);
  const keys = keysOf(body.header, passphrase, derive);
  const opened = decrypted(file, body, keys);
  keys.wipe();
  return opened;
}

/** What guessing the passphrase of a file costs; null: it is no sealed file. */
export function costOfSealedFile(file: Uint8Array): KdfCost | null {
  const parsed = parseSealedFile(file);
  return parsed.ok ? parsed.body.header.cost : null;
}

function decrypted(file: Uint8Array, body: Body, keys: SealingKeys): OpenedFile {
  if (!sameSecret(keyCheckOf(keys, body.header), body.keyCheck)) {
    return fail('wrong-passphrase', 'the passphrase is wrong; type it again');
  }
  const macAt = file.length - CHECKSUM_LENGTH - MAC_LENGTH;
  const mac = hmacSha256(keys.mac, file.subarray(0, macAt));
  const content = sameSecret(mac, file.subarray(macAt, macAt + MAC_LENGTH))
    ? decryptCbc(keys.cipher, body.header.iv, body.ciphertext)
    : null;
  if (content !== null) return { ok: true, content };
  return fail(
    'tampered',
    'somebody changed the file on purpose: its checksum fits and its authentication does not; use another copy',
  );
}

type ParsedFile = { readonly ok: true; readonly body: Body } | Extract<OpenedFile, { readonly ok: false }>;

/** All that can be checked without the passphrase: cheap, and before a cost is paid. */
function parseSealedFile(file: Uint8Array): ParsedFile {
  if (file.length > MAX_SEALED_LENGTH) {
    return fail('too-long', `${file.length} bytes; a sealed file has at most ${MAX_SEALED_LENGTH}`);
  }
  if (!equalBytes(file.subarray(0, MAGIC.length), utf8(MAGIC))) {
    return fail('not-sealed', `the file does not begin with '${MAGIC}'; give a sealed file of a wallet`);
  }
  const version = file[MAGIC.length];
  if (version !== undefined && version !== VERSION) {
    return fail('unknown-version', `version ${version}; this program reads ${VERSION}: update it`);
  }
  const corrupt = 'the file is damaged: its checksum does not fit; use another copy';
  if (file.length < MIN_LENGTH) return fail('corrupt', 'the file ends too early; copy all of it');
  const at = file.length - CHECKSUM_LENGTH;
  if (!equalBytes(checksumOf(file.subarray(0, at)), file.subarray(at))) return fail('corrupt', corrupt);
  const result = decode(bodyCodec, file.subarray(0, at - MAC_LENGTH));
  if (result.ok) return { ok: true, body: result.value };
  const { path, message } = result.error;
  return fail(/^header\.(kdf|cost|lanes)/.test(path) ? 'refused-cost' : 'corrupt', message);
}

interface SealingKeys {
  readonly cipher: Uint8Array;
  readonly mac: Uint8Array;
  readonly check: Uint8Array;
  wipe(): void;
}

function keysOf({ salt, cost }: Header, passphrase: Uint8Array, derive: KeyDerivation): SealingKeys {
  const problem = passphraseProblem(passphrase);
  assert(problem === null, problem ?? '');
  const normalized = normalizedText(passphrase)!;
  const output = derive(normalized, salt, cost);
  normalized.fill(0);
  assert(
    output.length === KDF_OUTPUT_LENGTH,
    `a key derivation gives ${KDF_OUTPUT_LENGTH} bytes, not ${output.length}`,
  );
  const part = (index: number): Uint8Array =>
    output.subarray(CIPHER_KEY_LENGTH * index, CIPHER_KEY_LENGTH * (index + 1));
  return { cipher: part(0), mac: part(1), check: part(2), wipe: () => void output.fill(0) };
}

function keyCheckOf(keys: SealingKeys, header: Header): Uint8Array {
  return hmacSha256(keys.check, encode(headerCodec, header)).subarray(0, KEY_CHECK_LENGTH);
}

function checksumOf(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(0, CHECKSUM_LENGTH);
}

/** Bytes of ciphertext: at least one of padding. */
function paddedLength(length: number): number {
  return length - (length % CIPHER_BLOCK_LENGTH) + CIPHER_BLOCK_LENGTH;
}

/** In a time that depends on the length alone. */
function sameSecret(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

function fail(code: SealedFileProblem, detail: string): Extract<OpenedFile, { readonly ok: false }> {
  return { ok: false, code, detail };
}

// Bytes as a few QR codes (WAL-16): parts that may be read in any order and more than once.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, refine, struct, u16, varBytes } from '@resonancenet/bytes/codec';
import { concatBytes, equalBytes } from '@resonancenet/bytes/compare';
import { decode } from '@resonancenet/bytes/decode';
import { encode } from '@resonancenet/bytes/encode';
import { bytesToWords, decodeBech32, encodeBech32, wordsToBytes } from '@resonancenet/crypto/bech32';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';

/** Parts that bytes are cut into; more than these nobody scans. */
export const MAX_QR_PARTS = 200;

/** Bytes of content in a part: its code then has 93 modules a side and fits a terminal of 100 columns. */
export const QR_PART_LENGTH = 480;

/** Bytes that fit into parts. */
export const MAX_QR_CONTENT: number = MAX_QR_PARTS * QR_PART_LENGTH;

export type QrPartProblem = 'bad-text' | 'unknown-version' | 'other-set' | 'damaged-set';

export type QrPartVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: QrPartProblem; readonly detail: string };

/** One part as its code tells it. */
interface QrPart {
  /** First 8 bytes of the tagged hash of the whole: which parts belong together, and the check that all do. */
  readonly set: Uint8Array;
  readonly index: number;
  readonly count: number;
  readonly content: Uint8Array;
}

const PREFIX = 'rntq';
const VERSION = 0;
const SET_LENGTH = 8;
const MAX_TEXT_LENGTH = 1_000;

const partCodec: Codec<QrPart> = refine(
  struct<QrPart>({
    set: fixedBytes(SET_LENGTH),
    index: u16,
    count: u16,
    content: varBytes({ min: 1, max: QR_PART_LENGTH }),
  }),
  ({ index, count }) =>
    count >= 1 && count <= MAX_QR_PARTS && index < count
      ? null
      : `part ${index} of ${count}; there are at most ${MAX_QR_PARTS}`,
);

/** The texts of the codes: bech32m in capitals, which a QR code holds in the least space. */
export function qrParts(bytes: Uint8Array): readonly string[] {
  assert(bytes.length >= 1 && bytes.length <= MAX_QR_CONTENT, `${bytes.length} bytes do not go into QR codes`);
  const set = setOf(bytes);
  const count = Math.ceil(bytes.length / QR_PART_LENGTH);
  return Array.from({ length: count }, (_, index) => {
    const content = bytes.subarray(index * QR_PART_LENGTH, (index + 1) * QR_PART_LENGTH);
    const payload = bytesToWords(encode(partCodec, { set, index, count, content }));
    return encodeBech32('bech32m', PREFIX, concatBytes(Uint8Array.of(VERSION), payload)).toUpperCase();
  });
}

/** Collects the parts of one set. */
export class QrCollector {
  #first: QrPart | null = null;
  #bytes: Uint8Array | null = null;
  readonly #contents = new Map<number, Uint8Array>();

  /** The whole, once all parts are there and fit together. */
  get bytes(): Uint8Array | null {
    return this.#bytes;
  }

  /** Numbers of the parts that are not there yet, from 1; none before the first part, when their number is not known. */
  get missing(): readonly number[] {
    const count = this.#first?.count ?? 0;
    return Array.from({ length: count }, (_, index) => index)
      .filter((index) => !this.#contents.has(index))
      .map((index) => index + 1);
  }

  /** Takes the text of a code. One that is refused changes nothing, except that a set that does not fit together is forgotten. */
  add(text: string): QrPartVerdict {
    const parsed = parsePart(text);
    if ('code' in parsed) return { ok: false, ...parsed };
    const first = this.#first ?? parsed;
    this.#first = first;
    if (!equalBytes(first.set, parsed.set) || first.count !== parsed.count) {
      return { ok: false, code: 'other-set', detail: 'the code belongs to other ones; scan those of one backup only' };
    }
    if (!this.#contents.has(parsed.index)) this.#contents.set(parsed.index, parsed.content);
    return this.#contents.size === first.count ? this.#join(first) : { ok: true };
  }

  #join(first: QrPart): QrPartVerdict {
    const whole = concatBytes(...Array.from({ length: first.count }, (_, index) => this.#contents.get(index)!));
    if (equalBytes(setOf(whole), first.set)) {
      this.#bytes = whole;
      return { ok: true };
    }
    this.#first = null;
    this.#contents.clear();
    return { ok: false, code: 'damaged-set', detail: 'the codes do not fit together; scan all of them again' };
  }
}

function setOf(bytes: Uint8Array): Uint8Array {
  return hash(TAG.qrParts, bytes).subarray(0, SET_LENGTH);
}

function parsePart(text: string): QrPart | { readonly code: QrPartProblem; readonly detail: string } {
  const decoded = decodeBech32('bech32m', text.trim(), MAX_TEXT_LENGTH);
  if (!decoded.ok) return { code: 'bad-text', detail: decoded.detail };
  if (decoded.prefix !== PREFIX)
    return {
      code: 'bad-text',
      detail: `the code begins with ${decoded.prefix}, not ${PREFIX}; it is no part of a backup`,
    };
  const version = decoded.words[0];
  if (version !== VERSION) {
    return {
      code: 'unknown-version',
      detail: `a code of version ${version ?? '(none)'}; this program knows ${VERSION}: update it`,
    };
  }
  const payload = wordsToBytes(decoded.words.subarray(1));
  if (payload === null) return { code: 'bad-text', detail: 'unused bits at the end are set; scan the code again' };
  const part = decode(partCodec, payload);
  return part.ok ? part.value : { code: 'bad-text', detail: part.error.message };
}

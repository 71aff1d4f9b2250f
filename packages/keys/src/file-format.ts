// What the wallet's files have in common: four letters and a version in front, a checksum at the end.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, refine, varBytes } from '@resonancenet/bytes/codec';
import { equalBytes } from '@resonancenet/bytes/compare';
import { encode } from '@resonancenet/bytes/encode';
import { fromUtf8, utf8 } from '@resonancenet/bytes/utf8';
import { hash } from '@resonancenet/crypto/hash';
import type { Tag } from '@resonancenet/crypto/tags';

const CHECKSUM_LENGTH = 8;

/** Four ASCII letters and a version byte; other letters and other versions are refused, each in words of its own. */
export function magic(letters: string, version: number): Codec<null> {
  const expected = utf8(letters);
  assert(expected.length === 4, `a magic has four letters: ${letters}`);
  return {
    minSize: 5,
    read: (reader) => {
      const start = reader.offset;
      if (!equalBytes(reader.view(4), expected)) {
        return reader.fail(
          'invalid-value',
          start,
          `the bytes do not begin with '${letters}'; give a file of this kind`,
        );
      }
      const found = reader.u8();
      if (found === version) return null;
      return reader.fail('invalid-value', start + 4, `version ${found}; this program reads ${version}: update it`);
    },
    write: (writer) => void writer.bytes(expected).u8(version),
  };
}

/** The values of `base`, followed by the first 8 bytes of the tagged hash of their encoding. */
export function checksummed<T>(tag: Tag, base: Codec<T>): Codec<T> {
  // A value has one encoding: encoding it again gives the bytes that were read.
  const checksumOf = (value: T): Uint8Array => hash(tag, encode(base, value)).subarray(0, CHECKSUM_LENGTH);
  return {
    minSize: base.minSize + CHECKSUM_LENGTH,
    read: (reader) => {
      const value = base.read(reader);
      const at = reader.offset;
      if (equalBytes(reader.view(CHECKSUM_LENGTH), checksumOf(value))) return value;
      return reader.fail(
        'invalid-value',
        at,
        'the checksum does not fit: bytes were changed on the way; copy it again',
      );
    },
    write: (writer, value) => {
      base.write(writer, value);
      writer.bytes(checksumOf(value));
    },
  };
}

/** Text of at most `max` bytes of UTF-8 that shows as it stands (`isShown`). */
export function shownText(max: number): Codec<string> {
  const bytes = varBytes({ max });
  return {
    minSize: bytes.minSize,
    read: (reader) => {
      const start = reader.offset;
      const text = fromUtf8(bytes.read(reader));
      return isShown(text)
        ? text
        : reader.fail(
            'invalid-value',
            start,
            'a text holds control characters or turns its direction; remove those characters',
          );
    },
    write: (writer, text) => {
      assert(isShown(text), 'a text holds characters that terminals obey');
      bytes.write(writer, utf8(text));
    },
  };
}

/** Whether a text has no characters that terminals obey: control characters, separators of lines, marks that turn the direction of text. */
export function isShown(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text);
}

/** A list whose items' keys are strictly ascending, so that a set of items has one encoding and no key stands twice. */
export function ascending<T>(items: Codec<readonly T[]>, compare: (a: T, b: T) => number): Codec<readonly T[]> {
  return refine(items, (list) => {
    const wrong = list.findIndex((item, index) => index > 0 && compare(list[index - 1]!, item) >= 0);
    return wrong < 0 ? null : `item ${wrong} is not above the one before it; sort them and name each once`;
  });
}

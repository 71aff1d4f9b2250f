// Formats declared as values: fields in wire order give reading, writing and the least size.

import { assert } from './assert.ts';
import { DecodeError } from './decode-error.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/**
 * A format with exactly one encoding per value.
 * `read` throws DecodeError; `write` asserts. Use `decode` and `encode` at the outside.
 */
export interface Codec<T> {
  /** No value takes fewer bytes. */
  readonly minSize: number;
  read(reader: Reader): T;
  write(writer: Writer, value: T): void;
}

export const u8: Codec<number> = {
  minSize: 1,
  read: (reader) => reader.u8(),
  write: (writer, value) => void writer.u8(value),
};

export const u16: Codec<number> = {
  minSize: 2,
  read: (reader) => reader.u16(),
  write: (writer, value) => void writer.u16(value),
};

export const u24: Codec<number> = {
  minSize: 3,
  read: (reader) => reader.u24(),
  write: (writer, value) => void writer.u24(value),
};

export const u32: Codec<number> = {
  minSize: 4,
  read: (reader) => reader.u32(),
  write: (writer, value) => void writer.u32(value),
};

export const u64: Codec<bigint> = {
  minSize: 8,
  read: (reader) => reader.u64(),
  write: (writer, value) => void writer.u64(value),
};

export const varint: Codec<number> = {
  minSize: 1,
  read: (reader) => reader.varint(),
  write: (writer, value) => void writer.varint(value),
};

/** Exactly `length` bytes; decoding copies them. */
export function fixedBytes(length: number): Codec<Uint8Array> {
  return {
    minSize: length,
    read: (reader) => reader.bytes(length),
    write: (writer, value) => void writer.bytes(value, length),
  };
}

/** Bounds of a count, both inclusive. */
export interface CountBounds {
  readonly min?: number;
  readonly max?: number;
}

/** A varint length and that many bytes; the length is checked against its bounds and what remains before anything is copied. */
export function varBytes(bounds: CountBounds = {}): Codec<Uint8Array> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
  return {
    minSize: 1 + min,
    read: (reader) => reader.bytes(reader.count(1, max, min)),
    write: (writer, value) => {
      assert(value.length >= min && value.length <= max, `${value.length} bytes given for a field of ${min} to ${max}`);
      writer.varint(value.length).bytes(value);
    },
  };
}

/**
 * A varint count and that many items. A count that is out of bounds, or that needs more bytes than remain even if every item is
 * as small as it can be, is refused before anything is allocated.
 */
export function list<T>(item: Codec<T>, bounds: CountBounds = {}): Codec<readonly T[]> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
  assert(item.minSize >= 1, 'items of a list take at least one byte each');
  return {
    minSize: 1 + min * item.minSize,
    read: (reader) => {
      const count = reader.count(item.minSize, max, min);
      const items: T[] = [];
      for (let index = 0; index < count; index++) items.push(readWithin(`[${index}]`, item, reader));
      return items;
    },
    write: (writer, items) => {
      assert(items.length >= min && items.length <= max, `${items.length} items given for a list of ${min} to ${max}`);
      writer.varint(items.length);
      for (const value of items) item.write(writer, value);
    },
  };
}

/** Fields in wire order, without anything between them. */
export function struct<T extends object>(fields: { readonly [K in keyof T]-?: Codec<T[K]> }): Codec<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  // JavaScript moves integer-like keys to the front, which would change the wire order.
  assert(
    names.every((name) => !/^\d/.test(name)),
    'names of fields do not begin with a digit',
  );
  return {
    minSize: names.reduce((sum, name) => sum + fields[name].minSize, 0),
    read: (reader) => {
      const value: Partial<T> = {};
      for (const name of names) value[name] = readWithin(name, fields[name], reader);
      return value as T;
    },
    write: (writer, value) => {
      for (const name of names) fields[name].write(writer, value[name]);
    },
  };
}

/**
 * The values of `base` for which `problem` returns null. Otherwise it returns a sentence that names the cause and the fix: decoding
 * refuses with it, encoding asserts.
 */
export function refine<T>(base: Codec<T>, problem: (value: T) => string | null): Codec<T> {
  return {
    minSize: base.minSize,
    read: (reader) => {
      const start = reader.offset;
      const value = base.read(reader);
      const found = problem(value);
      if (found !== null) throw new DecodeError('invalid-value', start, '', found);
      return value;
    },
    write: (writer, value) => {
      const found = problem(value);
      assert(found === null, found ?? '');
      base.write(writer, value);
    },
  };
}

/** The values of `base` whose encoding takes at most `maxSize` bytes. */
export function limited<T>(base: Codec<T>, maxSize: number): Codec<T> {
  return {
    minSize: base.minSize,
    read: (reader) => {
      const start = reader.offset;
      const value = base.read(reader);
      const size = reader.offset - start;
      if (size > maxSize) {
        throw new DecodeError(
          'too-long',
          start,
          '',
          `the encoding takes ${size} bytes; at most ${maxSize} are allowed`,
        );
      }
      return value;
    },
    write: (writer, value) => {
      const start = writer.length;
      base.write(writer, value);
      assert(
        writer.length - start <= maxSize,
        `an encoding of ${writer.length - start} bytes; at most ${maxSize} are allowed`,
      );
    },
  };
}

/** A codec of the same bytes whose values have another type. Both functions are total and inverse to each other. */
export function mapped<A, B>(base: Codec<A>, there: (value: A) => B, back: (value: B) => A): Codec<B> {
  return {
    minSize: base.minSize,
    read: (reader) => there(base.read(reader)),
    write: (writer, value) => base.write(writer, back(value)),
  };
}

/** One byte: 0 for no, 1 for yes. */
export const bool: Codec<boolean> = mapped(
  refine(u8, (value) => (value < 2 ? null : 'a flag is 0 or 1')),
  (value) => value === 1,
  (value) => (value ? 1 : 0),
);

/** 0 for nothing (null), else 1 and the value. */
export function optional<T>(item: Codec<T>): Codec<T | null> {
  return {
    minSize: bool.minSize,
    read: (reader) => (bool.read(reader) ? item.read(reader) : null),
    write: (writer, value) => {
      bool.write(writer, value !== null);
      if (value !== null) item.write(writer, value);
    },
  };
}

/** One byte: the place in a list. `what` names what the list has, for messages. */
export function oneOf<T>(what: string, values: readonly T[]): Codec<T> {
  return mapped(
    refine(u8, (value) => (value < values.length ? null : `${what} ${value} does not exist`)),
    (value) => values[value]!,
    (value) => values.indexOf(value),
  );
}

function readWithin<T>(segment: string, codec: Codec<T>, reader: Reader): T {
  try {
    return codec.read(reader);
  } catch (error) {
    throw error instanceof DecodeError ? error.within(segment) : error;
  }
}

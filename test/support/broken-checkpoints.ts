// Checkpoint files with one thing wrong, of the same length as the right file where that is possible: what a miner could commit to.

import { assert } from '@resonancenet/bytes/assert';
import { utf8 } from '@resonancenet/bytes/utf8';

const LENGTH_BYTES = 8;

function headerLength(file: Uint8Array): number {
  return Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
}

/** The JSON of a file's header without its padding. */
export function headerText(file: Uint8Array): string {
  return new TextDecoder().decode(file.subarray(LENGTH_BYTES, LENGTH_BYTES + headerLength(file))).trimEnd();
}

/** The file with one value replaced by other BF16 bits. */
export function withValue(file: Uint8Array, index: number, bits: number): Uint8Array {
  const changed = file.slice();
  new DataView(changed.buffer).setUint16(LENGTH_BYTES + headerLength(file) + 2 * index, bits, true);
  return changed;
}

/** The file with all its values replaced. */
export function withAllValues(file: Uint8Array, bits: (index: number) => number): Uint8Array {
  const changed = file.slice();
  const view = new DataView(changed.buffer);
  const start = LENGTH_BYTES + headerLength(file);
  for (let at = start; at < changed.length; at += 2) view.setUint16(at, bits((at - start) / 2), true);
  return changed;
}

/** The file under another header. The data is cut where a longer header would make the file longer. */
export function withHeader(file: Uint8Array, change: (text: string) => string): Uint8Array {
  const before = headerText(file);
  const text = change(before);
  assert(text !== before, 'the change changes the header');
  const length = Math.max(headerLength(file), Math.ceil(text.length / 8) * 8);
  const changed = new Uint8Array(file.length);
  new DataView(changed.buffer).setBigUint64(0, BigInt(length), true);
  changed.set(utf8(text.padEnd(length, ' ')), LENGTH_BYTES);
  const data = file.subarray(LENGTH_BYTES + headerLength(file));
  const start = LENGTH_BYTES + length;
  changed.set(data.subarray(0, file.length - start), start);
  return changed;
}

const lastTensor = ',"norm":{';

/** Without its last tensor. */
export function withoutTensor(file: Uint8Array): Uint8Array {
  return withHeader(file, (text) => `${text.slice(0, text.indexOf(lastTensor))}}`);
}

/** With one tensor more. */
export function withExtraTensor(file: Uint8Array): Uint8Array {
  return withHeader(file, (text) => `${text.slice(0, -1)},"more":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}`);
}

/** With a tensor that begins two bytes inside the one before it. */
export function withOverlap(file: Uint8Array): Uint8Array {
  return withHeader(file, (text) => {
    const at = text.indexOf(lastTensor);
    return (
      text.slice(0, at) +
      text.slice(at).replace(/"data_offsets":\[(\d+),/, (_, begin: string) => `"data_offsets":[${Number(begin) - 2},`)
    );
  });
}

/** With a matrix that says to lie the other way round. */
export function withSwappedShape(file: Uint8Array): Uint8Array {
  return withHeader(file, (text) =>
    text.replace(
      /("embed":\{"dtype":"BF16","shape":)\[(\d+),(\d+)\]/,
      (_, start: string, rows: string, columns: string) => `${start}[${columns},${rows}]`,
    ),
  );
}

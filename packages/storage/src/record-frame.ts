// The frame around every value in the store: LMDB keeps no checksums, so a damaged page would be read as a record of ours.

import { crc32 } from 'node:zlib';
import { StorageError } from './storage-error.ts';

/** Version of the frame; the records inside carry their own. */
const FRAME_VERSION = 1;
const HEADER = 5;
/** Bytes that are copied one by one. */
const SMALL = 64;

/** version (1) || crc32 of the payload (u32le) || payload; in the front of `room` if there is enough of it, so that nothing is allocated. */
export function frameRecord(payload: Uint8Array, room: Uint8Array = new Uint8Array(0)): Uint8Array {
  const length = HEADER + payload.length;
  const framed = length <= room.length ? room.subarray(0, length) : new Uint8Array(length);
  framed[0] = FRAME_VERSION;
  const checksum = crc32(payload);
  for (let at = 0; at < 4; at++) framed[1 + at] = checksum >>> (8 * at);
  framed.set(payload, HEADER);
  return framed;
}

/** A copy of the payload; `where` names the record in an error. */
export function unframeRecord(framed: Uint8Array, where: () => string): Uint8Array {
  const version = framed[0];
  if (framed.length < HEADER || version === undefined)
    throw new StorageError('store-corrupt', `${where()} is shorter than its frame. ${REPAIR}`);
  if (version !== FRAME_VERSION)
    throw new StorageError(
      'store-version',
      `${where()} has frame version ${version}, this program reads ${FRAME_VERSION}.`,
    );
  // A Buffer's own slice would not copy, and a buffer that LMDB reads into is longer than its length says. A view of each
  // small record, only to be copied, would cost more than the copy.
  const length = framed.length - HEADER;
  const payload = new Uint8Array(length);
  if (length <= SMALL) for (let at = 0; at < length; at++) payload[at] = framed[HEADER + at]!;
  else payload.set(framed.subarray(HEADER, framed.length));
  const expected = (framed[1]! | (framed[2]! << 8) | (framed[3]! << 16) | (framed[4]! << 24)) >>> 0;
  const found = crc32(payload);
  if (expected !== found)
    throw new StorageError(
      'store-corrupt',
      `${where()} has checksum ${found}, it was written with ${expected}. ${REPAIR}`,
    );
  return payload;
}

const REPAIR = 'Move the store away and start again: the node downloads and verifies what is missing.';

// Keccak-256d, tagged and untagged (HASH-5, HASH-6).

// By the package's own name, so that Node gets the native function.
import { createKeccak256, keccak256 } from '@resonancenet/crypto/keccak';
import type { Tag } from './tags.ts';

/** Above this many bytes a stream is cheaper than a joined copy. */
const streamFrom = 4096;

/** Where shorter messages are joined: hashing is much of what a block costs, and memory for each message would be half of it. */
const room = new Uint8Array(streamFrom);
/** Its beginnings by their lengths: making such a view costs as much as a fifth of a hash. */
const beginnings: (Uint8Array | undefined)[] = [];

/** Keccak-256(Keccak-256(tag || parts)): 32 bytes. Parts are joined without separators; formats fix their lengths. */
export function hash(tag: Tag, ...parts: readonly Uint8Array[]): Uint8Array {
  if (1 + lengthOf(parts) >= streamFrom) return hashStream([Uint8Array.of(tag), ...parts]);
  room[0] = tag;
  return hashJoined(1, parts);
}

/** Keccak-256(Keccak-256(parts)): only for the uses that HASH-7 lists. */
export function hashUntagged(...parts: readonly Uint8Array[]): Uint8Array {
  return lengthOf(parts) >= streamFrom ? hashStream(parts) : hashJoined(0, parts);
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

/** Of what stands in the room before `start`, and the parts behind it. */
function hashJoined(start: number, parts: readonly Uint8Array[]): Uint8Array {
  let at = start;
  for (const part of parts) {
    room.set(part, at);
    at += part.length;
  }
  return keccak256(keccak256(beginning(at)));
}

function beginning(length: number): Uint8Array {
  const known = beginnings[length];
  if (known !== undefined) return known;
  const made = room.subarray(0, length);
  beginnings[length] = made;
  return made;
}

function hashStream(parts: readonly Uint8Array[]): Uint8Array {
  const inner = createKeccak256();
  for (const part of parts) inner.update(part);
  return keccak256(inner.digest());
}

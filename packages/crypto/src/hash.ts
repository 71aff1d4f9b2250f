// Keccak-256d, tagged and untagged (HASH-5, HASH-6).

import { concatBytes } from '@resonancenet/bytes/compare';
// By the package's own name, so that Node gets the native function.
import { createKeccak256, keccak256 } from '@resonancenet/crypto/keccak';
import type { Tag } from './tags.ts';

/** Above this many bytes a stream is cheaper than a joined copy. */
const streamFrom = 4096;

/** Keccak-256(Keccak-256(tag || parts)): 32 bytes. Parts are joined without separators; formats fix their lengths. */
export function hash(tag: Tag, ...parts: readonly Uint8Array[]): Uint8Array {
  return hashUntagged(Uint8Array.of(tag), ...parts);
}

/** Keccak-256(Keccak-256(parts)): only for the uses that HASH-7 lists. */
export function hashUntagged(...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length < streamFrom) return keccak256(keccak256(concatBytes(...parts)));
  const inner = createKeccak256();
  for (const part of parts) inner.update(part);
  return keccak256(inner.digest());
}

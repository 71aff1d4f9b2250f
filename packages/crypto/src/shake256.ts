// SHAKE256 (FIPS 202), for order-free sums of hashes (LED-30), in portable JavaScript. Node takes shake256-node.ts instead.

import { shake256 as portable } from '@noble/hashes/sha3.js';

/** `length` bytes of output. */
export function shake256(bytes: Uint8Array, length: number): Uint8Array {
  return portable(bytes, { dkLen: length });
}

// Keccak-256 with the original padding 0x01 (not FIPS 202's SHA3-256), in portable JavaScript. Node takes keccak-node.ts instead.

import { keccak_256 } from '@noble/hashes/sha3.js';

/** A hash in progress. After `digest` it must not be used again. */
export interface KeccakStream {
  update(bytes: Uint8Array): KeccakStream;
  digest(): Uint8Array;
}

/** 32 bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}

export function createKeccak256(): KeccakStream {
  const state = keccak_256.create();
  const stream: KeccakStream = {
    update: (bytes) => {
      state.update(bytes);
      return stream;
    },
    digest: () => state.digest(),
  };
  return stream;
}

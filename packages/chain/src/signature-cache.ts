// Signatures that were found valid, so that nobody checks them twice: what the mempool has checked costs a block nothing. Bounded; an entry is
// a digest salted by the process, so that nobody can make two signatures share one.

import { withWriter } from '@resonancenet/bytes/encode';
// By the package's own name, so that Node gets the native function.
import { keccak256 } from '@resonancenet/crypto/keccak';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import { keyText } from './table-changes.ts';

/** Digests kept in all: those of several full blocks. About 100 bytes of memory each. */
const DEFAULT_SIZE = 131_072;

export class SignatureCache {
  readonly #salt: Uint8Array;
  readonly #half: number;
  /** Two generations: when the young one is full it becomes the old one, and what was old is forgotten. */
  #young = new Set<string>();
  #old = new Set<string>();

  /** `salt`: 32 bytes that others do not know. */
  constructor(salt: Uint8Array, size: number = DEFAULT_SIZE) {
    this.#salt = salt;
    this.#half = Math.max(1, size >>> 1);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  has(check: SignatureCheck): boolean {
    return this.hasDigest(this.digestOf(check));
  }

  /** The caller has checked it. */
  add(check: SignatureCheck): void {
    this.addDigest(this.digestOf(check));
  }

  hasDigest(digest: string): boolean {
    return this.#young.has(digest) || this.#old.has(digest);
  }

  /** The caller has checked that whose digest it is. */
  addDigest(digest: string): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(digest);
  }

  /** For those who ask first and add later. */
  digestOf({ publicKey, message, signature }: SignatureCheck): string {
    return withWriter((writer) =>
      keyText(keccak256(writer.bytes(this.#salt).bytes(publicKey).bytes(message).bytes(signature).view())),
    );
  }
}

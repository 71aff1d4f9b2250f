// The pool between two runs: one file, replaced as a whole.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { decodePoolFile, encodePoolFile, type PoolFile } from '@resonancenet/mempool/pool-file';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { replaceFile } from '@resonancenet/training/write-file';

/** No pool that this program writes comes near. */
const MAX_FILE_BYTES: number = 2 ** 30;

export type PoolFileLoad =
  | { readonly kind: 'none' }
  | { readonly kind: 'loaded'; readonly file: PoolFile }
  /** It is left where it is and replaced when the pool is stored next. */
  | { readonly kind: 'refused'; readonly detail: string };

export class PoolStorage {
  readonly #path: string;
  readonly #params: NetworkParams;

  constructor(path: string, params: NetworkParams) {
    this.#path = path;
    this.#params = params;
  }

  /** @throws errors of the file system other than that there is no file */
  load(): PoolFileLoad {
    if (!existsSync(this.#path)) return { kind: 'none' };
    const { size } = statSync(this.#path);
    if (size > MAX_FILE_BYTES)
      return { kind: 'refused', detail: `it has ${size} bytes, at most ${MAX_FILE_BYTES} are read` };
    const bytes = readFileSync(this.#path);
    const read = decodePoolFile(bytes, this.#networkId(), this.#params.maxTransactionBytes);
    return read.ok ? { kind: 'loaded', file: read.file } : { kind: 'refused', detail: read.detail };
  }

  /** @throws WriteFileError, the old file being as it was */
  save(content: Omit<PoolFile, 'networkId'>): void {
    const file = { networkId: this.#networkId(), ...content };
    replaceFile(this.#path, [encodePoolFile(file, this.#params.maxTransactionBytes)]);
  }

  #networkId(): Uint8Array {
    return networkId(this.#params);
  }
}

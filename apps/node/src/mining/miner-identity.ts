// Who mines here: the key that signs this node's blocks, and whom they pay.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicKey } from '@resonancenet/crypto/ed25519';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { encodeAddress, parseAddress } from '@resonancenet/primitives/address';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import { replaceFile } from '@resonancenet/training/write-file';
import type { NodeConfig } from '../config/node-config.ts';
import { loadOrCreateKey } from '../keys.ts';

export class MiningAddressError extends Error {
  readonly code = 'mining-address';
}

export class MinerIdentity {
  readonly key: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly #params: NetworkParams;
  /** Holds the address that `setPayTo` chose. */
  readonly #file: string;
  #payTo: Destination;

  /** @throws KeyFileError, MiningAddressError, errors of the file system */
  constructor({ params, folder, payTo }: Pick<NodeConfig, 'params' | 'folder' | 'payTo'>) {
    this.key = loadOrCreateKey(join(folder, 'miner.key'));
    this.publicKey = publicKey(this.key);
    this.#params = params;
    this.#file = join(folder, 'mining-address');
    this.#payTo = payTo ?? this.#chosen() ?? keyDestination(this.publicKey, params.recovery);
  }

  get payTo(): Destination {
    return this.#payTo;
  }

  get address(): string {
    return encodeAddress(this.#params.addressPrefix, this.#payTo);
  }

  /** From the next block that is begun on, and after a new start too, unless --pay-to says otherwise. @throws WriteFileError */
  setPayTo(destination: Destination): void {
    replaceFile(this.#file, [Buffer.from(`${encodeAddress(this.#params.addressPrefix, destination)}\n`)]);
    this.#payTo = destination;
  }

  #chosen(): Destination | null {
    if (!existsSync(this.#file)) return null;
    const parsed = parseAddress(this.#params, readFileSync(this.#file, 'utf8').trim());
    if (parsed.ok) return parsed.destination;
    throw new MiningAddressError(`${this.#file} holds no address (${parsed.detail}). Remove it, or give --pay-to.`);
  }
}

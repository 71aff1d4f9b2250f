// The id of a network: peers compare it in the handshake, and block 0 names it as its parent (NET-4, NET-6).

import { utf8 } from '@resonancenet/bytes/utf8';
import { hash } from '@resonancenet/crypto/hash';
import { TAG } from '@resonancenet/crypto/tags';
import { requireGenesis } from './genesis-constants.ts';
import { serialiseNetworkParams } from './network-file.ts';
import type { NetworkParams } from './network-params.ts';

/**
 * hash(TAG.network, canonical text): 32 bytes over every field, so that two nodes with the same id follow the same rules.
 * @throws AssertionFailure while the genesis constants are missing.
 */
export function networkId(params: NetworkParams): Uint8Array {
  requireGenesis(params);
  return hash(TAG.network, utf8(serialiseNetworkParams(params)));
}

/** The four bytes before every frame (NET-3). */
export function magicBytes(params: NetworkParams): Uint8Array {
  return utf8(params.magic);
}

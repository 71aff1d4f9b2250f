// The one way to the genesis constants.

import { assert } from '@resonancenet/bytes/assert';
import type { GenesisConstants, NetworkParams } from './network-params.ts';

/**
 * The network's genesis constants.
 * @throws AssertionFailure if they have not been computed yet; nothing can be validated without them.
 */
export function requireGenesis(params: NetworkParams): GenesisConstants {
  const constants = params.genesis.constants;
  assert(
    constants !== null,
    `network '${params.name}' has no genesis constants yet: run tools/make-genesis.ts ${params.name}, which computes them`,
  );
  return constants;
}

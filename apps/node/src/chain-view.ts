// The chain machine as synchronisation sees it: it is one as it stands.

import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { ChainView } from '@resonancenet/p2p/chain-view';

export function chainView(chain: ChainMachine): ChainView {
  return chain;
}

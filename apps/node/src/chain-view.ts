// The chain machine as synchronisation sees it.

import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { ChainView } from '@resonancenet/p2p/chain-view';

export function chainView(chain: ChainMachine): ChainView {
  return {
    step: (event, now) => chain.step(event, now),
    tip: () => chain.tip().id,
    header: (id) => chain.header(id),
    heightOf: (id) => chain.heightOf(id),
    activeChainAt: (height) => chain.activeChainAt(height),
    locator: () => chain.locator(),
    headersAfter: (locator, max) => chain.headersAfter(locator, max),
    bodyBytes: (id) => chain.bodyBytes(id),
    statusOf: (id) => {
      const found = chain.status(id);
      if (found === null) return null;
      if (found.status === 'invalid' || found.status === 'forbidden' || found.status === 'foreign') return 'dead';
      return chain.isVerified(id) ? 'verified' : 'pending';
    },
    finalizedHeight: () => chain.finalizedHeight(),
    canOffer: (root) => chain.canOffer(root),
  };
}

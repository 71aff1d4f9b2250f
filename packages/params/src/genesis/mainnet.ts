// Computed, not typed: `node tools/make-genesis.ts mainnet` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const mainnetGenesis: GenesisConstants | null = null;

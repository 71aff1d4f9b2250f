// Computed, not typed: `node tools/make-genesis.ts regtest` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const regtestGenesis: GenesisConstants | null = null;

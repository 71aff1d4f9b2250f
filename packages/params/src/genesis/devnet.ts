// Computed, not typed: `node tools/make-genesis.ts devnet` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const devnetGenesis: GenesisConstants | null = null;

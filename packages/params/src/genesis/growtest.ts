// Computed, not typed: `node tools/make-genesis.ts growtest` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const growtestGenesis: GenesisConstants | null = null;

// Computed, not typed: `node tools/make-genesis.ts mainnet` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const mainnetGenesis: GenesisConstants | null = {
  valLoss: 10_609_685,
  lossRoot: '69ec90978a969a04feb4c87c39077674929e5b6637bba7398d1cd204dad85276',
  checkpointRoot: '180cdacd90567209fdbcbc2afd55c02201563ba63a9ac5aab2ec7128b23cd962',
  dvalIds: [
    '9e0c286684b2112a64a90d0fc631f42a3e19d639f12348e671eb63a8bdd20fd4',
    '18247ed849171b9eb022fa59f20a11d16874c98912939ea9274210a9ecb5aec6',
    '8a088188aee07c8afbf7e859059ae312af51ab455741b3e4130b77bf66f024ec',
  ],
};

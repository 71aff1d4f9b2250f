// Computed, not typed: `node tools/make-genesis.ts mainnet` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const mainnetGenesis: GenesisConstants | null = {
  valLoss: 10_609_685,
  lossRoot: '69ec90978a969a04feb4c87c39077674929e5b6637bba7398d1cd204dad85276',
  checkpointRoot: '7d9e57e1d9b44fc42ea42ae900f6095748dba57691dc0d4e88f1058762191026',
  dvalIds: [
    '9e0c286684b2112a64a90d0fc631f42a3e19d639f12348e671eb63a8bdd20fd4',
    '18247ed849171b9eb022fa59f20a11d16874c98912939ea9274210a9ecb5aec6',
    '8a088188aee07c8afbf7e859059ae312af51ab455741b3e4130b77bf66f024ec',
  ],
};

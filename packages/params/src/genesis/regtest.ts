// Computed, not typed: `node tools/make-genesis.ts regtest` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const regtestGenesis: GenesisConstants | null = {
  valLoss: 5_544_229,
  lossRoot: 'cc308a05d93b39de9007731d879467a6cd98068bc56f44f5c1afd643d9e9d6bd',
  checkpointRoot: '1c0b0aad0b3e652e82dd8455ebe018913d12d50c2706aa0cf0872dba58936929',
  dvalIds: [
    'c7d639de429cc2deaec1ec2c56d2be4ccb508b81dd78fec88ee3b3bb0c1609e1',
    'f3ed1cb537e0fabc3a853f551328198aa29d4f50b3cf92f926b02ea48fbec5d7',
    'ebc51d551950ac97097b08e393ae150379db8ffe19a66aa889d5052e66aacd89',
    '93f5c255949d2472933a0683943d83177b295bf77113e53dc7747b853b224e4c',
    '454ff43d0de0cdde8185376dc0b3b9a80dd2a5031f6fd18d4d30857f326068ff',
    'a7859ffd5024b26b287577c7f91a1b2589d206fbc23cea5f8681f0ea96d7422b',
    'fcd1005d00d304b27dc15eaf82244b856f7548a8eb99095c8c2934f5af26c4d5',
    'b4887f9ab0382d519a7b834df039e3819e3135119cf83237ea2485f20db5c6f0',
  ],
};

// Computed, not typed: `node tools/make-genesis.ts growtest` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const growtestGenesis: GenesisConstants | null = {
  valLoss: 5_544_174,
  lossRoot: '0ce005791e8f14aceb1beb563aa978afa95dd65dd3a81e4d9be77050244c5e25',
  checkpointRoot: '4f30285eb9692ecb2481138274a2eb36ddb1efca585f87f053a96c388e3f9341',
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

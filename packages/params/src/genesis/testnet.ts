// Computed, not typed: `node tools/make-genesis.ts testnet` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const testnetGenesis: GenesisConstants | null = {
  valLoss: 10_681_301,
  lossRoot: '4f70a1022a11fff94a06857f486870bd235c1279056c3d7deb8c17af14941d4a',
  checkpointRoot: '9b0eae086116901d477db46df666724f55c1ba044ea937da0f8155b86c707f55',
  dvalIds: [
    '9f3070fa9470893adb66fe71f7ed23050535d5bdac2ccffc1df2dfad12d658a4',
    '6705536358372958efb407fac568ec3e650bd9a08788eed313b00521ee45de05',
    '13b2b8d644d902f3044d9c357233edf33ddd29d3ea945a1afde66c2f3de29b60',
    'e8a5171d329a5158a7f25f055b5d10fe5288c87fd24d18fee892b161c0964cb3',
    '8645f7a0b07d2a6035e7202e86e31bae4e2357fcdd88edcf803511892b7e373f',
    '6a66358d4c7316ff7fec052a2b4a5eda95abc53b20b6afd911f7d1aee07f8f33',
    'e450c37ad8f7781e6de3b512cfb9555110145b88ed34eef169ecc4b5ebf4c28a',
    '8e13d0bad3a875f2b0b25011719b4bb3407268f30d1b783714946d98ccc1c3ad',
  ],
};

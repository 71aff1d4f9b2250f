// Computed, not typed: `node tools/make-genesis.ts devnet` rebuilds this file from the weight seed and the corpus.

import type { GenesisConstants } from '../network-params.ts';

export const devnetGenesis: GenesisConstants | null = {
  valLoss: 5_543_164,
  lossRoot: '2b44e8da2175a478fb7d821e8f64b85d02fd5cf2a3bfbc18df2a172fabb7efbd',
  checkpointRoot: '3e012f243264bcc323c592d7f6c319584d5bef33ed9de5b68bd03953104e240f',
  dvalIds: [
    'a4366c58a42b87997bccbfa1bc8d2fec3fd9e373f98ea6efff1ac6bc37011f0f',
    'b077e756ec7227b304d2588dba8e977c443f0e12b76d903512bca2156bcd7582',
    'e616f50b66f71708ef024c04013191ab5f7de6f2402eae9b4fe8b09d52de030c',
    '0a83b8aeeaddfe31e6b73f02f502e7343251f8a71c6f7fe6f939d92f7a6b16b3',
    '99b391e6b577ff6955b9c628ff2d34e2e0ee3e19703d9f5e295e3d53449e403c',
    'a1d9b3bf0a7e058d751d7291e078da9f0374a4dc8cbde63407945978d4cb4b96',
    'e41bb138a707c3d4fe808e96af3d64f79b9d008f740dd343ec1dee42a548f7a5',
    '84f4e073176d9db14df5eae1d91ba68072328d3f21cbcc35ebd1432047983519',
    'a5f7b10c7814cf025ab6b4e478a6765b2949fc0879cd316a681c8051fc96d735',
    '54acc49fbe1bc9a08483bc88b41234c5649d2513fc10eb84cebac565cc80cfb6',
    'b58584b19275bb71064356c1c603fae3bd00718524ce1e1330f3d6e2d6b3b05b',
    'a98871f621a138aac00f408ae21743801c73fa4f01265707f210ab9b74a279a9',
  ],
};

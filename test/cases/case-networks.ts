// Parameter objects of the cases. Each is regtest with what its cases need to reach in a few blocks.

import { withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { regtest } from '@resonancenet/params/regtest';

/** Regtest itself, with made-up genesis constants. */
export const plain: NetworkParams = withGenesis({ ...regtest, name: 'cases' });

/** At most four signatures in a block. */
export const fewSignatures: NetworkParams = { ...plain, name: 'few-signatures', maxBlockSignatures: 4 };

/** Blocks ten seconds apart. */
export const spaced: NetworkParams = { ...plain, name: 'spaced', spacingBase: 10 };

/** Rewards by improvement, as on mainnet: the whole subsidy from 0.1 % on, twice that from 1 % on. */
export const rewarded: NetworkParams = {
  ...plain,
  name: 'rewarded',
  emission: { fullGain: 1_000, doubleGain: 10_000 },
};

/** Half of all money in two blocks: 5,250,000 RNT each. */
export const generous: NetworkParams = { ...plain, name: 'generous', subsidy: 52_500_000_000_000_000n };

/** Outputs return after nine idle blocks, those with terms after at least eight. */
export const shortLived: NetworkParams = {
  ...plain,
  name: 'short-lived',
  recovery: { ...regtest.recovery, emissionReturnMin: 8, base58Return: 9, channelReturn: 9, channelClose: 8 },
};

/** A rotation that goes through all its stages in sixteen blocks. */
export const rotating: NetworkParams = {
  ...plain,
  name: 'rotating',
  rotation: { window: 4, lockIn: 3, delay: 6, notice: 3, cancel: 2, expiry: 8, bond: 1_000_000_000_000n },
};

/** The network with another limit of a block's bytes. */
export function withBlockBytes(maxBlockBytes: number): NetworkParams {
  return { ...plain, name: 'small-blocks', maxBlockBytes };
}

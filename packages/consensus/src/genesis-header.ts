// Block 0 (CON-33).

import { fromHex } from '@resonancenet/bytes/hex';
import { requireGenesis } from '@resonancenet/params/genesis-constants';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { BLOCK_VERSION } from '@resonancenet/params/protocol-constants';
import { NO_VOTE } from '@resonancenet/primitives/dval-vote';
import type { BlockHeader } from '@resonancenet/primitives/header';

/**
 * The header of block 0. It was never mined: no miner, no signature, no transactions. Its parent is the network id, so that the genesis id,
 * and with it everything that is signed on this chain, commits to every parameter.
 */
export function genesisHeader(params: NetworkParams): BlockHeader {
  const constants = requireGenesis(params);
  return {
    version: BLOCK_VERSION,
    height: 0,
    prevHash: networkId(params),
    txRoot: new Uint8Array(32),
    checkpointRoot: fromHex(constants.checkpointRoot),
    valLoss: constants.valLoss,
    parentLoss: constants.valLoss,
    lossRoot: fromHex(constants.lossRoot),
    dvalId: fromHex(constants.dvalIds[0]!),
    dModel: params.baseShape.width,
    nLayers: params.baseShape.layers,
    growth: 0n,
    stagnation: 0,
    timestamp: params.genesis.timestamp,
    dvalVote: NO_VOTE,
    minerKey: new Uint8Array(32),
    signature: new Uint8Array(64),
  };
}

// The first model of a network, rebuilt from its seed: nobody has to download it.

import { fromHex } from '@resonancenet/bytes/hex';
import type { Checkpoint } from '@resonancenet/model/checkpoint';
import { genesisWeights } from '@resonancenet/model/random-weights';
import type { ModelShape } from '@resonancenet/model/shape';
import type { NetworkParams } from '@resonancenet/params/network-params';

/** The shape of a network's model at its base (MOD-2). */
export function baseShape(params: Pick<NetworkParams, 'vocabulary' | 'baseShape'>): ModelShape {
  const { width, layers } = params.baseShape;
  return { vocab: params.vocabulary.size, width, layers, baseWidth: width };
}

/** The checkpoint of block 0 (MOD-8, NET-6). */
export function genesisCheckpoint(
  params: Pick<NetworkParams, 'vocabulary' | 'baseShape' | 'genesis' | 'initAmplitudes'>,
): Checkpoint {
  const shape = baseShape(params);
  const data = genesisWeights(shape, fromHex(params.genesis.weightSeed), params.initAmplitudes);
  return { shape, baseLayers: params.baseShape.layers, growth: 0, data };
}

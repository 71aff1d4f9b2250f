// What follows from a network's weight seed and validation sets, computed and never typed (NET-6).

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import type { Backend } from '@resonancenet/kernels/backend';
import { checkpointRoot, encodeCheckpoint } from '@resonancenet/model/checkpoint';
import { dvalId, encodeDval } from '@resonancenet/params/dval';
import type { GenesisConstants, NetworkParams } from '@resonancenet/params/network-params';
import { evaluateIds } from './evaluate-ids.ts';
import { genesisCheckpoint } from './genesis-checkpoint.ts';

/**
 * The constants of a network with these D_vals, the first in force at genesis. `signal` ends the evaluation between two windows.
 * @throws NonFiniteModelError if the genesis weights overflow; the signal's reason
 */
export async function computeGenesisConstants(
  params: NetworkParams,
  dvals: readonly Uint16Array[],
  backend: Backend,
  onProgress?: (windowsDone: number, windows: number) => void,
  signal?: AbortSignal,
): Promise<GenesisConstants> {
  const [first] = dvals;
  assert(first !== undefined, 'a network has a validation set');
  assert(backend.exact, 'genesis is evaluated by a backend that decides');
  const checkpoint = genesisCheckpoint(params);
  const { windowSize } = params.dval;
  const { startId } = params.vocabulary;
  const loss = await evaluateIds(backend, checkpoint, first, windowSize, startId, onProgress, signal);
  return {
    valLoss: loss.valLoss,
    lossRoot: loss.lossRoot,
    checkpointRoot: toHex(checkpointRoot(encodeCheckpoint(checkpoint))),
    dvalIds: dvals.map((ids) => toHex(dvalId(encodeDval(ids)))),
  };
}

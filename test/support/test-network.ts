// Networks of a test's own: a parameter object with everything that follows from it, and the files that a node needs to join.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '@resonancenet/bytes/hex';
import type { Backend, EvalWindow } from '@resonancenet/kernels/backend';
import { type Checkpoint, checkpointRoot, encodeCheckpoint } from '@resonancenet/model/checkpoint';
import { dvalId, encodeDval } from '@resonancenet/params/dval';
import { growtest } from '@resonancenet/params/growtest';
import { initAmplitudes } from '@resonancenet/params/init-amplitudes';
import { serialiseNetworkParams } from '@resonancenet/params/network-file';
import type { NetworkParams, ShapeParams } from '@resonancenet/params/network-params';
import { evalWindows } from '@resonancenet/training/eval-windows';
import { evaluateIds } from '@resonancenet/training/evaluate-ids';
import { genesisCheckpoint } from '@resonancenet/training/genesis-checkpoint';

export interface TestNetworkOptions {
  readonly name: string;
  readonly baseShape: ShapeParams;
  readonly capShape: ShapeParams;
  readonly lossStep: number;
  /** Seconds. */
  readonly spacingBase: number;
  readonly stallIntervalBase: number;
  /** How long before now the chain began, seconds. */
  readonly ageSeconds: number;
  /** In place of growtest's. */
  readonly dval?: NetworkParams['dval'];
  readonly rotation?: NetworkParams['rotation'];
  readonly finalityDepth?: number;
  readonly coinbaseMaturity?: number;
  /** Ids of the two D_vals; left out, ids of a seeded walk. */
  readonly sets?: readonly Uint16Array[];
}

export interface TestNetwork {
  readonly params: NetworkParams;
  readonly genesis: Checkpoint;
  readonly genesisSums: readonly number[];
  /** Windows of each D_val by id, hex. */
  readonly windows: ReadonlyMap<string, readonly EvalWindow[]>;
  /** D_vals by id. */
  readonly dvals: ReadonlyMap<string, Uint8Array>;
}

/** Ids with some structure, so that a model can learn them: a seeded walk over a few letters. */
function dvalIds(count: number, seed: number): Uint16Array {
  const ids = new Uint16Array(count);
  let state = seed;
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    ids[i] = 97 + ((state >>> 24) % 13) + (i % 2 === 0 ? 0 : 13);
  }
  return ids;
}

/** Founds a network: its D_vals, the genesis model and its exact loss. */
export async function foundNetwork(backend: Backend, options: TestNetworkOptions): Promise<TestNetwork> {
  const { ageSeconds, sets: given, ...fields } = options;
  const { windowSize, windows } = options.dval ?? growtest.dval;
  const sets = given ?? [1, 2].map((seed) => dvalIds(windows * windowSize, seed));
  const dvals = new Map(
    sets.map((ids) => {
      const bytes = encodeDval(ids);
      return [toHex(dvalId(bytes)), bytes];
    }),
  );
  const draft: NetworkParams = {
    ...growtest,
    ...fields,
    magic: 'HNET',
    initAmplitudes: initAmplitudes(options.baseShape.width),
    genesis: {
      timestamp: BigInt(Math.floor(Date.now() / 1000) - ageSeconds),
      weightSeed: Buffer.from(options.name.padEnd(32, '.')).toString('hex'),
      constants: null,
    },
  };
  const genesis = genesisCheckpoint(draft);
  const { startId } = draft.vocabulary;
  const loss = await evaluateIds(backend, genesis, sets[0] ?? new Uint16Array(0), windowSize, startId);
  const constants = {
    valLoss: loss.valLoss,
    lossRoot: loss.lossRoot,
    checkpointRoot: toHex(checkpointRoot(encodeCheckpoint(genesis))),
    dvalIds: [...dvals.keys()],
  };
  return {
    params: { ...draft, genesis: { ...draft.genesis, constants } },
    genesis,
    genesisSums: loss.windowSums,
    windows: new Map([...dvals.keys()].map((id, i) => [id, evalWindows(sets[i]!, windowSize, startId)])),
    dvals,
  };
}

/** Writes the network's file, with its D_vals beside it; gives the path for `--network-file`. */
export function writeNetwork(network: TestNetwork, folder: string): string {
  const file = join(folder, `${network.params.name}.json`);
  writeFileSync(file, serialiseNetworkParams(network.params));
  mkdirSync(`${file}.dvals`);
  for (const [id, bytes] of network.dvals) writeFileSync(join(`${file}.dvals`, `${id}.u16`), bytes);
  return file;
}

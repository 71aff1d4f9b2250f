// The same script and the same promises on a disk that loses everything unsynced and tears the last write, within this process.

import { CheckpointFiles } from '@resonancenet/storage/checkpoint-files';
import { LogChainStore } from '@resonancenet/storage/testing/log-chain-store';
import { LossyFileLayer, PowerFailure } from '@resonancenet/storage/testing/lossy-file-layer';
import type { CrashScript } from './crash-script.ts';
import type { CrashLine } from './crash-line.ts';
import { Promises } from './promises.ts';
import { ScriptPlayer } from './script-player.ts';
import { digestDifference, type StoreDigest, storeDigest } from './store-digest.ts';

export interface LossyResult {
  readonly powerFailures: number;
  readonly problems: readonly string[];
}

/** Power failures per trial before it may end. */
const FAILURES = 3;

export class LossySuite {
  readonly #script: CrashScript;
  readonly #random: () => number;

  readonly #makeLayer: (random: () => number) => LossyFileLayer;

  /** `makeLayer`: another disk, to show that the suite finds what is wrong. */
  constructor(
    script: CrashScript,
    random: () => number,
    makeLayer: (random: () => number) => LossyFileLayer = (chance) => new LossyFileLayer(chance),
  ) {
    this.#script = script;
    this.#random = random;
    this.#makeLayer = makeLayer;
  }

  run(trials: number, onTrial: (done: number) => void): LossyResult {
    const layer = this.#makeLayer(this.#random);
    const expected = this.#play(layer, 0, () => undefined);
    const { operations } = layer;
    const problems: string[] = [];
    let powerFailures = 0;
    for (let trial = 0; trial < trials; trial++) {
      const outcome = this.#trial(expected, operations);
      powerFailures += outcome.failures;
      if (outcome.problem !== null) problems.push(`trial ${trial} on the lossy disk: ${outcome.problem}`);
      onTrial(trial + 1);
    }
    return { powerFailures, problems };
  }

  #trial(expected: StoreDigest, operations: number): { readonly failures: number; readonly problem: string | null } {
    const layer = this.#makeLayer(this.#random);
    const promises = new Promises();
    let problem: string | null = null;
    const take = (line: CrashLine): void => {
      problem ??= promises.take(line);
    };
    for (let failures = 0; ; ) {
      // The first failures come early and late in the script, some during recovery.
      const share = failures < FAILURES ? this.#random() ** 2 / FAILURES : Number.POSITIVE_INFINITY;
      layer.failAfter(1 + Math.floor(share * 2 * operations));
      try {
        const found = this.#play(layer, promises.doneSteps, take);
        return { failures, problem: problem ?? digestDifference(expected, found) };
      } catch (error) {
        if (!(error instanceof PowerFailure)) throw error;
        failures += 1;
        layer.restart();
      }
      if (problem !== null) return { failures, problem };
    }
  }

  #play(layer: LossyFileLayer, from: number, take: (line: CrashLine) => void): StoreDigest {
    const store = new LogChainStore('/data/chain/log', layer);
    const checkpoints = new CheckpointFiles('/data/checkpoints', { layer });
    layer.makeFolder('/data/scratch');
    const player = new ScriptPlayer(this.#script, {
      store,
      checkpoints,
      layer,
      snapshotPath: '/data/snapshot',
      placeMinedFile: (bytes) => {
        const path = '/data/scratch/mined.safetensors';
        layer.truncate(path, 0);
        layer.write(path, 0, bytes);
        return path;
      },
      started: (machine) => {
        const active = Array.from({ length: machine.tip().height + 1 }, (_, height) => machine.activeChainAt(height)!);
        take({ type: 'started', active, finalHeight: machine.finalizedHeight() });
      },
      action: (action) => {
        if (action.type === 'finalized') take({ type: 'finalized', height: action.height, id: action.blockId });
      },
      progress: (step) => take({ type: 'progress', step }),
    });
    player.play(from);
    return storeDigest(store, checkpoints);
  }
}

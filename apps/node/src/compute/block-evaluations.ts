// Evaluations that the chain or the miner asks for: from a checkpoint's root and a D_val's id to files, windows and the evaluation thread.

import { toHex } from '@resonancenet/bytes/hex';
import { checkpointDescription } from '@resonancenet/chain/block-node';
import type { EvaluationOutcome, Hex32 } from '@resonancenet/chain/events';
import type { NodeAction } from '@resonancenet/p2p/node-machine';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { CheckpointFiles } from '@resonancenet/storage/checkpoint-files';
import type { EvaluatedSums } from '../mining/next-block.ts';
import type { DvalFolder } from '../network/network-data.ts';
import { shuffledOrder } from '../shuffled-order.ts';
import type { TaskOutcome } from './evaluate-checkpoint.ts';
import type { EvaluationService } from './evaluation-service.ts';

export interface BlockEvaluationParts {
  readonly params: NetworkParams;
  readonly checkpoints: CheckpointFiles;
  readonly dvals: DvalFolder;
  readonly service: EvaluationService;
  /** Told the outcome of what the chain asked for; not of what was cancelled. */
  readonly onOutcome: (job: number, outcome: EvaluationOutcome) => void;
}

export class BlockEvaluations {
  readonly #parts: BlockEvaluationParts;
  readonly #cancels = new Map<number, () => void>();
  readonly #startedMs = new Map<Hex32, number>();

  constructor(parts: BlockEvaluationParts) {
    this.#parts = parts;
  }

  /** Carries out an action of the chain. */
  start({ job, root, dvalId, expected, claimed }: Extract<NodeAction, { type: 'evaluate' }>): void {
    const { checkpoints, dvals, service } = this.#parts;
    const path = checkpoints.pathOf(root);
    const startedMs = performance.now();
    const done = (outcome: TaskOutcome): void => {
      this.#cancels.delete(job);
      if (outcome.kind === 'cancelled') return;
      this.#startedMs.set(root, startedMs);
      this.#parts.onOutcome(job, outcome);
      this.#startedMs.delete(root);
    };
    const fail = (detail: string): void => queueMicrotask(() => done({ kind: 'failed', detail }));
    if (path === null) {
      fail(`the checkpoint ${root} is not complete`);
      return;
    }
    try {
      const windows = dvals.windows(dvalId);
      const task = service.evaluate({ path, expected, windows, claimed, order: shuffledOrder(windows.length) });
      this.#cancels.set(job, task.cancel);
      void task.outcome.then(done);
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
    }
  }

  cancel(job: number): void {
    this.#cancels.get(job)?.();
  }

  /** How long the evaluation took whose outcome is being handled; 0 if there was none. */
  elapsedMs(root: Hex32): number {
    const startedMs = this.#startedMs.get(root);
    return startedMs === undefined ? 0 : Math.round(performance.now() - startedMs);
  }

  /** All window sums of a block's checkpoint. */
  async whole(header: BlockHeader, dvalId: Hex32): Promise<EvaluatedSums> {
    const { params, checkpoints, dvals, service } = this.#parts;
    const path = checkpoints.pathOf(toHex(header.checkpointRoot));
    if (path === null) return null;
    const windows = dvals.windows(dvalId);
    const expected = checkpointDescription(header.growth, params);
    const order = windows.map((_, i) => i);
    const result = await service.evaluate({ path, expected, windows, claimed: null, order }).outcome;
    if (result.kind === 'invalid' && result.code === 'evaluation-non-finite') return 'none';
    return result.kind === 'sums' ? result.sums : null;
  }
}

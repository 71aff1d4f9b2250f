// Blocks as the rest of the node asks for them: the chain's index joined with bodies, checkpoints, validation sets and evaluations.

import { assert } from '@resonancenet/bytes/assert';
import { decode } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { Hex32 } from '@resonancenet/chain/events';
import { aggregateLoss } from '@resonancenet/consensus/loss';
import type { EvalWindow } from '@resonancenet/kernels/backend';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { type BlockBody, bodyCodec } from '@resonancenet/primitives/block';
import { HEADER_LENGTH } from '@resonancenet/primitives/header';
import type { CheckpointFiles } from '@resonancenet/storage/checkpoint-files';
import type { BlockEvaluations } from './compute/block-evaluations.ts';
import type { EvaluatedSums, ParentLosses } from './mining/next-block.ts';
import type { DvalFolder } from './network/network-data.ts';

export interface NodeBlocksParts {
  readonly params: NetworkParams;
  readonly chain: ChainMachine;
  readonly checkpoints: CheckpointFiles;
  readonly dvals: DvalFolder;
  readonly evaluations: BlockEvaluations;
}

export class NodeBlocks {
  readonly #parts: NodeBlocksParts;

  constructor(parts: NodeBlocksParts) {
    this.#parts = parts;
  }

  /** A stored body and the size of the whole block, bytes; null for genesis and what is not here. */
  body(id: Hex32): { readonly body: BlockBody; readonly size: number } | null {
    const { chain, params } = this.#parts;
    const bytes = chain.bodyBytes(id);
    if (bytes === null) return null;
    const decoded = decode(bodyCodec(params), bytes);
    assert(decoded.ok, 'a stored body decodes');
    return { body: decoded.value, size: HEADER_LENGTH + bytes.length };
  }

  /** File of a whole checkpoint; null if it is not here. */
  checkpointPath(root: Hex32): string | null {
    return this.#parts.checkpoints.pathOf(root);
  }

  /** Takes a finished checkpoint file into the store. */
  adoptCheckpoint(path: string, root: Hex32, leaves: readonly Uint8Array[]): void {
    this.#parts.checkpoints.adoptFile(path, root, leaves);
  }

  /** Window sums of a block's checkpoint on its own D_val, as its body claims them. */
  claimedSums(id: Hex32): readonly number[] | null {
    return this.body(id)?.body.windowSums ?? null;
  }

  /** All window sums of a block's checkpoint on a D_val: its own, from the body, or computed. */
  async windowSums(id: Hex32, dvalId: Hex32): Promise<EvaluatedSums> {
    const header = this.#parts.chain.header(id);
    if (header === null) return null;
    const own = toHex(header.dvalId) === dvalId ? this.claimedSums(id) : null;
    return own ?? (await this.#parts.evaluations.whole(header, dvalId));
  }

  windows(dvalId: Hex32): readonly EvalWindow[] {
    return this.#parts.dvals.windows(dvalId);
  }

  /** The D_val of a child of the tip with this timestamp. */
  dvalAt(timestamp: bigint, losses: ParentLosses): Hex32 {
    return this.#parts.chain.dvalAt(timestamp, losses);
  }

  /** Loss of window sums, micro-nats. */
  lossOf(windowSums: readonly number[]): number {
    return aggregateLoss(windowSums, this.#parts.params.dval.windowSize).valLoss;
  }
}

// One block at once, without training, on networks where LOSS_STEP is 0: the parent's checkpoint grown to the next shape, its function and so
// its loss unchanged. For tests of everything that needs blocks and no learning.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import { encodeCheckpoint } from '@resonancenet/model/checkpoint';
import { growWeights } from '@resonancenet/model/growth';
import { blockId } from '@resonancenet/primitives/header';
import { hashCheckpointFile } from '@resonancenet/storage/checkpoint-files';
import { readCheckpoint } from '@resonancenet/training/checkpoint-file';
import { replaceFile } from '@resonancenet/training/write-file';
import type { ResonanceNode } from '../node.ts';
import { assembleBlock } from './assemble-block.ts';
import { nextBlock, settleNextBlock } from './next-block.ts';

export class OnDemandError extends Error {
  readonly code = 'mine-on-demand';
}

const timeoutMs = 30_000;

/** Mines one block on the tip and waits until it is the tip. Gives its id. */
export async function mineOnDemand(node: ResonanceNode): Promise<Hex32> {
  const { params, folder } = node.config;
  if (params.lossStep > 0)
    throw new OnDemandError(
      `Network '${params.name}' asks every block for an improvement of ${params.lossStep} micro-nats: a block must be trained (--mine).`,
    );
  const { id: tip, header: parent } = node.chain.tip();
  const totals = node.chain.totals();
  const path = node.blocks.checkpointPath(toHex(parent.checkpointRoot));
  if (path === null) throw new OnDemandError('The tip’s checkpoint is not here yet.');
  const settled = await settleNextBlock(
    parent,
    (losses) =>
      nextBlock(parent, BigInt(Math.floor(node.clock.unixMs() / 1000)), params, (at) => node.blocks.dvalAt(at, losses)),
    (dvalId) => node.blocks.windowSums(tip, dvalId),
    params,
  );
  if (settled === null) throw new OnDemandError('The tip could not be evaluated; the log says why.');
  const { next, sums: windowSums } = settled;
  const checkpoint = readCheckpoint(path);
  const data = growWeights(checkpoint.shape, checkpoint.data, next.shape, fromHex(tip), params.initAmplitudes);
  const scratch = join(folder, 'scratch');
  mkdirSync(scratch, { recursive: true });
  const file = join(scratch, 'on-demand.safetensors');
  replaceFile(file, [
    encodeCheckpoint({ shape: next.shape, baseLayers: checkpoint.baseLayers, growth: Number(next.growth), data }),
  ]);
  const { root, leaves } = hashCheckpointFile(file);
  node.blocks.adoptCheckpoint(file, root, leaves);
  const template = node.template(tip);
  if (template === null) throw new OnDemandError('The tip moved while the block was made; ask again.');
  const block = assembleBlock({
    params,
    parent,
    timestamp: next.timestamp,
    dvalId: fromHex(next.dvalId),
    dvalVote: node.mining.vote,
    checkpointRoot: fromHex(root),
    windowSums,
    parentLoss: next.dvalChanges ? node.blocks.lossOf(windowSums) : parent.valLoss,
    totals,
    template,
    payTo: node.minerIdentity.payTo,
    minerKey: node.minerIdentity.key,
  });
  const id = toHex(blockId(block.header));
  node.mining.submit(block, root);
  const until = performance.now() + timeoutMs;
  while (node.chain.tip().id !== id) {
    if (performance.now() > until)
      throw new OnDemandError(`Block ${id} did not become the tip within ${timeoutMs / 1000} s; the log says why.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return id;
}

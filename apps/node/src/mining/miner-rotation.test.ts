// The miner where the validation set may change: it trains on the one that its block must use, and votes as its operator says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { EvalWindow } from '@resonancenet/kernels/backend';
import { GENESIS_TOTALS } from '@resonancenet/ledger/totals';
import { childHeader, genesisView, sumsFor } from '@resonancenet/consensus/testing/sample-chain';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { devnet } from '@resonancenet/params/devnet';
import { keyDestination } from '@resonancenet/primitives/destination';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import type { MiningRequest } from '../compute/mining-messages.ts';
import type { AssembledBlock } from './assemble-block.ts';
import { Miner } from './miner.ts';
import type { EvaluatedSums, ParentLosses } from './next-block.ts';

const minerKey = new Uint8Array(32).fill(7);
const payTo = keyDestination(publicKey(minerKey), devnet.recovery);
const tip: BlockHeader = childHeader(genesisView(devnet), devnet);
const own = toHex(tip.dvalId);
const proposed = 'aa'.repeat(32);
const proposal = new Uint8Array(32).fill(5);

interface Scene {
  readonly miner: Miner;
  readonly requests: MiningRequest[];
  readonly submitted: AssembledBlock[];
  readonly asked: string[];
  /** Delays after which it wants to be called, and what it does then. */
  readonly timers: { readonly ms: number; readonly work: () => void }[];
}

const windowOf = (id: number): EvalWindow => ({ inputs: Uint16Array.of(id), targets: Uint16Array.of(0) });

/** A miner on a tip whose child must use the proposed set if the tip's loss there is at most twice its own. */
function scene(evaluate: () => EvaluatedSums): Scene {
  const made: Omit<Scene, 'miner'> = { requests: [], submitted: [], asked: [], timers: [] };
  const fits = (losses: ParentLosses): boolean => (losses.get(proposed) ?? 0) <= 2 * tip.valLoss;
  const miner = new Miner(
    { params: devnet, payTo: () => payTo, minerKey },
    {
      tip: () => toHex(blockId(tip)),
      header: () => tip,
      totals: () => GENESIS_TOTALS,
      windowSums: () => sumsFor(tip.valLoss, devnet),
      checkpointPath: () => '/checkpoint',
      // One window that names its set by its first input.
      windows: (dvalId) => [windowOf(dvalId === proposed ? 1 : 0)],
      dvalAt: (_, losses) => (fits(losses) ? proposed : own),
      template: () => ({ transactions: [], fees: 0n, bytes: 0, signatures: 0 }),
      vote: () => ({ kind: 'for', proposal }),
      evaluate: async (_, dvalId) => {
        made.asked.push(dvalId);
        return evaluate();
      },
      adopt: () => undefined,
      submit: (block) => made.submitted.push(block),
      send: (request) => made.requests.push(request),
      tell: () => undefined,
      unixMs: () => Number(tip.timestamp) * 1000 + 10_000,
      later: (ms, work) => {
        made.timers.push({ ms, work });
        return () => undefined;
      },
    },
  );
  return { ...made, miner };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the miner trains on the proposed set, measures against the tip’s loss there, and votes in its block', async () => {
  const parentLoss = tip.valLoss + 70_000;
  const { miner, requests, submitted, asked } = scene(() => sumsFor(parentLoss, devnet));
  miner.setEnabled(true, null);
  await settled();
  assert.deepEqual(asked, [proposed]);
  const [work] = requests;
  assert.ok(work?.type === 'work');
  assert.deepEqual(work.target.windows[0]?.inputs, Uint16Array.of(1));
  assert.deepEqual(work.target.parentSums, sumsFor(parentLoss, devnet));
  const sums = sumsFor(parentLoss - devnet.lossStep, devnet);
  miner.onReply({ type: 'candidate', target: work.target.id, path: '/file', root: '11'.repeat(32), leaves: [], sums });
  const { header } = submitted[0]!;
  assert.deepEqual(
    [toHex(header.dvalId), header.parentLoss, header.valLoss, header.dvalVote],
    [proposed, parentLoss, parentLoss - devnet.lossStep, { kind: 'for', proposal }],
  );
  miner.close();
});

test('where the tip’s loss is too far off, or it has none, the miner stays on the old set', async () => {
  for (const found of [sumsFor(2 * tip.valLoss + 1, devnet), 'none'] as const) {
    const { miner, requests, submitted, asked } = scene(() => found);
    miner.setEnabled(true, null);
    await settled();
    assert.deepEqual(asked, [proposed]);
    const [work] = requests;
    assert.ok(work?.type === 'work');
    assert.deepEqual(work.target.windows[0]?.inputs, Uint16Array.of(0));
    const sums = sumsFor(tip.valLoss - devnet.lossStep, devnet);
    miner.onReply({ type: 'candidate', target: work.target.id, path: '/f', root: '11'.repeat(32), leaves: [], sums });
    assert.deepEqual(submitted[0]!.header.dvalId, fromHex(own));
    assert.equal(submitted[0]!.header.parentLoss, tip.valLoss);
    miner.close();
  }
});

test('a tip that cannot be evaluated now is tried again', async () => {
  let answer: EvaluatedSums = null;
  const { miner, requests, timers } = scene(() => answer);
  miner.setEnabled(true, null);
  await settled();
  assert.equal(requests.length, 0);
  assert.equal(timers.length, 1);
  answer = sumsFor(tip.valLoss, devnet);
  timers[0]!.work();
  await settled();
  assert.equal(requests[0]?.type, 'work');
  miner.close();
});

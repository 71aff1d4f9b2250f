import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { checkBody } from '@resonancenet/consensus/body-checks';
import { expectedDval } from '@resonancenet/consensus/dval-rotation';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { checkHeader, checkHeaderSignature } from '@resonancenet/consensus/header-checks';
import { aggregateLoss, valLossOf } from '@resonancenet/consensus/loss';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { GENESIS_TOTALS } from '@resonancenet/ledger/totals';
import { devnet } from '@resonancenet/params/devnet';
import { bodyCodec } from '@resonancenet/primitives/block';
import { keyDestination } from '@resonancenet/primitives/destination';
import { NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { assembleBlock } from './assemble-block.ts';
import { earliestTimestamp, maxTotal, nextBlock, settleNextBlock } from './next-block.ts';

const minerKey = new Uint8Array(32).fill(7);
const genesis = genesisHeader(devnet);
const tokens = devnet.dval.windows * devnet.dval.windowSize;

function child(parent: BlockHeader, timestamp: bigint, windowSum: number): ReturnType<typeof assembleBlock> {
  return assembleBlock({
    params: devnet,
    parent,
    timestamp,
    dvalId: expectedDval(parent, timestamp, devnet),
    dvalVote: NO_VOTE,
    checkpointRoot: fromHex('11'.repeat(32)),
    windowSums: new Array<number>(devnet.dval.windows).fill(windowSum),
    parentLoss: parent.valLoss,
    totals: GENESIS_TOTALS,
    payTo: keyDestination(publicKey(minerKey), devnet.recovery),
    minerKey,
  });
}

test('assembleBlock() makes a block that passes every check before evaluation', () => {
  const { header, bodyBytes } = child(genesis, genesis.timestamp + 1000n, 256 * 65536 * 3);
  const parent = { ...genesis, id: blockId(genesis) };
  assert.deepEqual(checkHeader(header, parent, { hasCheckpoint: () => false, mayActivate: () => false }, devnet), {
    ok: true,
  });
  assert.deepEqual(checkHeaderSignature(header, blockId(header)), { ok: true });
  const body = decode(bodyCodec(devnet), bodyBytes);
  assert.ok(body.ok);
  assert.deepEqual(checkBody(header, body.value, devnet), { ok: true });
  assert.equal(header.valLoss, 3_000_000);
});

test('maxTotal() is the largest sum that gives the loss, one quantum more gives a higher one', () => {
  for (const loss of [0, 1, 999, 1_000_000, 5_543_164]) {
    const total = maxTotal(loss, devnet);
    assert.ok(valLossOf(total, tokens) <= loss);
    assert.ok(valLossOf(total + 1n, tokens) > loss);
  }
  assert.equal(maxTotal(-1, devnet), -1n);
});

test('nextBlock() says when growth or the validation set change', () => {
  const parent = child(genesis, genesis.timestamp + 1000n, 256 * 65536 * 3).header;
  const on = (header: BlockHeader, seconds: bigint): ReturnType<typeof nextBlock> =>
    nextBlock(header, header.timestamp + seconds, devnet, (timestamp) =>
      toHex(expectedDval(header, timestamp, devnet)),
    );
  const at = (seconds: bigint): ReturnType<typeof nextBlock> => on(parent, seconds);
  assert.equal(on(genesis, 10_000_000n).stagnation, 0);
  assert.equal(at(0n).timestamp, earliestTimestamp(parent, devnet));
  assert.equal(earliestTimestamp(parent, devnet), parent.timestamp + 2n);
  assert.deepEqual([at(59n).stagnation, at(60n).stagnation], [0, 1]);
  assert.equal(at(59n).changesAt, parent.timestamp + 60n);
  assert.equal(at(239n).changesAt, parent.timestamp + 240n);
  assert.deepEqual([at(239n).dvalChanges, at(240n).dvalChanges], [false, true]);
  assert.equal(at(600n).stagnation, 10);
  assert.equal(at(600n).changesAt, null);
});

test('settleNextBlock() asks for the parent’s loss on the set in question until the answer holds', async () => {
  const parent = child(genesis, genesis.timestamp + 1000n, 256 * 65536 * 3).header;
  const own = toHex(parent.dvalId);
  const [proposed, reserve] = ['aa'.repeat(32), 'bb'.repeat(32)];
  const sumsOn = (loss: number): number[] => new Array<number>(devnet.dval.windows).fill(256 * 65536 * loss);
  /** A chain on which the proposed set is due and comes into force with a loss of at most 4 nats. */
  const settle = async (loss: number | 'none' | null, fallback: string): Promise<[string, string[]] | null> => {
    const asked: string[] = [];
    const settled = await settleNextBlock(
      parent,
      (losses) =>
        nextBlock(parent, parent.timestamp + 10n, devnet, () => {
          const known = losses.get(proposed);
          return known === undefined || known <= 4_000_000 ? proposed : fallback;
        }),
      async (dvalId) => {
        asked.push(dvalId);
        return dvalId !== proposed ? sumsOn(3) : typeof loss === 'number' ? sumsOn(loss) : loss;
      },
      devnet,
    );
    return settled === null ? null : [settled.next.dvalId, asked];
  };
  assert.deepEqual(await settle(4, own), [proposed, [proposed]]);
  assert.deepEqual(await settle(5, own), [own, [proposed, own]]);
  assert.deepEqual(await settle(5, reserve), [reserve, [proposed, reserve]]);
  assert.deepEqual(await settle('none', reserve), [reserve, [proposed, reserve]]);
  assert.equal(await settle(null, own), null);
  const none = await settleNextBlock(
    parent,
    () => nextBlock(parent, parent.timestamp + 240n, devnet, () => reserve),
    async () => 'none',
    devnet,
  );
  assert.equal(aggregateLoss(none!.sums, devnet.dval.windowSize).valLoss, 2 * parent.valLoss);
});

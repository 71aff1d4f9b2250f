import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '@resonancenet/bytes/decode';
import { fromHex } from '@resonancenet/bytes/hex';
import { checkBody } from '@resonancenet/consensus/body-checks';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { checkHeader, checkHeaderSignature } from '@resonancenet/consensus/header-checks';
import { valLossOf } from '@resonancenet/consensus/loss';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { GENESIS_TOTALS } from '@resonancenet/ledger/totals';
import { devnet } from '@resonancenet/params/devnet';
import { bodyCodec } from '@resonancenet/primitives/block';
import { keyDestination } from '@resonancenet/primitives/destination';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { assembleBlock } from './assemble-block.ts';
import { earliestTimestamp, maxTotal, nextBlock } from './next-block.ts';

const minerKey = new Uint8Array(32).fill(7);
const genesis = genesisHeader(devnet);
const tokens = devnet.dval.windows * devnet.dval.windowSize;

function child(parent: BlockHeader, timestamp: bigint, windowSum: number): ReturnType<typeof assembleBlock> {
  return assembleBlock({
    params: devnet,
    parent,
    timestamp,
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
  const at = (seconds: bigint): ReturnType<typeof nextBlock> => nextBlock(parent, parent.timestamp + seconds, devnet);
  assert.equal(nextBlock(genesis, genesis.timestamp + 10_000_000n, devnet).stagnation, 0);
  assert.equal(at(0n).timestamp, earliestTimestamp(parent, devnet));
  assert.equal(earliestTimestamp(parent, devnet), parent.timestamp + 2n);
  assert.deepEqual([at(59n).stagnation, at(60n).stagnation], [0, 1]);
  assert.equal(at(59n).changesAt, parent.timestamp + 60n);
  assert.equal(at(239n).changesAt, parent.timestamp + 240n);
  assert.deepEqual([at(239n).dvalChanges, at(240n).dvalChanges], [false, true]);
  assert.equal(at(600n).stagnation, 10);
  assert.equal(at(600n).changesAt, null);
});

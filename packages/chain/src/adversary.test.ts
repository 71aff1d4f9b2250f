// What a hostile peer can send, and what becomes of it (issue bar "each refused with its own code"; CON-1, CON-2).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from '@resonancenet/bytes/encode';
import { toHex } from '@resonancenet/bytes/hex';
import { bodyFor, sumsFor } from '@resonancenet/consensus/testing/sample-chain';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { bodyCodec } from '@resonancenet/primitives/block';
import { blockId, signHeader } from '@resonancenet/primitives/header';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { amount } from '@resonancenet/primitives/amount';
import { keyDestination } from '@resonancenet/primitives/destination';
import { txRoot } from '@resonancenet/primitives/transaction';
import type { ChainAction } from './events.ts';
import { MachineDriver } from './testing/machine-driver.ts';
import {
  chunkyParams,
  type SampleBlock,
  sampleBlock,
  sampleChain,
  sampleFile,
  sampleParams,
} from './testing/sample-blocks.ts';

const dval = sampleParams.genesis.constants!.dvalIds[0]!;

/** A node that has been in contact long enough to know who is late. */
function driver(): MachineDriver {
  const node = new MachineDriver({ params: sampleParams });
  node.wait(20_000);
  return node;
}

function refusal(actions: readonly ChainAction[]): {
  code: string;
  peer: string | null;
  peerFault: boolean;
  detail: string;
} {
  const found = actions.filter((action) => action.type === 'refused');
  assert.equal(found.length, 1, JSON.stringify(actions));
  const { code, peer, peerFault, detail } = found[0]!;
  return { code, peer, peerFault, detail };
}

/** After whatever happened, an honest block is accepted. */
function honestChainGoesOn(node: MachineDriver): void {
  const tip = node.machine.tip();
  const block = sampleBlock(tip.header, sampleParams, { seed: 77 });
  node.wait(10_000);
  node.deliver(block, 'honest');
  node.wait(10_000);
  assert.equal(node.tip, block.id);
}

for (const [what, off] of [
  ['low', -1],
  ['high', 1],
] as const) {
  test(`a claimed loss one micro-nat too ${what} is an evaluation mismatch that condemns the block and blames who served it`, () => {
    const node = driver();
    const truth = sampleBlock(node.genesis, sampleParams);
    const claim = sampleBlock(node.genesis, sampleParams, { file: truth.file, gain: 5000 - off });
    node.setTruth(truth.file.root, dval, truth.sums);
    node.header(claim, 'liar');
    node.body(claim, 'liar');
    const verdict = refusal(node.chunks(claim, 'liar'));
    assert.equal(verdict.code, 'evaluation-window-sum');
    assert.deepEqual([verdict.peer, verdict.peerFault], ['liar', true]);
    assert.match(verdict.detail, new RegExp(`claimed to be ${claim.header.valLoss}`));
    assert.equal(node.height, 0);
    assert.equal(node.machine.status(claim.id)?.status, 'invalid');
    // The id is condemned for ever: no second evaluation, and announcing it again is nobody's fault.
    const again = refusal(node.header(claim, 'relay'));
    assert.deepEqual([again.code, again.peerFault], ['evaluation-window-sum', false]);
    assert.equal(node.all('evaluate').length, 1);
    assert.equal(node.all('delete-checkpoint').length, 1);
    honestChainGoesOn(node);
  });
}

test('a loss equal to the parent’s, or not a full step below it, is refused before anything is fetched', () => {
  const node = driver();
  for (const gain of [0, 99, -5]) {
    const verdict = refusal(node.header(sampleBlock(node.genesis, sampleParams, { gain }), 'liar'));
    assert.equal(verdict.code, 'header-loss-step');
    assert.equal(verdict.peerFault, true);
    assert.match(verdict.detail, /5000000/);
  }
  assert.equal(refusal(node.header(sampleBlock(node.genesis, sampleParams, { gain: -5 }), null)).peerFault, false);
  assert.equal(node.all('want-body').length, 0);
  node.deliver(sampleBlock(node.genesis, sampleParams, { gain: 100 }));
  assert.equal(node.height, 1);
});

test('growth off by one, a wrong shape and a wrong parent loss are refused by their own codes', () => {
  const node = driver();
  const cases = [
    [{ growth: 3n }, 'header-growth'],
    [{ growth: 1n }, 'header-growth'],
    [{ stagnation: 1 }, 'header-stagnation'],
    [{ dModel: 18 }, 'header-width'],
    [{ nLayers: 2 }, 'header-layers'],
    [{ parentLoss: 4_999_999, valLoss: 4_000_000 }, 'header-parent-loss'],
    [{ version: 2 }, 'header-version'],
    [{ height: 2 }, 'header-height'],
  ] as const;
  for (const [replaced, code] of cases) {
    const verdict = refusal(node.header(sampleBlock(node.genesis, sampleParams, { replaced }), 'liar'));
    assert.deepEqual([verdict.code, verdict.peerFault], [code, true]);
  }
  honestChainGoesOn(node);
});

test('an ancestor’s checkpoint is refused, also that of a final block and of a branch', () => {
  const node = driver();
  const blocks = sampleChain(node.genesis, sampleParams, 14);
  node.grow(blocks);
  assert.equal(node.machine.finalizedHeight(), 8);
  for (const ancestor of [blocks[0]!, blocks[7]!, blocks[13]!]) {
    const copy = sampleBlock(node.machine.tip().header, sampleParams, { file: ancestor.file });
    assert.equal(refusal(node.header(copy)).code, 'header-repeated-checkpoint');
  }
  const branch = sampleChain(blocks[11]!.header, sampleParams, 2, { seed: 5, gain: 200 });
  node.header(branch[0]!);
  node.header(branch[1]!);
  const onBranch = sampleBlock(branch[1]!.header, sampleParams, { file: branch[0]!.file });
  assert.equal(refusal(node.header(onBranch)).code, 'header-repeated-checkpoint');
  // The checkpoint of a block on another branch is no ancestor's.
  const cousin = sampleBlock(branch[1]!.header, sampleParams, { file: blocks[13]!.file });
  assert.deepEqual(node.refusals(node.header(cousin)), []);
});

test('a timestamp too early is refused; one too late waits and is accepted when its time has come', () => {
  const node = driver();
  const early = sampleBlock(node.genesis, sampleParams, { replaced: { timestamp: node.genesis.timestamp + 9n } });
  const verdict = refusal(node.header(early));
  assert.deepEqual([verdict.code, verdict.peerFault], ['header-too-early', true]);
  // Spacing 10 s: at most 2 s ahead. The clock stands 35 s after genesis.
  const onTime = sampleBlock(node.genesis, sampleParams, { replaced: { timestamp: node.genesis.timestamp + 37n } });
  assert.deepEqual(node.refusals(node.header(onTime)), []);
  const late = sampleBlock(node.genesis, sampleParams, {
    replaced: { timestamp: node.genesis.timestamp + 50n },
    gain: 9000,
  });
  node.believe(late);
  const waits = refusal(node.header(late));
  assert.deepEqual([waits.code, waits.peerFault], ['header-future', false]);
  assert.equal(node.machine.status(late.id), null);
  assert.equal(node.all('header-accepted', node.wait(12_000)).length, 0);
  assert.deepEqual(
    node.all('header-accepted', node.wait(1_500)).map(({ blockId }) => blockId),
    [late.id],
  );
  node.body(late);
  node.chunks(late);
  assert.equal(node.tip, late.id);
});

test('headers that wait are bounded per peer, and a peer cannot crowd out another’s', () => {
  const node = driver();
  const future = (seed: number): SampleBlock =>
    sampleBlock(node.genesis, sampleParams, { seed, replaced: { timestamp: node.genesis.timestamp + 60n } });
  const honest = future(1000);
  node.header(honest, 'honest');
  for (let seed = 0; seed < 100; seed++) node.header(future(seed), 'flooder');
  const accepted = node.all('header-accepted', node.wait(30_000));
  // Eight of one parent and peer are kept.
  assert.equal(accepted.length, 9);
  assert.ok(accepted.some(({ blockId: id }) => id === honest.id));
});

test('a bad signature discards the message and not the id', () => {
  const node = driver();
  const block = sampleBlock(node.genesis, sampleParams);
  const forged = { ...block.header, signature: new Uint8Array(64).fill(1) };
  const verdict = refusal(node.step({ type: 'header', header: forged, peer: 'liar' }));
  assert.deepEqual([verdict.code, verdict.peer, verdict.peerFault], ['header-signature', 'liar', true]);
  assert.equal(node.machine.status(block.id), null);
  node.deliver(block, 'honest');
  assert.equal(node.tip, block.id);
});

test('a rival’s revealed checkpoint signed anew does not displace it, and is not even fetched', () => {
  const node = driver();
  const original = sampleBlock(node.genesis, sampleParams);
  node.deliver(original, 'honest');
  assert.equal(node.tip, original.id);
  node.wait(500);
  const thiefSeed = new Uint8Array(32).fill(9);
  const body = {
    windowSums: original.sums,
    transactions: [
      makeCoinbase(1, amount(sampleParams.subsidy), keyDestination(publicKey(thiefSeed), sampleParams.recovery)),
    ],
  };
  const { signature: _, ...copied } = original.header;
  const stolen = signHeader(
    { ...copied, minerKey: publicKey(thiefSeed), txRoot: txRoot(body.transactions) },
    thiefSeed,
  );
  const actions = node.step({ type: 'header', header: stolen, peer: 'thief' });
  assert.deepEqual(
    actions.map(({ type }) => type).filter((type) => type !== 'wake'),
    ['header-accepted'],
  );
  // Even with everything at hand it changes nothing.
  node.step({
    type: 'body',
    blockId: toHex(blockId(stolen)),
    bytes: encode(bodyCodec(sampleParams), body),
    peer: 'thief',
  });
  node.wait(60_000);
  assert.equal(node.tip, original.id);
  assert.equal(node.machine.statusOf(toHex(blockId(stolen))), 'dead');
  // And our own miner would be told why.
  const told = node.step({
    type: 'header',
    header: signHeader({ ...copied, minerKey: publicKey(thiefSeed), txRoot: new Uint8Array(32) }, thiefSeed),
    peer: null,
  });
  assert.match(node.all('not-active', told)[0]!.reason, /was there first/);
});

test('a checkpoint signed anew with a better claim is caught by what is already known, and its honest servers are not blamed', () => {
  const node = driver();
  const original = sampleBlock(node.genesis, sampleParams);
  node.deliver(original, 'honest');
  node.wait(500);
  const greedy = sampleBlock(node.genesis, sampleParams, { file: original.file, gain: 6000 });
  assert.deepEqual(node.all('want-body', node.header(greedy, 'thief')), [], 'late and less than a quarter more');
  const greedier = sampleBlock(node.genesis, sampleParams, { file: original.file, gain: 7000 });
  node.header(greedier, 'thief');
  const verdict = refusal(node.body(greedier, 'thief'));
  assert.equal(verdict.code, 'evaluation-window-sum');
  assert.equal(verdict.peerFault, false, 'the chunks came from peers that vouched for the original');
  assert.equal(node.all('evaluate').length, 1, 'the root was evaluated once');
  assert.equal(node.tip, original.id);
  assert.equal(node.all('delete-checkpoint').length, 0);
});

test('withheld chunks: the block never becomes the tip, the peer is not blamed, and it may still be completed', () => {
  const node = new MachineDriver({ params: chunkyParams });
  const honest = sampleBlock(node.genesis, chunkyParams, { seed: 1, gain: 3000 });
  const withheld = sampleBlock(node.genesis, chunkyParams, { seed: 2, gain: 900_000 });
  node.believe(withheld);
  node.header(withheld, 'withholder');
  node.body(withheld, 'withholder');
  node.chunk(withheld, 0, 'withholder');
  node.deliver(honest, 'honest');
  assert.equal(node.tip, honest.id);
  const actions = node.wait(61_000);
  const verdict = refusal(actions);
  assert.deepEqual([verdict.code, verdict.peerFault], ['checkpoint-withheld', false]);
  assert.match(verdict.detail, /2 of 3 chunks are missing/);
  assert.equal(node.tip, honest.id);
  assert.equal(node.machine.statusOf(withheld.id), 'dead', 'it does not hold up synchronisation');
  node.chunk(withheld, 1);
  assert.equal(node.machine.statusOf(withheld.id), 'pending');
  node.chunk(withheld, 2);
  assert.equal(node.tip, withheld.id);
});

test('a chunk that is swapped, cut, altered or of another file is refused, and the block is completed by an honest peer', () => {
  const node = new MachineDriver({ params: chunkyParams });
  const block = sampleBlock(node.genesis, chunkyParams);
  node.believe(block);
  node.header(block);
  node.body(block);
  const { root, chunks } = block.file;
  const other = sampleFile(block.file.bytes.length, 99).chunks;
  const altered = chunks[0]!.bytes.slice();
  altered[1000]! ^= 1;
  const bad = [
    { index: 0, branch: chunks[1]!.branch, bytes: chunks[1]!.bytes },
    { index: 1, branch: chunks[0]!.branch, bytes: chunks[0]!.bytes },
    { index: 0, branch: chunks[0]!.branch, bytes: chunks[0]!.bytes.slice(0, 1000) },
    { index: 2, branch: chunks[2]!.branch, bytes: chunks[2]!.bytes.slice(0, -1) },
    { index: 0, branch: chunks[0]!.branch, bytes: altered },
    { index: 0, branch: other[0]!.branch, bytes: other[0]!.bytes },
    { index: 0, branch: [], bytes: chunks[0]!.bytes },
    { index: 3, branch: chunks[2]!.branch, bytes: chunks[2]!.bytes },
    { index: -1, branch: [], bytes: chunks[2]!.bytes },
    { index: 0, branch: chunks[0]!.branch, bytes: new Uint8Array(0) },
  ];
  for (const chunk of bad) {
    const verdict = refusal(node.step({ type: 'chunk', root, peer: 'liar', ...chunk }));
    assert.deepEqual([verdict.code, verdict.peer, verdict.peerFault], ['checkpoint-chunk', 'liar', true]);
  }
  assert.deepEqual(node.machine.missingChunks(root), [0, 1, 2]);
  node.chunks(block, 'honest');
  assert.equal(node.tip, block.id);
});

test('a body that does not match its roots discards the message and is asked for again; one that breaks a rule condemns the id', () => {
  const node = driver();
  const block = sampleBlock(node.genesis, sampleParams);
  const codec = bodyCodec(sampleParams);
  const good = bodyFor(1, block.header.valLoss, sampleParams);
  const wrongSums = { ...good, windowSums: sumsFor(block.header.valLoss - 5, sampleParams) };
  const wrongPay = { ...good, transactions: bodyFor(2, block.header.valLoss, sampleParams).transactions };
  node.believe(block);
  node.header(block);
  const messages = [
    [encode(codec, wrongSums), 'body-loss-root'],
    [encode(codec, wrongPay), 'body-tx-root'],
    [block.body.slice(0, -1), 'body-malformed'],
    [Uint8Array.of(...block.body, 0), 'body-malformed'],
    [new Uint8Array(0), 'body-malformed'],
    [new Uint8Array(sampleParams.maxBlockBytes), 'body-size'],
  ] as const;
  for (const [bytes, code] of messages) {
    const actions = node.step({ type: 'body', blockId: block.id, bytes, peer: 'liar' });
    const verdict = refusal(actions);
    assert.deepEqual([verdict.code, verdict.peerFault], [code, true]);
    assert.deepEqual(
      node.all('want-body', actions).map(({ blockId: id }) => id),
      [block.id],
    );
  }
  node.body(block, 'honest');
  node.chunks(block, 'honest');
  assert.equal(node.tip, block.id);

  const coinbase = makeCoinbase(
    2,
    amount(sampleParams.subsidy + 1n),
    keyDestination(new Uint8Array(32).fill(7), sampleParams.recovery),
  );
  const greedy = sampleBlock(block.header, sampleParams, { replaced: { txRoot: txRoot([coinbase]) } });
  const child = sampleBlock(greedy.header, sampleParams);
  node.wait(20_000);
  node.header(greedy, 'liar');
  node.header(child, 'relay');
  const body = { windowSums: greedy.sums, transactions: [coinbase] };
  node.step({ type: 'body', blockId: greedy.id, bytes: encode(codec, body), peer: 'relay' });
  // What it may pay, only the ledger's state says: whoever offers its chunks vouches for that.
  const actions = node.chunks(greedy, 'liar');
  const verdict = refusal(actions);
  assert.deepEqual([verdict.code, verdict.peer, verdict.peerFault], ['body-coinbase-amount', 'liar', true]);
  assert.equal(node.machine.status(greedy.id)?.status, 'invalid');
  assert.equal(node.machine.status(child.id)?.reason?.code, 'header-invalid-parent');
  const grandchild = sampleBlock(child.header, sampleParams, { replaced: { timestamp: child.header.timestamp + 10n } });
  node.wait(20_000);
  const below = refusal(node.header(grandchild, 'relay'));
  assert.deepEqual([below.code, below.peerFault], ['header-invalid-parent', false]);
});

test('a header that copies a root with another file length refutes itself, and does not keep the honest block from completing', () => {
  const node = new MachineDriver({ params: { ...chunkyParams, capShape: { width: 512, layers: 1 } } });
  const params = node.params;
  const honest = sampleBlock(node.genesis, params, { seed: 1 });
  node.wait(70_000);
  node.grow([honest]);
  // Growth, and with it the length, depends on the timestamp: a stall round later the same root cannot be right.
  const target = sampleBlock(honest.header, params, { seed: 2 });
  const copy = sampleBlock(honest.header, params, {
    file: target.file,
    gain: 20_000,
    replaced: { timestamp: honest.header.timestamp + 65n },
  });
  assert.notEqual(copy.header.growth, target.header.growth);
  node.believe(target);
  node.header(copy, 'copier');
  node.body(copy, 'copier');
  node.header(target, 'honest');
  node.body(target, 'honest');
  const actions = node.chunks(target, 'honest');
  assert.deepEqual(
    node.all('refused', actions).map(({ code, blockId: id, peerFault }) => [code, id, peerFault]),
    [['ckpt-wrong-metadata', copy.id, false]],
  );
  assert.equal(node.tip, target.id);
});

test('a checkpoint that the evaluator refuses condemns the block and blames whoever served it', () => {
  const node = driver();
  const cases = [
    ['ckpt-nan', 'element 3 of embed is a NaN'],
    ['evaluation-non-finite', 'window 2 overflows'],
    ['ckpt-bad-header', 'the header is no header'],
  ] as const;
  for (const [seed, [code, detail]] of cases.entries()) {
    const block = sampleBlock(node.genesis, sampleParams, { seed });
    node.setTruth(block.file.root, dval, { kind: 'invalid', code, detail });
    node.header(block);
    node.body(block);
    const verdict = refusal(node.chunks(block, 'liar'));
    assert.deepEqual(verdict, { code, detail, peer: 'liar', peerFault: true });
  }
  honestChainGoesOn(node);
});

test('a file that our own disk damaged is fetched again; the block is not condemned for it', () => {
  const node = driver();
  node.autoEvaluate = false;
  const block = sampleBlock(node.genesis, sampleParams);
  node.believe(block);
  node.header(block);
  node.body(block);
  node.chunks(block);
  const { checkpoints } = node;
  const verify = checkpoints.verify.bind(checkpoints);
  checkpoints.verify = (root) => {
    checkpoints.delete(root);
    return false;
  };
  const job = node.jobs[0]!;
  const actions = node.answer(job, { kind: 'mismatch', window: 0, claimed: 1, computed: 2 });
  assert.deepEqual(node.refusals(actions), []);
  assert.deepEqual(
    node.all('want-chunks', actions).map(({ root }) => root),
    [block.file.root],
  );
  checkpoints.verify = verify;
  node.chunks(block);
  node.answer(node.jobs[0]!);
  assert.equal(node.tip, block.id);
});

test('a peer has at most eight headers on one parent, and none of another peer’s are displaced', () => {
  const node = driver();
  for (let seed = 0; seed < 20; seed++) {
    const actions = node.header(sampleBlock(node.genesis, sampleParams, { seed, gain: 10_000 + seed }), 'flooder');
    if (seed < 8) assert.deepEqual(node.refusals(actions), []);
    else {
      assert.equal(refusal(actions).code, 'header-quota');
      assert.equal(refusal(actions).peerFault, false);
    }
  }
  const honest = sampleBlock(node.genesis, sampleParams, { seed: 500 });
  node.deliver(honest, 'honest');
  assert.equal(node.tip, honest.id);
});

test('junk that is wanted takes a few places only: an honest checkpoint is fetched at once beside it', () => {
  const node = driver();
  const junk = Array.from({ length: 4 * 8 }, (_, seed) =>
    sampleBlock(node.genesis, sampleParams, { seed, gain: 1_000_000 + seed }),
  );
  for (const [index, block] of junk.entries()) {
    node.header(block, `flooder ${index % 4}`);
    node.body(block, `flooder ${index % 4}`);
  }
  const wanted = new Set(node.all('want-chunks').map(({ root }) => root));
  assert.equal(wanted.size, 16, 'four per peer');
  const honest = sampleBlock(node.genesis, sampleParams, { seed: 900 });
  node.deliver(honest, 'honest');
  assert.equal(node.tip, honest.id);
});

test('a peer that relays an honest header first cannot smother it: the header is charged to whoever has least', () => {
  const node = driver();
  const honest = sampleBlock(node.genesis, sampleParams, { seed: 900 });
  node.believe(honest);
  for (let seed = 0; seed < 7; seed++) {
    const junk = sampleBlock(node.genesis, sampleParams, { seed, gain: 1_000_000 });
    node.header(junk, 'flooder');
    node.body(junk, 'flooder');
  }
  node.header(honest, 'flooder');
  node.header(honest, 'honest');
  node.body(honest, 'honest');
  assert.ok(node.all('want-chunks').some(({ root }) => root === honest.file.root));
  node.chunks(honest, 'honest');
  assert.equal(node.tip, honest.id);
});

// What a hostile miner or peer can do to a real node over a real connection (issue bar "each refused with its own code"; CON-1, CON-2, P2P-23).
// One node lives through all of it: after every attack an honest peer's block must become its tip.

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, before, test } from 'node:test';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { amount } from '@resonancenet/primitives/amount';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { BlockForge, type ForgedBlock, type Lie } from '../support/block-forge.ts';
import { BlockServer, type Deception } from '../support/block-server.ts';
import {
  withAllValues,
  withExtraTensor,
  withOverlap,
  withoutTensor,
  withSwappedShape,
  withValue,
} from '../support/broken-checkpoints.ts';
import { freePorts } from '../support/free-port.ts';
import { loopbackHost } from '../support/loopback-host.ts';
import { NodeProcess } from '../support/node-process.ts';
import { listenForNode, ScriptedPeer } from '../support/scripted-peer.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { foundNetwork, writeNetwork } from '../support/test-network.ts';
import { sleep, waitFor } from '../support/wait.ts';

const folder = tempFolder('adversary');
const backend = await selectBackend('auto', { threads: Math.min(2, availableParallelism()) });
// Checkpoints of two chunks from the first block on; blocks a second apart, so that there are times too early and too late.
const network = await foundNetwork(backend, {
  name: 'hostile',
  baseShape: { width: 176, layers: 1 },
  capShape: { width: 4096, layers: 48 },
  lossStep: 100,
  spacingBase: 1,
  stallIntervalBase: 3600,
  ageSeconds: 600,
});
const { params } = network;
const forge = new BlockForge(network, backend);
const honest = new BlockServer([await forge.block(forge.genesis)]);
const [honestPort = 0] = await freePorts(1);
let node: NodeProcess;
let honestPeer: () => ScriptedPeer | undefined;
let hosts = 0;

before(async () => {
  const listener = await listenForNode(honestPort, { params, mind: honest.mind });
  honestPeer = listener.peer;
  node = await NodeProcess.start({
    dataDir: folder,
    network: params.name,
    networkFile: writeNetwork(network, folder),
    connect: [`127.0.0.1:${honestPort}`],
  });
  await node.untilTip(honest.tip!.id);
});

after(async () => {
  await node?.stop();
  await backend.close();
});

/** A peer on a host of its own, which has told its headers: the server's. */
async function joinFromNewHost(server: BlockServer): Promise<ScriptedPeer> {
  hosts += 1;
  const peer = await ScriptedPeer.join(node.port, { params, mind: server.mind }, loopbackHost(hosts));
  await waitFor(() => peer.heard('getheaders').length > 0, { what: 'the node asks for headers' });
  return peer;
}

/** The honest peer's next block becomes the tip. */
async function honestChainGoesOn(next?: ForgedBlock): Promise<void> {
  const block = next ?? (await forge.block(honest.tip!));
  honest.add(block);
  honest.announce(honestPeer()!);
  await node.untilTip(block.id, 10_000);
  assert.equal(honestPeer()?.isClosed, false, 'the honest peer stays connected');
}

interface Attack {
  /** The block that is announced, offered and served. */
  readonly block: ForgedBlock;
  readonly deceive?: Deception;
  readonly code: string;
  /** Whether the peer must be disconnected for it. */
  readonly fault: boolean;
  /** What the refusal must say. */
  readonly detail?: RegExp;
}

/** Lets a new peer attack; the refusal's code, both numbers and the fate of the connection must be as they should. */
async function attack({ block, deceive, code, fault, detail }: Attack): Promise<ScriptedPeer> {
  const server = new BlockServer([block]);
  if (deceive !== undefined) server.deceive = deceive;
  const peer = await joinFromNewHost(new BlockServer());
  const from = node.log.length;
  peer.mind = server.mind;
  server.announce(peer);
  const refusal = await node.untilLogged(
    `a refusal of ${block.id.slice(0, 12)} with ${code}`,
    (record) => record.msg === 'refused' && record.hash === block.id,
    from,
  );
  assert.equal(refusal.code, code, refusal.detail ?? '');
  if (detail !== undefined) assert.match(refusal.detail ?? '', detail);
  if (fault) {
    await waitFor(() => peer.isClosed, { what: `the liar is disconnected\n${node.tail()}` });
    const gone = await node.untilLogged(
      'the end of the connection',
      (record) => record.msg === 'peer' && record.state === 'gone' && record.address === peer.address,
      from,
    );
    assert.match(gone.detail ?? '', new RegExp(`^block-invalid: ${code}: `));
    const [reject] = peer.heard('reject');
    assert.deepEqual([reject?.code, reject?.id], ['block-invalid', block.id], 'the liar is told why');
    assert.ok(reject?.detail.startsWith(code));
  } else {
    await sleep(200);
    assert.equal(peer.isClosed, false, 'it is nobody’s fault');
    assert.equal(peer.heard('reject')[0]?.code, code, 'the peer is told why');
  }
  assert.equal((await node.info()).bestblockhash, honest.tip!.id, 'the tip stands');
  return peer;
}

/** A valid block on the tip with something wrong in it. */
async function lieOnTip(lie: (block: ForgedBlock) => Lie): Promise<ForgedBlock> {
  const block = await forge.block(honest.tip!);
  return forge.lie(block, lie(block));
}

const wrongHeaders: readonly (readonly [string, (block: ForgedBlock) => Lie['header'], string, RegExp])[] = [
  ['a loss equal to the parent’s', ({ header }) => ({ valLoss: header.parentLoss }), 'header-loss-step', /(\d+).*\1/],
  [
    'a loss one micro-nat short of a whole step below the parent’s',
    ({ header }) => ({ valLoss: header.parentLoss - params.lossStep + 1 }),
    'header-loss-step',
    /\d+/,
  ],
  [
    'a parent’s loss one micro-nat too high',
    ({ header }) => ({ parentLoss: header.parentLoss + 1 }),
    'header-parent-loss',
    /\d+/,
  ],
  ['growth one too low', ({ header }) => ({ growth: header.growth - 1n }), 'header-growth', /\d+/],
  ['growth one too high', ({ header }) => ({ growth: header.growth + 1n }), 'header-growth', /\d+/],
  ['a width one step too great', ({ header }) => ({ dModel: header.dModel + 2 }), 'header-width', /\d+/],
  ['a layer too many', ({ header }) => ({ nLayers: header.nLayers + 1 }), 'header-layers', /\d+/],
  [
    'a timestamp one second too early',
    ({ header }) => ({ timestamp: header.timestamp - 1n }),
    'header-too-early',
    /\d+/,
  ],
];

for (const [what, header, code, detail] of wrongHeaders) {
  test(`${what} is refused as ${code}, and the peer disconnected`, async () => {
    const block = await lieOnTip((valid) => ({ header: header(valid)! }));
    await attack({ block, code, fault: true, detail });
    await honestChainGoesOn();
  });
}

test('an ancestor’s checkpoint is refused as header-repeated-checkpoint, and the peer disconnected', async () => {
  const ancestor = honest.tip!;
  await honestChainGoesOn();
  const block = await lieOnTip(() => ({ file: ancestor.file.bytes }));
  await attack({ block, code: 'header-repeated-checkpoint', fault: true });
  await honestChainGoesOn();
});

test('a bad signature is refused as header-signature, and the block itself stays good', async () => {
  const block = await forge.block(honest.tip!);
  const signature = block.header.signature.slice();
  signature[10]! ^= 1;
  await attack({ block: { ...block, header: { ...block.header, signature } }, code: 'header-signature', fault: true });
  await honestChainGoesOn(block);
});

for (const [what, microNats] of [
  ['low', -1],
  ['high', 1],
] as const) {
  test(`a claimed loss one micro-nat too ${what}, consistent in itself, is refused by evaluation, and the peer disconnected`, async () => {
    const block = await lieOnTip(({ sums }) => ({ sums: forge.shiftedSums(sums, microNats) }));
    await attack({ block, code: 'evaluation-window-sum', fault: true, detail: /\d+.*\d+/ });
    await honestChainGoesOn();
  });
}

test('a header’s loss that its window sums do not give is refused as body-val-loss, and the peer disconnected', async () => {
  const block = await lieOnTip(({ header }) => ({ header: { valLoss: header.valLoss - 1 } }));
  await attack({ block, code: 'body-val-loss', fault: true, detail: /\d+.*\d+/ });
  await honestChainGoesOn();
});

test('a body with other window sums than the header’s is refused as body-loss-root, and the block itself stays good', async () => {
  const block = await forge.block(honest.tip!);
  const other = forge.lie(block, { sums: forge.shiftedSums(block.sums, 1) });
  const deceive: Deception = (message) =>
    message.command === 'getbody'
      ? { command: 'body', body: { blockId: message.body.blockId, bytes: other.body } }
      : undefined;
  await attack({ block, deceive, code: 'body-loss-root', fault: true });
  await honestChainGoesOn(block);
});

test('a coinbase that pays itself one resonance too much is refused as body-coinbase-amount, and the peer disconnected', async () => {
  let earned = 0n;
  const block = await lieOnTip((valid) => {
    const [own] = forge.transactionsOf(valid);
    const { lockId, policyId, amount: paid } = own!.outputs[0]!;
    earned = paid;
    return { transactions: [makeCoinbase(valid.header.height, amount(paid + 1n), { lockId, policyId })] };
  });
  const detail = new RegExp(`${earned + 1n}.*${earned}`);
  await attack({ block, code: 'body-coinbase-amount', fault: true, detail });
  await honestChainGoesOn();
});

const wrongValues: readonly (readonly [string, number, string])[] = [
  ['NaN', 0x7fc0, 'ckpt-nan'],
  ['infinity', 0xff80, 'ckpt-infinite'],
  ['the next value above 2^20', 0x4981, 'ckpt-too-large'],
  ['-0', 0x8000, 'ckpt-negative-zero'],
  ['the next non-zero value below 2^-40', 0x2b7f, 'ckpt-too-small'],
];

for (const [what, bits, code] of wrongValues) {
  test(`a weight that is ${what} is refused as ${code}, and the peer disconnected`, async () => {
    const block = await lieOnTip(({ file }) => ({ file: withValue(file.bytes, 12_345, bits) }));
    await attack({ block, code, fault: true, detail: /element \d+ of embed/ });
    await honestChainGoesOn();
  });
}

const wrongFiles: readonly (readonly [string, (file: Uint8Array) => Uint8Array, string])[] = [
  ['a tensor of another shape', withSwappedShape, 'ckpt-wrong-shape'],
  ['an extra tensor', withExtraTensor, 'ckpt-extra-tensor'],
  ['a missing tensor', withoutTensor, 'ckpt-missing-tensor'],
  ['overlapping tensors', withOverlap, 'ckpt-overlap'],
  ['weights that overflow', (file) => withAllValues(file, () => 0x4980), 'evaluation-non-finite'],
];

for (const [what, change, code] of wrongFiles) {
  test(`a checkpoint with ${what} is refused as ${code}, and the peer disconnected`, async () => {
    const block = await lieOnTip(({ file }) => ({ file: change(file.bytes) }));
    await attack({ block, code, fault: true });
    await honestChainGoesOn();
  });
}

test('the parent’s checkpoint, not grown, under another root is refused by its length, and the peer disconnected', async () => {
  const parent = honest.tip!;
  const block = await lieOnTip(() => ({ file: withValue(parent.file.bytes, 7, 0x3f80) }));
  await attack({ block, code: 'checkpoint-chunk', fault: true });
  await honestChainGoesOn();
});

const wrongChunks: readonly (readonly [string, (block: ForgedBlock) => Deception])[] = [
  [
    'swapped',
    (block) => (message) => {
      if (message.command !== 'getchunk') return undefined;
      const { root, index } = message.body;
      const other = block.file.chunks[1 - index]!;
      return { command: 'chunk', body: { root, index, branch: block.file.chunks[index]!.branch, bytes: other.bytes } };
    },
  ],
  [
    'truncated',
    (block) => (message) => {
      if (message.command !== 'getchunk') return undefined;
      const { root, index } = message.body;
      const { branch, bytes } = block.file.chunks[index]!;
      return { command: 'chunk', body: { root, index, branch, bytes: bytes.subarray(0, bytes.length - 1) } };
    },
  ],
  [
    'altered in one bit',
    (block) => (message) => {
      if (message.command !== 'getchunk') return undefined;
      const { root, index } = message.body;
      const { branch, bytes } = block.file.chunks[index]!;
      const altered = bytes.slice();
      altered[4321]! ^= 0x10;
      return { command: 'chunk', body: { root, index, branch, bytes: altered } };
    },
  ],
];

for (const [what, deception] of wrongChunks) {
  test(`a chunk that is ${what} is refused as checkpoint-chunk, its sender disconnected, and the block completed by an honest peer`, async () => {
    const block = await forge.block(honest.tip!);
    await attack({ block, deceive: deception(block), code: 'checkpoint-chunk', fault: true });
    await honestChainGoesOn(block);
  });
}

test('a rival’s revealed checkpoint signed anew does not displace it, and its second signer is not even asked for it', async () => {
  const original = honest.tip!;
  const stolen = forge.lie(original, { seed: 666_666 });
  const thief = new BlockServer([stolen]);
  const peer = await joinFromNewHost(new BlockServer());
  peer.mind = thief.mind;
  thief.announce(peer);
  const seen = await waitFor(
    async () =>
      (await node.rpc<{ hash: string; status: string }[]>('getchaintips')).find(({ hash }) => hash === stolen.id),
    { what: 'the stolen header is known' },
  );
  assert.match(seen.status, /header/);
  await sleep(1500);
  assert.equal((await node.info()).bestblockhash, original.id);
  assert.deepEqual([peer.heard('getbody').length, peer.heard('getchunk').length], [0, 0]);
  await honestChainGoesOn();
});

test('a rival’s revealed checkpoint signed anew with a better claim is refused by what is known of it, and the peer disconnected', async () => {
  const original = honest.tip!;
  const sums = original.sums.map((sum) => Math.floor(sum / 2));
  const greedy = forge.lie(original, { sums });
  // Its thief offers it, and so says to have verified it.
  await attack({ block: greedy, code: 'evaluation-window-sum', fault: true, detail: /\d+.*\d+/ });
  await honestChainGoesOn();
});

test('an answer that nobody asked for ends the connection as unrequested', async () => {
  const peer = await joinFromNewHost(new BlockServer());
  const { root, chunks } = honest.tip!.file;
  const [chunk] = chunks;
  peer.send({ command: 'chunk', body: { root, index: 0, branch: chunk!.branch, bytes: chunk!.bytes } });
  await waitFor(() => peer.isClosed, { what: 'the end of the connection' });
  assert.equal(peer.heard('reject')[0]?.code, 'unrequested');
  await honestChainGoesOn();
});

test('a timestamp too late waits for its time, its peer stays, and the block is accepted when the time has come', async () => {
  const timestamp = BigInt(Math.floor(Date.now() / 1000) + 5);
  const block = await forge.block(honest.tip!, { timestamp });
  const peer = await attack({ block, code: 'header-future', fault: false, detail: /\d+/ });
  await node.untilTip(block.id, 15_000);
  assert.ok(Date.now() / 1000 >= Number(timestamp) - 2.1, 'not before its time');
  assert.equal(peer.isClosed, false);
});

// Peers that announce and do not deliver (issue bar "withheld chunks"; CON-24, P2P-19): they cost places, never the honest chain.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { BlockForge, type ForgedBlock } from '../support/block-forge.ts';
import { BlockServer, type Deception } from '../support/block-server.ts';
import { freePorts } from '../support/free-port.ts';
import { loopbackHost } from '../support/loopback-host.ts';
import { NodeProcess } from '../support/node-process.ts';
import { listenForNode, ScriptedPeer } from '../support/scripted-peer.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { foundNetwork, writeNetwork } from '../support/test-network.ts';
import { waitFor } from '../support/wait.ts';

const folder = tempFolder('withheld');
const backend = await selectBackend('auto', { threads: 1 });
const network = await foundNetwork(backend, {
  name: 'withheld',
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

before(async () => {
  honestPeer = (await listenForNode(honestPort, { params, mind: honest.mind })).peer;
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

/** A block that would win by far if its claim were true and its checkpoint came. */
async function temptation(): Promise<ForgedBlock> {
  const block = await forge.block(honest.tip!);
  return forge.lie(block, { sums: block.sums.map((sum) => Math.floor(sum / 2)) });
}

async function tempt(host: number, block: ForgedBlock, deceive: Deception): Promise<ScriptedPeer> {
  const server = new BlockServer([block]);
  server.deceive = deceive;
  const peer = await ScriptedPeer.join(node.port, { params, mind: server.mind }, loopbackHost(host));
  await waitFor(() => peer.heard('getheaders').length > 0, { what: 'the node asks for headers' });
  server.announce(peer);
  return peer;
}

const silence: Deception = (message) => (message.command === 'getchunk' ? null : undefined);
const lack: Deception = (message) =>
  message.command === 'getchunk'
    ? { command: 'notfound', body: { what: 'chunk', id: message.body.root, index: message.body.index } }
    : undefined;
const halfOnly: Deception = (message) =>
  message.command === 'getchunk' && message.body.index === 1 ? null : undefined;
const noBody: Deception = (message) => (message.command === 'getbody' ? null : undefined);

test('withheld chunks are reported after a while, blame nobody, and keep no honest block waiting', async () => {
  const ways = [silence, lack, halfOnly, noBody];
  const tempting: ForgedBlock[] = [];
  for (const _ of ways) tempting.push(await temptation());
  const peers = await Promise.all(ways.map((way, i) => tempt(i, tempting[i]!, way)));
  await waitFor(() => peers.slice(0, 3).every((peer) => peer.heard('getchunk').length > 0), {
    what: 'the node asks for the tempting chunks',
  });

  // Meanwhile honest blocks pass as ever: three in a row, each at once.
  for (let round = 0; round < 3; round += 1) {
    const block = await forge.block(honest.tip!);
    honest.add(block);
    const announcedMs = performance.now();
    honest.announce(honestPeer()!);
    await node.untilTip(block.id, 5000);
    assert.ok(performance.now() - announcedMs < 5000);
  }
  assert.equal((await node.info()).inSync, true, 'what nobody delivers does not count as being behind');

  // A newcomer brings the last of the missing chunks, and the truth comes out.
  const [, , half] = tempting;
  const completer = new BlockServer([half!]);
  const late = await ScriptedPeer.join(node.port, { params, mind: completer.mind }, loopbackHost(9));
  completer.announce(late);
  const refusal = await node.untilLogged(
    'the refusal of the completed block',
    (record) => record.msg === 'refused' && record.hash === half!.id && record.code !== 'checkpoint-withheld',
  );
  assert.equal(refusal.code, 'evaluation-window-sum');

  for (const index of [0, 1]) {
    const report = await node.untilLogged(
      'the report of withheld chunks',
      (record) => record.msg === 'refused' && record.hash === tempting[index]!.id,
      0,
      45_000,
    );
    assert.equal(report.code, 'checkpoint-withheld');
    assert.match(report.detail ?? '', /2 of 2 chunks/);
    assert.equal(peers[index]!.isClosed, false, 'slowness is no fault');
    // Its message is on the way when the log has the report.
    await waitFor(() => peers[index]!.heard('reject').at(-1)?.code === 'checkpoint-withheld', {
      what: () => 'but it is told',
    });
  }
  assert.equal((await node.info()).bestblockhash, honest.tip!.id);
});

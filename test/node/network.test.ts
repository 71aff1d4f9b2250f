// Nodes as processes of their own, joined over loopback: they agree, they come back, they take over what they missed.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { growtest } from '@resonancenet/params/growtest';
import { freePorts } from '../support/free-port.ts';
import { NodeProcess, untilSameTip } from '../support/node-process.ts';
import { listenForNode, ScriptedPeer } from '../support/scripted-peer.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { sleep, waitFor } from '../support/wait.ts';

interface Peer {
  readonly id: number;
  readonly address: string;
  readonly inbound: boolean;
  readonly height: number | null;
}

interface Tip {
  readonly hash: string;
  readonly height: number;
  readonly status: string;
}

function checkpointsOf(node: NodeProcess): string[] {
  return readdirSync(join(node.folder, 'checkpoints')).filter((name) => name.endsWith('.safetensors'));
}

async function untilHeight(node: NodeProcess, height: number): Promise<void> {
  await waitFor(async () => (await node.rpc<number>('getblockcount')) === height, {
    what: () => `height ${height}\n${node.tail()}`,
    intervalMs: 50,
  });
}

async function untilPeers(node: NodeProcess, count: number): Promise<void> {
  await waitFor(
    async () => (await node.rpc<Peer[]>('getpeerinfo')).filter(({ height }) => height !== null).length === count,
    {
      what: () => `${count} peers\n${node.tail()}`,
      intervalMs: 50,
    },
  );
}

test('three nodes in a row agree on one tip; one killed with -9 returns to it, and a restart keeps it', async () => {
  const first = await NodeProcess.start({ dataDir: tempFolder('first') });
  const second = await NodeProcess.start({ dataDir: tempFolder('second'), connect: [first.address] });
  const third = await NodeProcess.start({ dataDir: tempFolder('third'), connect: [second.address] });
  await untilPeers(second, 2);
  await first.mine(4);
  await untilHeight(third, 4);
  const tip = await untilSameTip([first, second, third]);
  assert.equal(await first.rpc('getblockhash', [4]), tip);
  const [fifth] = await third.mine(1);
  assert.equal(await untilSameTip([first, second, third]), fifth, 'a block of the last in the row reaches the first');

  await second.kill();
  const [sixth] = await first.mine(1);
  await second.restart();
  assert.equal(await untilSameTip([first, second, third]), sixth, 'who was killed passes on what it missed');

  assert.deepEqual(await third.stop(), { code: 0, signal: null });
  await first.stop();
  await second.kill();
  await third.restart();
  assert.equal((await third.info()).bestblockhash, sixth, 'what was the tip is the tip, with nobody to ask');
  await third.stop();
});

test('a node that starts from nothing fetches all headers and bodies but only the last checkpoints; an archive keeps every one', async () => {
  const archive = await NodeProcess.start({ dataDir: tempFolder('archive'), flags: ['--archive'] });
  const plain = await NodeProcess.start({ dataDir: tempFolder('plain'), connect: [archive.address] });
  await untilPeers(archive, 1);
  const ids = await archive.mine(40);
  const newcomer = await NodeProcess.start({ dataDir: tempFolder('newcomer'), connect: [plain.address] });
  await untilHeight(newcomer, 40);
  assert.equal(await untilSameTip([archive, plain, newcomer]), ids.at(-1));
  assert.equal(checkpointsOf(archive).length, 41, 'genesis and 40 blocks');
  const kept = checkpointsOf(plain).length;
  assert.ok(kept >= 12 && kept <= 41 - 12, `a node keeps the last checkpoints, this one ${kept}`);
  const fetched = checkpointsOf(newcomer).length;
  assert.ok(fetched >= 6 && fetched <= 13, `a newcomer fetches the last checkpoints, this one has ${fetched}`);
  for (const height of [1, 20, 40]) {
    const hash = await newcomer.rpc<string>('getblockhash', [height]);
    assert.equal(hash, ids[height - 1]);
    const block = await newcomer.rpc<{ readonly nTx: number; readonly height: number }>('getblock', [hash]);
    assert.deepEqual([block.nTx, block.height], [1, height]);
  }
  // It is a full member: the next block may be its own.
  const [next] = await newcomer.mine(1);
  assert.equal(await untilSameTip([archive, plain, newcomer]), next);
  await Promise.all([archive.stop(), plain.stop(), newcomer.stop()]);
});

test('two nodes that mined apart agree when they meet, and who gives up three blocks raises an alarm', async () => {
  const short = await NodeProcess.start({ dataDir: tempFolder('short') });
  const long = await NodeProcess.start({ dataDir: tempFolder('long') });
  await short.mine(3);
  const ids = await long.mine(5);
  await short.rpc('addnode', [long.address]);
  assert.equal(await untilSameTip([short, long]), ids.at(-1));
  await short.untilLogged('the change of branch', (record) => record.msg === 'tip' && record.disconnected === 3);
  const info = await short.info();
  assert.match(info.alarms.join(), /3/);
  assert.deepEqual((await long.info()).alarms, []);
  const stale = (await short.rpc<Tip[]>('getchaintips')).find(({ height }) => height === 3);
  assert.match(stale?.status ?? '', /verified/);
  const block = await short.rpc<{ readonly confirmations: number }>('getblock', [stale?.hash]);
  assert.equal(block.confirmations, -1);
  await Promise.all([short.stop(), long.stop()]);
});

test('two nodes that connect to each other at once keep one connection', async () => {
  const left = await NodeProcess.start({ dataDir: tempFolder('left') });
  const right = await NodeProcess.start({ dataDir: tempFolder('right'), connect: [left.address] });
  await left.rpc('addnode', [right.address]);
  await untilPeers(left, 1);
  await sleep(1500);
  const counts = await Promise.all([left, right].map((node) => node.rpc<number>('getconnectioncount')));
  assert.deepEqual(counts, [1, 1]);
  const [block] = await right.mine(1);
  assert.equal(await untilSameTip([left, right]), block);
  await Promise.all([left.stop(), right.stop()]);
});

test('invalidateblock moves the tip below the block, reconsiderblock brings it back, and peers are not troubled', async () => {
  const node = await NodeProcess.start({ dataDir: tempFolder('operator') });
  const peer = await NodeProcess.start({ dataDir: tempFolder('peer'), connect: [node.address] });
  await untilPeers(node, 1);
  const ids = await node.mine(5);
  await untilSameTip([node, peer]);
  await node.rpc('invalidateblock', [ids[3]]);
  assert.equal((await node.info()).bestblockhash, ids[2]);
  const tips = await node.rpc<Tip[]>('getchaintips');
  assert.match(tips.find(({ hash }) => hash === ids[4])?.status ?? '', /forbidden/);
  // In the same second it would be the same block again.
  await sleep(1100);
  const [other] = await node.mine(1);
  assert.equal(await node.rpc('getblockhash', [4]), other);
  await sleep(500);
  assert.equal((await peer.info()).bestblockhash, ids[4], 'the peer keeps the higher branch');
  assert.equal(await node.rpc('getconnectioncount'), 1);

  // The operator's word holds over a restart.
  await node.stop();
  await node.restart();
  await untilPeers(node, 1);
  assert.equal((await node.info()).bestblockhash, other);

  await node.rpc('reconsiderblock', [ids[3]]);
  assert.equal(await untilSameTip([node, peer]), ids[4]);
  await assert.rejects(node.rpc('invalidateblock', ['ab'.repeat(32)]), /-5 No block/);
  const genesis = await node.rpc<string>('getblockhash', [0]);
  await assert.rejects(node.rpc('invalidateblock', [genesis]), /genesis/);
  await Promise.all([node.stop(), peer.stop()]);
});

test('a peer of another network fails in the handshake, and harms nothing', async () => {
  const node = await NodeProcess.start({ dataDir: tempFolder('regtest') });
  const caller = await ScriptedPeer.join(node.port, { params: growtest });
  assert.deepEqual([caller.isClosed, caller.isReady], [true, false], 'a stranger that calls');
  const [port = 0] = await freePorts(1);
  const { peer: called, close } = await listenForNode(port, { params: growtest });
  await node.rpc('addnode', [`127.0.0.1:${port}`]);
  await waitFor(() => called()?.isClosed, { what: 'the end of the handshake with a stranger that is called' });
  assert.equal(called()?.isReady, false);
  await node.untilLogged(
    'the reason',
    (record) => record.msg === 'peer' && record.state === 'gone' && /^handshake-tag/.test(record.detail ?? ''),
  );
  close();
  // Bytes that are no handshake at all.
  const noise = await ScriptedPeer.connect(node.port, { params: growtest });
  noise.sendBytes(Buffer.alloc(4096, 'GET / HTTP/1.1\r\n'));
  await waitFor(() => noise.isClosed, { what: 'the end of the connection' });
  await node.mine(1);
  await node.stop();
});

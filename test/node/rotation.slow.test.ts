// The validation set changed by vote, as people do it: the command line makes, proposes and reveals a set, nodes mine and follow.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { regtest } from '@resonancenet/params/regtest';
import { NodeProcess, runRnt, untilSameTip } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

interface Proposal {
  readonly proposal: string;
  readonly status: string;
  readonly activation: number | null;
  readonly dvalId: string | null;
}

interface DvalInfo {
  readonly dvalId: string;
  readonly source: string;
  readonly lockedIn: Proposal | null;
  readonly nextReserve: string;
  readonly changes: readonly { readonly height: number; readonly by: string; readonly gap: number }[];
}

interface Made {
  readonly proposal: string;
  readonly dvalId: string;
  readonly txid: string;
}

async function rnt(args: readonly string[]): Promise<Made> {
  const { code, stdout, stderr } = await runRnt([...args, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Made;
}

test('a set is made from a text, proposed, voted in and revealed; two nodes use it from its height on, and leave it after a stall', async () => {
  const folder = tempFolder('rotation');
  const node = await NodeProcess.start({ dataDir: folder });
  const other = await NodeProcess.start({ dataDir: tempFolder('rotation-other'), connect: [node.address] });
  const place = ['--network', 'regtest', '--data-dir', folder, '--rpc-port', String(node.rpcPort)];
  const [text, file] = [join(folder, 'text.txt'), join(folder, 'set.json')];
  writeFileSync(text, Array.from({ length: 400 }, (_, i) => `line ${i * i} `).join(''));
  const set = await rnt(['dval', 'make', '--network', 'regtest', '--text', text, '--out', file]);

  await node.mine(9);
  await rnt(['dval', 'propose', file, ...place]);
  await node.mine(1);
  const [open] = await node.rpc<Proposal[]>('listproposals');
  assert.deepEqual([open?.proposal, open?.status], [set.proposal, 'open']);
  await node.rpc('setdvalvote', ['for', set.proposal]);
  await node.mine(regtest.rotation.lockIn);
  const { lockedIn } = await node.rpc<DvalInfo>('getdvalinfo');
  const activation = 10 + regtest.rotation.lockIn + regtest.rotation.delay;
  assert.deepEqual([lockedIn?.proposal, lockedIn?.activation], [set.proposal, activation]);
  await rnt(['dval', 'reveal', file, ...place]);
  await node.mine(1);
  assert.equal((await node.rpc<DvalInfo>('getdvalinfo')).lockedIn?.dvalId, set.dvalId);

  await node.mine(activation - 1 - 11 - regtest.rotation.lockIn);
  assert.equal((await node.rpc<DvalInfo>('getdvalinfo')).source, 'network');
  await node.mine(2);
  await untilSameTip([node, other]);
  for (const each of [node, other]) {
    const info = await each.rpc<DvalInfo>('getdvalinfo');
    assert.deepEqual([info.dvalId, info.source, info.lockedIn], [set.dvalId, 'proposal', null]);
    assert.deepEqual([info.changes[0]?.height, info.changes[0]?.by], [activation, 'proposal']);
  }
  const { nextReserve } = await other.rpc<DvalInfo>('getdvalinfo');
  const { time } = await node.rpc<{ readonly time: number }>('getblockheader', [await node.rpc('getbestblockhash')]);
  for (const each of [node, other]) await each.rpc('setmocktime', [time + 240]);
  await other.mine(1);
  await untilSameTip([node, other]);
  assert.equal((await node.rpc<DvalInfo>('getdvalinfo')).dvalId, nextReserve);
  // Who comes later takes the whole history, headers first.
  const late = await NodeProcess.start({ dataDir: tempFolder('rotation-late'), connect: [node.address] });
  await late.rpc('setmocktime', [time + 240]);
  await untilSameTip([node, late]);
  assert.deepEqual(await late.rpc('getdvalinfo'), { ...(await other.rpc<DvalInfo>('getdvalinfo')) });
  await Promise.all([node.stop(), other.stop(), late.stop()]);
});

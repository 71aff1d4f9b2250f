// A proposed validation set comes into force while blocks are trained for: the miner must leave the old set for the new one at the right block, and
// find improvements on it. What test/node/rotation.slow.test.ts shows without learning.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadDevnetCorpus } from '@resonancenet/corpus/devnet-corpus';
import { cutDvals } from '@resonancenet/corpus/dvals';
import { selectBackend } from '@resonancenet/kernels/select-backend';
import { NodeProcess, runRnt, untilSameTip } from '../support/node-process.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { foundNetwork, writeNetwork } from '../support/test-network.ts';
import { waitFor } from '../support/wait.ts';

const minute = 60_000;
/** Large enough that what is learned shows in it block after block. */
const DVAL = { windows: 32, windowSize: 256 };
/** As short as the relations of a parameter object allow. */
const ROTATION = { window: 4, lockIn: 3, delay: 6, notice: 3, cancel: 2, expiry: 32, bond: 100_000_000_000n };

interface Header {
  readonly height: number;
  readonly valLoss: number;
  readonly parentLoss: number;
  readonly dvalId: string;
}

interface DvalInfo {
  readonly dvalId: string;
  readonly source: string;
  readonly lockedIn: {
    readonly proposal: string;
    readonly lockedInAt: number;
    readonly activation: number;
    readonly revealUntil: number;
  } | null;
  readonly changes: readonly {
    readonly height: number;
    readonly by: string;
    readonly from: string;
    readonly to: string;
    readonly oldLoss: number;
    readonly newLoss: number;
    readonly gap: number;
  }[];
}

async function headerAt(node: NodeProcess, height: number): Promise<Header> {
  return node.rpc<Header>('getblockheader', [await node.rpc<string>('getblockhash', [height])]);
}

test('miners that train leave the old validation set for the one that was voted in, go on improving on it, and the gap is told', {
  timeout: 5 * minute,
}, async (context) => {
  const startedMs = performance.now();
  const folder = tempFolder('trained-rotation');
  const backend = await selectBackend('auto', { threads: Math.min(2, availableParallelism()) });
  const sets = await cutDvals({ vocabulary: 'bytes', windows: DVAL.windows, length: DVAL.windowSize, count: 2 });
  const network = await foundNetwork(backend, {
    name: 'voted',
    baseShape: { width: 64, layers: 2 },
    capShape: { width: 128, layers: 4 },
    lossStep: 100,
    spacingBase: 1,
    stallIntervalBase: 3_600,
    ageSeconds: 60,
    dval: DVAL,
    rotation: ROTATION,
    finalityDepth: 2,
    coinbaseMaturity: 2,
    sets,
  });
  const networkFile = writeNetwork(network, folder);
  const common = { network: network.params.name, networkFile };
  const miner = await NodeProcess.start({ ...common, dataDir: tempFolder('miner'), flags: ['--mine'] });
  const verifier = await NodeProcess.start({ ...common, dataDir: tempFolder('verifier'), connect: [miner.address] });
  const untilHeight = (height: number): Promise<unknown> =>
    waitFor(async () => (await miner.rpc<number>('getblockcount')) >= height, {
      what: () => `block ${height}\n${miner.tail()}`,
      timeoutMs: 2 * minute,
      intervalMs: 50,
    });
  const send = async (method: string, params: readonly unknown[]): Promise<void> => {
    const { hex } = await miner.rpc<{ readonly hex: string }>(method, params);
    await miner.rpc('sendrawtransaction', [hex]);
  };

  // Text of the same kind that nobody has trained on and that no set of the network is from.
  const { validation } = loadDevnetCorpus();
  const [text, file] = [join(folder, 'text.txt'), join(folder, 'set.json')];
  writeFileSync(text, validation.subarray(0, 50_000));
  const made = await runRnt(['dval', 'make', '--network-file', networkFile, '--text', text, '--out', file, '--json']);
  assert.equal(made.code, 0, made.stderr);
  const { proposal, dvalId } = JSON.parse(made.stdout) as { readonly proposal: string; readonly dvalId: string };
  const { salt, shard } = JSON.parse(readFileSync(file, 'utf8')) as { readonly salt: string; readonly shard: string };

  await untilHeight(4);
  await send('createproposal', [proposal]);
  await miner.rpc('setdvalvote', ['for', proposal]);
  const locked = await waitFor(async () => (await miner.rpc<DvalInfo>('getdvalinfo')).lockedIn, {
    what: () => `the proposal is locked in\n${miner.tail()}`,
    timeoutMs: 2 * minute,
  });
  assert.equal(locked.proposal, proposal);
  await send('createreveal', [salt, shard]);
  const { activation } = locked;
  await untilHeight(activation + 4);
  await miner.rpc('setmining', [false]);
  const tip = await untilSameTip([miner, verifier], minute);

  for (const node of [miner, verifier]) {
    const info = await node.rpc<DvalInfo>('getdvalinfo');
    assert.deepEqual([info.dvalId, info.source, info.lockedIn], [dvalId, 'proposal', null]);
    const [before, first] = [await headerAt(node, activation - 1), await headerAt(node, activation)];
    assert.notEqual(before.dvalId, dvalId);
    assert.equal(first.dvalId, dvalId);
    assert.deepEqual(info.changes, [
      {
        height: activation,
        by: 'proposal',
        from: before.dvalId,
        to: dvalId,
        oldLoss: before.valLoss,
        newLoss: first.parentLoss,
        gap: first.parentLoss - before.valLoss,
      },
    ]);
    assert.notEqual(first.parentLoss, before.valLoss, 'the parent was evaluated on the new set');
    const { height } = await node.rpc<Header>('getblockheader', [tip]);
    for (let at = activation; at <= height; at += 1) {
      const header = await headerAt(node, at);
      assert.equal(header.dvalId, dvalId);
      assert.ok(header.valLoss <= header.parentLoss - network.params.lossStep);
      if (at > activation) assert.equal(header.parentLoss, (await headerAt(node, at - 1)).valLoss);
    }
    assert.deepEqual((await node.info()).alarms, []);
    assert.deepEqual(
      node.log.filter(({ msg }) => msg === 'refused'),
      [],
    );
  }
  const { changes } = await verifier.rpc<DvalInfo>('getdvalinfo');
  const { oldLoss, newLoss, gap } = changes[0]!;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  context.diagnostic(
    `activated at height ${activation}: ${oldLoss} micro-nats on the old set, ${newLoss} on the new one, gap ${gap}; ${seconds} s in all`,
  );
  await Promise.all([miner.stop(), verifier.stop()]);
});

// The process that is killed: plays the script on real LMDB and files. Arguments: script folder, data folder, step to go on from.
// Tells its parent in JSON lines what it promised to others, each after it was written.

import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CheckpointFiles } from '@resonancenet/storage/checkpoint-files';
import { DiskFileLayer } from '@resonancenet/storage/disk-file-layer';
import { lockDataDir } from '@resonancenet/storage/data-dir-lock';
import { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import { readCrashScript } from './crash-script.ts';
import type { CrashLine } from './crash-line.ts';
import { ScriptPlayer } from './script-player.ts';
import { storeDigest } from './store-digest.ts';
import { dyingLedger, dyingStore } from './suite-ledger.ts';

const [scriptFolder = '', dataFolder = '', from = '0'] = process.argv.slice(2);

const tell = (line: CrashLine): void => {
  writeSync(1, `${JSON.stringify(line)}\n`);
};

const script = readCrashScript(scriptFolder);
const lock = lockDataDir(dataFolder);
const store = LmdbChainStore.open(join(dataFolder, 'chain'));
const checkpoints = new CheckpointFiles(join(dataFolder, 'checkpoints'));
const scratch = join(dataFolder, 'scratch');
mkdirSync(scratch, { recursive: true });

const player = new ScriptPlayer(script, {
  store: dyingStore(store),
  ledger: dyingLedger('connect-inside'),
  rebuildLedger: dyingLedger('rebuild-connect'),
  checkpoints,
  layer: new DiskFileLayer(),
  snapshotPath: join(dataFolder, 'snapshot'),
  placeMinedFile: (bytes) => {
    const path = join(scratch, 'mined.safetensors');
    writeFileSync(path, bytes);
    return path;
  },
  started: (machine) => {
    const active = Array.from({ length: machine.tip().height + 1 }, (_, height) => machine.activeChainAt(height)!);
    tell({ type: 'started', active, finalHeight: machine.finalizedHeight() });
  },
  action: (action) => {
    if (action.type === 'finalized') tell({ type: 'finalized', height: action.height, id: action.blockId });
    if (action.type === 'tip') tell({ type: 'tip', height: action.height, id: action.to });
  },
  progress: (step) => tell({ type: 'progress', step }),
});
player.play(Number(from));
const tip = player.machine.tip();
tell({ type: 'done', tip: tip.id, height: tip.height, digest: storeDigest(store, checkpoints) });
await store.close();
lock.release();

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CheckpointFiles, hashCheckpointFile } from './checkpoint-files.ts';
import { CHUNK_BYTES } from '@resonancenet/model/checkpoint';
import { DiskFileLayer } from './disk-file-layer.ts';
import { MemoryCheckpointStore } from '@resonancenet/chain/memory-store';
import { checkpointStoreContract, putChunk, sampleFile } from './testing/checkpoint-store-contract.ts';
import { LossyFileLayer, PowerFailure } from './testing/lossy-file-layer.ts';

checkpointStoreContract('MemoryCheckpointStore', () => {
  const store = new MemoryCheckpointStore();
  return { store, reopen: () => store, end: () => undefined };
});

checkpointStoreContract('CheckpointFiles on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-checkpoints-'));
  return {
    store: new CheckpointFiles(folder),
    reopen: () => new CheckpointFiles(folder),
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
});

checkpointStoreContract('CheckpointFiles on a disk in memory', () => {
  const layer = new LossyFileLayer(() => 0.5);
  return {
    store: new CheckpointFiles('/data/checkpoints', { layer }),
    reopen: () => new CheckpointFiles('/data/checkpoints', { layer }),
    end: () => undefined,
  };
});

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-checkpoints-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('importFile moves a file in under its root and serves it', () => {
  inFolder((folder) => {
    const file = sampleFile(2 * CHUNK_BYTES + 9, 1);
    const source = join(folder, 'mined.safetensors');
    writeFileSync(source, file.bytes);
    const store = new CheckpointFiles(join(folder, 'checkpoints'));
    putChunk(store, file, 1);
    assert.equal(store.importFile(source), file.root);
    assert.equal(existsSync(source), false);
    assert.deepEqual(new Uint8Array(readFileSync(store.pathOf(file.root)!)), file.bytes);
    assert.deepEqual(store.getChunk(file.root, 2)!.bytes, file.chunks[2]);
    assert.deepEqual(readdirSync(join(folder, 'checkpoints')).sort(), [
      `${file.root}.leaves`,
      `${file.root}.safetensors`,
    ]);
    writeFileSync(source, file.bytes);
    assert.equal(store.importFile(source), file.root, 'importing the same file again changes nothing');
    assert.equal(existsSync(source), false);
  });
});

test('importFile copies from another disk, and a copy that a crash cut is removed at start', () => {
  inFolder((folder) => {
    const file = sampleFile(CHUNK_BYTES + 3, 2);
    const source = join(folder, 'mined.safetensors');
    writeFileSync(source, file.bytes);
    const layer = new DiskFileLayer();
    layer.canRename = () => false;
    const store = new CheckpointFiles(join(folder, 'checkpoints'), { layer });
    assert.equal(store.importFile(source), file.root);
    assert.equal(store.verify(file.root), true);
    assert.equal(existsSync(source), false);
    const leftover = join(folder, 'checkpoints', `${'ab'.repeat(32)}.incoming`);
    writeFileSync(leftover, 'half');
    assert.deepEqual([...new CheckpointFiles(join(folder, 'checkpoints')).roots()], [file.root]);
    assert.equal(existsSync(leftover), false);
  });
});

test('hashing a file that is missing or empty is a named error', () => {
  inFolder((folder) => {
    assert.throws(() => hashCheckpointFile(join(folder, 'absent')), {
      code: 'store-corrupt',
      message: /not there or empty/,
    });
    writeFileSync(join(folder, 'empty'), '');
    assert.throws(() => hashCheckpointFile(join(folder, 'empty')), { code: 'store-corrupt' });
  });
});

test('nothing left over is believed: changed chunks, torn records, strangers and empty files', () => {
  inFolder((folder) => {
    const file = sampleFile(4 * CHUNK_BYTES, 3);
    const store = new CheckpointFiles(folder);
    for (const index of [0, 1, 2]) putChunk(store, file, index);
    const part = join(folder, `${file.root}.${file.bytes.length}.part`);
    const have = join(folder, `${file.root}.${file.bytes.length}.have`);
    const content = readFileSync(part);
    content[CHUNK_BYTES + 17]! ^= 1;
    writeFileSync(part, content);
    truncateSync(have, 2 * 40 + 39);
    for (const name of [
      `${'11'.repeat(32)}.leaves`,
      `${'22'.repeat(32)}.5.part`,
      `${'33'.repeat(32)}.5.have`,
      `${'44'.repeat(32)}.safetensors`,
    ])
      writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'notes.txt'), 'of the user');
    const again = new CheckpointFiles(folder);
    assert.deepEqual(again.present(file.root)?.have, [true, false, false, false]);
    assert.deepEqual([...again.roots()], [file.root]);
    assert.deepEqual(
      readdirSync(folder).sort(),
      [`${file.root}.4194304.have`, `${file.root}.4194304.part`, 'notes.txt'].sort(),
    );
    for (const index of [1, 2, 3]) putChunk(again, file, index);
    assert.equal(again.verify(file.root), true);
  });
});

test('a part whose length no file can have is removed at start', () => {
  inFolder((folder) => {
    for (const length of ['0', '007', '9999999999999']) {
      writeFileSync(join(folder, `${'55'.repeat(32)}.${length}.part`), 'x');
      writeFileSync(join(folder, `${'55'.repeat(32)}.${length}.have`), 'x');
    }
    assert.deepEqual([...new CheckpointFiles(folder).roots()], []);
  });
});

test('a complete file that changed on the disk is found when served or verified, reported and removed', () => {
  inFolder((folder) => {
    const damaged: string[] = [];
    const open = (): CheckpointFiles => new CheckpointFiles(folder, { onDamage: (root) => damaged.push(root) });
    const file = sampleFile(2 * CHUNK_BYTES, 4);
    const path = join(folder, `${file.root}.safetensors`);
    const change = (): void => {
      const content = readFileSync(path);
      content[CHUNK_BYTES + 1]! ^= 1;
      writeFileSync(path, content);
    };
    const fill = (store: CheckpointFiles): void => {
      for (const index of [0, 1]) putChunk(store, file, index);
    };

    let store = open();
    fill(store);
    change();
    assert.deepEqual(store.getChunk(file.root, 0)!.bytes, file.chunks[0]);
    assert.equal(store.getChunk(file.root, 1), null);
    assert.equal(store.isComplete(file.root), false);
    assert.deepEqual(damaged, [file.root]);

    fill(store);
    change();
    assert.equal(store.verify(file.root), false);
    assert.equal(store.pathOf(file.root), null);
    assert.equal(damaged.length, 2);

    fill(store);
    change();
    rmSync(join(folder, `${file.root}.leaves`));
    store = open();
    assert.equal(store.getChunk(file.root, 0), null, 'without its leaves the whole file is hashed first');
    assert.equal(damaged.length, 3);
    assert.deepEqual(readdirSync(folder), []);
  });
});

test('a leaves file that is wrong is rebuilt from the data', () => {
  inFolder((folder) => {
    const file = sampleFile(2 * CHUNK_BYTES, 5);
    const store = new CheckpointFiles(folder);
    for (const index of [0, 1]) putChunk(store, file, index);
    writeFileSync(join(folder, `${file.root}.leaves`), new Uint8Array(64));
    const again = new CheckpointFiles(folder);
    assert.deepEqual(again.getChunk(file.root, 1)!.bytes, file.chunks[1]);
    assert.deepEqual(
      new Uint8Array(readFileSync(join(folder, `${file.root}.leaves`))),
      new Uint8Array(Buffer.concat(file.leaves)),
    );
  });
});

test('a power failure at any operation leaves no half file, and the download ends well afterwards', () => {
  const file = sampleFile(3 * CHUNK_BYTES + 100, 6);
  const older = sampleFile(5000, 7);
  let failures = 0;
  for (let failAt = 1; ; failAt++) {
    let state = failAt * 7919;
    const layer = new LossyFileLayer(() => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state / 2 ** 32;
    });
    const run = (): void => {
      const store = new CheckpointFiles('/data/checkpoints', { layer });
      if (!store.isComplete(file.root)) putChunk(store, older, 0);
      for (const index of [2, 0, 3, 1]) putChunk(store, file, index);
      store.delete(older.root);
    };
    layer.failAfter(failAt);
    let failed = false;
    try {
      run();
    } catch (error) {
      if (!(error instanceof PowerFailure)) throw error;
      failed = true;
      failures += 1;
      layer.restart();
      const found = new CheckpointFiles('/data/checkpoints', { layer });
      for (const sample of [file, older]) {
        if (found.isComplete(sample.root))
          assert.equal(found.verify(sample.root), true, `failure at operation ${failAt}`);
      }
      run();
    }
    layer.failAfter(Number.POSITIVE_INFINITY);
    const end = new CheckpointFiles('/data/checkpoints', { layer });
    assert.equal(end.verify(file.root), true);
    assert.deepEqual([...end.roots()], [file.root]);
    if (!failed) break;
  }
  assert.ok(failures >= 30, `only ${failures} operations were tried`);
});

test('a complete download survives a power failure right after its last chunk', () => {
  const layer = new LossyFileLayer(() => 0);
  const file = sampleFile(2 * CHUNK_BYTES, 8);
  const store = new CheckpointFiles('/data/checkpoints', { layer });
  for (const index of [0, 1]) putChunk(store, file, index);
  layer.restart();
  assert.equal(new CheckpointFiles('/data/checkpoints', { layer }).verify(file.root), true);
});

test('a power failure costs a long download at most sixteen chunks', () => {
  const layer = new LossyFileLayer(() => 0);
  const file = sampleFile(20 * CHUNK_BYTES, 9);
  const store = new CheckpointFiles('/data/checkpoints', { layer });
  for (let index = 0; index < 19; index++) putChunk(store, file, index);
  layer.restart();
  const have = new CheckpointFiles('/data/checkpoints', { layer }).present(file.root)!.have;
  assert.ok(have.filter(Boolean).length >= 16);
});

test('the folder is made with its parents', () => {
  inFolder((folder) => {
    mkdirSync(join(folder, 'a'));
    new CheckpointFiles(join(folder, 'a', 'b', 'c'));
    assert.equal(existsSync(join(folder, 'a', 'b', 'c')), true);
  });
});

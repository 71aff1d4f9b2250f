import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSnapshot, SnapshotFile } from './snapshot-file.ts';
import { LossyFileLayer, PowerFailure } from './testing/lossy-file-layer.ts';

const parts = [1, 2, 3].map((fill) => new Uint8Array(700).fill(fill));

function writeAll(file: SnapshotFile): void {
  for (const part of parts) file.write(part);
  file.finish();
}

test('a snapshot is there when it is finished, and nothing else is left', () => {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-snapshot-'));
  const path = join(folder, 'below', 'state');
  writeAll(new SnapshotFile(path));
  assert.deepEqual(readdirSync(join(folder, 'below')), ['state']);
  assert.deepEqual(new Uint8Array(readFileSync(path)), Uint8Array.from(parts.flatMap((part) => [...part])));
  const source = openSnapshot(path);
  assert.equal(source.length, 2100);
  assert.deepEqual([...source.read(699, 2)], [1, 2]);
  const given = new SnapshotFile(join(folder, 'given-up'));
  given.write(parts[0]!);
  given.discard();
  assert.deepEqual(readdirSync(folder), ['below']);
  rmSync(folder, { recursive: true, force: true });
});

test('a file that is not there is a named error', () => {
  assert.throws(() => openSnapshot('/nowhere/at/all'), { code: 'store-io', message: /no file \/nowhere\/at\/all/ });
});

test('wherever the power fails, the name stands for the old file or the whole new one', () => {
  const seen = new Set<string>();
  for (let operation = 1; operation < 20; operation++) {
    const layer = new LossyFileLayer(() => 0.4);
    writeAll(new SnapshotFile('/data/state', layer));
    layer.failAfter(operation);
    try {
      const file = new SnapshotFile('/data/state', layer);
      file.write(new Uint8Array(5_000).fill(9));
      file.finish();
    } catch (error) {
      if (!(error instanceof PowerFailure)) throw error;
    }
    layer.restart();
    const { length, read } = openSnapshot('/data/state', layer);
    const content = read(0, length);
    const isOld = length === 2100 && content[0] === 1 && content[2099] === 3;
    const isNew = length === 5_000 && content.every((byte) => byte === 9);
    assert.ok(isOld || isNew, `power failed in operation ${operation}: ${length} bytes`);
    seen.add(isOld ? 'old' : 'new');
  }
  assert.equal(seen.size, 2);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LmdbChainStore } from './lmdb-chain-store.ts';
import { frameRecord, unframeRecord } from './record-frame.ts';
import { StorageError, toStorageError } from './storage-error.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

async function withStoreFile(work: (folder: string, file: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-lmdb-'));
  try {
    const store = LmdbChainStore.open(folder);
    for (let index = 0; index < 2000; index++)
      store.write({
        puts: [{ table: 'headers', key: bytes(`key ${index}`), value: new Uint8Array(600).fill(index) }],
        deletes: [],
      });
    await store.close();
    await work(folder, join(folder, 'data.mdb'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const refuses = (folder: string, code: string, text: RegExp): void => {
  assert.throws(
    () => LmdbChainStore.open(folder),
    (error: unknown) => error instanceof StorageError && error.code === code && text.test(error.message),
  );
};

test('a file that is cut, overwritten or of another version is a named error, not a dead process', async () => {
  await withStoreFile(async (folder, file) => {
    const sound = readFileSync(file);
    const damage = (change: (copy: Buffer) => Buffer): void => writeFileSync(file, change(Buffer.from(sound)));
    damage((copy) => copy.subarray(0, 100));
    refuses(folder, 'store-corrupt', /has only 100 bytes/);
    damage((copy) => copy.subarray(0, 8192));
    refuses(folder, 'store-corrupt', /ends after 2 pages/);
    damage((copy) => copy.subarray(0, copy.length >> 2));
    refuses(folder, 'store-corrupt', /ends after \d+ pages/);
    damage((copy) => copy.fill(7, 0, 64));
    refuses(folder, 'store-corrupt', /mark of LMDB/);
    damage((copy) => copy.fill(0));
    refuses(folder, 'store-corrupt', /mark of LMDB/);
    damage((copy) => {
      copy.writeUInt32LE(1, 28);
      return copy;
    });
    refuses(folder, 'store-version', /LMDB format 1/);
    damage((copy) => {
      copy.writeUInt32LE(12345, 48);
      return copy;
    });
    refuses(folder, 'store-corrupt', /page size 12345/);
    writeFileSync(file, sound);
    const store = LmdbChainStore.open(folder);
    assert.equal([...store.entries('headers')].length, 2000);
    await store.close();
  });
});

test('a record whose bytes changed on the disk is refused by its checksum', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-lmdb-'));
  const store = LmdbChainStore.open(folder);
  store.write({ puts: [{ table: 'meta', key: bytes('k'), value: bytes('a value of some length') }], deletes: [] });
  await store.close();
  const file = join(folder, 'data.mdb');
  const content = readFileSync(file);
  const at = content.lastIndexOf('a value of some length');
  assert.ok(at > 0);
  content[at] = 0x41;
  writeFileSync(file, content);
  const again = LmdbChainStore.open(folder);
  assert.throws(
    () => again.get('meta', bytes('k')),
    (error: unknown) =>
      error instanceof StorageError && error.code === 'store-corrupt' && /checksum/.test(error.message),
  );
  assert.throws(() => [...again.entries('meta')], { code: 'store-corrupt' });
  await again.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a frame is exact: shorter, of another version or with another checksum it is refused', () => {
  const framed = frameRecord(bytes('payload'));
  assert.deepEqual(
    unframeRecord(framed, () => 'x'),
    bytes('payload'),
  );
  assert.throws(() => unframeRecord(framed.subarray(0, 4), () => 'x'), { code: 'store-corrupt' });
  assert.throws(() => unframeRecord(framed.subarray(0, 9), () => 'x'), { code: 'store-corrupt' });
  assert.throws(() => unframeRecord(Uint8Array.of(2, ...framed.subarray(1)), () => 'x'), { code: 'store-version' });
});

test('what LMDB and the system report becomes a named error with the cause and the fix', () => {
  const cases: readonly (readonly [unknown, string, RegExp])[] = [
    [-30796, 'store-corrupt', /downloads and verifies/],
    [-30792, 'store-full', /Free some space/],
    [-30794, 'store-version', /version of the program/],
    [28, 'store-full', /Free some space/],
    [30, 'store-read-only', /right to write/],
    ['ENOSPC', 'store-full', /Free some space/],
    ['EROFS', 'store-read-only', /right to write/],
    ['EACCES', 'store-read-only', /right to write/],
    ['EBUSY', 'store-locked', /other process/],
    ['EIO', 'store-io', /Check the disk/],
    [undefined, 'store-io', /Check the disk/],
  ];
  for (const [code, expected, advice] of cases) {
    const cause = Object.assign(new Error('what the system said'), code === undefined ? {} : { code });
    const error = toStorageError(cause, 'Writing', '/some/where');
    assert.equal(error.code, expected);
    assert.match(error.message, /Writing \/some\/where failed: what the system said/);
    assert.match(error.message, advice);
    assert.equal(error.cause, cause);
    assert.equal(toStorageError(error, 'Again', '/x'), error);
  }
});

test('of a batch of thousands of changes all are stored, or none if one of them cannot be', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-lmdb-'));
  const key = (number: number): Uint8Array => bytes(String(number).padStart(8, '0'));
  const puts = Array.from({ length: 10_000 }, (_, number) => ({
    table: 'coins' as const,
    key: key(number),
    value: key(number),
  }));
  // Longer than LMDB takes, and the last in order.
  const refused = { table: 'coins' as const, key: new Uint8Array(2_000).fill(0xff), value: bytes('') };
  const store = LmdbChainStore.open(folder);
  try {
    const first = puts.slice(0, 5_000);
    store.write({ puts: first, deletes: [] });
    const deletes = first.filter((_, number) => number % 2 === 0);
    const batch = { puts: puts.slice(5_000), deletes };
    assert.throws(() => store.write({ puts: [...batch.puts, refused], deletes }), StorageError);
    assert.deepEqual(
      [...store.entries('coins')].map(([each]) => each),
      first.map((put) => put.key),
    );
    store.write(batch);
    const expected = puts.filter((_, number) => number >= 5_000 || number % 2 === 1);
    assert.deepEqual(
      [...store.entries('coins')],
      expected.map((put) => [put.key, put.value]),
    );
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a full disk is a named error, and what was written before it is there afterwards', {
  skip: process.platform === 'win32' ? 'no limit on file sizes to provoke it with' : false,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'resonance-full-'));
  const script = `import { LmdbChainStore } from ${JSON.stringify(new URL('./lmdb-chain-store.ts', import.meta.url).href)};
    const store = LmdbChainStore.open(${JSON.stringify(folder)});
    let written = 0;
    try {
      for (;;) {
        store.write({ puts: [{ table: 'bodies', key: Uint8Array.of(1, written), value: new Uint8Array(100_000) }], deletes: [] });
        written += 1;
      }
    } catch (error) {
      console.log(JSON.stringify({ written, code: error.code, readable: store.get('bodies', Uint8Array.of(1, 0)).length }));
    }`;
  const limited = 'ulimit -f 2048; exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"';
  const child = spawnSync('sh', ['-c', limited, process.execPath, script], { encoding: 'utf8' });
  assert.equal(child.signal, null, child.stderr);
  const report = JSON.parse(child.stdout) as { written: number; code: string; readable: number };
  assert.equal(report.code, 'store-full');
  assert.ok(report.written > 2);
  assert.equal(report.readable, 100_000);
  const store = LmdbChainStore.open(folder);
  assert.equal([...store.entries('bodies')].length, report.written);
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

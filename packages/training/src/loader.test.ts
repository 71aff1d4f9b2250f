import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import fc from 'fast-check';
import { CorpusChangedError, corpusFingerprint, fileCorpus, memoryCorpus } from './corpus.ts';
import { evalWindows } from './eval-windows.ts';
import { openCorpus, readIds } from './open-corpus.ts';
import { createPermutation } from './permutation.ts';
import { NoTextError, resolveSources } from './text-sources.ts';
import { lastSafeCut, tokenizeSources } from './tokenize-sources.ts';
import { CorpusTooShortError, createLoader } from './window-loader.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-loader-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const counting = (length: number): Uint16Array => Uint16Array.from({ length }, (_, i) => i % 65536);

test('createPermutation() visits every index once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), fc.nat(5), (size, seed, stream) => {
      const at = createPermutation(size, seed, stream);
      assert.equal(new Set(Array.from({ length: size }, (_, i) => at(i))).size, size);
    }),
    { numRuns: 60 },
  );
});

test('createPermutation() changes with seed and stream and does not keep neighbours together', () => {
  const order = (seed: number, stream: number): number[] =>
    Array.from({ length: 1000 }, (_, i) => createPermutation(1000, seed, stream)(i));
  assert.notDeepEqual(order(1, 0), order(2, 0));
  assert.notDeepEqual(order(1, 0), order(1, 1));
  const kept = order(1, 0).filter((value, i, all) => Math.abs(value - (all[i + 1] ?? 0)) === 1).length;
  assert.ok(kept < 20, `${kept} neighbours stayed together`);
});

test('fileCorpus() reads across files and puts the separator between them', () => {
  writeFileSync(join(folder, 'a'), Uint8Array.of(1, 2, 3));
  writeFileSync(join(folder, 'b'), Uint8Array.of(4));
  writeFileSync(join(folder, 'c'), Uint8Array.of(5, 0, 6, 0));
  const corpus = fileCorpus(
    [
      { path: join(folder, 'a'), width: 1, length: 3 },
      { path: join(folder, 'b'), width: 1, length: 1 },
      { path: join(folder, 'c'), width: 2, length: 2 },
    ],
    9,
  );
  assert.equal(corpus.length, 8);
  const all = [1, 2, 3, 9, 4, 9, 5, 6];
  for (let from = 0; from < 8; from += 1) {
    for (let to = from; to <= 8; to += 1) {
      const out = new Uint16Array(to - from);
      corpus.read(from, out);
      assert.deepEqual([...out], all.slice(from, to));
    }
  }
  assert.throws(() => corpus.read(5, new Uint16Array(4)), RangeError);
  corpus.close();
});

test('resolveSources() takes files, folders and globs, each file once, and names a pattern without a file', () => {
  const texts = join(folder, 'texts');
  mkdirSync(join(texts, 'deep'), { recursive: true });
  writeFileSync(join(texts, 'one.txt'), 'one');
  writeFileSync(join(texts, 'deep', 'two.txt'), 'two');
  writeFileSync(join(texts, 'three.md'), 'three');
  const names = (patterns: string[]): string[] =>
    resolveSources(patterns).files.map((source) => source.path.slice(texts.length + 1));
  assert.deepEqual(names([texts]), ['deep/two.txt', 'one.txt', 'three.md']);
  assert.deepEqual(names([join(texts, '**/*.txt'), join(texts, 'one.txt')]), ['deep/two.txt', 'one.txt']);
  assert.throws(
    () => resolveSources([join(folder, 'absent', '*.txt')]),
    (error: unknown) => error instanceof NoTextError && /absent/.test(error.message),
  );
  writeFileSync(join(folder, 'empty.txt'), '');
  assert.throws(() => resolveSources([join(folder, 'empty.txt')]), /empty/);
});

test('resolveSources() leaves out what is not for training and, of folders and globs, what is no text', () => {
  const mixed = join(folder, 'mixed');
  mkdirSync(join(mixed, 'node_modules', 'x'), { recursive: true });
  mkdirSync(join(mixed, '.hidden'));
  for (const name of ['a.txt', 'val.txt', 'node_modules/x/b.txt', '.hidden/c.txt'])
    writeFileSync(join(mixed, name), name);
  writeFileSync(join(mixed, 'picture'), Uint8Array.of(80, 0, 1));
  symlinkSync(join(mixed, 'val.txt'), join(mixed, 'also-val.txt'));
  const { files, excluded, notText } = resolveSources([mixed], [join(mixed, 'val.txt'), join(mixed, 'absent')]);
  assert.deepEqual(
    files.map(({ path }) => path),
    [join(mixed, 'a.txt')],
  );
  assert.deepEqual(excluded, [join(mixed, 'also-val.txt'), join(mixed, 'val.txt')]);
  assert.deepEqual(notText, [join(mixed, 'picture')]);
  assert.deepEqual(resolveSources([join(mixed, 'picture')]).files, [{ path: join(mixed, 'picture'), bytes: 3 }]);
  assert.throws(
    () => resolveSources([join(mixed, 'val.txt')], [join(mixed, 'val.txt')]),
    (error: unknown) => error instanceof NoTextError && /not for training.*val\.txt/.test(error.message),
  );
});

test('fileCorpus() reads more files than may be open at once, and says which one became shorter', () => {
  const many = join(folder, 'many');
  mkdirSync(many);
  const files = Array.from({ length: 300 }, (_, i) => {
    const path = join(many, String(i).padStart(3, '0'));
    writeFileSync(path, Uint8Array.of(i % 256, 1));
    return { path, width: 1 as const, length: 2 };
  });
  const corpus = fileCorpus(files, 7);
  const ids = new Uint16Array(corpus.length);
  corpus.read(0, ids);
  assert.deepEqual(
    [...ids].filter((_, i) => i % 3 === 0),
    files.map((_, i) => i % 256),
  );
  assert.ok([...ids].every((id, i) => i % 3 === 0 || id === (i % 3 === 1 ? 1 : 7)));
  const path = files[0]?.path ?? '';
  truncateSync(path, 1);
  assert.throws(
    () => corpus.read(0, ids),
    (error: unknown) => error instanceof CorpusChangedError && error.message.includes(path),
  );
  corpus.close();
});

test('corpusFingerprint() tells texts apart wherever a long stretch or the length differs', () => {
  const ids = counting(200_000);
  const name = corpusFingerprint(memoryCorpus(ids));
  assert.equal(corpusFingerprint(memoryCorpus(counting(200_000))), name);
  assert.notEqual(corpusFingerprint(memoryCorpus(ids.subarray(1))), name);
  for (const at of [0, 100_000, 199_000])
    assert.notEqual(corpusFingerprint(memoryCorpus(ids.slice().fill(9, at, at + 1000))), name);
  assert.notEqual(
    corpusFingerprint(memoryCorpus(Uint16Array.of(1))),
    corpusFingerprint(memoryCorpus(Uint16Array.of(2))),
  );
});

test('readIds() reads a whole file and refuses an empty one by name', async () => {
  const bytes = await loadTokenizer('bytes');
  writeFileSync(join(folder, 'val'), 'hé');
  assert.deepEqual([...readIds(join(folder, 'val'), bytes)], [104, 195, 169]);
  writeFileSync(join(folder, 'nothing'), '');
  assert.throws(
    () => readIds(join(folder, 'nothing'), bytes),
    (error: unknown) => error instanceof NoTextError && /nothing is empty/.test(error.message),
  );
});

test('tokenizeSources() gives the ids of the whole texts, however they are cut, and makes them once', async () => {
  const gpt2 = await loadTokenizer('gpt2');
  const unit = "word gives 12, 345\n\n\n  it's  naïve 🎉\tand on ";
  const text = Array.from({ length: 30_000 }, (_, i) => `${unit.slice(i % 7)}${i}`).join('');
  assert.ok(text.length > 1 << 20, 'the text must span several pieces');
  const sources = ['long.txt', 'short.txt'].map((name) => join(folder, name));
  writeFileSync(sources[0] ?? '', text);
  writeFileSync(sources[1] ?? '', 'the end');
  const cache = join(folder, 'cache');
  const tokenized = async (): Promise<{ readonly path: string; readonly ids: number[] }> => {
    const file = await tokenizeSources(resolveSources(sources).files, gpt2, cache);
    const ids = new Uint16Array(file.length);
    const corpus = fileCorpus([file], gpt2.startId);
    corpus.read(0, ids);
    corpus.close();
    return { path: file.path, ids: [...ids] };
  };
  const first = await tokenized();
  assert.deepEqual(first.ids, [...gpt2.encode(text), gpt2.startId, ...gpt2.encode('the end')]);
  const made = statSync(first.path).mtimeMs;
  assert.equal((await tokenized()).path, first.path);
  assert.equal(statSync(first.path).mtimeMs, made);
  writeFileSync(sources[1] ?? '', 'the very end');
  const second = await tokenized();
  assert.deepEqual(second.ids.slice(-3), [...gpt2.encode('the very end')]);
  assert.deepEqual(readdirSync(cache), [basename(second.path)], 'the outdated ids are removed');
});

test('lastSafeCut() finds a space between two words only', () => {
  assert.equal(lastSafeCut('ab cd'), 2);
  assert.equal(lastSafeCut('ab  cd\n ef'), -1);
  assert.equal(lastSafeCut(''), -1);
});

test('openCorpus() gives the same ids from memory and from disk', async () => {
  const bytes = await loadTokenizer('bytes');
  const texts = join(folder, 'texts');
  const inMemory = await openCorpus([texts], bytes, { cacheFolder: folder });
  const onDisk = await openCorpus([texts], bytes, { cacheFolder: folder, memoryLimit: 0 });
  const read = (corpus: typeof inMemory): number[] => {
    const ids = new Uint16Array(corpus.length);
    corpus.read(0, ids);
    corpus.close();
    return [...ids];
  };
  const expected = [...bytes.encode('two'), 0, ...bytes.encode('one'), 0, ...bytes.encode('three')];
  assert.deepEqual(read(inMemory), expected);
  assert.deepEqual(read(onDisk), expected);
});

test('createLoader() shows every window of a pass once, with the start id first', () => {
  const loader = createLoader(memoryCorpus(counting(1000)), { batch: 3, window: 10, startId: 7, seed: 5 });
  assert.equal(loader.batchesPerEpoch, 33);
  const firsts = new Set<number>();
  for (let i = 0; i < loader.batchesPerEpoch; i += 1) {
    const { inputs, targets } = loader.batchAt(i);
    for (let row = 0; row < 3; row += 1) {
      assert.equal(inputs[row * 10], 7);
      for (let t = 1; t < 10; t += 1) assert.equal(inputs[row * 10 + t], targets[row * 10 + t - 1]);
      firsts.add(targets[row * 10] ?? -1);
    }
  }
  assert.equal(firsts.size, 99);
});

test('createLoader() gives the same batch again when a run is resumed, in any pass', () => {
  const make = (): ReturnType<typeof createLoader> =>
    createLoader(memoryCorpus(counting(997)), { batch: 2, window: 16, startId: 0, seed: 3 });
  const straight = make();
  const seen = Array.from({ length: 100 }, (_, i) => straight.batchAt(i));
  const resumed = make();
  for (let i = 57; i < 100; i += 1) assert.deepEqual(resumed.batchAt(i), seen[i]);
  assert.notDeepEqual(seen[0], seen[straight.batchesPerEpoch]);
});

test('createLoader() says how much text a batch needs', () => {
  assert.throws(
    () => createLoader(memoryCorpus(counting(50)), { batch: 4, window: 16, startId: 0, seed: 1 }),
    (error: unknown) => error instanceof CorpusTooShortError && /64/.test(error.message),
  );
  const single = createLoader(memoryCorpus(counting(16)), { batch: 1, window: 16, startId: 0, seed: 1 });
  for (let i = 0; i < 5; i += 1) assert.equal(single.batchAt(i).targets[0], 0);
});

test('evalWindows() makes every id a target once and keeps a shorter last window', () => {
  const windows = evalWindows(counting(25), 10, 99);
  assert.deepEqual(
    windows.map((window) => window.targets.length),
    [10, 10, 5],
  );
  assert.deepEqual([...(windows[2]?.inputs ?? [])], [99, 20, 21, 22, 23]);
  assert.deepEqual([...(windows[2]?.targets ?? [])], [20, 21, 22, 23, 24]);
});

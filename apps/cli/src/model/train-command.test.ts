import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { bf16FromF32 } from '@resonancenet/model/bf16';
import { parameterCount } from '@resonancenet/model/shape';
import { readWeights, writeCheckpoint } from '@resonancenet/training/checkpoint-file';
import { mix32 } from '@resonancenet/training/prng';
import { loadRunState, saveRunState } from '@resonancenet/training/run-state-file';
import { endOf, jsonLines, jsonOf, runCli, signalWhen, startCli, twoAtATime } from '../testing/run-cli.ts';
import { sampleText } from '../testing/sample-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-train-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const text = path('text.txt');
const val = path('val.txt');
const model = path('m.safetensors');

/** A tiny model on the sample text, one thread: `steps` and what else a test is about are added. */
const tiny = (out: string, ...more: string[]): string[] => [
  ...['model', 'train', '--data', text, '--config', 'd=16,layers=1,vocab=bytes'],
  ...['--batch', '2', '--window', '16', '--threads', '1', '--out', out, ...more],
];
const stepOf = (line: string): number => (JSON.parse(line) as { step: number }).step;

before(async () => {
  writeFileSync(text, sampleText(20_000, 1));
  writeFileSync(val, sampleText(1000, 2));
  await jsonOf(tiny(model, '--steps', '30', '--val', val));
});

test('train --json prints one object for each update, the last with the exact loss that eval gives', async () => {
  const out = path('json.safetensors');
  const result = await runCli([...tiny(out, '--steps', '40', '--val', val), '--json']);
  assert.equal(result.code, 0);
  assert.equal(result.stderr, '');
  const lines = jsonLines(result);
  const last = lines.at(-1) ?? {};
  const updates = lines.slice(0, -1);
  assert.deepEqual(
    updates.map((line) => [line['step'], line['tokens']]),
    Array.from({ length: 40 }, (_, i) => [i + 1, 32 * (i + 1)]),
  );
  for (const line of updates) {
    assert.deepEqual(Object.keys(line), ['step', 'tokens', 'loss', 'tokensPerSecond']);
    assert.ok(Number(line['loss']) > 0 && Number.isInteger(line['tokensPerSecond']));
  }
  assert.ok(Number(updates.at(-1)?.['loss']) < Number(updates[0]?.['loss']) - 0.5, 'the loss falls');
  const { valLoss, valLossNats, ...rest } = last;
  assert.deepEqual(rest, { ...updates.at(-1), out });
  assert.equal(valLossNats, Number(valLoss) / 1e6);
  const evaluated = await jsonOf(['model', 'eval', '--checkpoint', out, '--data', val, '--window', '16']);
  assert.equal(evaluated['valLoss'], valLoss);
  assert.deepEqual(
    readdirSync(folder)
      .filter((name) => name.startsWith('json.'))
      .sort(),
    ['json.safetensors', 'json.safetensors.state'],
  );
  assert.ok(statSync(`${out}.state`).size < 1000, 'the state of a finished run is a note');
});

test('train without --val says so with null, and --tokens and --epochs give the updates they hold', async () => {
  const perEpoch = Math.floor(Math.floor(20_000 / 16) / 2);
  const cases = [
    [['--tokens', '199'], 6],
    [['--tokens', '3_2'], 1],
    [['--epochs', '0.02'], Math.round(perEpoch / 50)],
  ] as const;
  await twoAtATime(cases, async ([length, steps]) => {
    const last = await jsonOf(tiny(path(`length${steps}.safetensors`), ...length));
    assert.equal(last['step'], steps);
    assert.equal(last['tokens'], 32 * steps);
    assert.equal(last['valLoss'], null);
  });
});

test('train for people: progress on the error stream without control characters, one line of result', async () => {
  const out = path('people.safetensors');
  const { code, stdout, stderr } = await runCli(tiny(out, '--steps', '4', '--eval-every', '2', '--val', val));
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^.*people\.safetensors: 4 updates, 128 tokens, loss \d\.\d{3}, validation loss \d\.\d+ nats per token, \d+ s\n$/,
  );
  assert.match(stderr, /12,304 parameters, 20,000 tokens of text, 4 updates of 2 x 16, \w+ backend, 1 threads/);
  assert.match(stderr, /step 2\/4 {2}loss \d\.\d{3} {2}.*tokens\/s {2}.*left {2}validation loss \d\.\d+ nats/);
  assert.ok(!['\r', '\u001b'].some((control) => (stderr + stdout).includes(control)));
});

test('train --eval-every adds the exact loss to the lines of those updates', async () => {
  const result = await runCli([
    ...tiny(path('every.safetensors'), '--steps', '7', '--val', val, '--eval-every', '3'),
    '--json',
  ]);
  const lines = jsonLines(result);
  assert.deepEqual(
    lines.filter((line) => 'valLoss' in line).map((line) => line['step']),
    [3, 6, 7],
  );
  assert.ok(lines.every((line) => !('valLoss' in line) || Number.isInteger(line['valLoss'])));
});

test('Ctrl-C ends with 130, a usable checkpoint and a state from which --resume makes the same bytes', async () => {
  for (const [backend, steps, more] of [
    ['auto', '1500', []],
    ['reference', '30', ['--ema', '0.9']],
  ] as const) {
    const options = (name: string): string[] => tiny(path(name), '--steps', steps, '--backend', backend, ...more);
    const [whole, stopped] = [`whole-${backend}`, `stopped-${backend}`];
    const interrupted = await signalWhen([...options(stopped), '--json'], (line) => stepOf(line) >= 3, 'SIGINT');
    assert.equal(interrupted.code, 130, interrupted.stderr);
    const last = jsonLines(interrupted).at(-1) ?? {};
    assert.equal(last['interrupted'], true);
    assert.ok(Number(last['step']) < Number(steps), 'the run was stopped before its end');
    assert.match(interrupted.stderr, /Stopped after \d+ of \d+ updates.*--resume goes on/);
    assert.equal(readWeights(path(stopped)).shape.width, 16);
    const again = await runCli(options(stopped));
    assert.equal(again.code, 2);
    assert.match(again.stderr, /holds a run that stopped after \d+ of \d+ updates\. Add --resume/);
    const [resumed, undisturbed] = await Promise.all([
      runCli([...options(stopped), '--resume', '--json']),
      runCli([...options(whole), '--json']),
    ]);
    assert.deepEqual([resumed.code, undisturbed.code], [0, 0], resumed.stderr);
    assert.equal(jsonLines(resumed)[0]?.['step'], Number(last['step']) + 1);
    assert.deepEqual(readFileSync(path(stopped)), readFileSync(path(whole)));
  }
});

test('kill -9 at any moment leaves an old or a new checkpoint, and --resume ends on the same bytes', async () => {
  const options = (name: string, ...more: string[]): string[] => [
    // Long enough that a busy machine signals it before its end.
    ...tiny(path(name), '--steps', '400', '--save-every', '10', ...more),
    '--json',
  ];
  assert.equal((await runCli(options('unkilled'))).code, 0);
  for (const until of [2, 30, 70]) {
    const killed = await signalWhen(options('killed', '--resume'), (line) => stepOf(line) >= until, 'SIGKILL');
    assert.equal(killed.code, null);
    // readWeights and loadRunState refuse anything that is not whole.
    if (existsSync(path('killed'))) assert.equal(readWeights(path('killed')).data.length, 12_304);
    const state = loadRunState(`${path('killed')}.state`);
    assert.notEqual(state?.stage, 'finished');
    if (until > 20)
      assert.ok(state?.stage === 'stopped' && state.trainer.step >= until - 11 && state.trainer.step % 10 === 0);
  }
  const { code, stderr } = await runCli(options('killed', '--resume'));
  assert.equal(code, 0, stderr);
  assert.deepEqual(readFileSync(path('killed')), readFileSync(path('unkilled')));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('killed')),
    ['killed', 'killed.state'],
    'neither lock nor half files are left',
  );
});

/** Makes `rnt` kill itself with -9 before its n-th file takes its name (RNT_TEST_KILL_AT). */
const killAtRename = `--import=data:text/javascript,${encodeURIComponent(`
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const { renameSync } = fs;
  let left = Number(process.env.RNT_TEST_KILL_AT);
  fs.renameSync = (from, to) => {
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
    renameSync(from, to);
  };
  syncBuiltinESMExports();
`)}`;

test('kill -9 between any two files of a run: --resume goes on and ends on the same bytes', async () => {
  const common = ['model', 'train', '--data', text, '--batch', '2', '--window', '16', '--threads', '1', '--seed', '7'];
  const run = (out: string, more: string[]): string[] => [
    ...[...common, '--steps', '4', '--save-every', '2', '--out', out, ...more],
    ...(more.includes('--from') ? [] : ['--config', 'd=16,layers=1,vocab=bytes']),
  ];
  // The second replaces what it starts from, beside which stands the note of a finished run.
  const [anew, onItself] = [path('anew'), path('on-itself')];
  const cases = [
    { whole: anew, points: [2, 3], more: (): string[] => [] },
    { whole: onItself, points: [2, 3, 4, 5], more: (out: string): string[] => ['--from', out] },
  ];
  const prepare = (out: string): void => {
    if (!out.startsWith(onItself)) return;
    for (const ending of ['', '.state']) copyFileSync(`${model}${ending}`, `${out}${ending}`);
  };
  const killing = (point: number): { env: Record<string, string> } => ({
    env: { NODE_OPTIONS: killAtRename, RNT_TEST_KILL_AT: String(point) },
  });
  for (const { whole, points, more } of cases) {
    prepare(whole);
    const { code } = await runCli(run(whole, more(whole)), killing(6));
    assert.equal(code, 0, 'a run with one save between writes five files');
    await twoAtATime(points, async (point) => {
      const out = `${whole}-${point}`;
      prepare(out);
      const killed = await runCli(run(out, more(out)), killing(point));
      assert.equal(killed.code, null, `before file ${point}: ${killed.stderr}`);
      const resumed = await runCli([...run(out, more(out)), '--resume']);
      assert.equal(resumed.code, 0, `before file ${point}: ${resumed.stderr}`);
      assert.deepEqual(readFileSync(out), readFileSync(whole));
    });
  }
  prepare(onItself);
  assert.equal((await runCli(run(onItself, ['--from', onItself]), killing(1))).code, null);
  const { code, stderr } = await runCli([...run(onItself, ['--from', onItself]), '--resume']);
  assert.equal(code, 2, 'a run that had not begun leaves the finished one as it is');
  assert.match(stderr, /the run was started with .*or leave --resume out to begin another/);
});

test('--resume begins a run where there is none, knows a finished one, and refuses other options or another text', async () => {
  const out = path('resume.safetensors');
  const first = await runCli(tiny(out, '--steps', '5', '--resume', '--val', val));
  assert.equal(first.code, 0);
  assert.match(first.stderr, /No run to go on with at .*resume\.safetensors: a new one/);
  const bytes = readFileSync(out);
  const finished = await runCli([...tiny(out, '--steps', '5', '--resume', '--val', val), '--json']);
  assert.equal(finished.code, 0);
  const [last] = jsonLines(finished);
  assert.deepEqual([last?.['step'], last?.['loss']], [5, null]);
  assert.ok(Number.isInteger(last?.['valLoss']));
  assert.deepEqual(readFileSync(out), bytes);
  const otherText = path('other.txt');
  writeFileSync(otherText, sampleText(20_000, 3));
  const orphan = path('orphan.safetensors');
  writeFileSync(orphan, bytes);
  const cases = [
    { args: tiny(out, '--steps', '6'), says: /totalSteps 5, now it is 6.*--steps, --tokens or --epochs/ },
    { args: tiny(out, '--steps', '5', '--lr', '0.5'), says: /learningRate .* now it is 0\.5.*--lr/ },
    { args: tiny(out, '--steps', '5', '--ema', '0.5'), says: /ema null, now it is 0\.5.*--ema/ },
    { args: tiny(out, '--steps', '5', '--data', otherText), says: /text of --data is not the one/ },
    { args: tiny(orphan, '--steps', '5'), says: /orphan\.safetensors exists, but no run.*--from/ },
  ];
  // One after the other: they are all about the same run.
  for (const { args, says } of cases) {
    const { code, stderr } = await runCli([...args, '--resume']);
    assert.equal(code, 2, stderr);
    assert.match(stderr, says);
  }
  rmSync(out);
  const gone = await runCli(tiny(out, '--steps', '5', '--resume'));
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /the run is finished, but .*resume\.safetensors is gone\. Restore it, or remove/);
  writeFileSync(`${out}.state`, 'garbage');
  const damaged = await runCli(tiny(out, '--steps', '5', '--resume'));
  assert.equal(damaged.code, 1);
  assert.match(damaged.stderr, /resume\.safetensors\.state is no whole state.*Restore it, or remove it and start anew/);
});

test('--from goes on from a checkpoint, grown ones too, and --ema writes other weights than the last', async () => {
  const grown = path('grown.safetensors');
  await jsonOf(['model', 'grow', '--checkpoint', model, '--growth', '130', '--out', grown]);
  const outs = ['from', 'ema', 'deeper'].map((name) => path(`${name}.safetensors`)) as [string, string, string];
  const common = [
    'model',
    'train',
    '--data',
    text,
    '--batch',
    '2',
    '--window',
    '16',
    '--threads',
    '1',
    '--steps',
    '3',
    '--lr',
    '0.001',
  ];
  const losses = await Promise.all([
    runCli([...common, '--from', model, '--out', outs[0], '--json']),
    runCli([...common, '--from', model, '--out', outs[1], '--json', '--ema', '0.99']),
    runCli([...common, '--from', grown, '--out', outs[2], '--json']),
  ]);
  const firsts = losses.map((result) => Number(jsonLines(result)[0]?.['loss']));
  assert.ok(
    firsts.every((loss) => loss < 5),
    `the losses ${firsts} are those of a trained model`,
  );
  assert.ok(Math.abs((firsts[0] ?? 0) - (firsts[2] ?? 9)) < 1e-3, 'growth changes nothing');
  assert.equal(firsts[0], firsts[1]);
  assert.notDeepEqual(readWeights(outs[0]).data, readWeights(outs[1]).data);
  const { shape, baseLayers, growth } = readWeights(outs[2]);
  assert.deepEqual([shape.width, shape.layers, shape.baseWidth, baseLayers, growth], [146, 2, 16, 1, 130]);
});

test('--data takes files, folders, globs and lists; --val, own outputs, hidden and binary files are left out', async () => {
  const texts = path('texts');
  mkdirSync(join(texts, 'deep'), { recursive: true });
  for (const [name, length] of [
    ['a.txt', 1000],
    ['b.txt', 500],
    ['deep/c.txt', 300],
    ['val.txt', 100],
    ['.hidden.txt', 90],
    ['d.md', 70],
  ] as const)
    writeFileSync(join(texts, name), sampleText(length, length));
  writeFileSync(join(texts, 'picture.png'), Uint8Array.of(137, 80, 78, 71, 0, 1));
  const out = join(texts, 'm.safetensors');
  const common = ['--config', 'd=16,layers=1', '--batch', '1', '--window', '16', '--steps', '2', '--threads', '1'];
  const tokens = async (data: string[], ...more: string[]): Promise<string> => {
    const { code, stderr } = await runCli(['model', 'train', '--data', ...data, ...common, '--out', out, ...more], {
      cwd: texts,
    });
    assert.equal(code, 0, stderr);
    return stderr;
  };
  const separators = (files: number): number => files - 1;
  const folderRun = await tokens([texts], '--val', join(texts, 'val.txt'));
  assert.match(
    folderRun,
    /text: 4 files, 1,870 bytes, without .*val\.txt \(not for training\), .*picture\.png \(no text\)/,
  );
  assert.match(folderRun, new RegExp(`${(1870 + separators(4)).toLocaleString('en')} tokens of text`));
  // The outputs of the first run now lie between the texts; the text is the same all the same.
  assert.match(await tokens(['.'], '--val', './val.txt', '--resume'), /finished already/);
  assert.match(await tokens(['*.txt', 'd.md']), new RegExp(`${(1670 + separators(4)).toLocaleString('en')} tokens`));
  assert.match(
    await tokens(['a.txt', '--data', 'deep/**/*.txt']),
    new RegExp(`${(1300 + separators(2)).toLocaleString('en')} tokens`),
  );
});

test('train works with the vocabulary of GPT-2 and keeps the tokens of the text for the next run', async () => {
  const short = path('short.txt');
  writeFileSync(short, sampleText(2000, 4));
  const out = path('gpt2.safetensors');
  const args = (name: string): string[] => [
    ...['model', 'train', '--data', short, short, '--val', val, '--config', 'd=4,layers=1,vocab=gpt2'],
    ...['--batch', '1', '--window', '16', '--steps', '2', '--threads', '1', '--out', name],
  ];
  const last = await jsonOf(args(out));
  assert.ok(Math.abs(Number(last['valLossNats']) - Math.log(50_257)) < 2);
  const [cached] = readdirSync(path('.rnt-ids'));
  const made = statSync(join(path('.rnt-ids'), cached ?? '')).mtimeMs;
  await jsonOf(args(path('gpt2-again.safetensors')));
  assert.equal(statSync(join(path('.rnt-ids'), cached ?? '')).mtimeMs, made);
  assert.deepEqual(readFileSync(path('gpt2-again.safetensors')), readFileSync(out));
  const generated = await jsonOf(['model', 'generate', '--checkpoint', out, '--prompt', 'The node', '--tokens', '5']);
  assert.equal(typeof generated['text'], 'string');
});

test('wrong options end with 2 and say what would be right', async () => {
  const out = path('wrong.safetensors');
  const train = (...more: string[]): string[] => ['model', 'train', '--data', text, '--out', out, ...more];
  const config = ['--config', 'd=16,layers=1,vocab=bytes'];
  const cases: { args: string[]; says: RegExp }[] = [
    { args: train('--steps', '1'), says: /either --config .* or --from/ },
    { args: train(...config, '--from', model, '--steps', '1'), says: /either --config .* or --from/ },
    { args: train(...config), says: /exactly one of --steps, --tokens and --epochs/ },
    { args: train(...config, '--steps', '1', '--epochs', '1'), says: /exactly one of/ },
    { args: train('--config', 'd=15,layers=1', '--steps', '1'), says: /--config d=15,layers=1 is no model.*d even/ },
    { args: train('--config', 'd=16,layers=99', '--steps', '1'), says: /layers 1 to 48/ },
    { args: train('--config', 'd=16,width=3', '--steps', '1'), says: /'width=3' is not understood.*genesis, devnet/ },
    { args: train('--config', 'd=16,layers=1,vocab=words', '--steps', '1'), says: /vocab bytes or gpt2/ },
    { args: train(...config, '--steps', 'many'), says: /--steps <n>.*'many'.*whole number from 1 to/ },
    { args: train(...config, '--steps', '0'), says: /whole number from 1 to/ },
    { args: train(...config, '--steps', '1.5'), says: /whole number/ },
    { args: train(...config, '--steps', '1', '--lr', 'fast'), says: /--lr <rate>.*number from 0 to 10/ },
    { args: train(...config, '--steps', '1', '--ema', '1'), says: /--ema <factor>.*number from 0 to 0\.99999/ },
    { args: train(...config, '--steps', '1', '--backend', 'cuda'), says: /--backend <name>.*auto, wasm, reference/ },
    { args: train(...config, '--steps', '1', '--threads', '0'), says: /--threads <n>.*whole number from 1 to 256/ },
    {
      args: train(...config, '--tokens', '2047'),
      says: /--tokens 2047 is less than one update \(--batch 8 x --window 256 = 2048\)/,
    },
    {
      args: train(...config, '--epochs', '0.01'),
      says: /--epochs 0\.01 is less than one update: a pass over this text has 9 updates/,
    },
    { args: train(...config, '--steps', '1', '--eval-every', '1'), says: /--eval-every needs --val/ },
    {
      args: ['model', 'train', '--data', text, ...config, '--steps', '1', '--out', folder],
      says: /--out .* is a folder/,
    },
  ];
  await twoAtATime(cases, async ({ args, says }) => {
    const { code, stdout, stderr } = await runCli(args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.equal(stdout, '');
    assert.match(stderr.replaceAll('\n', ' '), says);
  });
  assert.equal(existsSync(out), false);
});

test('files that are missing, wrong, empty or short end with 1 and say which and what to do', async () => {
  const [empty, short, broken] = ['empty.txt', 'tiny.txt', 'broken.safetensors'].map(path) as [string, string, string];
  writeFileSync(empty, '');
  writeFileSync(short, 'too short');
  writeFileSync(broken, readFileSync(model).subarray(0, -1));
  let outs = 0;
  const train = (data: string, ...more: string[]): string[] => [
    // Each its own: two at a time would meet the other's lock.
    ...['model', 'train', '--data', data, '--steps', '1', '--out', path(`never-${outs++}.safetensors`)],
    ...(more.includes('--from') || more.includes('--config') ? more : ['--config', 'd=16,layers=1', ...more]),
  ];
  const cases = [
    { args: train(path('absent.txt')), code: 'no-text', says: /No file matches '.*absent\.txt'.*quoted glob/ },
    { args: train(empty), code: 'no-text', says: /no text in what .*empty\.txt names: of its files 1 empty/ },
    {
      args: train(text, '--config', 'd=4096,layers=48'),
      code: 'OUT_OF_MEMORY',
      says: /needs \d+ MiB; 32-bit WebAssembly ends at 4,096 MiB.*Use a smaller model, batch or window/,
    },
    {
      args: train(short),
      code: 'corpus-too-short',
      says: /9 ids.*needs 2048\. Give more text, or a smaller --batch or --window/,
    },
    {
      args: train(text, '--val', path('absent.txt')),
      code: 'ENOENT',
      says: /absent\.txt does not exist\. Check the path/,
    },
    { args: train(text, '--val', empty), code: 'no-text', says: /empty\.txt is empty\. Give a file with text/ },
    { args: train(text, '--val', folder), code: 'EISDIR', says: /is a folder; a file is needed here/ },
    { args: train(text, '--val', text), code: 'no-text', says: /1 not for training \(.*text\.txt\)/ },
    { args: train(text, '--from', path('absent')), code: 'ENOENT', says: /absent does not exist/ },
    { args: train(text, '--from', broken), code: 'ckpt-truncated', says: /broken\.safetensors is no valid checkpoint/ },
    { args: train(text, '--from', text), code: 'ckpt-bad-header', says: /text\.txt is no valid checkpoint/ },
    {
      args: [...train(text), '--out', join(text, 'm.safetensors')],
      code: /EEXIST|ENOTDIR/,
      says: /a part of this path is a file/,
    },
  ];
  await twoAtATime(cases, async ({ args, code, says }) => {
    const result = await runCli([...args, '--json']);
    assert.equal(result.code, 1, `${args.join(' ')}: ${result.stderr}`);
    const { error } = (jsonLines(result)[0] ?? {}) as { error: { code: string; message: string } };
    if (typeof code === 'string') assert.equal(error.code, code);
    else assert.match(error.code, code);
    assert.match(error.message, says);
    assert.equal(result.stderr, `rnt: ${error.message}\n`);
  });
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('never-')),
    [],
  );
});

test('a second run into the same --out is refused while the first is at work', async () => {
  const out = path('shared.safetensors');
  const first = startCli([...tiny(out, '--steps', '1000000'), '--json']);
  const end = endOf(first);
  await new Promise((resolve) => createInterface(first.stdout).once('line', resolve));
  const second = await runCli(tiny(out, '--steps', '1'));
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`Another run is writing .*shared\\.safetensors \\(process ${first.pid}\\)`));
  first.kill('SIGTERM');
  assert.equal((await end).code, 130);
  assert.equal(existsSync(`${out}.lock`), false);
});

test('a full disk ends the run with a clear message and leaves the old checkpoint', {
  skip: existsSync('/dev/full') ? false : 'this system has no /dev/full',
}, async () => {
  const out = path('full.safetensors');
  writeFileSync(out, readFileSync(model));
  symlinkSync('/dev/full', `${out}.partial`);
  const { code, stderr } = await runCli(tiny(out, '--steps', '2'));
  assert.equal(code, 1);
  assert.match(stderr, /The disk is full \(while writing .*full\.safetensors\)\. Make room/);
  assert.deepEqual(readFileSync(out), readFileSync(model));
  assert.equal(existsSync(`${out}.lock`), false);
});

test('a run that diverges ends with a clear error and keeps the last good checkpoint', async () => {
  const shape = { vocab: 256, width: 16, layers: 1, baseWidth: 16 };
  const huge = path('huge.safetensors');
  // 2^20 everywhere, the largest weight there is, with changing signs: the gradient overflows.
  const data = Uint16Array.from({ length: parameterCount(shape) }, (_, i) => 0x4980 | ((mix32(i) & 1) << 15));
  writeCheckpoint(huge, { shape, baseLayers: 1, growth: 0, data });
  const out = path('diverged.safetensors');
  writeFileSync(out, readFileSync(model));
  const { code, stderr } = await runCli([
    ...[
      'model',
      'train',
      '--data',
      text,
      '--from',
      huge,
      '--steps',
      '3',
      '--batch',
      '2',
      '--window',
      '16',
      '--out',
      out,
    ],
  ]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /Training diverged in update 1: the (loss|gradient) is no finite number\. No checkpoint was written\. Start again with a smaller --lr than/,
  );
  assert.deepEqual(readFileSync(out), readFileSync(model));
});

test('a resumed run that diverges names the update that is on disk, and its state is gone', async () => {
  const out = path('doomed.safetensors');
  const args = tiny(out, '--steps', '1000000', '--json');
  await signalWhen(args, (line) => stepOf(line) >= 2, 'SIGINT');
  const state = loadRunState(`${out}.state`);
  assert.ok(state?.stage === 'stopped');
  const { trainer } = state;
  const param = trainer.param.map((_, i) => (mix32(i) % 2 === 0 ? 1e30 : -1e30));
  writeCheckpoint(out, { ...readWeights(out), data: bf16FromF32(param) });
  saveRunState(`${out}.state`, { ...state, trainer: { ...trainer, param } });
  const kept = readFileSync(out);
  const { code, stderr } = await runCli([...args, '--resume']);
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`diverged in update ${trainer.step + 1}: .*holds the weights after update ${trainer.step}\\..*--from`),
  );
  assert.deepEqual(readFileSync(out), kept);
  assert.equal(existsSync(`${out}.state`), false);
});

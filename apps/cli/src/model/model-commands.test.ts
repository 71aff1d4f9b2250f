import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { widenBf16 } from '@resonancenet/model/bf16';
import { parameterCount } from '@resonancenet/model/shape';
import { tensorSpecs } from '@resonancenet/model/tensors';
import { checkpointRootOfFile, readWeights, writeCheckpoint } from '@resonancenet/training/checkpoint-file';
import { initialWeights } from '@resonancenet/training/initial-weights';
import { endOf, jsonLines, jsonOf, runCli, startCli, twoAtATime } from '../testing/run-cli.ts';
import { sampleText } from '../testing/sample-text.ts';
import { harmless } from './generate-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-model-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const text = path('text.txt');
const model = path('m.safetensors');

before(async () => {
  writeFileSync(text, sampleText(20_000, 1));
  writeFileSync(path('val.txt'), sampleText(300, 2));
  await jsonOf([
    ...['model', 'train', '--data', text, '--config', 'd=16,layers=2', '--steps', '150', '--batch', '4'],
    ...['--window', '32', '--out', model, '--threads', '2'],
  ]);
});

test('eval gives the same integers from every backend, any threads, and the keys that scripts rely on', async () => {
  const results: Record<string, unknown>[] = [];
  const ways = [
    ['reference', '1'],
    ['wasm', '1'],
    ['wasm', '2'],
    ['auto', '4'],
  ] as const;
  await twoAtATime(ways, async ([backend, threads]) => {
    const args = ['model', 'eval', '--checkpoint', model, '--data', path('val.txt'), '--window', '64'];
    results.push(await jsonOf([...args, '--backend', backend, '--threads', threads]));
  });
  for (const { tokensPerSecond, backend, ...integers } of results) {
    assert.ok(Number(tokensPerSecond) > 0);
    assert.match(String(backend), /^(reference|wasm)$/);
    assert.deepEqual(Object.keys(integers), ['valLoss', 'valLossNats', 'sum', 'tokens', 'lossRoot']);
    const { backend: _, tokensPerSecond: __, ...first } = results[0] ?? {};
    assert.deepEqual(integers, first);
  }
  const [{ valLoss, valLossNats, sum, tokens, lossRoot } = {}] = results;
  assert.equal(tokens, 300);
  assert.equal(valLossNats, Number(valLoss) / 1e6);
  assert.ok(Number(valLoss) > 500_000 && Number(valLoss) < 5_000_000);
  // EVAL-12, restated: ceil(sum x 10^6 / (tokens x 65536)).
  assert.equal(Math.ceil((Number(sum) * 1e6) / (300 * 65_536)), valLoss);
  assert.match(String(lossRoot), /^[0-9a-f]{64}$/);
});

test('eval for people says the loss in nats and micro-nats', async () => {
  const { code, stdout } = await runCli(['model', 'eval', '--checkpoint', model, '--data', path('val.txt')]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^loss \d\.\d{6} nats per token \(\d+ micro-nats\) on 300 tokens\nloss root [0-9a-f]{64}\n.*tokens\/s, \w+ backend\n$/,
  );
});

test('generate repeats for a seed, differs for another, and follows its options', async () => {
  const generate = (...more: string[]): Promise<Record<string, unknown>> =>
    jsonOf(['model', 'generate', '--checkpoint', model, '--prompt', 'The node ', '--tokens', '60', ...more]);
  const first = await generate('--seed', '7');
  assert.deepEqual(Object.keys(first), ['text', 'tokens', 'tokensPerSecond', 'seed']);
  assert.deepEqual([first['tokens'], first['seed']], [60, 7]);
  assert.ok(Number(first['tokensPerSecond']) > 0);
  const text = String(first['text']);
  assert.ok(!text.startsWith('The node'), 'the prompt is not repeated');
  assert.equal((await generate('--seed', '7', '--backend', 'reference'))['text'], text);
  assert.notEqual((await generate('--seed', '8'))['text'], text);
  const likeliest = (await generate('--temperature', '0'))['text'];
  assert.equal((await generate('--top-k', '1', '--seed', '3'))['text'], likeliest);
  assert.equal((await generate('--top-p', '0.000001', '--seed', '4'))['text'], likeliest);
  const plain = await runCli([
    'model',
    'generate',
    '--checkpoint',
    model,
    '--prompt',
    'The node ',
    '--tokens',
    '60',
    '--seed',
    '7',
  ]);
  assert.equal(plain.code, 0);
  assert.equal(plain.stdout, `The node ${text}\n`);
  assert.match(plain.stderr, /^\(60 tokens, .*tokens\/s\)\n$/);
});

test('generate streams: text comes while it is made, memory stays, and Ctrl-C ends it with 130', async () => {
  const child = startCli(['model', 'generate', '--checkpoint', model, '--tokens', '1000000000']);
  const end = endOf(child);
  let bytes = 0;
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length;
  });
  const until = async (wanted: number): Promise<void> => {
    while (bytes < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const resident = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  await until(5000);
  const linux = process.platform === 'linux';
  const before = linux ? resident() : 0;
  await until(25_000);
  const after = linux ? resident() : 0;
  child.kill('SIGINT');
  const { code } = await end;
  assert.equal(code, 130);
  assert.ok(after - before < 60, `memory grew from ${before} to ${after} MiB over 20,000 tokens`);
});

test('harmless() leaves text, lines and tabs as they are and takes the power from control characters', () => {
  assert.equal(harmless('ä🎉\tb\n'), 'ä🎉\tb\n');
  assert.equal(harmless('\u001b[2J\r\u0007\u009b\u0000\u007f'), '\ufffd[2J\ufffd\ufffd\ufffd\ufffd\ufffd');
});

test('generate ends when nobody reads its output any more', async () => {
  const child = startCli(['model', 'generate', '--checkpoint', model, '--tokens', '1000000000']);
  const closed = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let errors = '';
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString();
  });
  child.stdout.once('data', () => child.stdout.destroy());
  assert.equal(await closed, 130);
  assert.equal(errors, '');
});

test('grow widens and deepens without changing the loss by a bit', async () => {
  const evaluate = async (checkpoint: string): Promise<unknown> => {
    const { valLoss, sum, lossRoot } = await jsonOf([
      'model',
      'eval',
      '--checkpoint',
      checkpoint,
      '--data',
      path('val.txt'),
    ]);
    return { valLoss, sum, lossRoot };
  };
  const before = await evaluate(model);
  const cases = [
    { growth: '3', more: [], width: 18, layers: 2 },
    { growth: '130', more: [], width: 146, layers: 3 },
    { growth: '130', more: ['--cap', 'd=20,layers=2', '--seed', '9'], width: 20, layers: 2 },
  ];
  await twoAtATime(cases, async ({ growth, more, width, layers }) => {
    const out = path(`grown-${growth}-${more.length}/g.safetensors`);
    const record = await jsonOf(['model', 'grow', '--checkpoint', model, '--growth', growth, '--out', out, ...more]);
    const parameters = parameterCount({ vocab: 256, width, layers });
    assert.deepEqual(record, { out, growth: Number(growth), dModel: width, nLayers: layers, parameters });
    assert.deepEqual(await evaluate(out), before);
    const { shape, baseLayers } = readWeights(out);
    assert.deepEqual([shape.baseWidth, baseLayers], [16, 2]);
  });
});

test('inspect tells shapes and numbers of a configuration and of a checkpoint', async () => {
  const genesis = await jsonOf(['model', 'inspect', '--config', 'genesis']);
  assert.equal(genesis['parameters'], 33_620_736);
  assert.deepEqual([genesis['vocab'], genesis['dModel'], genesis['nLayers'], genesis['growth']], [50_257, 384, 6, 0]);
  const record = await jsonOf(['model', 'inspect', '--checkpoint', model]);
  const shape = { vocab: 256, width: 16, layers: 2, baseWidth: 16 };
  assert.deepEqual(record, {
    ...{ parameters: parameterCount(shape), vocab: 256, dModel: 16, nLayers: 2, hidden: 56, baseWidth: 16 },
    ...{ baseLayers: 2, growth: 0, bytes: readFileSync(model).length, chunkRoot: checkpointRootOfFile(model) },
    tensors: tensorSpecs(shape).map(({ name, dims }) => ({ name, shape: [...dims] })),
  });
  const people = await runCli(['model', 'inspect', '--checkpoint', model]);
  assert.match(people.stdout, /parameters +\d+\n.*chunkRoot +[0-9a-f]{64}\n.* {2}layers\.1\.ffn\.wdown +\[56, 16\]\n/s);
});

test('inspect, grow and export take any vocabulary; what needs text refuses those without a tokeniser', async () => {
  const shape = { vocab: 17, width: 4, layers: 1, baseWidth: 4 };
  const odd = path('odd.safetensors');
  writeCheckpoint(odd, { shape, baseLayers: 1, growth: 0, data: initialWeights(shape, 1) });
  assert.equal((await jsonOf(['model', 'inspect', '--checkpoint', odd]))['vocab'], 17);
  const { code, stderr } = await runCli(['model', 'eval', '--checkpoint', odd, '--data', text]);
  assert.equal(code, 1);
  assert.match(stderr, /vocabulary of 17 ids; text needs one of 256 \(bytes\) or 50,257 \(GPT-2\)/);
});

/** A safetensors file, read by its published format. */
function readSafetensors(
  file: string,
): ReadonlyMap<string, { readonly shape: number[]; readonly values: Float32Array }> {
  const bytes = readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__, ...entries } = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  assert.ok(Object.values(__metadata__ ?? {}).every((value) => typeof value === 'string'));
  return new Map(
    Object.entries(entries).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        assert.equal(dtype, 'F32');
        const part = new Uint8Array(bytes.subarray(start + from, start + to));
        return [name, { shape, values: new Float32Array(part.buffer) }];
      },
    ),
  );
}

test('export writes float32 safetensors with the very values, matrices turned on request', async () => {
  const checkpoint = readWeights(model);
  const [plain, turned] = [path('plain.safetensors'), path('turned.safetensors')];
  const record = await jsonOf(['model', 'export', '--checkpoint', model, '--out', plain]);
  const specs = tensorSpecs(checkpoint.shape);
  assert.deepEqual(record, {
    ...{ out: plain, parameters: checkpoint.data.length, tensors: specs.length, layout: 'matrices [in, out]' },
  });
  await jsonOf(['model', 'export', '--checkpoint', model, '--out', turned, '--transpose']);
  const [asIs, transposed] = [readSafetensors(plain), readSafetensors(turned)];
  assert.equal(asIs.size, specs.length);
  const values = widenBf16(checkpoint.data);
  for (const spec of specs) {
    const entry = asIs.get(spec.name);
    assert.deepEqual(entry?.shape, [...spec.dims]);
    assert.deepEqual(entry?.values, values.slice(spec.offset, spec.offset + spec.size));
  }
  for (const name of ['embed', 'layers.0.conv.taps', 'layers.1.slot.keys', 'norm', 'layers.0.gru.bz'])
    assert.deepEqual(transposed.get(name), asIs.get(name));
  for (const name of ['layers.0.gru.wz', 'layers.1.ffn.wdown', 'layers.0.ffn.wgate', 'layers.1.slot.wq']) {
    const [from, to] = [asIs.get(name), transposed.get(name)];
    const [rows = 0, columns = 0] = from?.shape ?? [];
    assert.deepEqual(to?.shape, [columns, rows]);
    for (let r = 0; r < rows; r += 1)
      for (let c = 0; c < columns; c += 1) assert.equal(to?.values[c * rows + r], from?.values[r * columns + c]);
  }
});

test('wrong options and files of the model commands are refused with cause and fix', async () => {
  const broken = path('broken.safetensors');
  const bytes = readFileSync(model);
  // The last weight becomes a NaN.
  writeFileSync(broken, bytes.with(bytes.length - 1, 0x7f).with(bytes.length - 2, 0xc0));
  const [empty, absent, large] = [path('empty.txt'), path('absent'), path('large.safetensors')];
  writeFileSync(empty, '');
  // 2 GiB that take no room on the disk.
  writeFileSync(large, '');
  truncateSync(large, 2 ** 31);
  const ofModel = (command: string, ...more: string[]): string[] => ['model', command, '--checkpoint', model, ...more];
  const cases: { args: string[]; code: number; says: RegExp }[] = [
    { args: ['model', 'eval', '--data', text], code: 2, says: /required option '--checkpoint <file>'/ },
    { args: ofModel('eval', '--data', empty), code: 1, says: /empty\.txt is empty/ },
    { args: ofModel('eval', '--data', absent), code: 1, says: /absent does not exist/ },
    { args: ofModel('eval', '--data', folder), code: 1, says: /is a folder; a file is needed/ },
    { args: ofModel('eval', '--data', text, '--window', '1024'), code: 2, says: /whole number from 1 to 1_?023/ },
    {
      args: ['model', 'eval', '--checkpoint', broken, '--data', text],
      code: 1,
      says: /broken\.safetensors is no valid checkpoint \(ckpt-nan\): element \d+ of norm/,
    },
    { args: ['model', 'eval', '--checkpoint', folder, '--data', text], code: 1, says: /is a folder/ },
    { args: ['model', 'generate', '--checkpoint', text], code: 1, says: /text\.txt is no valid checkpoint/ },
    { args: ofModel('generate', '--temperature', '-1'), code: 2, says: /--temperature <t>.*number from 0 to 100/ },
    { args: ofModel('generate', '--top-p', '0'), code: 2, says: /--top-p <p>/ },
    { args: ofModel('grow', '--growth', '0', '--out', absent), code: 2, says: /whole number from 1 to/ },
    { args: ofModel('grow', '--growth', '2', '--out', folder), code: 2, says: /--out .* is a folder/ },
    {
      args: ofModel('grow', '--growth', '2', '--cap', 'd=8,layers=1', '--out', absent),
      code: 2,
      says: /--cap d=8,layers=1: the model has 2 layers of width 16/,
    },
    {
      args: ofModel('grow', '--growth', '2', '--cap', '8', '--out', absent),
      code: 2,
      says: /--cap 8: '8' is not understood. Give 'd=64,layers=2'/,
    },
    { args: ['model', 'inspect'], code: 2, says: /either --checkpoint or --config/ },
    { args: ofModel('inspect', '--config', 'genesis'), code: 2, says: /either --checkpoint or --config/ },
    {
      args: ['model', 'inspect', '--config', 'gpt5'],
      code: 2,
      says: /'gpt5' is not understood\. Give a name \(genesis, devnet\)/,
    },
    { args: ofModel('export', '--out', join(text, 'x')), code: 1, says: /a part of this path is a file/ },
    {
      args: ['model', 'inspect', '--checkpoint', large],
      code: 1,
      says: /large\.safetensors has 2,147,483,648 bytes: checkpoints end at 2,147,483,647 bytes here.* Use a smaller model/,
    },
    {
      args: ofModel('grow', '--growth', '1000000', '--out', absent),
      code: 1,
      says: /48 layers of width 4096 make a file of \d\d,\d+,\d+,\d+ bytes: checkpoints end at/,
    },
  ];
  await twoAtATime(cases, async ({ args, code, says }) => {
    const result = await runCli(args);
    assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
    assert.equal(result.stdout, '');
    assert.match(result.stderr, says);
  });
  assert.equal(existsSync(absent), false);
});

test('a model that overflows is told so, not evaluated to a number', async () => {
  const shape = { vocab: 256, width: 16, layers: 2, baseWidth: 2 };
  const huge = path('huge.safetensors');
  writeCheckpoint(huge, {
    shape,
    baseLayers: 2,
    growth: 14,
    data: new Uint16Array(parameterCount(shape)).fill(0x4980),
  });
  const evaluated = await runCli(['model', 'eval', '--checkpoint', huge, '--data', path('val.txt'), '--json']);
  assert.equal(evaluated.code, 1);
  const [line] = jsonLines(evaluated) as { error: { code: string } }[];
  assert.equal(line?.error.code, 'non-finite');
  assert.match(evaluated.stderr, /computes a NaN or an infinity on window 0.*go back to an earlier checkpoint/);
  const generated = await runCli(['model', 'generate', '--checkpoint', huge, '--tokens', '3']);
  assert.equal(generated.code, 1);
  assert.match(generated.stderr, /NaN or an infinity.*use another checkpoint/);
});

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { nodeConfig } from '@resonancenet/node/config/node-config';
import { readSettings } from '@resonancenet/node/config/read-settings';
import { DvalFolder, prepareDvals } from '@resonancenet/node/network/network-data';
import { parseNetworkParams } from '@resonancenet/params/network-file';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { jsonLines, jsonOf, runCli, twoAtATime } from '../testing/run-cli.ts';
import { sampleText } from '../testing/sample-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-network-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const text = path('text.txt');
writeFileSync(text, sampleText(20_000, 1));
const small = ['--base', 'd=16,layers=1', '--cap', 'd=32,layers=2', '--windows', '4', '--window-size', '32'];

function parsed(file: string): NetworkParams {
  const result = parseNetworkParams(readFileSync(file, 'utf8'));
  assert.ok(result.ok, result.ok ? '' : result.message);
  return result.params;
}

test('network create makes a parameter object that a node takes, its validation sets and the text to train on', async () => {
  const [out, train] = [path('mynet.json'), path('train.txt')];
  const args = ['network', 'create', '--name', 'mynet', '--text', text, '--out', out, '--train-out', train];
  const record = await jsonOf([...args, ...small, '--reserve', '3', '--seed', '5', '--timestamp', '1800000000']);
  const params = parsed(out);
  assert.equal(params.name, 'mynet');
  assert.deepEqual([params.magic, params.addressPrefix, params.lightningPrefix], ['MYNE', 'mynet', 'lnmynet']);
  assert.deepEqual(
    [params.baseShape, params.capShape],
    [
      { width: 16, layers: 1 },
      { width: 32, layers: 2 },
    ],
  );
  assert.deepEqual([params.ports.rpc, params.ports.lightning], [params.ports.p2p - 1, params.ports.p2p + 1]);
  assert.equal(params.genesis.timestamp, 1_800_000_000n);
  const { constants } = params.genesis;
  assert.equal(record['valLoss'], constants?.valLoss);
  assert.ok(Math.abs(Number(record['valLossNats']) - Math.log(256)) < 0.1);
  assert.equal(record['networkId'], toHex(networkId(params)));
  // Four sets of 4 x 32 bytes from the end backwards; the text to train on ends where they begin.
  const bytes = readFileSync(text);
  assert.equal(record['trainingBytes'], 20_000 - 4 * 128);
  assert.deepEqual(readFileSync(train), bytes.subarray(0, 20_000 - 4 * 128));
  assert.equal(constants?.dvalIds.length, 4);
  assert.deepEqual(readdirSync(`${out}.dvals`).sort(), constants?.dvalIds.map((id) => `${id}.u16`).sort());
  const config = nodeConfig(readSettings({ 'network-file': out, 'data-dir': folder }, {}));
  assert.equal(config.params.name, 'mynet');
  const dvals = new DvalFolder(config.params, config.suppliedDvals ?? '');
  await prepareDvals(config.params, dvals);
  for (const [i, id] of (constants?.dvalIds ?? []).entries()) {
    const targets = dvals.windows(id).flatMap((window) => [...window.targets]);
    assert.deepEqual(targets, [...bytes.subarray(20_000 - 128 * (i + 1), 20_000 - 128 * i)]);
  }
});

test('network create gives the same file for the same options, and the numbers of the exact evaluator', async () => {
  const create = (name: string, backend: string): Promise<Record<string, unknown>> =>
    jsonOf([
      ...['network', 'create', '--name', 'twice', '--text', text, '--out', path(name), ...small, '--reserve', '1'],
      ...['--timestamp', '1800000000', '--backend', backend],
    ]);
  const [one, two] = await Promise.all([create('one.json', 'reference'), create('two.json', 'wasm')]);
  assert.equal(one['networkId'], two['networkId']);
  assert.deepEqual(readFileSync(path('one.json')), readFileSync(path('two.json')));
});

test('network create takes GPT-2 tokens and the constants of another network', async () => {
  const [out, train] = [path('gpt2.json'), path('gpt2-train.txt')];
  const unicode = path('unicode.txt');
  writeFileSync(unicode, `${sampleText(6000, 2)}${'Ünïcödé 🎉 wörds, '.repeat(20)}${sampleText(3000, 3)}`);
  const record = await jsonOf([
    ...[
      'network',
      'create',
      '--name',
      'gpt-2-net',
      '--like',
      'testnet',
      '--text',
      unicode,
      '--out',
      out,
      '--train-out',
      train,
    ],
    ...[
      '--base',
      'd=4,layers=1',
      '--windows',
      '4',
      '--window-size',
      '32',
      '--reserve',
      '5',
      '--magic',
      'G2NT',
      '--port',
      '7001',
    ],
  ]);
  const params = parsed(out);
  assert.deepEqual(params.vocabulary, { kind: 'gpt2', size: 50_257, startId: 50_256 });
  assert.equal(params.spacingBase, 60);
  assert.deepEqual([params.magic, params.addressPrefix, params.ports.p2p], ['G2NT', 'gptnet', 7001]);
  // The cap grows with the base as on the network it is like: 4096 / 384 and 48 / 6.
  assert.deepEqual(params.capShape, { width: 42, layers: 8 });
  assert.ok(Math.abs(Number(record['valLossNats']) - Math.log(50_257)) < 0.2);
  const start = readFileSync(train);
  assert.equal(start.length, record['trainingBytes']);
  assert.deepEqual(start, readFileSync(unicode).subarray(0, start.length));
  assert.ok(start.length > 4000 && start.length < 8000, `${start.length}`);
});

test('network create for people names id, ports, where the validation sets lie, and the next command', async () => {
  const out = path('people.json');
  const args = ['network', 'create', '--name', 'people', '--text', text, '--out', out, ...small];
  const { code, stdout } = await runCli(args);
  assert.equal(code, 0);
  assert.match(stdout, /people\.json: network people, id [0-9a-f]{64}\n/);
  assert.match(
    stdout,
    /8 validation sets in .*people\.json\.dvals: hand them over.*train on the first 18976 bytes of .*text\.txt only/,
  );
  assert.match(stdout, /Start a node: rnt node --mine --network-file .*people\.json/);
  const again = await runCli(args);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /people\.json exists already\. Give another --out or --train-out, or --force/);
  const before = readFileSync(out, 'utf8');
  const forced = await runCli([...args, '--force', '--reserve', '1']);
  assert.equal(forced.code, 0);
  assert.notEqual(readFileSync(out, 'utf8'), before);
  assert.equal(readdirSync(`${out}.dvals`).length, 2, 'the old sets are gone');
});

test('network create refuses texts and plans that make no network, and writes nothing then', async () => {
  const out = path('never.json');
  const [short, same] = [path('short.txt'), path('same.txt')];
  writeFileSync(short, sampleText(1000, 1));
  writeFileSync(same, 'a'.repeat(20_000));
  const create = (file: string, ...more: string[]): string[] => [
    ...['network', 'create', '--name', 'never', '--text', file, '--out', out, '--train-out', path('never.txt')],
    ...[...small, ...more],
  ];
  const cases: { args: string[]; code: number; says: RegExp }[] = [
    {
      args: create(short),
      code: 1,
      says: /short\.txt is too short: 8 validation sets of 4 x 32 tokens.*about 2048 bytes, it has 1000\. Give a longer text, or --reserve 2\./,
    },
    { args: create(short, '--windows', '64'), code: 1, says: /too short.*smaller --windows or --window-size/ },
    { args: create(short, '--vocab', 'gpt2'), code: 1, says: /too short/ },
    { args: create(same), code: 1, says: /the same: the text repeats itself/ },
    { args: create(path('absent')), code: 1, says: /absent does not exist/ },
    { args: create(folder), code: 1, says: /is a folder; a file is needed/ },
    { args: create(text, '--name', 'devnet'), code: 2, says: /--name: 'devnet' is a network that exists/ },
    { args: create(text, '--name', 'My Net'), code: 2, says: /--name: expected 1 to 32 characters a-z, 0-9 or -/ },
    { args: create(text, '--magic', 'RNET'), code: 2, says: /--magic: 'RNET' is the magic of mainnet/ },
    { args: create(text, '--magic', 'toolong'), code: 2, says: /--magic: expected four characters/ },
    {
      args: create(text, '--address-prefix', 'rnt'),
      code: 2,
      says: /--address-prefix: 'rnt' is the prefix of mainnet's addresses/,
    },
    {
      args: create(text, '--base', 'd=64,layers=1', '--cap', 'd=32,layers=1'),
      code: 2,
      says: /--cap: must be from the base width/,
    },
    { args: create(text, '--base', 'd=7,layers=1'), code: 2, says: /--base d=7,layers=1 is no shape/ },
    { args: create(text, '--reserve', '64'), code: 2, says: /--reserve <n>.*whole number from 1 to 63/ },
    { args: create(text, '--like', 'bitcoin'), code: 2, says: /--like <network>.*mainnet, testnet, devnet/ },
    { args: [...create(text), '--train-out', text, '--force'], code: 2, says: /text\.txt is the text itself/ },
    { args: [...create(text), '--out', folder], code: 2, says: /is a folder/ },
  ];
  await twoAtATime(cases, async ({ args, code, says }) => {
    const result = await runCli([...args, '--json']);
    assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
    assert.match(result.stderr, says);
    const [line] = jsonLines(result);
    assert.ok('error' in (line ?? {}));
  });
  assert.deepEqual(
    [out, path('never.txt'), `${out}.dvals`].filter((file) => existsSync(file)),
    [],
  );
  assert.equal(readFileSync(text, 'utf8'), sampleText(20_000, 1));
});

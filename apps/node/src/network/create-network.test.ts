import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { devnet } from '@resonancenet/params/devnet';
import { growtest } from '@resonancenet/params/growtest';
import { parseNetworkParams, serialiseNetworkParams } from '@resonancenet/params/network-file';
import { networks } from '@resonancenet/params/networks';
import { loadTokenizer } from '@resonancenet/tokenizer/tokenizer';
import fc from 'fast-check';
import { cutValidationSets, NetworkPlanError, planNetwork, TextError } from './create-network.ts';

const folder = mkdtempSync(join(tmpdir(), 'rnt-create-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const plan = { name: 'mine', like: devnet, seed: 1, timestamp: 1_800_000_000 };
const committed = (field: 'magic' | 'addressPrefix' | 'name'): ReadonlySet<string> =>
  new Set(networks.map((network) => network[field]));

test('planNetwork() gives every legal name a legal network that is none of the committed ones', () => {
  const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
  const like = fc.constantFrom(...networks);
  fc.assert(
    fc.property(names, like, fc.nat(1000), (name, network, seed) => {
      fc.pre(!committed('name').has(name));
      const params = planNetwork({ name, like: network, seed, timestamp: 0 });
      const parsed = parseNetworkParams(serialiseNetworkParams(params));
      assert.deepEqual(parsed, { ok: true, params });
      assert.ok(!committed('magic').has(params.magic) && !committed('addressPrefix').has(params.addressPrefix));
      const { p2p, rpc, lightning } = params.ports;
      assert.deepEqual([rpc, lightning], [p2p - 1, p2p + 1]);
      // Instances lie 10 apart; no first instance meets one of the committed networks'.
      assert.ok(networks.every(({ ports }) => Math.abs(ports.p2p - p2p) >= 10));
    }),
    { numRuns: 300 },
  );
});

test('planNetwork() changes names that would be taken for a committed network', () => {
  for (const name of ['dnet', 'rnet-two', 'rnt', 'drnt', 'trnt-2']) {
    const params = planNetwork({ ...plan, name });
    assert.ok(!committed('magic').has(params.magic), params.magic);
    assert.ok(!committed('addressPrefix').has(params.addressPrefix), params.addressPrefix);
  }
});

test('planNetwork() lets seed and name change the genesis weights, and the base its amplitudes and cap', () => {
  const seedOf = (more: object): string => planNetwork({ ...plan, ...more }).genesis.weightSeed;
  assert.notEqual(seedOf({}), seedOf({ seed: 2 }));
  assert.notEqual(seedOf({}), seedOf({ name: 'other' }));
  const grown = planNetwork({ ...plan, base: { width: 32, layers: 3 } });
  assert.deepEqual(grown.capShape, { width: 64, layers: 6 });
  assert.notDeepEqual(grown.initAmplitudes, devnet.initAmplitudes);
  assert.deepEqual(planNetwork({ ...plan, like: growtest, base: { width: 64, layers: 2 } }).capShape, {
    width: 4096,
    layers: 48,
  });
});

test('planNetwork() names the field that makes no network', () => {
  const cases = [
    [{ name: 'regtest' }, 'name'],
    [{ name: '' }, 'name'],
    [{ magic: 'XNET' }, 'magic'],
    [{ addressPrefix: 'trnt' }, 'addressPrefix'],
    [{ port: 65_535 }, 'ports.lightning'],
    [{ windowSize: 1024 }, 'dval.windowSize'],
    [{ base: { width: 6, layers: 2 }, cap: { width: 4, layers: 2 } }, 'capShape.width'],
    [{ timestamp: 2 ** 54 }, 'genesis.timestamp'],
  ] as const;
  for (const [more, path] of cases)
    assert.throws(
      () => planNetwork({ ...plan, ...more }),
      (error: unknown) => error instanceof NetworkPlanError && error.path === path,
      path,
    );
});

test('cutValidationSets() takes whole sets from the end and says where the text to train on ends', async () => {
  const bytes = await loadTokenizer('bytes');
  const params = planNetwork({ ...plan, windows: 2, windowSize: 8 });
  const path = join(folder, 'text');
  const content = Uint8Array.from({ length: 200 }, (_, i) => (i * 7) % 251);
  writeFileSync(path, content);
  const { dvals, trainingBytes } = cutValidationSets(path, bytes, params, 3);
  assert.equal(trainingBytes, 200 - 48);
  assert.deepEqual(
    dvals.map((ids) => [...ids]),
    [184, 168, 152].map((start) => [...content.subarray(start, start + 16)]),
  );
  // Half of the text at most: 6 sets of 16 are 96 bytes, 7 are 112.
  assert.equal(cutValidationSets(path, bytes, params, 6).dvals.length, 6);
  assert.throws(
    () => cutValidationSets(path, bytes, params, 7),
    (error: unknown) =>
      error instanceof TextError && error.code === 'text-too-short' && /--reserve 5/.test(error.message),
  );
  writeFileSync(path, '');
  assert.throws(() => cutValidationSets(path, bytes, params, 1), { code: 'text-too-short' });
});

test('cutValidationSets() with GPT-2 leaves nothing of a set in the text to train on', async () => {
  const gpt2 = await loadTokenizer('gpt2');
  const params = planNetwork({ ...plan, vocabulary: 'gpt2', windows: 2, windowSize: 16 });
  const path = join(folder, 'unicode');
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom('naïve 🎉 ', 'plain words ', '日本語 '), (seed, unit) => {
      const text = Array.from({ length: 600 }, (_, i) => `${unit}${Math.abs(seed + i * i)}`).join('');
      writeFileSync(path, text);
      const { dvals, trainingBytes } = cutValidationSets(path, gpt2, params, 3);
      const held = dvals.toReversed().flatMap((ids) => [...ids]);
      const heldText = Buffer.from([...gpt2.decodeStream(held)].join('').replace(/^�+/, ''));
      const whole = Buffer.from(text);
      assert.ok(whole.subarray(-heldText.length).equals(heldText), 'the sets are the end of the text');
      assert.ok(trainingBytes <= whole.length - heldText.length);
      assert.ok(trainingBytes >= whole.length - heldText.length - 8, 'and hardly more than them is left out');
    }),
    { numRuns: 20 },
  );
});

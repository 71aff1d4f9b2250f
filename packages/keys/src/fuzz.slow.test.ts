import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { deriveKeys } from '@resonancenet/keys/sealing-primitives';
import { fuzzBehindDerivation, fuzzers } from './testing/fuzz-formats.ts';

/** Rounds with one seed; between them the runner may report. */
const PART = 10_000;

/** Those of words and codes take a millisecond each, because they search lists or add up several texts. */
const shorter: ReadonlySet<string> = new Set(['words', 'qrPart']);

for (const [name, fuzz] of Object.entries(fuzzers)) {
  const rounds = shorter.has(name) ? 100_000 : 1_000_000;
  test(`${rounds} mutations: ${name}`, async (t) => {
    const sums = new Map<string, number>();
    for (let part = 0; part < rounds / PART; part++) {
      for (const [kind, count] of fuzz(1_000 + part, PART)) sums.set(kind, (sums.get(kind) ?? 0) + count);
      await setImmediate();
    }
    t.diagnostic(`${name}: ${JSON.stringify(Object.fromEntries(sums))}`);
    const total = [...sums.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(total, rounds);
    if (name !== 'replacedWords') return;
    // Of 24 words one in 256 passes (BIP 39); five deviations to either side.
    const expected = (rounds - (sums.get('unchanged') ?? 0)) / 256;
    assert.ok(Math.abs((sums.get('ok') ?? 0) - expected) < 5 * Math.sqrt(expected), `${sums.get('ok')} passed`);
  });
}

test('200 changed files through Argon2id itself', (t) => {
  const tally = fuzzBehindDerivation(3, 200, deriveKeys);
  t.diagnostic(JSON.stringify(Object.fromEntries(tally)));
});

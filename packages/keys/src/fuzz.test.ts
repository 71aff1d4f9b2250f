import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FuzzedFormat, fuzzers } from './testing/fuzz-formats.ts';

// The long form is fuzz.slow.test.ts.
const ROUNDS = 1_500;

/** Outcomes that must occur, or the mutations never reach what they are for. */
const outcomes: Readonly<Record<FuzzedFormat, readonly string[]>> = {
  sealedFile: ['corrupt', 'not-sealed', 'refused-cost', 'wrong-passphrase', 'tampered'],
  backupContent: ['ok', 'count-exceeds-bytes', 'trailing-bytes', 'invalid-value', 'invalid-utf8'],
  keyWindow: ['ok', 'truncated', 'count-exceeds-bytes', 'invalid-value'],
  walletRecord: ['ok', 'truncated', 'count-exceeds-bytes', 'invalid-value'],
  walletNotes: ['ok', 'truncated', 'count-exceeds-bytes', 'invalid-value'],
  address: ['bad-text'],
  keyText: ['bad-text'],
  policyText: ['ok', 'bad-form', 'unknown-policy', 'wrong-count', 'bad-number', 'bad-key', 'out-of-range'],
  path: ['ok', 'bad-start', 'bad-step', 'not-hardened', 'out-of-range'],
  replacedWords: ['ok', 'wrong-checksum'],
  words: ['wrong-count', 'unknown-word'],
  qrPart: ['bad-text'],
};

for (const [name, expected] of Object.entries(outcomes)) {
  test(`mutations never throw and never pass for what they were: ${name}`, () => {
    const tally = fuzzers[name as FuzzedFormat](1, ROUNDS);
    for (const outcome of expected)
      assert.ok((tally.get(outcome) ?? 0) > 0, `${outcome} of ${JSON.stringify([...tally])}`);
  });
}

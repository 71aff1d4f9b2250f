import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VERDICT_CODES } from '@resonancenet/consensus/verdict-codes';
import type { MempoolFacts } from './mempool-code.ts';
import { explainRefusal, isFeeRefusal, isPeerFault, MEMPOOL_CODES, type PolicyRefusal } from './pool-refusal.ts';

const txid = 'ab'.repeat(32);

const samples: MempoolFacts = {
  malformed: { detail: '7 bytes are missing' },
  'too-many-signatures': { signatures: 4001, limit: 4000 },
  'already-in-pool': { txid },
  'same-transaction': { txid },
  'already-confirmed': { txid },
  'recently-refused': { leaf: txid },
  'missing-inputs': { missing: 2, inputs: 3 },
  dust: { output: 1, amount: 1429n, least: 1430n },
  'dust-fee': { output: 1, fee: 12n },
  'dust-unspent': { parent: txid, output: 3 },
  'fee-too-low': { fee: 2099n, required: 2100n, bytes: 210 },
  'fee-below-pool': { fee: 2100n, required: 4200n, bytes: 210 },
  'pool-full': { bytes: 51_000_000, limit: 50_000_000 },
  'too-many-ancestors': { count: 26, limit: 25 },
  'too-large-ancestors': { bytes: 404_001, limit: 404_000 },
  'too-many-descendants': { txid, count: 26, limit: 25 },
  'replacement-fee': { fee: 10n, required: 20n, replaced: 3 },
  'replacement-rate': { rate: 10_000n, replaced: 10_001n, txid },
  'replacement-inputs': { txid },
  'replacement-count': { count: 101, limit: 100 },
  'replacement-parent': { txid },
  'package-count': { count: 26, limit: 25 },
  'package-shape': { detail: 'it has no child' },
  'queue-full': { signatures: 12, bytes: 345 },
  'signature-refused': { publicKey: txid },
  'signature-lenient': { publicKey: txid },
  'verification-failed': { detail: 'a worker died' },
};

test('every refusal is explained in a sentence that names all of its facts', () => {
  assert.deepEqual(Object.keys(samples).sort(), [...MEMPOOL_CODES].sort());
  for (const code of MEMPOOL_CODES) {
    const facts = samples[code];
    const text = explainRefusal({ ok: false, code, facts } as PolicyRefusal);
    for (const value of Object.values(facts)) {
      const shown = code === 'replacement-rate' && typeof value === 'bigint' ? `10.00${value % 10n}` : String(value);
      assert.ok(text.includes(shown), `${code}: ${text}`);
    }
  }
});

test('a peer is at fault only for what its bytes decide: never for fees, limits, or what depends on the tip', () => {
  const refusalOf = (code: string): PolicyRefusal => ({ ok: false, code, facts: {} }) as unknown as PolicyRefusal;
  const faults = [...MEMPOOL_CODES, ...VERDICT_CODES].filter((code) => isPeerFault(refusalOf(code)));
  assert.deepEqual(faults.sort(), [
    'malformed',
    'signature-refused',
    'tx-action-destination',
    'tx-action-malformed',
    'tx-coinbase',
    'tx-duplicate-action',
    'tx-duplicate-input',
    'tx-no-effect',
    'tx-output-destination',
    'tx-output-sum',
    'tx-preimage',
    'tx-sighash-single',
    'tx-signature',
    'tx-size',
    'tx-terms',
    'tx-witness-key-hash',
    'tx-witness-lock',
    'tx-witness-malformed',
  ]);
  assert.deepEqual(
    MEMPOOL_CODES.filter((code) => isFeeRefusal(refusalOf(code))),
    ['dust', 'fee-too-low', 'fee-below-pool'],
  );
});

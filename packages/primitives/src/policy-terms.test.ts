import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsePolicyId } from './policy.ts';
import { decodeTerms, encodeTerms, isBuiltIn, termsPolicyId } from './policy-terms.ts';
import { policyTerms } from './testing/arbitraries.ts';

test('terms come back as they were written (LED-12)', () => {
  fc.assert(
    fc.property(policyTerms, (terms) => {
      assert.deepEqual(decodeTerms(terms.type, encodeTerms(terms)), { ok: true, terms: structuredClone(terms) });
      assert.equal(parsePolicyId(termsPolicyId(terms))?.type, terms.type);
      assert.equal(isBuiltIn(termsPolicyId(terms)), false);
    }),
  );
});

// Every invalid transaction of the catalogue in a block of its own: refused with its code, without a trace, and its twin accepted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCases } from './case.ts';
import { plain } from './case-networks.ts';
import { invalidForms } from './invalid-forms.ts';
import { invalidSpends, longestLeafBytes } from './invalid-spends.ts';
import { LIMITS } from './limits.ts';

testCases(plain, invalidForms);
testCases(plain, invalidSpends);

test('the longest leaf has the bytes of the limit that was written down by hand', () => {
  assert.equal(longestLeafBytes, LIMITS.leafBytes);
});

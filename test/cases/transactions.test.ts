// Every invalid transaction of the catalogue in a block of its own: refused with its code, without a trace, and its twin accepted.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testCases } from './case.ts';
import { plain } from './case-networks.ts';
import { invalidTransactions, longestLeafBytes } from './invalid-transactions.ts';
import { LIMITS } from './limits.ts';

testCases(plain, invalidTransactions);

test('the longest leaf has the bytes of the limit that was written down by hand', () => {
  assert.equal(longestLeafBytes, LIMITS.leafBytes);
});

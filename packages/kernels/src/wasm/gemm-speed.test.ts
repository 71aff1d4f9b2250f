import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gemmSpeed } from './gemm-speed.ts';

test('the speed of the matrix product is measured on a right product', async () => {
  assert.ok((await gemmSpeed(2, 2)) > 0.1);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeAction, encodeAction } from './action-content.ts';
import { actionContents } from './testing/arbitraries.ts';

test('actions come back as they were written', () => {
  fc.assert(
    fc.property(actionContents, (content) => {
      assert.deepEqual(decodeAction(encodeAction(content)), { ok: true, content: structuredClone(content) });
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutateFrames } from './testing/mutate-frames.ts';

// The long form is record-frame.slow.test.ts.
test('a value that the disk has changed is named corrupt and never read', () => {
  const { corrupt, otherVersion, same } = mutateFrames(5_000);
  assert.ok(corrupt > 3_000 && otherVersion > 100 && same > 100, `${corrupt} ${otherVersion} ${same}`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportError } from './errors.ts';

test('an array that the machine or the engine refuses is told as a want of memory, not as a bug of ours', (t) => {
  const said = t.mock.method(console, 'error', () => {});
  const refused = (): Error => {
    try {
      new Float64Array(2 ** 52);
    } catch (error) {
      return error as Error;
    }
    return assert.fail('an array of 32 PiB');
  };
  for (const error of [refused(), new RangeError('Array buffer allocation failed')]) {
    assert.equal(reportError(error, false), 1);
    const text = String(said.mock.calls.at(-1)!.arguments[0]);
    assert.match(
      text,
      /needs more memory than this program gets \(.*\)\. Use a smaller one, or a smaller batch or window/,
    );
  }
  assert.equal(reportError(new RangeError('another mistake'), false), 1);
  assert.match(String(said.mock.calls.at(-1)!.arguments[0]), /RangeError: another mistake\n/);
});

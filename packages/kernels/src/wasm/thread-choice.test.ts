import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ThreadChoice } from './thread-choice.ts';

/** Share of `steps` run alone where a step takes these times. */
function shareAlone(choice: ThreadChoice, steps: number, together: number, alone: number): number {
  let count = 0;
  for (let i = 0; i < steps; i++) {
    if (choice.alone) count++;
    choice.record(choice.alone ? alone : together);
  }
  return count / steps;
}

test('nearly all steps go the faster way, whichever it is', () => {
  assert.ok(shareAlone(new ThreadChoice(), 1000, 1, 2) < 0.1);
  assert.ok(shareAlone(new ThreadChoice(), 1000, 2, 1) > 0.9);
});

test('the choice follows the machine when it becomes busy and idle again', () => {
  const choice = new ThreadChoice();
  assert.ok(shareAlone(choice, 500, 1, 2) < 0.1);
  assert.ok(shareAlone(choice, 1000, 9, 2) > 0.8);
  assert.ok(shareAlone(choice, 1000, 1, 2) < 0.2);
});

test('it begins with all threads', () => {
  assert.equal(new ThreadChoice().alone, false);
});

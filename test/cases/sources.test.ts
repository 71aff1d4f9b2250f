// Nothing of the sources is forgotten, and nothing that the table names has gone away.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { blockStories } from './block-stories.ts';
import { invalidBlocks } from './invalid-blocks.ts';
import { invalidForms } from './invalid-forms.ts';
import { invalidSpends } from './invalid-spends.ts';
import { recoveryStories } from './recovery-stories.ts';
import { rotationStories } from './rotation-stories.ts';
import { sources } from './sources.ts';

const root = join(import.meta.dirname, '..', '..');
const names = [
  ...invalidForms,
  ...invalidSpends,
  ...invalidBlocks,
  ...blockStories,
  ...recoveryStories,
  ...rotationStories,
].map(({ name }) => name);

for (const { from, entries } of sources) {
  test(`every entry of "${from}" has a case, a test or a reason`, () => {
    for (const [entry, ...outcomes] of entries) {
      assert.ok(outcomes.length > 0, entry);
      for (const outcome of outcomes) {
        if ('none' in outcome) assert.ok(outcome.none.length > 20, entry);
        else if ('cases' in outcome) {
          for (const name of outcome.cases) {
            assert.ok(
              names.some((known) => known.startsWith(name)),
              `${entry}: there is no case "${name}"`,
            );
          }
        } else {
          for (const [file, words] of outcome.tests) {
            const path = join(root, file);
            assert.ok(existsSync(path), `${entry}: there is no file ${file}`);
            assert.ok(readFileSync(path, 'utf8').includes(words), `${entry}: ${file} says nothing of "${words}"`);
          }
        }
      }
    }
  });
}

test('no two cases have one name', () => {
  assert.equal(new Set(names).size, names.length);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TAG } from './tags.ts';

test('every use has its own tag of one byte (HASH-6)', () => {
  const tags = Object.values(TAG);
  assert.equal(new Set(tags).size, tags.length);
  for (const tag of tags) assert.ok(Number.isInteger(tag) && tag >= 1 && tag <= 0xff);
});

test('the numbers are those of the specification, which lists no others', () => {
  const chapter = readFileSync(join(import.meta.dirname, '../../../spec/hashing.md'), 'utf8');
  const rows = [...chapter.matchAll(/^\| `TAG_([A-Z_]+)`\s*\| `0x([0-9a-f]{2})`/gm)];
  const listed = rows.map(([, name, number]) => [
    name!.toLowerCase().replaceAll('_', ''),
    Number.parseInt(number!, 16),
  ]);
  const ours = Object.entries(TAG).map(([name, number]) => [name.toLowerCase(), number]);
  assert.ok(listed.length > 0);
  assert.deepEqual(listed, ours);
});

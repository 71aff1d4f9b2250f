import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_LABEL_BYTES, readLabel, setLabel, walkLabels } from './labels.ts';
import { MemoryWallet } from './testing/memory-wallet.ts';

test('labels are kept by kind, replaced, and taken away by an empty one', () => {
  const view = new MemoryWallet();
  assert.equal(setLabel(view, { kind: 'payee', name: 'rnt1x', label: 'baker' }), null);
  assert.equal(setLabel(view, { kind: 'address', name: 'rnt1x', label: 'rent ☂' }), null);
  assert.deepEqual([readLabel(view, 'payee', 'rnt1x'), readLabel(view, 'address', 'rnt1x')], ['baker', 'rent ☂']);
  assert.deepEqual([...walkLabels(view, 'payee')], [{ kind: 'payee', name: 'rnt1x', label: 'baker' }]);
  assert.equal(setLabel(view, { kind: 'payee', name: 'rnt1x', label: '' }), null);
  assert.equal(readLabel(view, 'payee', 'rnt1x'), null);
});

test('labels that are too long or no text are refused', () => {
  const view = new MemoryWallet();
  const code = (name: string, label: string) => setLabel(view, { kind: 'payee', name, label })?.code ?? null;
  assert.equal(code('x', 'a'.repeat(MAX_LABEL_BYTES)), null);
  assert.equal(code('x', 'a'.repeat(MAX_LABEL_BYTES + 1)), 'label-invalid');
  assert.equal(code('', 'a'), 'label-invalid');
  assert.equal(code('x', '\ud800'), 'label-invalid');
});

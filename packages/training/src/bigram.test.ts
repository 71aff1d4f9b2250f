import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bigramLoss } from './bigram.ts';
import { evalWindows } from './eval-windows.ts';
import { createPrng } from './prng.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const windowsOf = (text: string): ReturnType<typeof evalWindows> =>
  evalWindows(Uint16Array.from(encode(text)), 100, 97);

test('bigramLoss() is near zero for a text of certain pairs and near log 2 for coin flips', () => {
  assert.ok(bigramLoss(encode('ab'.repeat(5000)), windowsOf('babababa')) < 0.01);
  const prng = createPrng(1);
  const flips = Array.from({ length: 20_000 }, () => (prng.uniform() < 0.5 ? 'a' : 'b')).join('');
  assert.ok(Math.abs(bigramLoss(encode(flips), windowsOf('abbaabab')) - Math.log(2)) < 0.1);
});

test('bigramLoss() of pairs that were never seen is finite and high', () => {
  const loss = bigramLoss(encode('ab'.repeat(5000)), windowsOf('zz'));
  assert.ok(Number.isFinite(loss) && loss > 5);
});

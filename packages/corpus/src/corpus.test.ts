import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble, loadDevnetCorpus, readManifest, split } from './devnet-corpus.ts';
import { docComments, documentText, sections } from './documents.ts';
import { cutDvals } from './dvals.ts';

const corpus = loadDevnetCorpus();

test('the devnet corpus is at least 1 MB of text, the same bytes on every machine', () => {
  const { halves, validation } = corpus;
  const bytes = halves[0].length + halves[1].length + validation.length;
  assert.equal(bytes, readManifest().bytes);
  assert.ok(bytes >= 1_000_000);
  assert.equal(validation.length, Math.floor(bytes / 10));
  assert.ok(Math.abs(halves[0].length - halves[1].length) <= 1);
});

test('no stretch of the validation text is in the training halves', () => {
  const training = Buffer.concat(corpus.halves);
  const { validation } = corpus;
  let shared = 0;
  let looked = 0;
  for (let at = 0; at + 400 <= validation.length; at += 997) {
    looked += 1;
    if (training.includes(validation.subarray(at, at + 400))) shared += 1;
  }
  // Declarations of twin functions repeat whole paragraphs; sections as such are unique.
  assert.ok(
    looked > 200 && shared / looked < 0.08,
    `${shared} of ${looked} stretches of 400 bytes also stand in the training text`,
  );
});

test('assemble() does not depend on the order of files, nor on line ends', () => {
  const files = [
    { path: 'a.md', content: 'alpha\n\nbeta\n' },
    { path: 'b.d.ts', content: '/** gamma\n * delta */\nexport {};' },
  ];
  const text = Buffer.from(assemble(files)).toString();
  assert.equal(Buffer.from(assemble([...files].reverse())).toString(), text);
  assert.equal(
    Buffer.from(
      assemble(files.map((file) => ({ ...file, content: file.content.replaceAll('\n', '\r\n') }))),
    ).toString(),
    text,
  );
  assert.ok(text.includes('gamma\ndelta') && text.includes('alpha\n\nbeta') && !text.includes('export'));
});

test('docComments() keeps the words and drops the stars', () => {
  assert.equal(docComments('/**\n * One.\n *\n *   Two\n */ x /* not this */ /** Three */'), 'One.\n\n  Two\n\nThree');
  assert.equal(documentText('x.md', 'a\r\nb'), 'a\nb');
});

test('sections() loses nothing', () => {
  const text = Array.from({ length: 50 }, (_, i) => `paragraph ${i} ${'x'.repeat(i * 3)}`).join('\n\n');
  for (const length of [1, 10, 100, 10_000]) assert.equal(sections(text, length).join(''), text);
  assert.ok(sections(text, 100).length > 10);
});

test('split() takes the last tenth for validation', () => {
  const { halves, validation } = split(Uint8Array.from({ length: 100 }, (_, i) => i));
  assert.deepEqual([halves[0][0], halves[1][0], validation[0], validation.length], [0, 45, 90, 10]);
});

test('cutDvals() cuts disjoint sets from the end of the validation text', async () => {
  const sets = await cutDvals({ vocabulary: 'bytes', windows: 64, length: 256, count: 12 });
  assert.equal(sets.length, 12);
  const { validation } = corpus;
  assert.deepEqual(sets[0], Uint16Array.from(validation.subarray(-16_384)));
  assert.deepEqual(sets[1], Uint16Array.from(validation.subarray(-32_768, -16_384)));
  await assert.rejects(cutDvals({ vocabulary: 'bytes', windows: 64, length: 256, count: 1000 }), /needs? /);
});

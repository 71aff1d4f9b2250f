import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeAll, loadTokenizer, UnknownVocabularyError, vocabularyOfSize } from './tokenizer.ts';

const bytes = await loadTokenizer('bytes');
const gpt2 = await loadTokenizer('gpt2');

test('loadTokenizer() names the choices when there is no such vocabulary', async () => {
  await assert.rejects(loadTokenizer('klingon'), (error: unknown) => {
    assert.ok(error instanceof UnknownVocabularyError);
    assert.match(error.message, /'bytes'.*'gpt2'/);
    return true;
  });
});

test('both vocabularies give back any well-formed text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
      assert.equal(decodeAll(bytes, bytes.encode(text)), text);
      assert.equal(decodeAll(gpt2, gpt2.encode(text)), text);
    }),
  );
});

test('the GPT-2 vocabulary gives the ids that GPT-2 gives', () => {
  // Known answers of the original encoder (openai/gpt-2, encoder.json and vocab.bpe).
  assert.deepEqual([...gpt2.encode('Hello world')], [15496, 995]);
  assert.deepEqual([...gpt2.encode(' naïve 🎉')], [41492, 12520, 236, 231]);
});

test('every id of the GPT-2 vocabulary decodes and none lies beyond', () => {
  assert.equal(decodeAll(gpt2, [gpt2.startId]), '<|endoftext|>');
  for (let id = 0; id < gpt2.size; id += 1) decodeAll(gpt2, [id]);
  assert.throws(() => decodeAll(gpt2, [gpt2.size]));
});

test('the text <|endoftext|> is ordinary text, not the special id', () => {
  const ids = gpt2.encode('a <|endoftext|> b');
  assert.ok(!ids.includes(gpt2.startId));
  assert.equal(decodeAll(gpt2, ids), 'a <|endoftext|> b');
});

test('decodeStream() never ends a piece inside a character', () => {
  for (const tokenizer of [bytes, gpt2]) {
    const pieces = [...tokenizer.decodeStream(tokenizer.encode('é🎉漢'))];
    assert.equal(pieces.join(''), 'é🎉漢');
    for (const piece of pieces) assert.ok(!piece.includes('\ufffd'));
  }
});

test('vocabularyOfSize() knows the two sizes', () => {
  assert.equal(vocabularyOfSize(256), 'bytes');
  assert.equal(vocabularyOfSize(50257), 'gpt2');
  assert.equal(vocabularyOfSize(100), null);
});

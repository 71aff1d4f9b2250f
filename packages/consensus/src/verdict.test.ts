import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHECKPOINT_RULES, type CheckpointCode } from '@resonancenet/model/checkpoint-verdict';
import { checkpointRoot, checkpointRootOfLeaves, chunkLeaf, chunkLeaves } from '@resonancenet/model/checkpoint';
import { merkleBranch } from '@resonancenet/crypto/merkle';
import { TAG } from '@resonancenet/crypto/tags';
import {
  checkAboveFinality,
  checkChunk,
  checkChunksAtHand,
  checkHeaderQuota,
  checkParentStatus,
  decodeHeader,
} from './admission-checks.ts';
import { explain, nats } from './explain.ts';
import { reject, rejectCheckpoint, type Verdict } from './verdict.ts';
import { VERDICT_CODES, type VerdictCode, verdictCodes } from './verdict-codes.ts';

const id = new Uint8Array(32).fill(0xee);

function codeOf(verdict: Verdict): string {
  return verdict.ok ? 'accepted' : verdict.code;
}

test('a header whose parent is unknown waits for it, one whose parent is invalid is invalid', () => {
  assert.equal(codeOf(checkParentStatus(id, 'unknown')), 'header-unknown-parent');
  assert.equal(codeOf(checkParentStatus(id, 'invalid')), 'header-invalid-parent');
  assert.equal(codeOf(checkParentStatus(id, 'valid')), 'accepted');
});

test('a fork from the last final block is looked at, one from its parent is not', () => {
  assert.equal(codeOf(checkAboveFinality(11, 10, 10)), 'accepted');
  assert.equal(codeOf(checkAboveFinality(11, 9, 10)), 'header-below-finality');
});

test('a peer may have 8 headers on one parent, the ninth is not kept', () => {
  assert.equal(codeOf(checkHeaderQuota(7)), 'accepted');
  assert.equal(codeOf(checkHeaderQuota(8)), 'header-quota');
});

test('bytes that are no header are refused', () => {
  for (const length of [0, 328, 330])
    assert.equal(codeOf(decodeHeader(new Uint8Array(length)) as Verdict), 'header-malformed');
  assert.equal(decodeHeader(new Uint8Array(329)).ok, true);
});

test('a chunk that is swapped, truncated, lengthened or out of range is refused, the right one is not', () => {
  const file = Uint8Array.from({ length: 2 * 2 ** 20 + 5 }, (_, i) => i % 251);
  const root = checkpointRoot(file);
  const leaves = chunkLeaves(file);
  assert.deepEqual(checkpointRootOfLeaves(leaves), root);
  const part = (index: number): Uint8Array => file.slice(index * 2 ** 20, (index + 1) * 2 ** 20);
  const branch = (index: number): Uint8Array[] => merkleBranch(leaves, index, TAG.chunkNode);
  const check = (index: number, chunk: Uint8Array, proof = branch(index)): string =>
    codeOf(checkChunk(root, index, file.length, chunk, proof));
  for (const index of [0, 1, 2]) assert.equal(check(index, part(index)), 'accepted');
  assert.equal(check(0, part(1)), 'checkpoint-chunk');
  assert.equal(check(0, part(1), branch(1)), 'checkpoint-chunk');
  assert.equal(check(2, part(2).slice(0, 4)), 'checkpoint-chunk');
  assert.equal(check(2, Uint8Array.of(...part(2), 0)), 'checkpoint-chunk');
  assert.equal(check(1, part(1), branch(1).slice(1)), 'checkpoint-chunk');
  assert.equal(check(1, part(1).with(77, 9), branch(1)), 'checkpoint-chunk');
  assert.equal(codeOf(checkChunk(root, 3, file.length, part(2), branch(2))), 'checkpoint-chunk');
  assert.equal(codeOf(checkChunk(root, -1, file.length, part(2), branch(2))), 'checkpoint-chunk');
  assert.equal(codeOf(checkChunk(root, 0, 0, new Uint8Array(0), [])), 'checkpoint-chunk');
});

test('a tree over pieces of another size than 1 MiB is no checkpoint, even if its hashes fit', () => {
  const pieces = [new Uint8Array(2 ** 20 - 1), new Uint8Array(6)];
  const leaves = pieces.map((piece) => chunkLeaf(piece));
  const root = checkpointRootOfLeaves(leaves);
  for (const index of [0, 1]) {
    const branch = merkleBranch(leaves, index, TAG.chunkNode);
    assert.equal(codeOf(checkChunk(root, index, 2 ** 20 + 5, pieces[index]!, branch)), 'checkpoint-chunk');
  }
});

test('a block whose chunks are withheld waits without blame', () => {
  assert.equal(codeOf(checkChunksAtHand(0, 9)), 'accepted');
  const verdict = checkChunksAtHand(1, 9);
  assert.equal(codeOf(verdict), 'checkpoint-withheld');
  assert.equal(verdict.ok ? '' : verdict.fault, 'wait');
});

test('every refusal of a checkpoint file is a verdict with the rule that it breaks', () => {
  for (const code of Object.keys(CHECKPOINT_RULES) as CheckpointCode[]) {
    const verdict = rejectCheckpoint({ ok: false, code, detail: 'why', tensor: 'norm', index: 3 });
    assert.equal(verdict.code, code);
    assert.equal(verdict.rule, CHECKPOINT_RULES[code]);
    assert.deepEqual([verdict.fault, verdict.condemns, verdict.stage], ['peer', 'id', 'checkpoint']);
    assert.deepEqual(verdict.facts, { detail: 'why', tensor: 'norm', index: 3 });
    assert.match(explain(verdict), /why/);
  }
});

test('"cannot evaluate now" blames nobody and condemns nothing', () => {
  const verdict = reject('evaluation-unavailable', { detail: 'no memory' });
  assert.deepEqual([verdict.fault, verdict.condemns], ['none', 'message']);
});

test('only what follows from bytes under the id condemns the id', () => {
  // Restated by hand: the failures that another message with the same id may not have.
  const messageOnly: VerdictCode[] = [
    'header-malformed',
    'body-malformed',
    'body-size',
    'header-unknown-parent',
    'header-below-finality',
    'header-quota',
    'header-link',
    'header-future',
    'header-signature',
    'body-loss-root',
    'body-tx-root',
    'checkpoint-chunk',
    'checkpoint-withheld',
    'evaluation-unavailable',
  ];
  assert.deepEqual(
    VERDICT_CODES.filter((code) => verdictCodes[code].condemns === 'message').sort(),
    messageOnly.sort(),
  );
});

test('nobody is blamed for what an honest node may send', () => {
  const blameless: VerdictCode[] = [
    'header-unknown-parent',
    'header-invalid-parent',
    'header-below-finality',
    'header-quota',
    'header-future',
    'checkpoint-withheld',
    'evaluation-unavailable',
  ];
  assert.deepEqual(VERDICT_CODES.filter((code) => verdictCodes[code].fault !== 'peer').sort(), blameless.sort());
});

test('every code that needs no state is refused at least once in the tests beside this one', () => {
  const folder = dirname(fileURLToPath(import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && name !== 'verdict.test.ts');
  const elsewhere = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  // Of this file, what stands above the tables that name codes without a case.
  const here = readFileSync(fileURLToPath(import.meta.url), 'utf8').split("test('only what follows")[0]!;
  const own = VERDICT_CODES.filter(
    (code) => !Object.hasOwn(CHECKPOINT_RULES, code) && verdictCodes[code].stage !== 'transaction',
  );
  const unused = own.filter((code) => !`${elsewhere}\n${here}`.includes(`'${code}'`));
  assert.deepEqual(unused, []);
});

test('every rule that a code cites exists in the specification', () => {
  const spec = join(dirname(fileURLToPath(import.meta.url)), '../../../spec');
  const text = readdirSync(spec)
    .filter((name) => name.endsWith('.md'))
    .map((name) => readFileSync(join(spec, name), 'utf8'))
    .join('\n');
  const missing = VERDICT_CODES.map((code) => verdictCodes[code].rule).filter((rule) => !text.includes(`**${rule}**`));
  assert.deepEqual([...new Set(missing)], []);
});

test('losses are shown as nats with all six decimals', () => {
  assert.equal(nats(5_545_177), '5.545177 nats');
  assert.equal(nats(100), '0.000100 nats');
});

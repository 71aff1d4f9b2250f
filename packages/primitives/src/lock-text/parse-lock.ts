// Readable text to leaves (BLK-22):
//   lock      = or(lock, ...) | and(lock, ...) | condition
//   condition = key(K) | threshold(m, K, ...) | preimage(HASH) | after(HEIGHT) | older(BLOCKS) | idle | announced
//   K         = 64 hex digits or a name that the caller resolves
// `or` inside `and` is multiplied out: and(a, or(b, c)) is or(and(a, b), and(a, c)).

import { assert } from '@resonancenet/bytes/assert';
import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import { fromHex } from '@resonancenet/bytes/hex';
import { PUBLIC_KEY_LENGTH } from '@resonancenet/crypto/ed25519';
import { type Condition, conditionProblem, type Leaf, leafProblem } from '../condition.ts';
import { MAX_LEAVES } from '../lock.ts';
import { MAX_QUORUM_KEYS, type Quorum } from '../quorum.ts';
import { isKeyName } from './key-name.ts';
import { LockTextError, LockWords, type Word } from './lock-words.ts';
import type { LockTextProblem } from './lock-text-problem.ts';

/** The public key of 32 bytes that a name stands for, or null. */
export type KeyResolver = (name: string) => Uint8Array | null;

export type ParsedLock =
  | { readonly ok: true; readonly leaves: readonly Leaf[] }
  | { readonly ok: false; readonly problem: LockTextProblem };

/** Characters of a text. Every lock's own text is shorter, keys as hex digits. */
export const MAX_LOCK_TEXT_LENGTH = 32_768;

/** Levels of `and` and `or` within each other. */
const MAX_DEPTH = 32;

const noNames: KeyResolver = () => null;

/** The leaves that a text describes, in its order, or the first thing that is wrong with it. */
export function parseLock(text: string, keyOf: KeyResolver = noNames): ParsedLock {
  try {
    if (text.length > MAX_LOCK_TEXT_LENGTH) {
      throw new LockTextError(
        MAX_LOCK_TEXT_LENGTH,
        'the text is too long',
        `use at most ${MAX_LOCK_TEXT_LENGTH} characters`,
      );
    }
    const words = new LockWords(text);
    const leaves = parseExpression(words, keyOf, 0);
    words.finish();
    return { ok: true, leaves };
  } catch (error) {
    if (error instanceof LockTextError) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** Alternatives of lists of conditions that must all hold. Every one is a leaf, and there are never more than a lock may have. */
function parseExpression(words: LockWords, keyOf: KeyResolver, depth: number): readonly Leaf[] {
  const word = words.word('a condition');
  if (word.text !== 'or' && word.text !== 'and') return [[parseCondition(words, word, keyOf)]];
  if (depth === MAX_DEPTH) {
    throw new LockTextError(
      word.position,
      `more than ${MAX_DEPTH} levels of and and or`,
      'write the alternatives flat',
    );
  }
  words.expect('(');
  let leaves = parseExpression(words, keyOf, depth + 1);
  while (words.passes(',')) {
    const next = parseExpression(words, keyOf, depth + 1);
    leaves = word.text === 'or' ? sum(leaves, next, word) : product(leaves, next, word);
  }
  words.expect(')', "',' or ')'");
  return leaves;
}

function sum(first: readonly Leaf[], second: readonly Leaf[], word: Word): readonly Leaf[] {
  checkCount(first.length + second.length, word);
  return [...first, ...second];
}

/** Each of the first with each of the second. */
function product(first: readonly Leaf[], second: readonly Leaf[], word: Word): readonly Leaf[] {
  checkCount(first.length * second.length, word);
  const leaves = first.flatMap((left) => second.map((right) => [...left, ...right]));
  for (const leaf of leaves) {
    const problem = leafProblem(leaf);
    if (problem !== null) throw new LockTextError(word.position, problem, 'put fewer conditions into this alternative');
  }
  return leaves;
}

function checkCount(count: number, word: Word): void {
  if (count > MAX_LEAVES) {
    const cause = `this ${word.text}(...) multiplies out to more than ${MAX_LEAVES} alternatives`;
    throw new LockTextError(word.position, cause, 'offer fewer, or join keys in a threshold(...)');
  }
}

function parseCondition(words: LockWords, word: Word, keyOf: KeyResolver): Condition {
  const condition = parseContent(words, word, keyOf);
  const problem = conditionProblem(condition);
  if (problem !== null) throw new LockTextError(word.position, problem, 'correct it');
  return condition;
}

function parseContent(words: LockWords, { text, position }: Word, keyOf: KeyResolver): Condition {
  switch (text) {
    case 'key':
      return { kind: text, publicKey: parseOne(words, () => parseKey(words, keyOf)) };
    case 'threshold':
      return { kind: text, ...parseThreshold(words, keyOf) };
    case 'preimage':
      return { kind: text, hash: parseOne(words, () => parseHash(words)) };
    case 'after':
      return { kind: text, height: parseOne(words, () => parseNumber(words, 'a height')) };
    case 'older':
      return { kind: text, blocks: parseOne(words, () => parseNumber(words, 'a number of blocks')) };
    case 'idle':
    case 'announced':
      return { kind: text };
    default: {
      const known = 'or, and, key, threshold, preimage, after, older, idle or announced';
      throw new LockTextError(position, `'${shortened(text)}' is no condition`, `write ${known}`);
    }
  }
}

function parseOne<T>(words: LockWords, item: () => T): T {
  words.expect('(');
  const value = item();
  words.expect(')');
  return value;
}

/** The keys may stand in any order. */
function parseThreshold(words: LockWords, keyOf: KeyResolver): Quorum {
  words.expect('(');
  const required = parseNumber(words, 'the number of signatures');
  words.expect(',');
  const publicKeys = [parseKey(words, keyOf)];
  while (words.passes(',')) {
    const { position } = words;
    if (publicKeys.length === MAX_QUORUM_KEYS) {
      throw new LockTextError(position, `more than ${MAX_QUORUM_KEYS} keys`, 'name fewer in this threshold');
    }
    const key = parseKey(words, keyOf);
    if (publicKeys.some((other) => equalBytes(other, key))) {
      throw new LockTextError(position, 'this key stands in the threshold twice', 'name each key once');
    }
    publicKeys.push(key);
  }
  words.expect(')', "',' or ')'");
  return { required, publicKeys: publicKeys.sort(compareBytes) };
}

function parseKey(words: LockWords, keyOf: KeyResolver): Uint8Array {
  const { text, position } = words.word('a key');
  const key = is32Bytes(text) ? fromHex(text) : isKeyName(text) ? keyOf(text) : null;
  if (key === null) {
    const fix = 'write its 64 hex digits or the name of a known key';
    throw new LockTextError(position, `'${shortened(text)}' is no known key`, fix);
  }
  assert(key.length === PUBLIC_KEY_LENGTH, `the key called '${text}' has ${key.length} bytes`);
  return key;
}

function parseHash(words: LockWords): Uint8Array {
  const { text, position } = words.word('a hash');
  if (is32Bytes(text)) return fromHex(text);
  throw new LockTextError(
    position,
    `'${shortened(text)}' is no hash`,
    "write the 64 hex digits of the secret's keccak256d",
  );
}

function parseNumber(words: LockWords, wanted: string): number {
  const { text, position } = words.word(wanted);
  if (/^(0|[1-9][0-9]{0,9})$/.test(text)) return Number(text);
  throw new LockTextError(
    position,
    `'${shortened(text)}' is not ${wanted}`,
    'write it in decimal digits, without zeros before it',
  );
}

function is32Bytes(text: string): boolean {
  return /^[0-9A-Fa-f]{64}$/.test(text);
}

function shortened(text: string): string {
  return text.length > 20 ? `${text.slice(0, 20)}...` : text;
}

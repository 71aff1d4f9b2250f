// Leaves as readable text (BLK-22).

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import type { Condition, Leaf } from '../condition.ts';
import { isKeyName } from './key-name.ts';

/** The name to show for a public key of 32 bytes, or null: its hex digits. Names are as `isKeyName` allows. */
export type KeyNamer = (publicKey: Uint8Array) => string | null;

const noNames: KeyNamer = () => null;

/** The one text of a lock, leaves in their order: `or(key(...), and(older(144), key(...)))`. `parseLock` gives the same leaves back. */
export function printLock(leaves: readonly Leaf[], nameOf: KeyNamer = noNames): string {
  assert(leaves.length > 0, 'a lock has at least one leaf');
  return joined(
    'or',
    leaves.map((leaf) => printLeaf(leaf, nameOf)),
  );
}

/** The text of one leaf: a condition, or `and(...)` of several. */
export function printLeaf(leaf: Leaf, nameOf: KeyNamer = noNames): string {
  assert(leaf.length > 0, 'a leaf has at least one condition');
  return joined(
    'and',
    leaf.map((condition) => printCondition(condition, nameOf)),
  );
}

function joined(word: 'or' | 'and', parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : `${word}(${parts.join(', ')})`;
}

function printCondition(condition: Condition, nameOf: KeyNamer): string {
  switch (condition.kind) {
    case 'key':
      return `key(${printKey(condition.publicKey, nameOf)})`;
    case 'threshold': {
      const keys = condition.publicKeys.map((key) => printKey(key, nameOf));
      return `threshold(${[condition.required, ...keys].join(', ')})`;
    }
    case 'preimage':
      return `preimage(${toHex(condition.hash)})`;
    case 'after':
      return `after(${condition.height})`;
    case 'older':
      return `older(${condition.blocks})`;
    case 'idle':
    case 'announced':
      return condition.kind;
  }
}

function printKey(publicKey: Uint8Array, nameOf: KeyNamer): string {
  const name = nameOf(publicKey);
  if (name === null) return toHex(publicKey);
  assert(isKeyName(name), `'${name}' cannot be the name of a key in the text of a lock`);
  return name;
}

// m of n keys, as conditions and recovery policies name them (LED-1, LED-12), and the signatures that they ask for.

import { assert } from '@resonancenet/bytes/assert';
import { type Codec, fixedBytes, list, refine, struct, u8 } from '@resonancenet/bytes/codec';
import { compareBytes } from '@resonancenet/bytes/compare';
import { PUBLIC_KEY_LENGTH } from '@resonancenet/crypto/ed25519';

/** So many of these keys sign; the keys strictly ascending as bytes, so that a set has one encoding. */
export interface Quorum {
  readonly required: number;
  /** Ed25519, 32 bytes each. */
  readonly publicKeys: readonly Uint8Array[];
}

export const MAX_QUORUM_KEYS = 16;

/** m u8, list of 1 to 16 keys of 32 bytes; 1 <= m <= n. */
export const quorumCodec: Codec<Quorum> = refine(
  struct<Quorum>({
    required: u8,
    publicKeys: list(fixedBytes(PUBLIC_KEY_LENGTH), { min: 1, max: MAX_QUORUM_KEYS }),
  }),
  quorumProblem,
);

/** Why these are no quorum, or null. */
export function quorumProblem({ required, publicKeys }: Quorum): string | null {
  const count = publicKeys.length;
  if (count < 1 || count > MAX_QUORUM_KEYS) return `${count} keys; it must be 1 to ${MAX_QUORUM_KEYS}`;
  if (required < 1 || required > count) return `${required} of ${count} keys; it must be 1 to ${count} of them`;
  for (let index = 1; index < count; index++) {
    if (compareBytes(publicKeys[index - 1]!, publicKeys[index]!) >= 0) {
      return `key ${index} is not above key ${index - 1}; sort the keys by their bytes and name each once`;
    }
  }
  return null;
}

/**
 * Exactly `required` signatures without a count, each by another of `keys` keys, their numbers ascending. `signer` gives the number of
 * the key that an item is by.
 */
export function quorumSignatures<T>(
  required: number,
  keys: number,
  item: Codec<T>,
  signer: (item: T) => number,
): Codec<readonly T[]> {
  const problem = (key: number, least: number): string | null =>
    key >= least && key < keys ? null : `a signature by key ${key}; the next may be by ${least} to ${keys - 1}`;
  return {
    minSize: required * item.minSize,
    read: (reader) => {
      const items: T[] = [];
      for (let least = 0; items.length < required; least = signer(items.at(-1)!) + 1) {
        const start = reader.offset;
        const next = item.read(reader);
        const found = problem(signer(next), least);
        if (found !== null) reader.fail('invalid-value', start, found);
        items.push(next);
      }
      return items;
    },
    write: (writer, items) => {
      assert(items.length === required, `${items.length} signatures where ${required} are required`);
      let least = 0;
      for (const next of items) {
        const found = problem(signer(next), least);
        assert(found === null, found ?? '');
        item.write(writer, next);
        least = signer(next) + 1;
      }
    },
  };
}

// A key derivation that costs nothing, for tests that open many files.

import assert from 'node:assert/strict';
import { concatBytes } from '@resonancenet/bytes/compare';
import { costProblem, hmacSha256, type KeyDerivation } from '../sealing-primitives-node.ts';

/** Three HMACs. Fails if a cost out of bounds comes this far. */
export const quickDerivation: KeyDerivation = (passphrase, salt, cost) => {
  assert.equal(costProblem(cost), null);
  const head = concatBytes(
    passphrase,
    Uint8Array.of(cost.passes, cost.memoryKib >>> 16, cost.memoryKib >>> 8, cost.memoryKib),
  );
  return concatBytes(...[0, 1, 2].map((part) => hmacSha256(salt, concatBytes(Uint8Array.of(part), head))));
};

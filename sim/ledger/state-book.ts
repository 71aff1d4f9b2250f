// The states that the nodes of a run have arrived at: after the same block all must have the same one, and all money must be there.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import { stateHash } from '@resonancenet/ledger/state-hash';
import type { SimNode } from '../sim-node.ts';
import { checkMoney } from './restated-money.ts';

/** Heights at which states are compared. */
const COMPARE_EVERY = 25;

/** Reorganisations of so many blocks or more are followed by a comparison. */
const DEEP = 3;

export class StateBook {
  /** How many changes of a tip took so many blocks back. */
  readonly reorganisations: Map<number, number> = new Map();
  readonly #hashes = new Map<string, string>();

  /** Whether states after blocks of this height are compared. */
  isCompared(height: number): boolean {
    return height % COMPARE_EVERY === 0;
  }

  /** A node's tip has moved. */
  moved(node: SimNode, disconnected: number): void {
    if (disconnected > 0) {
      this.reorganisations.set(disconnected, (this.reorganisations.get(disconnected) ?? 0) + 1);
      assert(disconnected <= node.params.finalityDepth, `${node.name} took ${disconnected} blocks back`);
    }
    if (this.isCompared(node.height) || disconnected >= DEEP) this.compare(node);
  }

  /** The state of a node at its tip. */
  compare(node: SimNode): void {
    checkMoney(node.chain.ledger, node.params);
    this.#enter(node.tip, toHex(stateHash(node.chain.ledger)), node.name);
  }

  /** States that a replay arrived at, by block id; all of them were compared before. */
  checkReplay(hashes: ReadonlyMap<string, string>): void {
    for (const [id, hash] of hashes) {
      assert(this.#hashes.has(id), `no node was seen after block ${id}`);
      this.#enter(id, hash, 'a replay');
    }
  }

  #enter(id: string, hash: string, who: string): void {
    const known = this.#hashes.get(id) ?? hash;
    assert(known === hash, `${who} has another state after block ${id} than others: ${hash}, not ${known}`);
    this.#hashes.set(id, hash);
  }
}

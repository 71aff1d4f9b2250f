import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@resonancenet/bytes/hex';
import { regtest } from '@resonancenet/params/regtest';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { withGenesis } from '@resonancenet/consensus/testing/sample-chain';
import { makeCoinbase } from '@resonancenet/primitives/coinbase';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import type { Amount } from '@resonancenet/primitives/amount';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { type BlockSource, tipChange } from './tip-change.ts';

/** Headers in a tree; a block's only transaction is its coinbase. */
class Tree implements BlockSource {
  readonly headers = new Map<string, BlockHeader>();
  readonly root: string;

  constructor() {
    this.root = this.#add(genesisHeader(withGenesis(regtest)));
  }

  grow(parent: string, length: number, branch: number): string {
    let at = parent;
    for (let step = 0; step < length; step += 1) {
      const header = this.headers.get(at)!;
      const next = { ...header, height: header.height + 1, prevHash: blockId(header), growth: BigInt(branch) };
      at = this.#add({ ...next, timestamp: header.timestamp + 60n });
    }
    return at;
  }

  header(id: string): BlockHeader | null {
    return this.headers.get(id) ?? null;
  }

  transactions(id: string): readonly Transaction[] | null {
    const header = this.header(id);
    const destination = { lockId: new Uint8Array(24), policyId: new Uint8Array(24) };
    return header === null ? null : [makeCoinbase(header.height, 1n as Amount, destination)];
  }

  #add(header: BlockHeader): string {
    const id = toHex(blockId(header));
    this.headers.set(id, header);
    return id;
  }
}

const heights = (blocks: readonly { readonly height: number }[]): number[] => blocks.map(({ height }) => height);

test('tipChange() names the blocks that went and came, lowest first', () => {
  const tree = new Tree();
  const fork = tree.grow(tree.root, 3, 0);
  const left = tree.grow(fork, 2, 1);
  const right = tree.grow(fork, 4, 2);
  const move = tipChange(left, right, tree);
  assert.deepEqual(
    [heights(move.disconnected), heights(move.connected)],
    [
      [4, 5],
      [4, 5, 6, 7],
    ],
  );
  assert.equal(move.connected[0]!.transactions[0]!.inputs[0]!.outpoint.index, 4);
  assert.equal(move.connected[1]!.timestamp - move.connected[0]!.timestamp, 60);
  const back = tipChange(right, left, tree);
  assert.deepEqual(
    [heights(back.disconnected), heights(back.connected)],
    [
      [4, 5, 6, 7],
      [4, 5],
    ],
  );
});

test('tipChange() of a chain that grows or shrinks, or does not move', () => {
  const tree = new Tree();
  const low = tree.grow(tree.root, 2, 0);
  const high = tree.grow(low, 3, 0);
  assert.deepEqual(heights(tipChange(low, high, tree).connected), [3, 4, 5]);
  assert.deepEqual(heights(tipChange(high, low, tree).disconnected), [3, 4, 5]);
  assert.deepEqual(tipChange(low, low, tree), { type: 'tip', connected: [], disconnected: [] });
  assert.deepEqual(heights(tipChange(tree.root, high, tree).connected), [1, 2, 3, 4, 5]);
});

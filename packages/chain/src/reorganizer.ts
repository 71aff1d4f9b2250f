// Connecting and disconnecting blocks. Everything that one move of the tip changes lies in one batch, and undoing is exact.

import { branchAbove, forkPoint } from '@resonancenet/consensus/fork-tree';
import { isAlarming } from '@resonancenet/consensus/finality';
import { decodeBody } from '@resonancenet/consensus/admission-checks';
import { assert } from '@resonancenet/bytes/assert';
import { fromHex } from '@resonancenet/bytes/hex';
import type { BlockBody } from '@resonancenet/primitives/block';
import type { BlockNode } from './block-node.ts';
import type { Ledger } from './ledger.ts';
import type { MachineContext } from './machine-context.ts';
import { ancestorKey, decodeHeight, encodeHeight } from './records.ts';

export class Reorganizer {
  readonly #context: MachineContext;
  readonly #ledger: Ledger;

  constructor(context: MachineContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  /** Moves the tip to a block above the final one; returns the blocks that were disconnected, highest first. */
  moveTip(to: BlockNode): BlockNode[] {
    const { active } = this.#context;
    const from = active.tip;
    if (to === from) return [];
    const fork = forkPoint(from, to) as BlockNode;
    const disconnected: BlockNode[] = [];
    while (active.tip !== fork) disconnected.push(this.#disconnect());
    for (const node of branchAbove(to, fork)) this.#connect(node as BlockNode);
    const { height } = to;
    this.#context.emit({ type: 'tip', from: from.id, to: to.id, height, disconnected: disconnected.length });
    if (disconnected.length > 0) {
      this.#context.view.setPurpose('reorganize');
      if (isAlarming(from.height, fork.height)) {
        const reason = `a reorganisation of ${disconnected.length} blocks, from height ${from.height} back to ${fork.height} and up to ${height}: look at both branches`;
        this.#context.emit({ type: 'alarm', reason, blockId: to.id });
      }
    }
    return disconnected;
  }

  #connect(node: BlockNode): void {
    const { active, view, index, inSync, time } = this.#context;
    active.push(node);
    view.put('heights', encodeHeight(node.height), fromHex(node.id));
    // Where blocks may repeat a checkpoint, the first one's height stays.
    if (view.get('roots', ancestorKey(node.root)) === null)
      view.put('roots', ancestorKey(node.root), encodeHeight(node.height));
    this.#ledger.connect({ id: node.id, height: node.height, body: this.#body(node) }, view);
    // Finality counts time only where the node saw the block become active among its rivals (CON-29).
    node.connectedAt = inSync ? time : null;
    index.touch(node);
  }

  #disconnect(): BlockNode {
    const { active, view, index } = this.#context;
    const node = active.pop();
    view.delete('heights', encodeHeight(node.height));
    const first = view.get('roots', ancestorKey(node.root));
    if (first !== null && decodeHeight(first) === node.height) view.delete('roots', ancestorKey(node.root));
    this.#ledger.disconnect({ id: node.id, height: node.height, body: this.#body(node) }, view);
    node.connectedAt = null;
    index.touch(node);
    return node;
  }

  #body(node: BlockNode): BlockBody {
    const bytes = this.#context.view.get('bodies', fromHex(node.id));
    assert(bytes !== null, `the body of block ${node.id} is stored before it is connected`);
    const decoded = decodeBody(bytes, this.#context.params);
    assert(decoded.ok, `the stored body of block ${node.id} was decoded before`);
    return decoded.body;
  }
}

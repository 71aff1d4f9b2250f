// A miner that trains nothing: it waits until others reveal their weights, makes them a little better, and shows them as its own, either as a
// sibling of the newest block or as a copy of a whole branch.

import { toHex } from '@resonancenet/bytes/hex';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { SimNode } from './sim-node.ts';

export interface Theft {
  /** How many of the newest blocks are copied. */
  readonly depth: number;
  /** The copy's fall as a fraction of the original's: 1.1 is a tenth more. */
  readonly factor: number;
}

/** Blocks of the active chain from the tip down, at most `depth`, lowest first. */
function newest(node: SimNode, depth: number): BlockHeader[] {
  const headers: BlockHeader[] = [];
  let header = node.chain.tip().header;
  for (; headers.length < depth && header.height > 0; ) {
    headers.push(header);
    const parent = node.chain.header(toHex(header.prevHash));
    if (parent === null) break;
    header = parent;
  }
  return headers.reverse();
}

/** Copies the newest blocks once; how many blocks were shown. */
export function steal(node: SimNode, { depth, factor }: Theft): number {
  const originals = newest(node, depth);
  const [first] = originals;
  const parent = first === undefined ? null : node.chain.header(toHex(first.prevHash));
  if (parent === null || originals.some(({ minerKey }) => isKeyOf(node, minerKey))) return 0;
  let on = parent;
  for (const original of originals) {
    // At every height the copy's line lies a little below the original's.
    const fall = (parent.valLoss - original.valLoss) * factor;
    const gain = Math.max(node.params.lossStep, Math.ceil(on.valLoss - (parent.valLoss - fall)));
    const block = node.make(on, original.timestamp, gain);
    node.submit(block);
    on = block.header;
  }
  return originals.length;
}

/** Blocks of the active chain that this node's key signed. */
export function blocksOf(owner: SimNode, chain: SimNode): number {
  let count = 0;
  for (let height = 1; height <= chain.height; height += 1) {
    const id = chain.chain.activeChainAt(height);
    const header = id === null ? null : chain.chain.header(id);
    if (header !== null && isKeyOf(owner, header.minerKey)) count += 1;
  }
  return count;
}

function isKeyOf(node: SimNode, minerKey: Uint8Array): boolean {
  return toHex(minerKey) === toHex(node.publicKey);
}

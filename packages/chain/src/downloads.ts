// Which checkpoints are fetched, a few at a time, shared out over the peers whose headers claim them: chunks are wanted only where a
// header's claims, taken as true, would change the tip (CON-24), and none can take the room of others.

import { checkpointFileLength } from '@resonancenet/model/checkpoint-header';
import { reject, rejectCheckpoint } from '@resonancenet/consensus/verdict';
import type { Rejection } from '@resonancenet/consensus/verdict';
import { type BlockNode, checkpointDescription } from './block-node.ts';
import { CheckpointDownload } from './checkpoint-download.ts';
import type { ChainEvent, Hex32, PeerId } from './events.ts';
import type { MachineContext } from './machine-context.ts';

export interface DownloadListener {
  /** All chunks of the block's checkpoint are at hand. */
  complete(node: BlockNode): void;
  /** The block's checkpoint cannot be what its header demands. */
  invalid(node: BlockNode, rejection: Rejection): void;
}

export class Downloads {
  readonly #context: MachineContext;
  readonly #listener: DownloadListener;
  readonly #active = new Map<Hex32, CheckpointDownload>();
  /** Blocks without a place, in the order in which they came. */
  readonly #waiting = new Set<BlockNode>();

  constructor(context: MachineContext, listener: DownloadListener) {
    this.#context = context;
    this.#listener = listener;
  }

  /** Chunks of this root that are wanted and not here. */
  missing(root: Hex32): readonly number[] {
    return this.#active.get(root)?.missing() ?? [];
  }

  /** Peers that sent chunks of this root. */
  senders(root: Hex32): readonly PeerId[] {
    return [...(this.#active.get(root)?.senders ?? [])];
  }

  isWanted(root: Hex32): boolean {
    return this.#active.has(root);
  }

  /** Asks for the checkpoint of a block; told at once if it is complete already. */
  request(node: BlockNode): void {
    const { checkpoints } = this.#context;
    if (checkpoints.isComplete(node.root)) {
      this.#settle(node, checkpoints.present(node.root)?.fileLength ?? 0);
      return;
    }
    if (this.#active.get(node.root)?.nodes.has(node) === true) return;
    if (!this.#start(node)) this.#waiting.add(node);
  }

  /** The block does not need its checkpoint any more. */
  release(node: BlockNode): void {
    this.#waiting.delete(node);
    const download = this.#active.get(node.root);
    if (download?.nodes.has(node) !== true) return;
    download.release(node);
    if (download.nodes.size === 0) this.#end(download);
  }

  chunk(event: Extract<ChainEvent, { readonly type: 'chunk' }>): void {
    const { root, index, peer } = event;
    const download = this.#active.get(root);
    if (download === undefined) return;
    const before = download.missing().length;
    if (!download.take(index, event.branch, event.bytes)) {
      const blockId = download.nodes.keys().next().value?.id ?? null;
      this.#context.refuse(reject('checkpoint-chunk', { chunk: index, root }), blockId, peer);
      return;
    }
    if (download.senders.size < this.#context.limits.sendersPerRoot) download.senders.add(peer);
    if (download.missing().length < before) {
      download.progressAt = this.#context.time;
      for (const node of download.nodes.keys()) node.withheld = false;
    }
    this.#finish(download);
  }

  /** A whole file came into the store by another way. */
  stored(root: Hex32): void {
    const download = this.#active.get(root);
    if (download !== undefined) this.#finish(download);
  }

  /** Reports downloads that stand still and gives their places to others. */
  tick(): void {
    const { time } = this.#context;
    for (const download of [...this.#active.values()]) {
      if (time - download.progressAt < this.#context.limits.downloadStallMs) continue;
      download.progressAt = time;
      const missing = download.missing().length;
      const nodes = [...download.nodes.keys()];
      for (const node of nodes) {
        if (!node.withheld)
          this.#context.refuse(reject('checkpoint-withheld', { missing, chunks: download.count }), node.id, node.owner);
        node.withheld = true;
      }
      if (this.#waiting.size === 0) continue;
      this.#drop(download);
      for (const node of nodes) this.#waiting.add(node);
    }
    this.#fill();
  }

  /** When `tick` has something to report; null if nothing is fetched. */
  nextTickAt(): number | null {
    let earliest: number | null = null;
    for (const { progressAt } of this.#active.values())
      earliest = Math.min(earliest ?? Number.POSITIVE_INFINITY, progressAt + this.#context.limits.downloadStallMs);
    return earliest;
  }

  #start(node: BlockNode): boolean {
    const existing = this.#active.get(node.root);
    if (existing === undefined && !this.#hasPlace(node)) return false;
    const { checkpoints, params, time, limits } = this.#context;
    const download = existing ?? new CheckpointDownload(node.root, checkpoints, limits.lengthsPerRoot, time);
    const before = download.missing().length;
    const fileLength = checkpointFileLength(checkpointDescription(node.growth, params));
    if (!download.add(node, fileLength)) return false;
    this.#active.set(node.root, download);
    const missing = download.missing();
    if (existing === undefined || missing.length !== before)
      this.#context.emit({ type: 'want-chunks', root: node.root, missing });
    return true;
  }

  /** A free place, or one taken from the owner that has most. */
  #hasPlace(node: BlockNode): boolean {
    if (node.owner === null) return true;
    const load = new Map<PeerId, number>();
    for (const download of this.#active.values()) {
      const owner = ownerOf(download);
      load.set(owner, (load.get(owner) ?? 0) + 1);
    }
    const own = load.get(node.owner) ?? 0;
    if (own >= this.#context.limits.downloadsPerPeer) return false;
    if (this.#active.size < this.#context.limits.downloads) return true;
    const stalest = [...this.#active.values()]
      .filter((download) => ownerOf(download) !== null && (load.get(ownerOf(download)) ?? 0) > own + 1)
      .sort((a, b) => a.progressAt - b.progressAt)[0];
    if (stalest === undefined) return false;
    for (const other of stalest.nodes.keys()) this.#waiting.add(other);
    this.#drop(stalest);
    return true;
  }

  #finish(download: CheckpointDownload): void {
    const present = this.#context.checkpoints.present(download.root);
    if (present === null || !this.#context.checkpoints.isComplete(download.root)) return;
    // The senders stay known until the blocks have been evaluated: they vouched for them.
    const nodes = [...download.nodes.keys()];
    this.#end(download);
    for (const node of nodes) {
      node.chunkSenders = [...download.senders];
      this.#settle(node, present.fileLength);
    }
  }

  #settle(node: BlockNode, fileLength: number): void {
    this.#waiting.delete(node);
    const expected = checkpointFileLength(checkpointDescription(node.growth, this.#context.params));
    if (fileLength === expected) {
      this.#listener.complete(node);
      return;
    }
    const detail = `the file of checkpoint ${node.root} has ${fileLength} bytes, growth ${node.growth} asks for ${expected}: give every block its own file`;
    this.#listener.invalid(node, rejectCheckpoint({ ok: false, code: 'ckpt-wrong-metadata', detail }));
  }

  #end(download: CheckpointDownload): void {
    this.#drop(download);
    this.#fill();
  }

  #drop(download: CheckpointDownload): void {
    this.#active.delete(download.root);
    this.#context.emit({ type: 'unwant', root: download.root });
  }

  /** Gives free places to those that wait. */
  #fill(): void {
    for (const node of [...this.#waiting]) if (this.#start(node)) this.#waiting.delete(node);
  }
}

/** Whom a download is charged to: the owner of the first block that waits for it. */
function ownerOf(download: CheckpointDownload): PeerId {
  return download.nodes.keys().next().value?.owner ?? null;
}

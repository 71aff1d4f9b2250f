// What happens to a header: cheap checks in order of their cost, the signature last (CON-2), and a place in the index.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { checkAboveFinality, checkHeaderQuota, checkParentStatus } from '@resonancenet/consensus/admission-checks';
import { checkFuture, checkHeader, checkHeaderSignature, type ParentView } from '@resonancenet/consensus/header-checks';
import { reject, type Verdict } from '@resonancenet/consensus/verdict';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import type { BlockNode } from './block-node.ts';
import type { Dvals } from './dvals.ts';
import type { Hex32, PeerId } from './events.ts';
import { type ForeignBlock, ForeignBranches } from './foreign-branches.ts';
import type { MachineContext } from './machine-context.ts';
import { ancestorKey, decodeHeight } from './records.ts';

interface WaitingHeader {
  readonly header: BlockHeader;
  readonly peer: PeerId;
}

export interface HeaderListener {
  accepted(node: BlockNode): void;
  /** The block is charged to another peer now, which may have a place for it. */
  reassigned(node: BlockNode): void;
  /** A header without a body that makes room for another one. */
  evicted(node: BlockNode): void;
}

export class HeaderIntake {
  readonly foreign: ForeignBranches = new ForeignBranches();
  readonly #context: MachineContext;
  readonly #dvals: Dvals;
  readonly #listener: HeaderListener;
  /** Headers ahead of time, by id. */
  readonly #waiting = new Map<Hex32, WaitingHeader>();
  #alarmedAt = Number.NEGATIVE_INFINITY;

  constructor(context: MachineContext, dvals: Dvals, listener: HeaderListener) {
    this.#context = context;
    this.#dvals = dvals;
    this.#listener = listener;
  }

  take(header: BlockHeader, peer: PeerId): void {
    const { index } = this.#context;
    const id = blockId(header);
    const hex = toHex(id);
    const known = index.get(hex);
    if (known !== undefined) {
      this.#again(known, peer);
      return;
    }
    // A final block, or one below finality that was looked at before.
    if (this.#context.active.idAt(header.height) === hex || this.foreign.get(hex) !== undefined) return;
    const parentId = toHex(header.prevHash);
    const parent = index.get(parentId);
    if (parent === undefined) this.#takeElsewhere(header, id, parentId, peer);
    else this.#takeChild(header, id, parent, peer);
  }

  /** Headers whose time may have come. */
  retryWaiting(): void {
    for (const [id, { header, peer }] of [...this.#waiting]) {
      const parent = this.#context.index.get(toHex(header.prevHash));
      if (parent !== undefined && !this.#future(header, parent).ok) continue;
      this.#waiting.delete(id);
      this.take(header, peer);
    }
  }

  /** Monotonic time at which the first waiting header is acceptable; null if none waits. */
  nextWaitingAt(): number | null {
    let earliest: number | null = null;
    const { now, unixSeconds, index } = this.#context;
    for (const { header } of this.#waiting.values()) {
      const parent = index.get(toHex(header.prevHash));
      if (parent === undefined) continue;
      const verdict = this.#future(header, parent);
      if (verdict.ok || verdict.code !== 'header-future') return now.monotonicMs;
      // The allowance is what `latest` is ahead of now.
      const acceptableAt = header.timestamp - (verdict.facts.latest - unixSeconds);
      const at = now.monotonicMs + Number(acceptableAt) * 1000 - now.unixMs;
      earliest = Math.min(earliest ?? at, at);
    }
    return earliest;
  }

  #again(node: BlockNode, peer: PeerId): void {
    if (this.#context.index.announcedBy(node, peer)) this.#listener.reassigned(node);
    if (peer === null) node.ours = true;
    // Announcing asserts the cheap checks only: whoever announces a block that failed later is not at fault.
    if (node.invalid !== null) this.#refuseKnown(node, peer);
  }

  #refuseKnown(node: BlockNode, peer: PeerId): void {
    const { code, detail } = node.invalid!;
    this.#context.emit({ type: 'refused', code, blockId: node.id, peer, peerFault: false, detail });
  }

  #takeChild(header: BlockHeader, id: Uint8Array, parent: BlockNode, peer: PeerId): void {
    const context = this.#context;
    const { index } = context;
    const hex = toHex(id);
    if (!parent.isAllowed) {
      // The parent passed the cheap checks, or it would not be here: an honest peer may have passed both on.
      context.refuse(reject('header-invalid-parent', { parent: parent.id }), hex, peer, false);
      return;
    }
    const quota = peer === null ? { ok: true as const } : checkHeaderQuota(index.keptFrom(peer, parent));
    const room = index.roomFor(peer);
    const verdict = quota.ok && room === null ? reject('header-quota', { limit: this.#context.limits.headers }) : quota;
    const cheap = verdict.ok ? this.#check(header, this.#viewOf(parent), parent) : verdict;
    if (!cheap.ok) {
      context.refuse(cheap, hex, peer);
      return;
    }
    const future = this.#future(header, parent);
    const signature = checkHeaderSignature(header, id);
    if (!signature.ok) {
      context.refuse(signature, hex, peer);
      return;
    }
    if (!future.ok) {
      this.#wait(hex, header, peer);
      context.refuse(future, hex, peer);
      return;
    }
    if (room !== null && room.victim !== null) {
      this.#listener.evicted(room.victim);
      index.remove(room.victim);
    }
    const { inSync, time, active } = context;
    const node = index.add({ id: hex, header, parent, owner: peer, inSync, headerSeenAt: time });
    // The operator's word about a branch holds for what is added to it until it is followed.
    node.excused = parent.excused && !active.contains(parent);
    context.emit({ type: 'header-accepted', blockId: hex });
    this.#listener.accepted(node);
  }

  /** The parent is not in memory: it is a final block, part of a branch below finality, or unknown. */
  #takeElsewhere(header: BlockHeader, id: Uint8Array, parentId: Hex32, peer: PeerId): void {
    const context = this.#context;
    const { active, index } = context;
    const foreignParent = this.foreign.get(parentId);
    const isFinal = header.height > 0 && active.idAt(header.height - 1) === parentId;
    const parentHeader = foreignParent?.header ?? (isFinal ? index.storedHeader(parentId) : null);
    const hex = toHex(id);
    if (parentHeader === null) {
      const unknown = checkParentStatus(header.prevHash, 'unknown');
      if (!unknown.ok) context.refuse(unknown, hex, peer);
      return;
    }
    const forkHeight = foreignParent?.forkHeight ?? parentHeader.height;
    const cheap = this.#check(header, { ...parentHeader, id: header.prevHash }, null, foreignParent === undefined);
    const timely = cheap.ok ? checkFuture(header, parentHeader, context.unixSeconds, context.params) : cheap;
    const signature = timely.ok ? checkHeaderSignature(header, id) : timely;
    if (!signature.ok) {
      context.refuse(signature, hex, peer);
      return;
    }
    const block: ForeignBlock = { id: hex, header, peer, forkHeight };
    if (this.foreign.add(block)) this.#alarm(block);
    const below = checkAboveFinality(header.height, forkHeight, active.final.height);
    if (!below.ok) context.refuse(below, hex, peer);
  }

  #alarm({ id, header, forkHeight }: ForeignBlock): void {
    const { time, active } = this.#context;
    if (time - this.#alarmedAt < this.#context.limits.alarmEveryMs) return;
    this.#alarmedAt = time;
    const reason = `a branch leaves the chain at height ${forkHeight}, below the final height ${active.final.height}, and has reached height ${header.height}: if it is the one to follow, use reconsiderblock`;
    this.#context.emit({ type: 'alarm', reason, blockId: id });
  }

  /** `node`: the parent in memory; `isFinal`: there is none because it is a final block. */
  #check(header: BlockHeader, parent: ParentView, node: BlockNode | null, isFinal = false): Verdict {
    const { active, params } = this.#context;
    const onActive = node === null ? isFinal : active.contains(node);
    const branch = {
      hasCheckpoint: (root: Uint8Array) => this.#isAncestorCheckpoint(toHex(root), node),
      mayActivate: () => this.#dvals.mayActivate(header, parent, onActive),
    };
    return checkHeader(header, parent, branch, params);
  }

  /** Whether a checkpoint is that of `parent` or of a block below it. Of branches below finality only the common part is known. */
  #isAncestorCheckpoint(root: Hex32, parent: BlockNode | null): boolean {
    const { active, view } = this.#context;
    let at = parent;
    for (; at !== null && !active.contains(at); at = at.parent) if (at.root === root) return true;
    const height = view.get('roots', ancestorKey(root));
    return at !== null && height !== null && decodeHeight(height) <= at.height;
  }

  #viewOf(parent: BlockNode): ParentView {
    const { height, timestamp, growth, valLoss } = parent;
    return { id: fromHex(parent.id), height, timestamp, growth, valLoss, dvalId: fromHex(parent.dvalId) };
  }

  #future(header: BlockHeader, parent: BlockNode): Verdict {
    return checkFuture(header, parent, this.#context.unixSeconds, this.#context.params);
  }

  /** Keeps a header that is early; the oldest of the same peer, or of all, gives way. */
  #wait(id: Hex32, header: BlockHeader, peer: PeerId): void {
    const own = [...this.#waiting].filter(([, waiting]) => waiting.peer === peer);
    const first = own.length >= this.#context.limits.waitingHeadersPerPeer ? own[0] : undefined;
    if (first !== undefined) this.#waiting.delete(first[0]);
    else if (this.#waiting.size >= this.#context.limits.waitingHeaders) return;
    this.#waiting.set(id, { header, peer });
  }
}

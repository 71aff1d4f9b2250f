// The chain machine: (event, now) -> actions. It owns which blocks are known, how far each has been checked, which of them form the active
// chain and which of those are final. It never waits, reads no clock and opens nothing: `persist` and `evaluate` are done by the caller.
//
// A block's way: header (cheap checks) -> body -> checkpoint -> evaluation -> candidate -> tip; each step only if its claims, taken as true,
// would change the tip.

import { fromHex } from '@resonancenet/bytes/hex';
import { checkEncodedBody } from '@resonancenet/consensus/body-checks';
import { dvalDeadline } from '@resonancenet/consensus/dval-rotation';
import { explain } from '@resonancenet/consensus/explain';
import { type Rejection, reject } from '@resonancenet/consensus/verdict';
import { verdictCodes } from '@resonancenet/consensus/verdict-codes';
import { explainLoss } from './branch-claims.ts';
import type { BlockNode, Invalidity } from './block-node.ts';
import { BlockConnector } from './block-connector.ts';
import { CatchUp } from './catch-up.ts';
import { ChainQueries } from './chain-queries.ts';
import { Downloads } from './downloads.ts';
import { Dvals } from './dvals.ts';
import { Evaluations } from './evaluations.ts';
import type { ChainAction, ChainEvent, Hex32, Now, PeerId, SignatureOutcome } from './events.ts';
import { Finalizer } from './finalizer.ts';
import { HeaderIntake } from './header-intake.ts';
import type { Ledger } from './ledger.ts';
import { LedgerGate } from './ledger-gate.ts';
import type { MachineContext } from './machine-context.ts';
import { Pruner } from './pruner.ts';
import { encodeStateRecord, type StateRecord, STATE_KEY } from './records.ts';
import { Reorganizer } from './reorganizer.ts';
import { SignatureJobs } from './signature-jobs.ts';
import { TipChoice } from './tip-choice.ts';
import { Wants } from './wants.ts';

/** What is due at once is done in the step itself; nothing may turn into a busy loop. */
const LEAST_WAKE_MS = 10;

/** Blocks below the tip whose headers stay in memory. */
const HEADERS_IN_MEMORY = 16;

export class ChainMachine extends ChainQueries {
  readonly #context: MachineContext;
  readonly #intake: HeaderIntake;
  readonly #wants: Wants;
  readonly #downloads: Downloads;
  readonly #evaluations: Evaluations;
  readonly #dvals: Dvals;
  readonly #catchUp: CatchUp;
  readonly #signatures: SignatureJobs;
  readonly #connector: BlockConnector;
  readonly #reorganizer: Reorganizer;
  readonly #gate: LedgerGate;
  readonly #tipChoice: TipChoice;
  readonly #finalizer: Finalizer;
  readonly #pruner: Pruner;
  /** Checkpoints of our own miner whose header has not come yet, oldest first. */
  readonly #unclaimed = new Set<Hex32>();
  /** Checkpoints of blocks that finality dropped in this step. */
  readonly #droppedRoots = new Set<Hex32>();
  #started = false;
  #branchesChanged = false;
  #verifiedSome = false;
  #contactReported = false;
  #stateChanged = false;
  #moreToConnect = false;
  /** The loss that a move of the tip or a block before its evaluation waits for. */
  #neededLoss: { readonly node: BlockNode; readonly dvalId: Hex32 } | null = null;
  #flushedAt: number;
  #wakeAt: number | null = null;

  /** Use `createChain`. */
  constructor(context: MachineContext, ledger: Ledger, state: Pick<StateRecord, 'prunedHeight' | 'holds'>) {
    const downloads = new Downloads(context, {
      complete: (node) => this.#checkpointComplete(node),
      invalid: (node, rejection) => this.#markInvalid(node, { code: rejection.code, detail: explain(rejection) }),
    });
    const evaluations = new Evaluations(context, {
      verified: (node) => this.#verified(node),
      invalid: (node, invalidity) => this.#markInvalid(node, invalidity),
      needsChunks: (node) => this.#needsChunks(node),
    });
    const dvals = new Dvals(context, evaluations.cache);
    const intake = new HeaderIntake(context, dvals, {
      accepted: (node) => this.#headerAccepted(node),
      reassigned: (node) => this.#reassigned(node),
      evicted: (node) => this.#evicted(node),
    });
    super(context, evaluations.cache, dvals, downloads, intake.foreign);
    this.#context = context;
    this.#intake = intake;
    this.#downloads = downloads;
    this.#evaluations = evaluations;
    this.#dvals = dvals;
    this.#wants = new Wants(context, {
      wanted: (node) => this.#advance(node),
      unwanted: (node) => this.#unwanted(node),
    });
    this.#catchUp = new CatchUp(context);
    this.#signatures = new SignatureJobs(context);
    this.#connector = new BlockConnector(context, ledger, evaluations.cache, this.#signatures);
    this.#reorganizer = new Reorganizer(context, this.#connector, this.#signatures, {
      invalid: (node, invalidity) => this.#markInvalid(node, invalidity),
      needsLoss: (node, dvalId) => this.#needsLoss(node, dvalId),
    });
    this.#gate = new LedgerGate(this.#reorganizer);
    this.#tipChoice = new TipChoice(context, this.#reorganizer);
    this.#finalizer = new Finalizer(context, { dropped: (node) => this.#dropped(node) }, state.holds[0] ?? null);
    this.#pruner = new Pruner(context, state.prunedHeight);
    this.#flushedAt = context.time;
  }

  /** Call it once with `tick` right after creation, then with every event, and carry out the actions in order before the next call. */
  step(event: ChainEvent, now: Now): ChainAction[] {
    this.#context.begin(now);
    if (!this.#started) this.#start();
    this.#take(event);
    this.#settle();
    this.#persist();
    this.#scheduleWake();
    return this.#context.end();
  }

  #take(event: ChainEvent): void {
    switch (event.type) {
      case 'header':
        this.#intake.take(event.header, event.peer);
        return;
      case 'body':
        this.#takeBody(event.blockId, event.bytes, event.peer);
        return;
      case 'chunk':
        this.#downloads.chunk(event);
        return;
      case 'checkpoint-stored':
        this.#takeStored(event);
        return;
      case 'evaluated':
        this.#evaluations.outcome(event.job, event.outcome);
        this.#learned();
        return;
      case 'signatures':
        this.#takeSignatures(event.job, event.outcome);
        return;
      case 'in-sync':
        this.#setInSync(event.value);
        return;
      case 'contact':
        this.#contactReported = true;
        this.#setContact(
          event.value,
          this.#context.clock.at({ ...this.#context.now, monotonicMs: event.sinceMonotonicMs }),
        );
        return;
      case 'invalidate':
        this.#invalidate(event.blockId);
        return;
      case 'reconsider':
        this.#reconsider(event.blockId);
        return;
      case 'tick':
        return;
    }
    event satisfies never;
  }

  /** What a restart left half done: nothing below relies on it having been finished. */
  #start(): void {
    const { index, checkpoints, active, view } = this.#context;
    this.#started = true;
    // Every start is written down: from here on the node is out of contact.
    view.setPurpose('recover');
    this.#stateChanged = true;
    for (const root of [...checkpoints.roots()]) if (!this.#pruner.isNeeded(root)) this.#pruner.giveUp(root);
    for (const node of index.all()) if (checkpoints.isComplete(node.root)) this.#noteChunks(node);
    // Without the tip's checkpoint nobody can mine on it.
    if (!checkpoints.isComplete(active.tip.root) && active.tip.height > 0) this.#downloads.request(active.tip);
    this.#dvals.noteStored();
    this.#catchUp.choose();
    this.#wants.refresh();
  }

  #takeBody(blockId: Hex32, bytes: Uint8Array, peer: PeerId): void {
    const { index, params, view } = this.#context;
    const node = index.get(blockId);
    // Bodies that nobody asked for are no work.
    if (node === undefined || node.stage !== 'header' || !node.isAllowed || !(node.wanted || node.ours)) return;
    const verdict = checkEncodedBody(index.headerOf(node), bytes, params);
    if (!verdict.ok) {
      this.#refuseBody(node, verdict, peer);
      return;
    }
    view.put('bodies', fromHex(blockId), bytes.slice());
    this.#dvals.noteBody(blockId, verdict.acting);
    this.#wants.release(node);
    index.setStage(node, 'body');
    node.withheld = false;
    this.#catchUp.progress(node);
    this.#advance(node);
  }

  #refuseBody(node: BlockNode, rejection: Rejection, peer: PeerId): void {
    this.#context.refuse(rejection, node.id, peer);
    if (rejection.condemns === 'id') this.#condemn(node, { code: rejection.code, detail: explain(rejection) });
    // The right body may come from somebody else.
    else if (node.bodyAsked) this.#context.emit({ type: 'want-body', blockId: node.id });
  }

  #takeStored({ root, evaluation }: Extract<ChainEvent, { readonly type: 'checkpoint-stored' }>): void {
    if (evaluation !== undefined) this.#evaluations.learn(root, evaluation.dvalId, evaluation.growth, evaluation.sums);
    const claimants = [...this.#context.index.withRoot(root)];
    if (claimants.length === 0) this.#keepUnclaimed(root);
    this.#downloads.stored(root);
    for (const node of claimants) if (node.stage !== 'header') this.#advance(node);
  }

  /** Our miner's latest checkpoints are kept until their header comes; older ones never got one. */
  #keepUnclaimed(root: Hex32): void {
    this.#unclaimed.delete(root);
    this.#unclaimed.add(root);
    const [oldest] = this.#unclaimed;
    if (this.#unclaimed.size <= this.#context.limits.unclaimedCheckpoints || oldest === undefined) return;
    this.#unclaimed.delete(oldest);
    this.#pruner.giveUp(oldest);
  }

  #takeSignatures(job: number, outcome: SignatureOutcome): void {
    const bad = this.#signatures.outcome(job, outcome);
    const node = bad === null ? undefined : this.#context.index.get(bad.blockId);
    if (bad !== null && node !== undefined) this.#markInvalid(node, this.#connector.explainBad(node, bad.check));
    this.#learned();
  }

  /** Moves of the tip and blocks before their evaluation may have waited for this. */
  #learned(): void {
    this.#neededLoss = null;
    this.#reorganizer.learned();
    for (const node of this.#gate.reopen()) this.#advance(node);
  }

  #needsLoss(node: BlockNode, dvalId: Hex32): void {
    this.#neededLoss = { node, dvalId };
    this.#evaluations.requestLoss(node, dvalId);
  }

  #headerAccepted(node: BlockNode): void {
    this.#unclaimed.delete(node.root);
    this.#catchUp.consider(node);
    const losing = this.#wants.consider(node);
    if (losing === null || losing === undefined || !node.ours) return;
    const reason = explainLoss(losing, this.#context.active.tip.height, node.height);
    this.#context.emit({ type: 'not-active', blockId: node.id, reason });
  }

  #reassigned(node: BlockNode): void {
    if (node.stage === 'header') this.#wants.retry(node);
    else this.#advance(node);
  }

  /** Takes a block with a body as far as it can go now. */
  #advance(node: BlockNode): void {
    const { checkpoints } = this.#context;
    if (node.stage !== 'body' || !node.isAllowed || !(node.wanted || node.ours)) return;
    // Blocks that need no evaluation are taken along by `#followTarget`.
    if (this.#catchUp.isAssumable(node)) return;
    // A proposed D_val is judged before anything is fetched for it (CON-10).
    if (this.#dvals.isProposed(node) && !this.#isProposalAgreed(node)) return;
    if (node.chunksAt === null || !checkpoints.isComplete(node.root)) this.#downloads.request(node);
    else if (node.parent?.isTrusted === true && this.#gate.accepts(node)) this.#evaluations.request(node);
  }

  /** The ledger accepts the block on its own branch, and its D_val is at hand. */
  #isProposalAgreed(node: BlockNode): boolean {
    return node.parent?.isTrusted === true && this.#gate.accepts(node) && this.#dvals.revealed(node.dvalId) !== null;
  }

  #checkpointComplete(node: BlockNode): void {
    this.#noteChunks(node);
    if (node.isTrusted) for (const child of [...node.children]) this.#advance(child);
    else this.#advance(node);
  }

  #noteChunks(node: BlockNode): void {
    node.withheld = false;
    if (node.chunksAt !== null) return;
    node.chunksAt = this.#context.time;
    this.#context.index.touch(node);
  }

  #needsChunks(node: BlockNode): void {
    this.#downloads.request(node);
  }

  #verified(node: BlockNode): void {
    this.#verifiedSome = true;
    this.#context.index.setStage(node, 'verified');
    this.#evaluations.release(node);
    this.#context.emit({ type: 'verified', blockId: node.id, root: node.root });
    for (const child of [...node.children]) this.#advance(child);
  }

  /** The id is invalid for what the checkpoint or its evaluation showed. */
  #markInvalid(node: BlockNode, invalidity: Invalidity): void {
    const { active, index } = this.#context;
    if (node === active.final) {
      const reason = `the checkpoint of the final block is refused: ${invalidity.detail}`;
      this.#context.emit({ type: 'alarm', reason, blockId: node.id });
      return;
    }
    // Whoever sent chunks of a checkpoint that only this block claims has vouched for the block.
    const isShared = index.withRoot(node.root).size > 1;
    const peers = isShared || node.chunkSenders.length === 0 ? [null] : node.chunkSenders;
    for (const peer of peers) {
      const peerFault = peer !== null && verdictCodes[invalidity.code].fault === 'peer';
      this.#context.emit({ type: 'refused', ...invalidity, blockId: node.id, peer, peerFault });
    }
    this.#condemn(node, invalidity);
  }

  /** Marks a block and all that descend from it. */
  #condemn(node: BlockNode, invalidity: Invalidity): void {
    const { active, index } = this.#context;
    if (active.contains(node)) this.#reorganizer.moveTip(node.parent!);
    for (const each of descendantsOf(node)) {
      const inherited = reject('header-invalid-parent', { parent: each.parent?.id ?? '' });
      each.invalid ??= each === node ? invalidity : { code: inherited.code, detail: explain(inherited) };
      if (each.reached('assumed')) index.setStage(each, 'body');
      each.ledgerAccepts = false;
      index.touch(each);
      this.#releaseAll(each);
      this.#pruner.giveUp(each.root);
    }
    this.#branchesChanged = true;
  }

  #releaseAll(node: BlockNode): void {
    node.wanted = false;
    this.#wants.release(node);
    this.#downloads.release(node);
    this.#evaluations.release(node);
    this.#gate.release(node);
    this.#reorganizer.release(node);
  }

  #evicted(node: BlockNode): void {
    this.#releaseAll(node);
    if (node === this.#catchUp.target) this.#branchesChanged = true;
  }

  #unwanted(node: BlockNode): void {
    if (node.ours) return;
    this.#downloads.release(node);
    this.#evaluations.release(node);
  }

  #dropped(node: BlockNode): void {
    this.#releaseAll(node);
    this.#droppedRoots.add(node.root);
  }

  #setInSync(value: boolean): void {
    if (this.#context.inSync === value) return;
    this.#context.inSync = value;
    if (!this.#contactReported) this.#setContact(value, this.#context.time);
    this.#branchesChanged = true;
  }

  /** Opens or closes a span out of contact (CON-28). */
  #setContact(value: boolean, since: number): void {
    const { contact, time } = this.#context;
    const last = contact.outages.at(-1);
    const isOpen = last !== undefined && last.to === null;
    if (isOpen === !value) return;
    contact.outages = isOpen
      ? [...contact.outages.slice(0, -1), { from: last.from, to: time }]
      : [...contact.outages, { from: Math.min(since, time), to: null }].slice(-this.#context.limits.outages);
    this.#stateChanged = true;
    this.#branchesChanged = true;
  }

  #invalidate(blockId: Hex32): void {
    const { index, active } = this.#context;
    const height = this.heightOf(blockId);
    if (height === null || height === 0) return;
    // The operator may undo what is final: nobody else.
    if (active.idAt(height) === blockId) this.#finalizer.retreat(height - 1);
    const node = index.get(blockId);
    if (node === undefined) return;
    if (active.contains(node)) this.#reorganizer.moveTip(node.parent!);
    node.forbidden = true;
    index.touch(node);
    for (const each of descendantsOf(node)) this.#releaseAll(each);
    this.#branchesChanged = true;
    this.#stateChanged = true;
  }

  #reconsider(blockId: Hex32): void {
    const { index } = this.#context;
    if (this.#intake.foreign.get(blockId) !== undefined) this.#admitForeign(blockId);
    const node = index.get(blockId);
    if (node === undefined) return;
    const related = [...descendantsOf(node)];
    for (let at = node.parent; at !== null; at = at.parent) related.push(at);
    for (const each of related) {
      // What was refused is checked again from the body on.
      each.forbidden = false;
      each.invalid = null;
      index.touch(each);
    }
    for (const each of descendantsOf(node)) each.excused = true;
    this.#branchesChanged = true;
    this.#stateChanged = true;
  }

  /** Moves finality back to where the branch leaves the chain and takes its headers in: from there on the rules decide. */
  #admitForeign(blockId: Hex32): void {
    const { foreign } = this.#intake;
    const branch = [...foreign.branch(blockId), ...foreign.descendants(blockId)];
    const [first] = branch;
    if (first === undefined) return;
    this.#finalizer.retreat(first.forkHeight);
    this.#finalizer.hold(first.id);
    for (const block of branch) {
      foreign.remove(block.id);
      this.#intake.take(block.header, block.peer);
      const node = this.#context.index.get(block.id);
      if (node !== undefined) node.excused = true;
    }
  }

  /** Draws the consequences of what the event changed. */
  #settle(): void {
    this.#intake.retryWaiting();
    this.#downloads.tick();
    this.#catchUp.tick();
    this.#signatures.tick();
    if (this.#neededLoss !== null && this.#evaluations.isLossDue(this.#neededLoss.node, this.#neededLoss.dvalId))
      this.#learned();
    this.#reorganizer.hasMore = false;
    do {
      this.#verifiedSome = false;
      this.#followTarget();
      const moved = this.#tipChoice.choose();
      if (moved || this.#branchesChanged) this.#branchesMoved();
      this.#stateChanged ||= moved;
      this.#evaluations.run();
      // What the cache decided at once may have made a candidate or refused one.
    } while (this.#verifiedSome || this.#branchesChanged);
    if (this.#finalizer.advance()) {
      this.#stateChanged = true;
      // The branch that was followed may be gone.
      this.#catchUp.choose();
    }
    this.#pruner.advance();
    for (const root of this.#droppedRoots) this.#pruner.giveUp(root);
    this.#droppedRoots.clear();
    this.#prepareForMiner();
  }

  #branchesMoved(): void {
    this.#branchesChanged = false;
    this.#evaluations.newRound();
    this.#catchUp.choose();
    this.#wants.refresh();
    for (const node of [...this.#context.index.all()]) if (node.wanted) this.#advance(node);
  }

  /** While catching up: connects blocks that need no evaluation, along the branch that is followed. */
  #followTarget(): void {
    this.#moreToConnect = false;
    const { active, index } = this.#context;
    const { target } = this.#catchUp;
    if (target === null) return;
    let lastAssumed: BlockNode | null = null;
    for (const node of this.#catchUp.path()) {
      if (node.stage !== 'body' || !this.#catchUp.isAssumable(node)) break;
      index.setStage(node, 'assumed');
      this.#releaseAll(node);
      lastAssumed = node;
    }
    // Its children can be evaluated now, also where the tip does not move before they are.
    for (const child of [...(lastAssumed?.children ?? [])]) this.#advance(child);
    const branch: BlockNode[] = [];
    let fork: BlockNode = target;
    for (; !active.contains(fork); fork = fork.parent!) branch.push(fork);
    // Blocks that were themselves connected on trust give way; verified ones only to a verified branch.
    if (fork.height < active.anchor.height) return;
    let to = fork;
    for (const node of branch.reverse()) {
      if (node.stage !== 'assumed') break;
      if (node.height - fork.height > this.#context.limits.connectsPerStep) {
        this.#moreToConnect = true;
        break;
      }
      to = node;
    }
    if (to === active.tip || to === fork || !this.#reorganizer.moveTip(to).moved) return;
    this.#stateChanged = true;
    for (const child of [...active.tip.children]) this.#advance(child);
  }

  /** Before the D_val changes, our miner, and the ledger for blocks that do not change it, need the tip's loss on the next one. */
  #prepareForMiner(): void {
    const { active, unixSeconds } = this.#context;
    const { tip } = active;
    if (tip.stage !== 'verified') return;
    const dvalId = this.#dvals.ofChild(unixSeconds);
    if (dvalId !== tip.dvalId) this.#evaluations.requestLoss(tip, dvalId);
  }

  /** Everything that changed goes into one batch; facts about headers wait for one, but not for long. */
  #persist(): void {
    const { index, view, time, active, contact } = this.#context;
    const isDue = index.hasDirty && time - this.#flushedAt >= this.#context.limits.factsFlushMs;
    if (view.isEmpty && !this.#stateChanged && !isDue) return;
    index.flush();
    this.#stateChanged = false;
    this.#flushedAt = time;
    const state = {
      tip: active.tip.id,
      finalHeight: active.final.height,
      finalId: active.final.id,
      prunedHeight: this.#pruner.prunedHeight,
      clock: time,
      outages: contact.outages,
      holds: this.#finalizer.holds,
    };
    view.put('meta', STATE_KEY, encodeStateRecord(state));
    this.#slim();
  }

  /** While catching up, much is connected and nothing final: what is stored need not be in memory. */
  #slim(): void {
    const { active } = this.#context;
    const limit = active.tip.height - HEADERS_IN_MEMORY;
    for (let height = limit; height > active.final.height; height--) {
      const node = active.nodeAt(height);
      if (node === undefined || node.header === null) return;
      node.header = null;
    }
  }

  #scheduleWake(): void {
    const at = this.#nextWake();
    if (at === null || (at === this.#wakeAt && at > this.#context.now.monotonicMs)) return;
    this.#wakeAt = at;
    this.#context.emit({ type: 'wake', atMonotonicMs: at });
  }

  #nextWake(): number | null {
    const { clock, now, index, active, params } = this.#context;
    const times: number[] = [];
    if (this.#moreToConnect || this.#reorganizer.hasMore) return now.monotonicMs;
    const waiting = this.#intake.nextWaitingAt();
    if (waiting !== null) times.push(waiting);
    const chainTimes = [
      this.#downloads.nextTickAt(),
      this.#evaluations.nextTickAt(),
      this.#signatures.nextTickAt(),
      this.#catchUp.nextTickAt(),
      this.#tipChoice.nextCandidateAt(),
      this.#finalizer.nextAt(),
      index.hasDirty ? this.#flushedAt + this.#context.limits.factsFlushMs : null,
    ];
    for (const time of chainTimes) if (time !== null) times.push(clock.toMonotonic(time));
    const deadline = dvalDeadline(active.tip, params);
    const untilDeadline = deadline === null ? -1 : Number(deadline) * 1000 - now.unixMs;
    if (untilDeadline > 0) times.push(now.monotonicMs + untilDeadline);
    if (times.length === 0) return null;
    return Math.max(now.monotonicMs + LEAST_WAKE_MS, Math.ceil(Math.min(...times)));
  }
}

function* descendantsOf(node: BlockNode): Iterable<BlockNode> {
  for (const pending = [node]; pending.length > 0; ) {
    const next = pending.pop()!;
    yield next;
    pending.push(...next.children);
  }
}

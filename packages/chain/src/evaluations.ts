// Which blocks are evaluated when, and what the answers say (CON-22, CON-23). At most a few at a time; of those that are ready, one of the
// peer that has used least of it, so that junk delays nobody but its sender.

import { decodeBody } from '@resonancenet/consensus/admission-checks';
import { dvalChanges, isReserve } from '@resonancenet/consensus/dval-rotation';
import { checkEvaluation, checkParentEvaluation } from '@resonancenet/consensus/evaluation-checks';
import { explain } from '@resonancenet/consensus/explain';
import { reject } from '@resonancenet/consensus/verdict';
import { assert } from '@resonancenet/bytes/assert';
import { fromHex } from '@resonancenet/bytes/hex';
import { type BlockNode, checkpointDescription, type Invalidity } from './block-node.ts';
import { EvaluationCache } from './evaluation-cache.ts';
import type { EvaluationOutcome, Hex32, PeerId } from './events.ts';
import type { MachineContext } from './machine-context.ts';

export interface EvaluationListener {
  verified(node: BlockNode): void;
  /** Determined by bytes under the id. */
  invalid(node: BlockNode, invalidity: Invalidity): void;
  /** The block's checkpoint turned out to be damaged or missing and has to be fetched again. */
  needsChunks(node: BlockNode): void;
}

interface Job {
  readonly job: number;
  /** The block whose checkpoint is evaluated. */
  readonly node: BlockNode;
  readonly dvalId: Hex32;
  /** The block for whose sake; differs from `node` where a child needs its parent's loss on a new D_val. null: for our own miner, or the ledger. */
  readonly child: BlockNode | null;
}

export class Evaluations {
  readonly cache: EvaluationCache;
  readonly #context: MachineContext;
  readonly #listener: EvaluationListener;
  readonly #running = new Map<number, Job>();
  readonly #ready = new Set<BlockNode>();
  readonly #retryAt = new Map<BlockNode, number>();
  /** Evaluations used by each peer since the tip last moved. */
  readonly #used = new Map<PeerId, number>();
  #nextJob = 1;

  constructor(context: MachineContext, listener: EvaluationListener) {
    this.#context = context;
    this.#listener = listener;
    this.cache = new EvaluationCache(context.view);
  }

  /** A block with body, chunks and a trusted parent: verified from the cache, or queued. */
  request(node: BlockNode): void {
    if (this.#isRunningFor(node) || this.#ready.has(node)) return;
    if (!this.#decideFromCache(node)) this.#ready.add(node);
  }

  /** Nobody needs the answer any more. */
  release(node: BlockNode): void {
    this.#ready.delete(node);
    this.#retryAt.delete(node);
    for (const job of [...this.#running.values()]) {
      if (job.child !== node && job.node !== node) continue;
      this.#running.delete(job.job);
      this.#context.emit({ type: 'cancel-evaluate', job: job.job });
    }
  }

  /** A checkpoint's sums that our own evaluator computed. */
  learn(root: Hex32, dvalId: Hex32, growth: bigint, sums: readonly number[]): void {
    const { windows } = this.#context.params.dval;
    assert(sums.length === windows, `an evaluation has ${windows} window sums, not ${sums.length}`);
    this.cache.put(root, dvalId, { growth, sums });
  }

  /** A verified block's loss on another D_val: for the block that our miner builds on it, or for the ledger (LED-27). */
  requestLoss(tip: BlockNode, dvalId: Hex32): void {
    if (this.cache.get(tip.root, dvalId) !== null || this.#isDeferred(tip)) return;
    if ([...this.#running.values()].some((job) => job.node === tip && job.dvalId === dvalId)) return;
    if (!this.#context.checkpoints.isComplete(tip.root)) this.#listener.needsChunks(tip);
    else this.#start(tip, dvalId, null, null);
  }

  /** Whether a loss that was asked for has to be asked for again: its evaluation failed, and the time to try again has come. */
  isLossDue(node: BlockNode, dvalId: Hex32): boolean {
    if ([...this.#running.values()].some((job) => job.node === node && job.dvalId === dvalId)) return false;
    return !this.#isDeferred(node) && this.#context.checkpoints.isComplete(node.root);
  }

  #isDeferred(node: BlockNode): boolean {
    return (this.#retryAt.get(node) ?? 0) > this.#context.time;
  }

  /** The tip moved: everybody's turn begins anew. */
  newRound(): void {
    this.#used.clear();
  }

  outcome(id: number, outcome: EvaluationOutcome): void {
    const job = this.#running.get(id);
    if (job === undefined) return;
    this.#running.delete(id);
    // A negative answer about a file that a disk has damaged says nothing about the block: the file is hashed again first.
    if (outcome.kind === 'failed') this.#failed(job, outcome.detail);
    else if (outcome.kind === 'sums') this.#computed(job, outcome.sums);
    else if (!this.#context.checkpoints.verify(job.node.root)) this.#listener.needsChunks(job.node);
    else if (isWithoutLoss(job, outcome)) this.#computed(job, null);
    else if (job.node.stage === 'verified') this.#failed(job, `a verified checkpoint is refused: ${outcome.kind}`);
    else if (outcome.kind === 'invalid') {
      this.#listener.invalid(job.node, { code: outcome.code, detail: outcome.detail });
    } else this.#mismatch(job, outcome);
  }

  /** Starts what there is room for. */
  run(): void {
    while (this.#running.size < this.#context.options.evaluations) {
      const next = this.#choose();
      if (next === null) return;
      this.#ready.delete(next);
      this.#begin(next);
    }
  }

  nextTickAt(): number | null {
    const times = [...this.#retryAt.values()].filter((at) => at > this.#context.time);
    return times.length === 0 ? null : Math.min(...times);
  }

  #isRunningFor(node: BlockNode): boolean {
    return [...this.#running.values()].some((job) => job.child === node);
  }

  #choose(): BlockNode | null {
    const due = [...this.#ready].filter((node) => (this.#retryAt.get(node) ?? 0) <= this.#context.time);
    const rank = (node: BlockNode): number => (node.ours ? -1 : (this.#used.get(node.owner) ?? 0));
    due.sort((a, b) => rank(a) - rank(b) || a.height - b.height || a.valLoss - b.valLoss);
    return due[0] ?? null;
  }

  #begin(node: BlockNode): void {
    if (this.#decideFromCache(node)) return;
    const { checkpoints } = this.#context;
    if (!checkpoints.isComplete(node.root)) {
      this.#listener.needsChunks(node);
      return;
    }
    this.#used.set(node.owner, (this.#used.get(node.owner) ?? 0) + 1);
    const parent = node.parent!;
    if (node.dvalId !== parent.dvalId && this.cache.get(parent.root, node.dvalId) === null) {
      if (checkpoints.isComplete(parent.root)) this.#start(parent, node.dvalId, node, null);
      else this.#listener.needsChunks(parent);
      return;
    }
    this.#start(node, node.dvalId, node, this.#claimedSums(node));
  }

  #start(node: BlockNode, dvalId: Hex32, child: BlockNode | null, claimed: readonly number[] | null): void {
    const job = this.#nextJob++;
    this.#running.set(job, { job, node, dvalId, child });
    const expected = checkpointDescription(node.growth, this.#context.params);
    this.#context.emit({ type: 'evaluate', job, root: node.root, dvalId, expected, claimed });
  }

  /** Whether what is known already decides about the block, one way or the other. */
  #decideFromCache(node: BlockNode): boolean {
    const { params, index } = this.#context;
    const header = index.headerOf(node);
    const parent = node.parent!;
    if (dvalChanges(header, { dvalId: fromHex(parent.dvalId) })) {
      const known = this.cache.get(parent.root, node.dvalId);
      if (known === null) return false;
      const verdict = checkParentEvaluation(header, known.sums, parent.valLoss, params);
      if (!verdict.ok) {
        this.#listener.invalid(node, { code: verdict.code, detail: explain(verdict) });
        return true;
      }
      if (known.sums === null && !isReserve(header.dvalId, params)) {
        const detail = `the parent's checkpoint has no loss on the proposed D_val ${node.dvalId}: a value is not finite, so the proposal is void`;
        this.#listener.invalid(node, { code: 'header-dval-bounds', detail });
        return true;
      }
    }
    const known = this.cache.get(node.root, node.dvalId);
    if (known === null) return false;
    if (known.growth !== node.growth) {
      const detail = `checkpoint ${node.root} is a file of growth ${known.growth}, the block has growth ${node.growth}: give every block its own file`;
      this.#listener.invalid(node, { code: 'ckpt-wrong-metadata', detail });
      return true;
    }
    const evaluated = known.sums?.map((sum, window) => ({ window, sum })) ?? [{ window: 0, sum: null }];
    const verdict = checkEvaluation(header, this.#claimedSums(node), evaluated, params);
    if (verdict.ok) this.#listener.verified(node);
    else this.#listener.invalid(node, { code: verdict.code, detail: explain(verdict) });
    return true;
  }

  #claimedSums(node: BlockNode): readonly number[] {
    const bytes = this.#context.view.get('bodies', fromHex(node.id));
    assert(bytes !== null, `the body of block ${node.id} is stored before it is evaluated`);
    const decoded = decodeBody(bytes, this.#context.params);
    assert(decoded.ok, `the stored body of block ${node.id} was decoded before`);
    return decoded.body.windowSums;
  }

  /** `sums` null: the checkpoint has no loss there. */
  #computed(job: Job, sums: readonly number[] | null): void {
    const { node, dvalId, child } = job;
    this.#retryAt.delete(child ?? node);
    if (sums === null) this.cache.put(node.root, dvalId, { growth: node.growth, sums });
    else this.learn(node.root, dvalId, node.growth, sums);
    if (child !== null) this.request(child);
  }

  #mismatch({ node }: Job, { window, computed }: Extract<EvaluationOutcome, { readonly kind: 'mismatch' }>): void {
    const { params, index } = this.#context;
    const header = index.headerOf(node);
    const verdict = checkEvaluation(header, this.#claimedSums(node), [{ window, sum: computed }], params);
    assert(!verdict.ok, `the evaluator reports window ${window} of block ${node.id} as different, and it is not`);
    this.#listener.invalid(node, { code: verdict.code, detail: explain(verdict) });
  }

  #failed({ node, child }: Job, detail: string): void {
    const subject = child ?? node;
    this.#context.refuse(reject('evaluation-unavailable', { detail }), subject.id, null);
    this.#retryAt.set(subject, this.#context.time + this.#context.limits.evaluationRetryMs);
    if (child !== null) this.#ready.add(child);
  }
}

/** Whether a checkpoint that is good on its own D_val has no loss on another one. */
function isWithoutLoss({ node, dvalId }: Job, outcome: EvaluationOutcome): boolean {
  return outcome.kind === 'invalid' && outcome.code === 'evaluation-non-finite' && dvalId !== node.dvalId;
}

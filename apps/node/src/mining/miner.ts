// The miner as the main thread sees it: keeps the mining thread at work on the present tip, turns its candidates into blocks when their
// time has come, and records what became of each, with both numbers.

import { nats } from '@resonancenet/consensus/explain';
import { aggregateLoss, valLossOf } from '@resonancenet/consensus/loss';
import { fromHex } from '@resonancenet/bytes/hex';
import type { Hex32 } from '@resonancenet/chain/events';
import type { EvalWindow } from '@resonancenet/kernels/backend';
import type { Totals } from '@resonancenet/ledger/totals';
import type { Template } from '@resonancenet/mempool/block-template';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { Destination } from '@resonancenet/primitives/destination';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { MiningReply, MiningRequest } from '../compute/mining-messages.ts';
import type { Shortfall } from '../compute/mining-session.ts';
import { type AssembledBlock, assembleBlock } from './assemble-block.ts';
import {
  type DvalAt,
  type EvaluatedSums,
  earliestTimestamp,
  maxTotal,
  type NextBlock,
  nextBlock,
  type ParentLosses,
  settleNextBlock,
} from './next-block.ts';

/** What the miner needs of the rest of the node. */
export interface MinerPorts {
  tip(): Hex32;
  header(id: Hex32): BlockHeader | null;
  /** Of the tip's state. */
  totals(): Totals;
  /** Window sums of a block's checkpoint on its own D_val; null for genesis, which has no body. */
  windowSums(id: Hex32): readonly number[] | null;
  checkpointPath(root: Hex32): string | null;
  windows(dvalId: Hex32): readonly EvalWindow[];
  /** For children of the present tip. */
  readonly dvalAt: DvalAt;
  /** How our blocks vote on a proposed set. */
  vote(): DvalVote;
  /** Transactions for a block on this parent; null if it is not the tip any more. */
  template(parent: Hex32): Template | null;
  /** All window sums of a checkpoint on a D_val. */
  evaluate(header: BlockHeader, dvalId: Hex32): Promise<EvaluatedSums>;
  /** Takes a finished checkpoint file into the store. */
  adopt(path: string, root: Hex32, leaves: readonly Uint8Array[]): void;
  submit(block: AssembledBlock, root: Hex32): void;
  send(request: MiningRequest): void;
  /** Tells what became of a candidate that no other news is about. */
  tell(line: string): void;
  unixMs(): number;
  /** Calls back after a delay; the returned function cancels. */
  later(ms: number, work: () => void): () => void;
}

export interface MinerOptions {
  readonly params: NetworkParams;
  /** Whom a block that is begun now pays. */
  readonly payTo: () => Destination;
  readonly minerKey: Uint8Array;
}

interface Work {
  readonly id: number;
  readonly tip: Hex32;
  readonly parent: BlockHeader;
  readonly next: NextBlock;
  readonly parentLoss: number;
  readonly totals: Totals;
  readonly losses: ParentLosses;
}

interface Held {
  readonly work: Work;
  readonly root: Hex32;
  readonly sums: readonly number[];
  readonly valLoss: number;
}

const historyLength = 50;
/** Candidates come at most this many targets late. */
const rememberedWork = 8;
/** Until the tip is evaluated again where that failed. */
const retryMs = 5000;

export class Miner {
  readonly #ports: MinerPorts;
  readonly #options: MinerOptions;
  readonly #history: string[] = [];
  /** Parents evaluated on a D_val that is not theirs, and genesis: key `root:dval`. */
  readonly #parentSums = new Map<string, readonly number[] | 'none'>();
  #enabled = false;
  #waiting: string | null = 'the node is starting';
  #work: Work | null = null;
  /** The last targets, the present one among them. */
  readonly #works: Work[] = [];
  #nextWorkId = 1;
  #held: Held | null = null;
  /** Root of the last block we submitted: if it becomes the tip, training goes on in full precision. */
  #submitted: Hex32 | null = null;
  #threadHasModel = false;
  /** Why there is no mining thread any more. */
  #failure: string | null = null;
  #cancelTimer: () => void = () => {};
  #retargeting = 0;
  readonly stats = {
    tokensPerSecond: 0,
    trainLoss: null as number | null,
    learningRate: 1,
    looks: 0,
    lastLook: null as string | null,
    blocksFound: 0,
  };

  constructor(options: MinerOptions, ports: MinerPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  get waiting(): string | null {
    return this.#failure ?? this.#waiting;
  }

  /** Why it will not mine again before the node is started anew; null while it can. */
  get failure(): string | null {
    return this.#failure;
  }

  get history(): readonly string[] {
    return this.#history;
  }

  /** Adds a line to what `getmininginfo` tells. */
  note(line: string): void {
    this.#history.unshift(line);
    this.#history.length = Math.min(this.#history.length, historyLength);
  }

  /** Starts or pauses; `reason` says why it does not mine. */
  setEnabled(enabled: boolean, reason: string | null): void {
    if (this.#failure !== null) return;
    this.#waiting = enabled ? null : reason;
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    if (enabled) void this.retarget();
    else {
      this.#work = null;
      this.#held = null;
      this.#cancelTimer();
      this.#ports.send({ type: 'pause' });
    }
  }

  /** The tip has changed, or time has: works out what the next block must be and sets the thread to it. */
  async retarget(): Promise<void> {
    if (!this.#enabled) return;
    this.#retargeting += 1;
    const turn = this.#retargeting;
    const { params } = this.#options;
    const tip = this.#ports.tip();
    const totals = this.#ports.totals();
    const parent = this.#ports.header(tip);
    if (parent === null) return;
    const settled = await settleNextBlock(
      parent,
      (losses) => this.#nextBlock(parent, losses),
      (dvalId) => this.#sumsOf(tip, parent, dvalId),
      params,
    );
    // While the parent was being evaluated, the tip or the target may have changed again.
    if (turn !== this.#retargeting || !this.#enabled) return;
    if (settled === null) {
      this.#cancelTimer();
      this.#cancelTimer = this.#ports.later(retryMs, () => void this.retarget());
      return;
    }
    const { next, sums, losses } = settled;
    const parentLoss = next.dvalChanges ? aggregateLoss(sums, params.dval.windowSize).valLoss : parent.valLoss;
    const work: Work = { id: this.#nextWorkId, tip, parent, next, parentLoss, totals, losses };
    this.#nextWorkId += 1;
    const start = this.#startOf(parent, tip);
    if (start === undefined) {
      this.#waiting = 'the tip’s checkpoint is not here yet';
      return;
    }
    this.#waiting = null;
    if (this.#held !== null) this.#noteTooLate(this.#held.work, this.#held.valLoss);
    this.#work = work;
    this.#works.unshift(work);
    this.#works.length = Math.min(this.#works.length, rememberedWork);
    this.#held = null;
    this.#ports.send({
      type: 'work',
      target: {
        id: work.id,
        shape: next.shape,
        growth: Number(next.growth),
        growthSeed: fromHex(tip),
        windows: this.#ports.windows(next.dvalId),
        parentSums: sums,
        maxTotal: maxTotal(parentLoss - params.lossStep, params),
      },
      start,
      tipMs: Number(parent.timestamp) * 1000 - this.#clockOffset(),
      lookFromMs: Number(earliestTimestamp(parent, params)) * 1000 - this.#clockOffset(),
    });
    this.#threadHasModel = true;
    this.#schedule();
  }

  onReply(reply: MiningReply): void {
    switch (reply.type) {
      case 'ready':
        return;
      case 'progress':
        this.stats.tokensPerSecond = reply.tokensPerSecond;
        this.stats.trainLoss = reply.loss;
        return;
      case 'no-improvement':
        this.stats.looks += 1;
        this.stats.learningRate = reply.rate;
        this.stats.lastLook = this.#describeLook(reply.target, reply.look);
        return;
      case 'candidate':
        this.stats.looks += 1;
        this.#onCandidate(reply);
        return;
      case 'failed':
        this.setEnabled(false, null);
        this.#failure = `the mining thread failed: ${reply.message}`;
        this.note(this.#failure);
        return;
    }
  }

  close(): void {
    this.#enabled = false;
    this.#cancelTimer();
  }

  #unixSeconds(): bigint {
    return BigInt(Math.floor(this.#ports.unixMs() / 1000));
  }

  /** Milliseconds that the node's clock is ahead of the system's (networks with a test clock). */
  #clockOffset(): number {
    return this.#ports.unixMs() - Date.now();
  }

  #nextBlock(parent: BlockHeader, losses: ParentLosses): NextBlock {
    const { params } = this.#options;
    return nextBlock(parent, this.#unixSeconds(), params, (timestamp) => this.#ports.dvalAt(timestamp, losses));
  }

  async #sumsOf(tip: Hex32, parent: BlockHeader, dvalId: Hex32): Promise<EvaluatedSums> {
    const own = Buffer.from(parent.dvalId).toString('hex') === dvalId ? this.#ports.windowSums(tip) : null;
    if (own !== null) return own;
    const key = `${tip}:${dvalId}`;
    const known = this.#parentSums.get(key);
    if (known !== undefined) return known;
    this.#waiting = 'the tip is being evaluated on the next validation set';
    const sums = await this.#ports.evaluate(parent, dvalId);
    if (sums !== null) {
      for (const old of this.#parentSums.keys()) if (!old.startsWith(tip)) this.#parentSums.delete(old);
      this.#parentSums.set(key, sums);
    }
    return sums;
  }

  /** null: go on with the thread's own weights; undefined: impossible now. */
  #startOf(parent: BlockHeader, tip: Hex32): Extract<MiningRequest, { type: 'work' }>['start'] | undefined {
    const root = Buffer.from(parent.checkpointRoot).toString('hex');
    if (this.#threadHasModel && (root === this.#submitted || this.#work?.tip === tip)) return null;
    const path = this.#ports.checkpointPath(root);
    return path === null ? undefined : { path };
  }

  #onCandidate(reply: Extract<MiningReply, { type: 'candidate' }>): void {
    const { valLoss } = aggregateLoss(reply.sums, this.#options.params.dval.windowSize);
    const work = this.#work;
    if (work === null || work.id !== reply.target) {
      const missed = this.#works.find(({ id }) => id === reply.target);
      if (missed !== undefined) this.#noteTooLate(missed, valLoss);
      return;
    }
    this.#ports.adopt(reply.path, reply.root, reply.leaves);
    this.stats.lastLook = `a block: ${nats(valLoss)}, needed ${nats(work.parentLoss - this.#options.params.lossStep)} or less`;
    this.#held = { work, root: reply.root, sums: reply.sums, valLoss };
    this.#publishIfDue();
  }

  /** A candidate for a height that another block has taken meanwhile. It may be the better one and still not count: the miner was not done in time. */
  #noteTooLate(missed: Work, valLoss: number): void {
    const tip = this.#ports.tip();
    const rival = this.#ports.header(tip);
    // The same parent, but time has changed the target: the weights are looked at again for the new one.
    if (rival === null || tip === missed.tip) return;
    const height = missed.parent.height + 1;
    const line = `not published: our ${nats(valLoss)} for height ${height} came after the tip had moved to block ${tip.slice(0, 12)} of height ${rival.height} with ${nats(rival.valLoss)}; the next one needs ${nats(rival.valLoss - this.#options.params.lossStep)} or less`;
    this.note(line);
    this.#ports.tell(line);
  }

  #describeLook(target: number, { windows, total, parentTotal }: Shortfall): string | null {
    const work = this.#works.find(({ id }) => id === target);
    if (work === undefined) return null;
    const { dval, lossStep } = this.#options.params;
    const parentLoss = valLossOf(parentTotal, windows * dval.windowSize);
    const found = total === null ? 'values that are not finite' : nats(valLossOf(total, windows * dval.windowSize));
    return `no block yet: ${found} on ${windows} of ${dval.windows} windows, where the tip has ${nats(parentLoss)} and a block needs ${nats(parentLoss - lossStep)} or less`;
  }

  /** Publishes the held candidate as soon as spacing allows. */
  #publishIfDue(): void {
    const held = this.#held;
    if (held === null || held.work !== this.#work) return;
    const { params, payTo, minerKey } = this.#options;
    const { parent, parentLoss, totals } = held.work;
    if (this.#unixSeconds() < earliestTimestamp(parent, params)) {
      this.#schedule();
      return;
    }
    const template = this.#ports.template(held.work.tip);
    // The tip has moved: the target follows in a moment.
    if (template === null) return;
    const next = this.#nextBlock(parent, held.work.losses);
    if (next.growth !== held.work.next.growth || next.dvalId !== held.work.next.dvalId) {
      void this.retarget();
      return;
    }
    this.#held = null;
    this.#submitted = held.root;
    const block = assembleBlock({
      params,
      parent,
      timestamp: next.timestamp,
      dvalId: fromHex(next.dvalId),
      dvalVote: this.#ports.vote(),
      checkpointRoot: fromHex(held.root),
      windowSums: held.sums,
      parentLoss,
      totals,
      template,
      payTo: payTo(),
      minerKey,
    });
    this.stats.blocksFound += 1;
    this.note(
      `found block ${block.header.height}: ${nats(held.valLoss)} against the parent's ${nats(parentLoss)}, needed ${nats(parentLoss - params.lossStep)} or less`,
    );
    this.#ports.submit(block, held.root);
  }

  /** Wakes up when the held candidate may be published, or when the target changes by time. */
  #schedule(): void {
    this.#cancelTimer();
    const work = this.#work;
    if (work === null) return;
    const nowMs = this.#ports.unixMs();
    const due: number[] = [];
    if (this.#held !== null) due.push(Number(earliestTimestamp(work.parent, this.#options.params)) * 1000 - nowMs);
    if (work.next.changesAt !== null) due.push(Number(work.next.changesAt) * 1000 - nowMs);
    if (due.length === 0) return;
    this.#cancelTimer = this.#ports.later(Math.max(5, Math.min(...due)), () => {
      const now = this.#unixSeconds();
      if (work.next.changesAt !== null && now >= work.next.changesAt) void this.retarget();
      else this.#publishIfDue();
    });
  }
}

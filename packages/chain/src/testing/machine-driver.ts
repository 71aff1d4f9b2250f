// A chain machine with stores in memory, a clock that the test sets, and a table of truths in place of the evaluator. It carries out
// actions as a node does and keeps them for the test to look at.

import { assert } from '@resonancenet/bytes/assert';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { ChainMachine } from '../chain-machine.ts';
import { type ChainDependencies, createChain } from '../create-chain.ts';
import type { ChainAction, ChainEvent, EvaluationOutcome, Hex32, Now, PeerId, SignatureOutcome } from '../events.ts';
import { MemoryChainStore, MemoryCheckpointStore } from '../memory-store.ts';
import type { ChainStore, CheckpointStore } from '../ports.ts';
import type { SampleBlock } from './sample-blocks.ts';
import { verifyAll } from './verify-all.ts';

type ActionOf<T extends ChainAction['type']> = Extract<ChainAction, { readonly type: T }>;

export interface DriverOptions {
  readonly params: NetworkParams;
  readonly store?: ChainStore;
  readonly checkpoints?: CheckpointStore;
  readonly options?: ChainDependencies['options'];
  readonly limits?: ChainDependencies['limits'];
  readonly ledger?: ChainDependencies['ledger'];
  /** Milliseconds since genesis at the start. */
  readonly startMs?: number;
  readonly inSync?: boolean;
}

export class MachineDriver {
  readonly params: NetworkParams;
  readonly store: ChainStore;
  readonly checkpoints: CheckpointStore;
  readonly genesis: ReturnType<typeof genesisHeader>;
  /** Everything that the machine said, in order. */
  readonly log: ChainAction[] = [];
  /** Answers evaluations as they are asked for; else the test does, from `jobs`. */
  autoEvaluate = true;
  readonly jobs: ActionOf<'evaluate'>[] = [];
  /** Checks signatures as they are asked for; else the test answers, from `signatureJobs`. */
  autoVerify = true;
  readonly signatureJobs: ActionOf<'verify-signatures'>[] = [];
  readonly #truths = new Map<string, readonly number[] | EvaluationOutcome>();
  readonly #options: DriverOptions;
  machine: ChainMachine;
  unixMs: number;
  monotonicMs: number;
  #wakeAt: number | null = null;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.params = options.params;
    this.store = options.store ?? new MemoryChainStore();
    this.checkpoints = options.checkpoints ?? new MemoryCheckpointStore();
    this.genesis = genesisHeader(options.params);
    this.unixMs = Number(this.genesis.timestamp) * 1000 + (options.startMs ?? 15_000);
    this.monotonicMs = 1_000;
    this.machine = this.#create();
    this.step({ type: 'tick' });
    if (options.inSync ?? true) this.step({ type: 'in-sync', value: true });
  }

  now(): Now {
    return { unixMs: this.unixMs, monotonicMs: this.monotonicMs };
  }

  /** A new machine on what the store holds, `downMs` later; the monotonic clock starts anew. */
  restart(downMs = 1000, inSync = true): void {
    this.unixMs += downMs;
    this.monotonicMs = 5;
    this.#wakeAt = null;
    this.jobs.length = 0;
    this.signatureJobs.length = 0;
    this.machine = this.#create();
    this.step({ type: 'tick' });
    if (inSync) this.step({ type: 'in-sync', value: true });
  }

  step(event: ChainEvent): ChainAction[] {
    const actions = this.machine.step(event, this.now());
    this.log.push(...actions);
    for (const action of actions) this.#perform(action);
    const answers = this.#drainJobs();
    return [...actions, ...answers];
  }

  /** Lets time pass, waking the machine as it asked. */
  wait(ms: number): ChainAction[] {
    const actions: ChainAction[] = [];
    const end = this.monotonicMs + ms;
    while (this.#wakeAt !== null && this.#wakeAt <= end) {
      this.#advance(Math.max(0, this.#wakeAt - this.monotonicMs));
      this.#wakeAt = null;
      actions.push(...this.step({ type: 'tick' }));
    }
    this.#advance(end - this.monotonicMs);
    actions.push(...this.step({ type: 'tick' }));
    return actions;
  }

  /** What the evaluator will find. */
  setTruth(root: Hex32, dvalId: Hex32, truth: readonly number[] | EvaluationOutcome): void {
    this.#truths.set(`${root} ${dvalId}`, truth);
  }

  header(block: SampleBlock, peer: PeerId = 'peer'): ChainAction[] {
    return this.step({ type: 'header', header: block.header, peer });
  }

  body(block: SampleBlock, peer: PeerId = 'peer'): ChainAction[] {
    return this.step({ type: 'body', blockId: block.id, bytes: block.body, peer });
  }

  chunk(block: SampleBlock, index: number, peer: PeerId = 'peer'): ChainAction[] {
    const { bytes, branch } = block.file.chunks[index]!;
    return this.step({ type: 'chunk', root: block.file.root, index, branch, bytes, peer });
  }

  chunks(block: SampleBlock, peer: PeerId = 'peer'): ChainAction[] {
    return block.file.chunks.flatMap((_, index) => this.chunk(block, index, peer));
  }

  /** Registers the truth of a block's checkpoint as the block claims it. */
  believe(...blocks: readonly SampleBlock[]): void {
    for (const block of blocks) this.setTruth(block.file.root, hexOf(block.header.dvalId), block.sums);
  }

  /** Delivers a whole, honest block. */
  deliver(block: SampleBlock, peer: PeerId = 'peer'): ChainAction[] {
    this.believe(block);
    return [...this.header(block, peer), ...this.body(block, peer), ...this.chunks(block, peer)];
  }

  /** Delivers blocks, waiting as long after each as their timestamps lie apart. */
  grow(blocks: readonly SampleBlock[], peer: PeerId = 'peer'): ChainAction[] {
    return blocks.flatMap((block) => [...this.deliver(block, peer), ...this.wait(1000 * this.params.spacingBase)]);
  }

  get tip(): Hex32 {
    return this.machine.tip().id;
  }

  get height(): number {
    return this.machine.tip().height;
  }

  /** Actions of one kind in the whole log, or in a list. */
  all<T extends ChainAction['type']>(type: T, actions: readonly ChainAction[] = this.log): ActionOf<T>[] {
    return actions.filter((action): action is ActionOf<T> => action.type === type);
  }

  /** Codes refused, in order. */
  refusals(actions: readonly ChainAction[]): string[] {
    return this.all('refused', actions).map(({ code }) => code);
  }

  /** Answers a job that the test holds. */
  answer(job: ActionOf<'evaluate'>, outcome: EvaluationOutcome = this.#evaluate(job)): ChainAction[] {
    const at = this.jobs.indexOf(job);
    assert(at >= 0, 'the job is open');
    this.jobs.splice(at, 1);
    return this.step({ type: 'evaluated', job: job.job, outcome });
  }

  /** Answers signatures that the test holds. */
  answerSignatures(
    job: ActionOf<'verify-signatures'>,
    outcome: SignatureOutcome = verifyAll(job.checks),
  ): ChainAction[] {
    const at = this.signatureJobs.indexOf(job);
    assert(at >= 0, 'the job is open');
    this.signatureJobs.splice(at, 1);
    return this.step({ type: 'signatures', job: job.job, outcome });
  }

  #create(): ChainMachine {
    const { params, options = {}, limits = {}, ledger } = this.#options;
    const { store, checkpoints } = this;
    const dependencies = { params, store, checkpoints, options, limits };
    return createChain(ledger === undefined ? dependencies : { ...dependencies, ledger }, this.now());
  }

  #advance(ms: number): void {
    this.monotonicMs += ms;
    this.unixMs += ms;
  }

  #perform(action: ChainAction): void {
    if (action.type === 'persist') this.store.write(action.batch);
    else if (action.type === 'delete-checkpoint') this.checkpoints.delete(action.root);
    else if (action.type === 'evaluate') this.jobs.push(action);
    else if (action.type === 'verify-signatures') this.signatureJobs.push(action);
    else if (action.type === 'cancel-evaluate') {
      const at = this.jobs.findIndex(({ job }) => job === action.job);
      if (at >= 0) this.jobs.splice(at, 1);
    } else if (action.type === 'wake')
      this.#wakeAt = Math.min(this.#wakeAt ?? Number.POSITIVE_INFINITY, action.atMonotonicMs);
  }

  #drainJobs(): ChainAction[] {
    const actions: ChainAction[] = [];
    while (this.autoEvaluate && this.jobs.length > 0) actions.push(...this.answer(this.jobs[0]!));
    while (this.autoVerify && this.signatureJobs.length > 0)
      actions.push(...this.answerSignatures(this.signatureJobs[0]!));
    return actions;
  }

  #evaluate({ root, dvalId, claimed }: ActionOf<'evaluate'>): EvaluationOutcome {
    const truth = this.#truths.get(`${root} ${dvalId}`);
    if (truth === undefined) return { kind: 'failed', detail: `the test gives no truth for ${root} on ${dvalId}` };
    if ('kind' in truth) return truth;
    const window = truth.findIndex((sum, index) => claimed !== null && claimed[index] !== sum);
    return window < 0 || claimed === null
      ? { kind: 'sums', sums: truth }
      : { kind: 'mismatch', window, claimed: claimed[window]!, computed: truth[window]! };
  }
}

function hexOf(bytes: Uint8Array): Hex32 {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

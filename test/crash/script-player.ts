// Plays the script on a chain machine with the given stores, as a node would that meets the same peers again after every restart.

import { createChain } from '@resonancenet/chain/create-chain';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { ChainAction, ChainEvent } from '@resonancenet/chain/events';
import type { Ledger } from '@resonancenet/chain/ledger';
import { isRebuildPending, LedgerRebuild } from '@resonancenet/chain/ledger-rebuild';
import type { ChainStore } from '@resonancenet/chain/ports';
import { exportSnapshot } from '@resonancenet/chain/snapshot-export';
import { importSnapshot } from '@resonancenet/chain/snapshot-import';
import { readSnapshotEntries, readSnapshotHeader } from '@resonancenet/chain/snapshot-reader';
import { verifyAll } from '@resonancenet/chain/testing/verify-all';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { CheckpointFiles } from '@resonancenet/storage/checkpoint-files';
import type { FileLayer } from '@resonancenet/storage/file-layer';
import { openSnapshot, SnapshotFile } from '@resonancenet/storage/snapshot-file';
import { type CrashScript, crashParams, type ScriptBlock, type ScriptStep } from './crash-script.ts';

export interface PlayerHost {
  /** Where snapshots are written. */
  readonly layer: FileLayer;
  readonly snapshotPath: string;
  readonly store: ChainStore;
  readonly checkpoints: CheckpointFiles;
  /** The network's rules unless given: of the chain, and of a rebuild. */
  readonly ledger?: Ledger;
  readonly rebuildLedger?: Ledger;
  /** Puts a file where our miner leaves it and returns its path. */
  placeMinedFile(bytes: Uint8Array): string;
  /** The machine runs and has completed what a crash cut off; nothing of the script was played yet. */
  started(machine: ChainMachine): void;
  /** Carried out after everything that came before it, `persist` included. */
  action(action: ChainAction): void;
  /** The step and all its consequences are done. */
  progress(step: number): void;
}

type EvaluateAction = Extract<ChainAction, { readonly type: 'evaluate' }>;

/** Milliseconds per step: far from the time at which the validation set would change. */
const STEP_MS = 10;

export class ScriptPlayer {
  readonly #script: CrashScript;
  readonly #host: PlayerHost;
  readonly machine: ChainMachine;
  readonly #announced = new Set<string>();
  readonly #wantedBodies = new Set<string>();
  readonly #wantedRoots = new Set<string>();
  #elapsedMs = 0;
  readonly #startMs = Number(genesisHeader(crashParams).timestamp) * 1000 + 1000;

  constructor(script: CrashScript, host: PlayerHost) {
    this.#script = script;
    this.#host = host;
    const { store, checkpoints, ledger } = host;
    // As a node does: what rebuilding a crash cut off is finished first.
    if (isRebuildPending(store)) this.#rebuild();
    if (host.layer.sizeOf(host.snapshotPath) !== null) this.#checkSnapshot();
    const own = ledger === undefined ? {} : { ledger };
    this.machine = createChain({ params: crashParams, store, checkpoints, ...own }, this.#now());
    this.#step({ type: 'tick' });
    // Out of contact nobody is late: which branch wins does not depend on when a crash made us hear of it again.
    this.#step({ type: 'contact', value: false, sinceMonotonicMs: 0 });
    this.#step({ type: 'in-sync', value: true });
    host.started(this.machine);
  }

  /** Plays from a step on; what peers told before it is told again, what the operator said is not. */
  play(from: number): void {
    for (const [index, step] of this.#script.steps.entries()) {
      if (index >= from || step.do === 'announce') this.#play(step);
      if (index >= from) this.#host.progress(index);
    }
  }

  #play(step: ScriptStep): void {
    switch (step.do) {
      case 'rebuild':
        this.#rebuild();
        return;
      case 'export':
        this.#export();
        return;
      case 'import':
        this.#import();
        return;
      case 'wait':
        this.#elapsedMs += step.ms;
        this.#step({ type: 'tick' });
        return;
      default:
        this.#playBlock(step);
    }
  }

  #playBlock(step: Extract<ScriptStep, { readonly block: number }>): void {
    const block = this.#script.blocks[step.block]!;
    const blockId = block.id;
    this.#elapsedMs += STEP_MS;
    switch (step.do) {
      case 'announce':
        this.#announced.add(blockId);
        this.#step({ type: 'header', header: block.header, peer: 'peer' });
        this.#send(block);
        return;
      case 'mine': {
        if (this.machine.isVerified(blockId)) return;
        this.#host.checkpoints.importFile(this.#host.placeMinedFile(block.file()));
        const evaluation = { dvalId: block.dvalId, growth: block.header.growth, sums: block.truth };
        this.#step({ type: 'checkpoint-stored', root: block.root, evaluation });
        this.#step({ type: 'header', header: block.header, peer: null });
        this.#step({ type: 'body', blockId, bytes: block.body, peer: null });
        return;
      }
      case 'invalidate':
      case 'reconsider':
        this.#step({ type: step.do, blockId });
        return;
      default:
        step satisfies never;
    }
  }

  #rebuild(): void {
    const { store, rebuildLedger: ledger } = this.#host;
    const own = ledger === undefined ? {} : { ledger };
    const work = new LedgerRebuild({ params: crashParams, store, transactionIndex: false, changesPerStep: 60, ...own });
    while (!work.step());
  }

  #export(): void {
    const { store, layer, snapshotPath } = this.#host;
    const snapshot = store.snapshot();
    const file = new SnapshotFile(snapshotPath, layer);
    drain(exportSnapshot(snapshot, crashParams, (part) => file.write(part)));
    snapshot.close();
    file.finish();
  }

  #import(): void {
    const { store, layer, snapshotPath } = this.#host;
    const source = openSnapshot(snapshotPath, layer);
    const result = drain(
      importSnapshot({ params: crashParams, store, source, stateHash: this.#checkSnapshot(), changesPerStep: 60 }),
    );
    if (!result.ok) throw new Error(`The snapshot is refused: ${result.code}, ${result.detail}`);
    this.#rebuild();
  }

  /** A snapshot that has its name is whole; its state hash. */
  #checkSnapshot(): Uint8Array {
    const source = openSnapshot(this.#host.snapshotPath, this.#host.layer);
    const start = readSnapshotHeader(source);
    if (!start.ok) throw new Error(`A snapshot is found damaged: ${start.code}`);
    const { header } = start;
    const refusal = drain(readSnapshotEntries(source, header, header.stateHash, () => undefined));
    if (refusal !== null) throw new Error(`A snapshot is found damaged: ${refusal.code}, ${refusal.detail}`);
    return header.stateHash;
  }

  #step(event: ChainEvent): void {
    const actions = this.machine.step(event, this.#now());
    for (const action of actions) {
      if (action.type === 'persist') this.#host.store.write(action.batch);
      else if (action.type === 'delete-checkpoint') this.#host.checkpoints.delete(action.root);
      this.#host.action(action);
    }
    for (const action of actions) this.#respond(action);
  }

  /** What the evaluator and peers answer; what no peer has announced yet is answered when one does. */
  #respond(action: ChainAction): void {
    if (action.type === 'evaluate') this.#evaluate(action);
    else if (action.type === 'verify-signatures')
      this.#step({ type: 'signatures', job: action.job, outcome: verifyAll(action.checks) });
    else if (action.type === 'want-body') {
      this.#wantedBodies.add(action.blockId);
      this.#send(this.#script.blocks.find(({ id }) => id === action.blockId)!);
    } else if (action.type === 'want-chunks') {
      this.#wantedRoots.add(action.root);
      this.#send(this.#script.blocks.find(({ root }) => root === action.root)!);
    } else if (action.type === 'unwant') this.#wantedRoots.delete(action.root);
  }

  #send(block: ScriptBlock): void {
    const { id, root } = block;
    if (!this.#announced.has(id)) return;
    if (this.#wantedBodies.delete(id)) this.#step({ type: 'body', blockId: id, bytes: block.body, peer: 'peer' });
    if (!this.#wantedRoots.delete(root)) return;
    // The last chunk first: a file begins with a hole.
    for (const index of this.machine.missingChunks(root).toReversed()) {
      const branch = block.branches[index]!;
      this.#step({ type: 'chunk', root, index, branch, bytes: block.chunk(index), peer: 'peer' });
    }
  }

  /** A checkpoint has the same loss on all validation sets. */
  #evaluate({ job, root, claimed }: EvaluateAction): void {
    const block = this.#script.blocks.find((each) => each.root === root);
    if (block === undefined) throw new Error(`The script knows no evaluation of ${root}.`);
    const window = claimed === null ? -1 : block.truth.findIndex((sum, index) => sum !== claimed[index]);
    this.#step({
      type: 'evaluated',
      job,
      outcome:
        window < 0
          ? { kind: 'sums', sums: block.truth }
          : { kind: 'mismatch', window, claimed: claimed![window]!, computed: block.truth[window]! },
    });
  }

  #now(): { readonly unixMs: number; readonly monotonicMs: number } {
    return { unixMs: this.#startMs + this.#elapsedMs, monotonicMs: this.#elapsedMs };
  }
}

/** Runs a generator to its end. */
function drain<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const turn = work.next();
    if (turn.done === true) return turn.value;
  }
}

// One node of the simulation: the real chain and node machines, stores in memory, and a miner that needs no training.

import { decode } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import { createChain } from '@resonancenet/chain/create-chain';
import type { Hex32, Now } from '@resonancenet/chain/events';
import type { ChainOptions } from '@resonancenet/chain/machine-context';
import { MemoryChainStore, MemoryCheckpointStore } from '@resonancenet/chain/memory-store';
import { SignatureCache } from '@resonancenet/chain/signature-cache';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { sumsFor } from '@resonancenet/consensus/testing/sample-chain';
import { verifyAll } from '@resonancenet/chain/testing/verify-all';
import { publicKey } from '@resonancenet/crypto/ed25519';
import type { CloseReason } from '@resonancenet/p2p/close-code';
import { mempoolLimits } from '@resonancenet/mempool/mempool-limits';
import { MempoolMachine } from '@resonancenet/mempool/mempool-machine';
import type { BlockSource } from '@resonancenet/mempool/tip-change';
import { type NodeAction, type NodeEvent, NodeMachine, type NodeOptions } from '@resonancenet/p2p/node-machine';
import { type Network, type Participant, START_UNIX_MS } from '@resonancenet/p2p/testing/network';
import type { SeededRandom } from '@resonancenet/p2p/testing/seeded-random';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { bodyCodec } from '@resonancenet/primitives/block';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { type MadeBlock, makeBlock } from './make-block.ts';
import { evaluate, lossOfCheckpoint } from './oracle.ts';

/** Blocks of a simulation have room for all of its transactions. */
const TEMPLATE_LIMITS = { maxBytes: 500_000, maxSignatures: 5_000 };

export interface MinerModel {
  /** Mean time to a block after the spacing is over, milliseconds. */
  readonly meanMs: number;
  /** Improvement of a block, micro-nats: uniform between the two. */
  readonly gain: readonly [low: number, high: number];
}

export interface SimNodeOptions {
  readonly name: string;
  readonly params: NetworkParams;
  readonly addresses: readonly string[];
  readonly miner: MinerModel | null;
  /** Of the wall clock. */
  readonly skewMs: number;
  /** Milliseconds that an evaluation takes: uniform between the two. */
  readonly evaluationMs: readonly [number, number];
  readonly machine?: Partial<NodeOptions>;
  readonly chain?: Partial<ChainOptions>;
  /** What its blocks vote; nothing unless given. */
  readonly vote?: () => DvalVote;
  /** Sees every action of the node. */
  readonly watch?: (node: SimNode, action: NodeAction) => void;
}

type ActionOf<T extends NodeAction['type']> = Extract<NodeAction, { readonly type: T }>;

export class SimNode implements Participant {
  readonly name: string;
  readonly params: NetworkParams;
  readonly store: MemoryChainStore = new MemoryChainStore();
  readonly checkpoints: MemoryCheckpointStore = new MemoryCheckpointStore();
  readonly key: Uint8Array;
  readonly alarms: ActionOf<'alarm'>[] = [];
  readonly refusals: ActionOf<'refused'>[] = [];
  /** Connections that ended for a fault of the other side. */
  readonly faults: CloseReason[] = [];
  /** All connections that ended. */
  readonly gone: CloseReason[] = [];
  /** Ids of final blocks by height, as this node said it. */
  readonly finals: Map<number, Hex32> = new Map();
  /** Most blocks that one change of the tip took back. */
  deepestReorganisation = 0;
  blocksMade = 0;
  chain: ChainMachine;
  machine: NodeMachine;
  pool: MempoolMachine;
  readonly #options: SimNodeOptions;
  readonly #network: Network;
  readonly #random: SeededRandom;
  readonly #staticSecret: Uint8Array;
  #mayMine = false;
  #isUp = true;
  #attempt = 0;
  #jobs = new Set<number>();

  constructor(options: SimNodeOptions, network: Network, random: SeededRandom) {
    this.name = options.name;
    this.params = options.params;
    this.#options = options;
    this.#network = network;
    this.#random = random;
    this.key = random.bytes(32);
    this.#staticSecret = random.bytes(32);
    [this.chain, this.pool, this.machine] = this.#create();
    network.add(this.name, this, (action) => this.#perform(action), options.skewMs);
  }

  get tip(): Hex32 {
    return this.chain.tip().id;
  }

  /** What its blocks are signed with. */
  get publicKey(): Uint8Array {
    return publicKey(this.key);
  }

  get height(): number {
    return this.chain.tip().height;
  }

  step(event: NodeEvent, now: Now): NodeAction[] {
    return this.machine.step(event, now);
  }

  give(event: NodeEvent): void {
    this.#network.step(this.name, event);
  }

  /** Stops as a crash does; what was stored stays. */
  crash(): void {
    this.#isUp = false;
    this.#attempt += 1;
    this.#jobs.clear();
    this.#network.crash(this.name);
  }

  /** Starts again on what was stored. */
  restart(): void {
    this.#isUp = true;
    this.#mayMine = false;
    [this.chain, this.pool, this.machine] = this.#create();
    this.#network.add(this.name, this, (action) => this.#perform(action), this.#options.skewMs);
  }

  /** A block of this node's miner. Nobody is told. */
  make(parent: BlockHeader, timestamp: bigint, gain: number): MadeBlock {
    return makeBlock({ parent, timestamp, gain, key: this.key, seed: this.#random.u32() }, this.params);
  }

  /** Finds a block on the tip and shows it, unless this node may not mine now. `gain`: micro-nats. */
  mineOnTip(gain: () => number): boolean {
    const timestamp = BigInt(Math.floor(this.#now().unixMs / 1000));
    const { earliest, totals } = this.chain.expectedChild(timestamp);
    const dval = this.#dvalOfChild(timestamp);
    if (!this.#isUp || !this.#mayMine || dval === null || timestamp < earliest) return false;
    const wish = { parent: this.chain.tip().header, timestamp, gain: gain(), key: this.key, seed: this.#random.u32() };
    const template = this.pool.selectTransactions(TEMPLATE_LIMITS);
    const vote = this.#options.vote === undefined ? {} : { dvalVote: this.#options.vote() };
    this.submit(makeBlock({ ...wish, ...dval, ...vote, template, totals }, this.params));
    return true;
  }

  /** Keeps a made block's checkpoint and hands the block to the node. */
  submit({ header, root, body, file }: MadeBlock): void {
    this.checkpoints.importBytes(file);
    const sums = sumsFor(header.valLoss, this.params);
    const evaluation = { dvalId: toHex(header.dvalId), growth: header.growth, sums };
    this.blocksMade += 1;
    this.give({ type: 'local-block', header, root, body, evaluation });
  }

  #create(): [ChainMachine, MempoolMachine, NodeMachine] {
    const { params } = this;
    const now = this.#now();
    const signatures = new SignatureCache(this.#staticSecret);
    const options = this.#options.chain ?? {};
    const chain = createChain({ params, store: this.store, checkpoints: this.checkpoints, signatures, options }, now);
    const pool = new MempoolMachine({
      ledger: this.store,
      context: { params, genesisId: blockId(genesisHeader(params)), lossOf: () => null },
      limits: mempoolLimits,
      feeHistory: null,
      known: signatures,
      now,
    });
    const machine = new NodeMachine({
      chain,
      store: this.store,
      checkpoints: this.checkpoints,
      network: { ...params, id: toHex(networkId(params)) },
      staticSecret: this.#staticSecret,
      nonce: BigInt(this.#random.u32()) << 8n,
      salt: this.#random.u32(),
      userAgent: '/sim:1/',
      services: 1n,
      listenPort: params.ports.p2p,
      addresses: this.#options.addresses,
      relay: { pool, blocks: this.#blocks(chain), seed: this.#staticSecret },
      now,
      ...this.#options.machine,
    });
    return [chain, pool, machine];
  }

  #blocks(chain: ChainMachine): BlockSource {
    return {
      header: (id) => chain.header(id),
      transactions: (id) => {
        const bytes = chain.bodyBytes(id);
        const body = bytes === null ? null : decode(bodyCodec(this.params), bytes);
        return body?.ok === true ? body.value.transactions : null;
      },
    };
  }

  /** The network knows the clock only once the node is added. */
  #now(): Now {
    const { nowMs } = this.#network;
    return { unixMs: START_UNIX_MS + nowMs + this.#options.skewMs, monotonicMs: nowMs };
  }

  #perform(action: NodeAction): void {
    this.#options.watch?.(this, action);
    switch (action.type) {
      case 'evaluate':
        this.#evaluate(action);
        break;
      case 'cancel-evaluate':
        this.#jobs.delete(action.job);
        break;
      case 'verify-signatures':
        this.give({ type: 'signatures', job: action.job, outcome: verifyAll(action.checks) });
        break;
      case 'verify-transaction':
        this.give({ type: 'transaction-signatures', job: action.job, outcome: verifyAll(action.checks) });
        break;
      case 'mining':
        this.#mayMine = action.verdict.mayMine;
        this.#planBlock();
        break;
      case 'tip':
        this.deepestReorganisation = Math.max(this.deepestReorganisation, action.disconnected);
        this.#planBlock();
        break;
      case 'finalized':
        this.finals.set(action.height, action.blockId);
        break;
      case 'alarm':
        this.alarms.push(action);
        break;
      case 'refused':
        this.refusals.push(action);
        break;
      case 'peer-gone':
        this.gone.push(action.reason);
        if (action.reason.code === 'block-invalid') this.faults.push(action.reason);
        break;
      default:
        break;
    }
  }

  #evaluate({ job, root, dvalId, claimed }: ActionOf<'evaluate'>): void {
    this.#jobs.add(job);
    const delayMs = this.#random.integer(...this.#options.evaluationMs);
    this.#network.queue.after(delayMs, () => {
      if (!this.#isUp || !this.#jobs.delete(job)) return;
      const file = this.checkpoints.fileOf(root);
      const outcome =
        file === null
          ? ({ kind: 'failed', detail: 'the checkpoint is gone' } as const)
          : evaluate(file, dvalId, claimed, this.params);
      this.give({ type: 'evaluated', job, outcome });
    });
  }

  /** Chooses when the next block on the present tip will be found. */
  #planBlock(): void {
    const { miner } = this.#options;
    this.#attempt += 1;
    if (miner === null || !this.#mayMine) return;
    const attempt = this.#attempt;
    const child = this.chain.expectedChild(BigInt(Math.floor(this.#now().unixMs / 1000)));
    const spacingOverMs = Math.max(0, Number(child.earliest) * 1000 - this.#now().unixMs);
    const trainingMs = Math.ceil(-Math.log(1 - this.#random.fraction()) * miner.meanMs);
    this.#network.queue.after(spacingOverMs + trainingMs, () => this.#mine(attempt, miner));
  }

  #mine(attempt: number, miner: MinerModel): void {
    if (!this.#isUp || attempt !== this.#attempt || !this.#mayMine) return;
    this.mineOnTip(() => this.#random.integer(...miner.gain));
    // If the block does not become the tip, the miner goes on from where it is.
    this.#planBlock();
  }

  /** The D_val of a block on the tip and the tip's loss on it, which the miner computes where it must be known; null without the tip's file. */
  #dvalOfChild(timestamp: bigint): { readonly dvalId: Hex32; readonly parentLoss: number } | null {
    const { header } = this.chain.tip();
    const losses = new Map([[toHex(header.dvalId), header.valLoss]]);
    for (;;) {
      const dvalId = this.chain.dvalAt(timestamp, losses);
      const parentLoss = losses.get(dvalId);
      if (parentLoss !== undefined) return { dvalId, parentLoss };
      const file = this.checkpoints.fileOf(toHex(header.checkpointRoot));
      const loss = file === null ? null : lossOfCheckpoint(file, dvalId, this.params);
      if (loss === null) return null;
      losses.set(dvalId, loss);
    }
  }
}

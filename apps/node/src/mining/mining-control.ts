// Whether this node mines now, and why not: the chain's gate, the operator's wish and the mining thread, brought to the miner.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { toHex } from '@resonancenet/bytes/hex';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { Hex32 } from '@resonancenet/chain/events';
import type { CodeTrust } from '@resonancenet/kernels/code-trust';
import type { Template } from '@resonancenet/mempool/block-template';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import { blockId } from '@resonancenet/primitives/header';
import type { Logger } from 'pino';
import type { BlockEvaluations } from '../compute/block-evaluations.ts';
import type { MiningReply } from '../compute/mining-messages.ts';
import { MiningStartError, type MiningThread, startMiningThread } from '../compute/mining-thread.ts';
import type { NodeConfig } from '../config/node-config.ts';
import type { NodeBlocks } from '../node-blocks.ts';
import type { NodeNews } from '../node-events.ts';
import type { AssembledBlock } from './assemble-block.ts';
import type { MinerIdentity } from './miner-identity.ts';
import { Miner, type MinerPorts } from './miner.ts';
import { miningBatch } from './mining-batch.ts';

export interface MiningControlParts {
  readonly config: NodeConfig;
  readonly identity: MinerIdentity;
  readonly chain: ChainMachine;
  readonly blocks: NodeBlocks;
  readonly evaluations: BlockEvaluations;
  readonly trust: CodeTrust;
  readonly log: Logger;
  /** Transactions for a block on this parent; null if it is not the tip any more. */
  template(parent: Hex32): Template | null;
  unixMs(): number;
  news(news: NodeNews): void;
  alarm(why: string): void;
  /** A block of ours goes the way of all blocks. */
  submit(block: AssembledBlock, root: Hex32): void;
  /** Mining cannot begin with what it was given. */
  onStartError(error: MiningStartError): void;
}

export class MiningControl {
  readonly miner: Miner;
  /** How blocks of this node vote on a proposed validation set. */
  vote: DvalVote;
  readonly #parts: MiningControlParts;
  readonly #ownBlocks = new Set<Hex32>();
  #thread: MiningThread | null = null;
  #gate = { mayMine: false, reason: 'the node is starting' };
  #isPaused = false;
  /** The mining thread has read its text. */
  #isReady = false;
  #isClosed = false;
  #told: { readonly mining: boolean; readonly reason: string } | null = null;

  constructor(parts: MiningControlParts) {
    this.#parts = parts;
    const { config, identity } = parts;
    this.vote = config.dvalVote;
    const options = { params: config.params, payTo: () => identity.payTo, minerKey: identity.key };
    this.miner = new Miner(options, this.#minerPorts());
  }

  /** Why this node does not mine; null if it does. */
  get reason(): string | null {
    if (!this.#parts.config.mine) return 'mining is off (--mine)';
    if (this.miner.failure !== null) return this.miner.failure;
    if (this.#isPaused) return 'the operator paused mining (setmining)';
    return this.#gate.mayMine ? this.miner.waiting : this.#gate.reason;
  }

  /** Starts the mining thread; the miner sets it to work when the gate opens. */
  start(): void {
    const { config, trust, alarm } = this.#parts;
    const { params } = config;
    this.#thread = startMiningThread(
      {
        backend: config.backend,
        threads: config.threads,
        vocabulary: params.vocabulary.kind,
        text:
          config.data.length > 0
            ? { kind: 'files', patterns: config.data }
            : { kind: 'embedded', half: config.instance % 2 === 1 ? 0 : 1 },
        folder: join(config.folder, 'mining'),
        baseLayers: params.baseShape.layers,
        amplitudes: params.initAmplitudes,
        batch: miningBatch(params),
        window: params.dval.windowSize,
        seed: randomBytes(4).readUInt32LE(),
        trust: trust.shared,
      },
      (reply) => this.#onReply(reply),
      alarm,
    );
  }

  /** Pauses or resumes the miner; false if there is none. */
  setEnabled(enabled: boolean): boolean {
    if (!this.#parts.config.mine) return false;
    this.#isPaused = !enabled;
    this.setGate(this.#gate);
    return true;
  }

  /** Whether the node's state allows mining (P2P-30). */
  setGate(verdict: { readonly mayMine: boolean; readonly reason: string }): void {
    this.#gate = verdict;
    if (!this.#parts.config.mine) return;
    const { failure } = this.miner;
    const mining = verdict.mayMine && !this.#isPaused && failure === null;
    this.miner.setEnabled(mining, this.reason);
    const reason = failure ?? (this.#isPaused ? 'the operator paused mining' : verdict.reason);
    if (mining === this.#told?.mining && reason === this.#told.reason) return;
    this.#told = { mining, reason };
    this.#parts.news({ type: 'mining', mining, reason });
  }

  /** Hands in a block of ours. */
  submit(block: AssembledBlock, root: Hex32): void {
    this.#ownBlocks.add(toHex(blockId(block.header)));
    this.#parts.submit(block, root);
  }

  /** Adds a line to what the miner tells if the block is one that this process made; `line` is given its short name. */
  noteOwn(id: Hex32 | null, line: (name: string) => string): void {
    if (id !== null && this.#ownBlocks.has(id)) this.miner.note(line(id.slice(0, 12)));
  }

  /** Nothing is mined any more. */
  stop(): void {
    this.#isClosed = true;
    this.miner.close();
  }

  /** After `stop`. */
  async close(): Promise<void> {
    await this.#thread?.close();
  }

  #onReply(reply: MiningReply): void {
    this.miner.onReply(reply);
    if (reply.type === 'ready') this.#isReady = true;
    if (reply.type !== 'failed' || this.#isClosed) return;
    this.#parts.log.error({ detail: reply.detail }, 'mining stopped');
    // Who asked for a miner on a text that is not there wants to be told, not to run a node without one.
    if (!this.#isReady && reply.code !== null)
      this.#parts.onStartError(new MiningStartError(reply.code, reply.message));
    else this.setGate(this.#gate);
  }

  #minerPorts(): MinerPorts {
    const { chain, blocks, evaluations, template, unixMs, news } = this.#parts;
    return {
      tip: () => chain.tip().id,
      header: (id) => chain.header(id),
      totals: () => chain.totals(),
      windowSums: (id) => blocks.claimedSums(id),
      checkpointPath: (root) => blocks.checkpointPath(root),
      windows: (dvalId) => blocks.windows(dvalId),
      dvalAt: (timestamp, losses) => blocks.dvalAt(timestamp, losses),
      vote: () => this.vote,
      template,
      evaluate: (header, dvalId) => evaluations.whole(header, dvalId),
      adopt: (path, root, leaves) => blocks.adoptCheckpoint(path, root, leaves),
      submit: (block, root) => this.submit(block, root),
      send: (request) => this.#thread?.send(request),
      tell: (line) => news({ type: 'miner', line }),
      unixMs,
      later: (ms, work) => {
        const timer = setTimeout(work, ms);
        return () => clearTimeout(timer);
      },
    };
  }
}

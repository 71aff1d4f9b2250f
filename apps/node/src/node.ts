// The composition root: one node from its parts. Events of sockets, threads and time go into the node machine; its actions are carried out by the parts.

import { randomBytes } from 'node:crypto';
import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import { createChain } from '@resonancenet/chain/create-chain';
import type { EvaluationOutcome, Hex32 } from '@resonancenet/chain/events';
import { SignatureCache } from '@resonancenet/chain/signature-cache';
import type { EvalWindow } from '@resonancenet/kernels/backend';
import { CodeTrust } from '@resonancenet/kernels/code-trust';
import type { Template } from '@resonancenet/mempool/block-template';
import type { NodeAction, NodeEvent, NodeMachine } from '@resonancenet/p2p/node-machine';
import type { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import type { Logger } from 'pino';
import { BlockEvaluations } from './compute/block-evaluations.ts';
import { EvaluationService } from './compute/evaluation-service.ts';
import { GenerationService } from './compute/generation-service.ts';
import { SignatureService } from './compute/signature-service.ts';
import { addressText, type NodeConfig } from './config/node-config.ts';
import { createNodeMachine } from './create-node-machine.ts';
import { type DataFolder, withDataFolder } from './data-folder.ts';
import { MinerIdentity } from './mining/miner-identity.ts';
import { MiningControl } from './mining/mining-control.ts';
import { isLoopback } from './net/loopback.ts';
import { Tcp } from './net/tcp.ts';
import { NodeBlocks } from './node-blocks.ts';
import { NodeClock } from './node-clock.ts';
import type { NodeNews } from './node-events.ts';
import { type ActionTargets, performAction } from './perform-action.ts';
import { NodePool } from './pool/node-pool.ts';
import { createWallets } from './wallet/create-wallets.ts';
import type { WalletService } from './wallet/wallet-service.ts';

export interface NodeDeps {
  readonly log: Logger;
  readonly onNews: (news: NodeNews) => void;
  /** The node met trouble that it cannot go on from (its disk, a bug): it has stopped by itself. */
  readonly onFatal: (error: unknown) => void;
  /** Aborts when the node is to end; only until it is up. */
  readonly signal: AbortSignal;
}

/** Checkpoints of the last blocks that every node keeps and serves (protocol: at least 12). */
const keepCheckpoints = 16;

export class ResonanceNode {
  readonly config: NodeConfig;
  readonly startedAtMs: number = Date.now();
  readonly clock: NodeClock = new NodeClock();
  readonly chain: ChainMachine;
  readonly store: LmdbChainStore;
  readonly blocks: NodeBlocks;
  readonly pool: NodePool;
  readonly wallets: WalletService;
  readonly machine: NodeMachine;
  readonly mining: MiningControl;
  readonly minerIdentity: MinerIdentity;
  readonly #deps: NodeDeps;
  readonly #folder: DataFolder;
  readonly #tcp: Tcp;
  readonly #evaluation: EvaluationService;
  readonly #evaluations: BlockEvaluations;
  readonly #generation: GenerationService;
  readonly #signatures: SignatureService;
  readonly #targets: ActionTargets;
  readonly #trusted = new Set<string>();
  readonly #alarms: string[] = [];
  #wake: ReturnType<typeof setTimeout> | null = null;
  #stopping: Promise<void> | null = null;
  #listenPort = 0;

  /**
   * Opens the data directory, checks or builds what is missing, and starts.
   * @throws errors with code and fix for every operational trouble (directory in use, disk, port, network data); the signal's reason if it aborts
   */
  static start(config: NodeConfig, deps: NodeDeps): Promise<ResonanceNode> {
    return withDataFolder(config, deps, async (folder) => {
      const node = new ResonanceNode(config, deps, folder);
      await node.#open();
      return node;
    });
  }

  private constructor(config: NodeConfig, deps: NodeDeps, folder: DataFolder) {
    this.config = config;
    this.#deps = deps;
    this.#folder = folder;
    this.store = folder.store;
    const { params, backend, threads } = config;
    const { checkpoints, dvals } = folder;
    const known = new SignatureCache(randomBytes(32));
    this.chain = createChain(
      {
        params,
        store: this.store,
        checkpoints,
        options: { archive: config.archive, keepCheckpoints, transactionIndex: config.transactionIndex },
        signatures: known,
      },
      this.clock.now(),
    );
    dvals.setRevealed((id) => this.chain.revealedDval(id));
    this.minerIdentity = new MinerIdentity(config);
    for (const peer of config.connect) this.#trusted.add(addressText(peer));
    this.#signatures = new SignatureService({ threads: Math.min(2, config.threads) });
    this.pool = this.#createPool(known);
    const trust = new CodeTrust();
    const onDistrust = (why: string): void => this.#alarm(why);
    const service = new EvaluationService({ backend, threads, trust, onDistrust });
    this.#evaluation = service;
    const onOutcome = (job: number, outcome: EvaluationOutcome): void => this.#onEvaluated(job, outcome);
    this.#evaluations = new BlockEvaluations({ params, checkpoints, dvals, service, onOutcome });
    this.blocks = new NodeBlocks({ params, chain: this.chain, checkpoints, dvals, evaluations: this.#evaluations });
    const { chain, blocks, pool } = this;
    this.wallets = createWallets(this, deps, (error) => this.#fail(error));
    this.machine = createNodeMachine({ config, folder, chain, blocks, pool, now: this.clock.now() });
    this.#tcp = new Tcp({
      onEvent: (event) => this.#step(event),
      // One program on this machine that breaks a rule must not lock out all others on it.
      isTrusted: (address, host) => this.#trusted.has(address) || isLoopback(host),
    });
    const forText = { backend, threads: Math.min(2, threads), trust: trust.shared };
    this.#generation = new GenerationService(forText, onDistrust);
    this.mining = this.#createMining(trust);
    this.#targets = this.#actionTargets();
  }

  #createPool(known: SignatureCache): NodePool {
    return new NodePool({
      params: this.config.params,
      config: this.config.pool,
      folder: this.config.folder,
      store: this.store,
      known,
      signatures: this.#signatures,
      log: this.#deps.log,
      now: () => this.clock.now(),
      step: (event) => this.#step(event),
    });
  }

  #createMining(trust: CodeTrust): MiningControl {
    return new MiningControl({
      config: this.config,
      identity: this.minerIdentity,
      chain: this.chain,
      blocks: this.blocks,
      evaluations: this.#evaluations,
      trust,
      log: this.#deps.log,
      template: (parent) => this.template(parent),
      unixMs: () => this.clock.unixMs(),
      news: (news) => this.#news(news),
      alarm: (why) => this.#alarm(why),
      submit: ({ header, bodyBytes }, root) => this.#step({ type: 'local-block', header, root, body: bodyBytes }),
      onStartError: (error) => this.#fail(error),
    });
  }

  #actionTargets(): ActionTargets {
    return {
      tcp: this.#tcp,
      pool: this.pool,
      wallets: this.wallets,
      evaluations: this.#evaluations,
      mining: this.mining,
      log: this.#deps.log,
      news: (news) => this.#news(news),
      alarm: (reason) => this.#alarm(reason),
      sleepUntil: (atMonotonicMs) => this.#sleepUntil(atMonotonicMs),
      verifySignatures: (action) => this.#verifySignatures(action),
      onVerified: (id) => this.#onVerified(id),
      onTip: (action) => this.#onTip(action),
    };
  }

  async #open(): Promise<void> {
    const { config } = this;
    if (config.listen !== null) this.#listenPort = await this.#tcp.listen(config.listen.host, config.listen.port);
    const { header } = this.chain.tip();
    this.#news({
      type: 'started',
      network: config.params.name,
      height: header.height,
      valLoss: header.valLoss,
      folder: config.folder,
    });
    await this.wallets.start();
    if (config.mine) this.mining.start();
    this.#step({ type: 'start' });
    // What a crash may have cut off is completed first.
    this.#step({ type: 'tick' });
    this.pool.start();
    this.mining.setGate(this.machine.mayMine(this.clock.now()));
  }

  // --- what RPC and the command line ask ---

  get alarms(): readonly string[] {
    return this.#alarms;
  }

  get payToAddress(): string {
    return this.minerIdentity.address;
  }

  /** Port on which peers are served; 0 if none. */
  get listenPort(): number {
    return this.#listenPort;
  }

  isOwn(id: Hex32): boolean {
    const header = this.chain.header(id);
    return header !== null && toHex(header.minerKey) === toHex(this.minerIdentity.publicKey);
  }

  generate(options: Parameters<GenerationService['generate']>[1]): ReturnType<GenerationService['generate']> {
    const path = this.blocks.checkpointPath(toHex(this.chain.tip().header.checkpointRoot));
    return path === null
      ? Promise.reject(new Error('The tip\u2019s checkpoint is not here yet; try again when the node is in sync.'))
      : this.#generation.generate(path, options);
  }

  addPeer(address: string): void {
    this.#trusted.add(address);
    this.#step({ type: 'add-address', address });
  }

  /** Feeds an event of the operator or of a test. */
  command(event: Extract<NodeEvent, { type: 'invalidate' | 'reconsider' | 'disconnect' | 'tick' }>): void {
    this.#step(event);
  }

  /** What a block on this parent takes from the pool; null if the parent is not the tip any more. */
  template(parent: Hex32): Template | null {
    return this.chain.tip().id === parent ? this.pool.template(this.minerIdentity.payTo) : null;
  }

  /** Windows of the D_val that the tip was evaluated on. */
  validationWindows(): readonly EvalWindow[] {
    return this.blocks.windows(toHex(this.chain.tip().header.dvalId));
  }

  /** Stops in an orderly way; safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    this.#news({ type: 'stopping' });
    this.mining.stop();
    this.#perform(this.machine.step({ type: 'stop' }, this.clock.now()));
    this.pool.close();
    await this.wallets.close();
    // After the last step, which may ask to be woken: a timer that is left keeps the process from ending.
    if (this.#wake !== null) clearTimeout(this.#wake);
    await Promise.all([
      this.mining.close(),
      this.#evaluation.close(),
      this.#generation.close(),
      this.#signatures.close(),
      this.#tcp.shutdown(),
    ]);
    await this.store.close();
    this.#folder.lock.release();
  }

  // --- the machine ---

  #step(event: NodeEvent): void {
    if (this.#stopping !== null) return;
    try {
      this.#perform(this.machine.step(event, this.clock.now()));
      this.pool.stepDone();
    } catch (error) {
      // A failed write or a broken invariant: what is in memory may not be what is on disk. Going on could lose what was promised.
      this.#fail(error);
    }
  }

  #perform(actions: readonly NodeAction[]): void {
    for (const action of actions) performAction(action, this.#targets);
  }

  #fail(error: unknown): void {
    this.#deps.onFatal(error);
    void this.stop();
  }

  #alarm(reason: string): void {
    this.#alarms.push(reason);
    this.#news({ type: 'alarm', reason });
  }

  #sleepUntil(atMonotonicMs: number): void {
    if (this.#wake !== null) clearTimeout(this.#wake);
    const delay = Math.min(Math.max(1, atMonotonicMs - performance.now()), 2 ** 31 - 1);
    this.#wake = setTimeout(() => this.#step({ type: 'tick' }), delay);
  }

  #onEvaluated(job: number, outcome: EvaluationOutcome): void {
    if (this.#stopping !== null) return;
    if (outcome.kind === 'failed') this.#news({ type: 'evaluation-failed', detail: outcome.detail });
    this.#step({ type: 'evaluated', job, outcome });
  }

  #verifySignatures({ job, checks }: Extract<NodeAction, { type: 'verify-signatures' }>): void {
    void this.#signatures.check(checks, 'exact').then((outcome) => this.#step({ type: 'signatures', job, outcome }));
  }

  #onVerified(id: Hex32): void {
    const header = this.chain.header(id);
    if (header === null) return;
    const ms = this.#evaluations.elapsedMs(toHex(header.checkpointRoot));
    this.#news({ type: 'verified', hash: id, height: header.height, ms });
  }

  #onTip({ to, height, disconnected }: Extract<NodeAction, { type: 'tip' }>): void {
    const header = this.chain.header(to);
    assert(header !== null, 'the tip is in the index');
    const { valLoss, parentLoss, dModel, nLayers } = header;
    const paid = this.chain.reward(to)?.outputs.reduce((sum, { amount }) => sum + amount, 0n) ?? 0n;
    this.#news({
      type: 'tip',
      hash: to,
      height,
      valLoss,
      parentLoss,
      dModel,
      nLayers,
      ours: this.isOwn(to),
      reward: String(paid),
      disconnected,
    });
    void this.mining.miner.retarget();
  }

  #news(news: NodeNews): void {
    this.#deps.onNews(news);
  }
}

// The composition root: one node from its parts. Events of sockets, threads and time go into the node machine; its actions are carried out here.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { assert } from '@resonancenet/bytes/assert';
import { decode } from '@resonancenet/bytes/decode';
import { toHex } from '@resonancenet/bytes/hex';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import { createChain } from '@resonancenet/chain/create-chain';
import type { EvaluationOutcome, Hex32 } from '@resonancenet/chain/events';
import { SignatureCache } from '@resonancenet/chain/signature-cache';
import { aggregateLoss } from '@resonancenet/consensus/loss';
import { publicKey } from '@resonancenet/crypto/ed25519';
import type { EvalWindow } from '@resonancenet/kernels/backend';
import { CodeTrust } from '@resonancenet/kernels/code-trust';
import { NodeMachine, type NodeAction, type NodeEvent } from '@resonancenet/p2p/node-machine';
import type { Template } from '@resonancenet/mempool/block-template';
import { SERVICES } from '@resonancenet/p2p/messages/version';
import { networkId } from '@resonancenet/params/network-id';
import { encodeAddress } from '@resonancenet/primitives/address';
import { type BlockBody, bodyCodec } from '@resonancenet/primitives/block';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import type { DvalVote } from '@resonancenet/primitives/dval-vote';
import { blockId, HEADER_LENGTH } from '@resonancenet/primitives/header';
import { CheckpointFiles } from '@resonancenet/storage/checkpoint-files';
import { type DataDirLock, lockDataDir } from '@resonancenet/storage/data-dir-lock';
import type { LmdbChainStore } from '@resonancenet/storage/lmdb-chain-store';
import type { Logger } from 'pino';
import { chainView } from './chain-view.ts';
import { BlockEvaluations } from './compute/block-evaluations.ts';
import { EvaluationService } from './compute/evaluation-service.ts';
import { GenerationService } from './compute/generation-service.ts';
import type { MiningReply } from './compute/mining-messages.ts';
import { MiningStartError, type MiningThread, startMiningThread } from './compute/mining-thread.ts';
import { SignatureService } from './compute/signature-service.ts';
import { addressText, type NodeConfig } from './config/node-config.ts';
import { loadOrCreateKey } from './keys.ts';
import type { AssembledBlock } from './mining/assemble-block.ts';
import { openChainStore } from './ledger/open-chain-store.ts';
import { Miner } from './mining/miner.ts';
import { miningBatch } from './mining/mining-batch.ts';
import type { EvaluatedSums, ParentLosses } from './mining/next-block.ts';
import { isLoopback } from './net/loopback.ts';
import { Tcp } from './net/tcp.ts';
import { DvalFolder, prepareDvals, prepareGenesisCheckpoint } from './network/network-data.ts';
import { NodeClock } from './node-clock.ts';
import type { NodeNews } from './node-events.ts';
import { NodePool } from './pool/node-pool.ts';

export const VERSION = '0.1.0';

export interface NodeDeps {
  readonly log: Logger;
  readonly onNews: (news: NodeNews) => void;
  /** The node met trouble that it cannot go on from (its disk, a bug): it has stopped by itself. */
  readonly onFatal: (error: unknown) => void;
}

/** What lies in the data directory. */
interface Opened {
  readonly lock: DataDirLock;
  readonly dvals: DvalFolder;
  readonly checkpoints: CheckpointFiles;
  readonly store: LmdbChainStore;
}

/** Checkpoints of the last blocks that every node keeps and serves (protocol: at least 12). */
const keepCheckpoints = 16;

export class ResonanceNode {
  readonly config: NodeConfig;
  readonly startedAtMs: number = Date.now();
  readonly #deps: NodeDeps;
  readonly #clock = new NodeClock();
  readonly #lock: DataDirLock;
  readonly #store: LmdbChainStore;
  readonly #checkpoints: CheckpointFiles;
  readonly #dvals: DvalFolder;
  readonly #chain: ChainMachine;
  readonly #machine: NodeMachine;
  readonly #tcp: Tcp;
  readonly #evaluation: EvaluationService;
  readonly #evaluations: BlockEvaluations;
  readonly #generation: GenerationService;
  readonly #signatures: SignatureService;
  readonly #miner: Miner;
  readonly pool: NodePool;
  readonly #minerKey: Uint8Array;
  readonly #payTo: Destination;
  readonly #trusted = new Set<string>();
  readonly #ownBlocks = new Set<Hex32>();
  readonly #alarms: string[] = [];
  readonly #codeTrust = new CodeTrust();
  #miningThread: MiningThread | null = null;
  #wake: ReturnType<typeof setTimeout> | null = null;
  #stopping: Promise<void> | null = null;
  #gate = { mayMine: false, reason: 'the node is starting' };
  #minerPaused = false;
  /** The mining thread has read its text. */
  #minerReady = false;
  #toldMining: { readonly mining: boolean; readonly reason: string } | null = null;
  #listenPort = 0;
  /** How blocks of this node vote on a proposed validation set. */
  dvalVote: DvalVote;

  /**
   * Opens the data directory, checks or builds what is missing, and starts.
   * @throws errors with code and fix for every operational trouble (directory in use, disk, port, network data)
   */
  static async start(config: NodeConfig, deps: NodeDeps): Promise<ResonanceNode> {
    const lock = lockDataDir(config.folder);
    try {
      const dvals = new DvalFolder(config.params, config.suppliedDvals ?? join(config.folder, 'dvals'));
      await prepareDvals(config.params, dvals);
      const checkpoints = new CheckpointFiles(join(config.folder, 'checkpoints'), {
        onDamage: (root, detail) => deps.log.warn({ root, detail }, 'a checkpoint was damaged'),
      });
      prepareGenesisCheckpoint(config.params, checkpoints, join(config.folder, 'scratch'));
      const store = await openChainStore(config, deps.log);
      const node = new ResonanceNode(config, deps, { lock, dvals, checkpoints, store });
      await node.#open();
      return node;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(config: NodeConfig, deps: NodeDeps, { lock, dvals, checkpoints, store }: Opened) {
    this.config = config;
    this.#deps = deps;
    this.#lock = lock;
    this.#dvals = dvals;
    this.#checkpoints = checkpoints;
    this.#store = store;
    const { params } = config;
    const known = new SignatureCache(randomBytes(32));
    this.#chain = createChain(
      {
        params,
        store: this.#store,
        checkpoints,
        options: { archive: config.archive, keepCheckpoints, transactionIndex: config.transactionIndex },
        signatures: known,
      },
      this.#clock.now(),
    );
    dvals.setRevealed((id) => this.#chain.revealedDval(id));
    this.#minerKey = loadOrCreateKey(join(config.folder, 'miner.key'));
    this.dvalVote = config.dvalVote;
    this.#payTo = config.payTo ?? keyDestination(publicKey(this.#minerKey), params.recovery);
    for (const peer of config.connect) this.#trusted.add(addressText(peer));
    this.#signatures = new SignatureService({ threads: Math.min(2, config.threads) });
    this.pool = new NodePool({
      params,
      config: config.pool,
      folder: config.folder,
      store: this.#store,
      known,
      signatures: this.#signatures,
      log: deps.log,
      now: () => this.#clock.now(),
      step: (event) => this.#step(event),
    });
    this.#machine = new NodeMachine({
      chain: chainView(this.#chain),
      store: this.#store,
      checkpoints,
      network: { ...params, id: toHex(networkId(params)) },
      staticSecret: loadOrCreateKey(join(config.folder, 'p2p.key')),
      nonce: randomBytes(8).readBigUInt64LE(),
      salt: randomBytes(4).readUInt32LE(),
      userAgent: `/resonancenet-ts:${VERSION}/`,
      services: config.archive ? SERVICES.full | SERVICES.archive : SERVICES.full,
      listenPort: config.listen?.port ?? 0,
      addresses: config.connect.map(addressText),
      relay: {
        pool: this.pool.machine,
        blocks: {
          header: (id) => this.#chain.header(id),
          transactions: (id) => this.body(id)?.body.transactions ?? null,
        },
        seed: randomBytes(32),
      },
      now: this.#clock.now(),
    });
    this.#tcp = new Tcp({
      onEvent: (event) => this.#step(event),
      // One program on this machine that breaks a rule must not lock out all others on it.
      isTrusted: (address, host) => this.#trusted.has(address) || isLoopback(host),
    });
    const { backend, threads } = config;
    const trust = this.#codeTrust;
    const onDistrust = (why: string): void => this.#alarm(why);
    const service = new EvaluationService({ backend, threads, trust, onDistrust });
    this.#evaluation = service;
    this.#evaluations = new BlockEvaluations({
      params,
      checkpoints,
      dvals,
      service,
      onOutcome: (job, outcome) => this.#onEvaluated(job, outcome),
    });
    const forText = { backend, threads: Math.min(2, threads), trust: trust.shared };
    this.#generation = new GenerationService(forText, onDistrust);
    this.#miner = new Miner({ params, payTo: this.#payTo, minerKey: this.#minerKey }, this.#minerPorts());
  }

  async #open(): Promise<void> {
    const { config } = this;
    if (config.listen !== null) this.#listenPort = await this.#tcp.listen(config.listen.host, config.listen.port);
    const { header } = this.#chain.tip();
    this.#news({
      type: 'started',
      network: config.params.name,
      height: header.height,
      valLoss: header.valLoss,
      folder: config.folder,
    });
    if (config.mine) this.#startMiningThread();
    this.#step({ type: 'start' });
    // What a crash may have cut off is completed first.
    this.#step({ type: 'tick' });
    this.pool.start();
    this.#setGate(this.#machine.mayMine(this.#clock.now()));
  }

  // --- what RPC and the command line ask ---

  get chain(): ChainMachine {
    return this.#chain;
  }

  get store(): LmdbChainStore {
    return this.#store;
  }

  get machine(): NodeMachine {
    return this.#machine;
  }

  get miner(): Miner {
    return this.#miner;
  }

  get clock(): NodeClock {
    return this.#clock;
  }

  get alarms(): readonly string[] {
    return this.#alarms;
  }

  get payToAddress(): string {
    return encodeAddress(this.config.params.addressPrefix, this.#payTo);
  }

  get miningReason(): string | null {
    if (!this.config.mine) return 'mining is off (--mine)';
    if (this.#miner.failure !== null) return this.#miner.failure;
    if (this.#minerPaused) return 'the operator paused mining (setmining)';
    return this.#gate.mayMine ? this.#miner.waiting : this.#gate.reason;
  }

  isOwn(id: Hex32): boolean {
    const header = this.#chain.header(id);
    return header !== null && toHex(header.minerKey) === toHex(publicKey(this.#minerKey));
  }

  body(id: Hex32): { readonly body: BlockBody; readonly size: number } | null {
    const bytes = this.#chain.bodyBytes(id);
    if (bytes === null) return null;
    const decoded = decode(bodyCodec(this.config.params), bytes);
    assert(decoded.ok, 'a stored body decodes');
    return { body: decoded.value, size: HEADER_LENGTH + bytes.length };
  }

  checkpointPath(root: Hex32): string | null {
    return this.#checkpoints.pathOf(root);
  }

  generate(options: Parameters<GenerationService['generate']>[1]): ReturnType<GenerationService['generate']> {
    const path = this.checkpointPath(toHex(this.#chain.tip().header.checkpointRoot));
    return path === null
      ? Promise.reject(new Error('The tip\u2019s checkpoint is not here yet; try again when the node is in sync.'))
      : this.#generation.generate(path, options);
  }

  /** Pauses or resumes the miner; false if there is none. */
  setMining(enabled: boolean): boolean {
    if (!this.config.mine) return false;
    this.#minerPaused = !enabled;
    this.#setGate(this.#gate);
    return true;
  }

  addPeer(address: string): void {
    this.#trusted.add(address);
    this.#step({ type: 'add-address', address });
  }

  /** Feeds an event of the operator or of a test. */
  command(event: Extract<NodeEvent, { type: 'invalidate' | 'reconsider' | 'disconnect' | 'tick' }>): void {
    this.#step(event);
  }

  /** A block made without training: the parent\u2019s checkpoint grown, its function unchanged. Networks with LOSS_STEP 0 accept it. */
  submitBlock(block: AssembledBlock, root: Hex32): void {
    this.#submit(block, root);
  }

  get checkpoints(): CheckpointFiles {
    return this.#checkpoints;
  }

  get minerIdentity(): { readonly key: Uint8Array; readonly payTo: Destination } {
    return { key: this.#minerKey, payTo: this.#payTo };
  }

  /** Stops in an orderly way; safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    this.#news({ type: 'stopping' });
    this.#miner.close();
    for (const action of this.#machine.step({ type: 'stop' }, this.#clock.now())) this.#perform(action);
    this.pool.close();
    // After the last step, which may ask to be woken: a timer that is left keeps the process from ending.
    if (this.#wake !== null) clearTimeout(this.#wake);
    await Promise.all([
      this.#miningThread?.close(),
      this.#evaluation.close(),
      this.#generation.close(),
      this.#signatures.close(),
      this.#tcp.shutdown(),
    ]);
    await this.#store.close();
    this.#lock.release();
  }

  // --- the machine ---

  #step(event: NodeEvent): void {
    if (this.#stopping !== null) return;
    try {
      for (const action of this.#machine.step(event, this.#clock.now())) this.#perform(action);
      this.pool.stepDone();
    } catch (error) {
      // A failed write or a broken invariant: what is in memory may not be what is on disk. Going on could lose what was promised.
      this.#deps.onFatal(error);
      void this.stop();
    }
  }

  #perform(action: NodeAction): void {
    switch (action.type) {
      case 'send':
        this.#tcp.send(action.peer, action.bytes);
        return;
      case 'close':
        this.#tcp.close(action.peer);
        return;
      case 'connect':
        this.#tcp.connect(action.address);
        return;
      case 'wake':
        this.#sleepUntil(action.atMonotonicMs);
        return;
      case 'peer-ready':
        this.#news({ type: 'peer', state: 'ready', address: action.address, detail: action.version.userAgent });
        return;
      case 'peer-gone':
        this.#news({
          type: 'peer',
          state: 'gone',
          address: action.address,
          detail: `${action.reason.code}: ${action.reason.detail}`,
        });
        return;
      case 'mining':
        this.#setGate(action.verdict);
        return;
      case 'peer-rejects':
        this.#deps.log.info({ peer: action.peer, code: action.code, id: action.id }, action.detail);
        if (this.#ownBlocks.has(action.id))
          this.#miner.note(`a peer refused our block ${action.id.slice(0, 12)}: ${action.code}, ${action.detail}`);
        return;
      case 'evaluate':
        this.#evaluations.start(action);
        return;
      case 'cancel-evaluate':
        this.#evaluations.cancel(action.job);
        return;
      case 'verify-signatures':
        this.#verifySignatures(action);
        return;
      case 'header-accepted':
        return;
      case 'verified':
        this.#onVerified(action.blockId);
        return;
      case 'tip':
        this.#onTip(action);
        return;
      case 'finalized':
        this.#news({ type: 'final', height: action.height });
        return;
      case 'refused': {
        const { code, blockId: hash, peer, detail } = action;
        this.#news({ type: 'refused', code, hash, peer, detail });
        if (hash !== null && this.#ownBlocks.has(hash))
          this.#miner.note(`our block ${hash.slice(0, 12)} was refused: ${code}, ${detail}`);
        return;
      }
      case 'not-active':
        this.#news({ type: 'not-active', hash: action.blockId, reason: action.reason });
        if (this.#ownBlocks.has(action.blockId))
          this.#miner.note(`our block ${action.blockId.slice(0, 12)} is not paid: ${action.reason}`);
        return;
      case 'alarm':
        this.#alarm(action.reason);
        return;
      case 'verify-transaction':
      case 'transaction-accepted':
      case 'transaction-removed':
      case 'transaction-refused':
        this.pool.perform(action);
        return;
      default:
        action satisfies never;
    }
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
    const header = this.#chain.header(id);
    if (header === null) return;
    const ms = this.#evaluations.elapsedMs(toHex(header.checkpointRoot));
    this.#news({ type: 'verified', hash: id, height: header.height, ms });
  }

  #onTip(action: Extract<NodeAction, { type: 'tip' }>): void {
    const header = this.#chain.header(action.to);
    assert(header !== null, 'the tip is in the index');
    this.#news({
      type: 'tip',
      hash: action.to,
      height: action.height,
      valLoss: header.valLoss,
      parentLoss: header.parentLoss,
      dModel: header.dModel,
      nLayers: header.nLayers,
      ours: this.isOwn(action.to),
      reward: String(this.#chain.reward(action.to)?.outputs.reduce((sum, { amount }) => sum + amount, 0n) ?? 0n),
      disconnected: action.disconnected,
    });
    void this.#miner.retarget();
  }

  // --- mining ---

  #setGate(verdict: { readonly mayMine: boolean; readonly reason: string }): void {
    this.#gate = verdict;
    if (!this.config.mine) return;
    const { failure } = this.#miner;
    const mining = verdict.mayMine && !this.#minerPaused && failure === null;
    this.#miner.setEnabled(mining, this.miningReason);
    const reason = failure ?? (this.#minerPaused ? 'the operator paused mining' : verdict.reason);
    if (mining === this.#toldMining?.mining && reason === this.#toldMining.reason) return;
    this.#toldMining = { mining, reason };
    this.#news({ type: 'mining', mining, reason });
  }

  #startMiningThread(): void {
    const { config } = this;
    const { params } = config;
    this.#miningThread = startMiningThread(
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
        trust: this.#codeTrust.shared,
      },
      (reply) => this.#onMiningReply(reply),
      (why) => this.#alarm(why),
    );
  }

  #onMiningReply(reply: MiningReply): void {
    this.#miner.onReply(reply);
    if (reply.type === 'ready') this.#minerReady = true;
    if (reply.type !== 'failed' || this.#stopping !== null) return;
    this.#deps.log.error({ detail: reply.detail }, 'mining stopped');
    // Who asked for a miner on a text that is not there wants to be told, not to run a node without one.
    if (!this.#minerReady && reply.code !== null) {
      this.#deps.onFatal(new MiningStartError(reply.code, reply.message));
      void this.stop();
    } else this.#setGate(this.#gate);
  }

  #minerPorts(): ConstructorParameters<typeof Miner>[1] {
    return {
      tip: () => this.#chain.tip().id,
      header: (id) => this.#chain.header(id),
      totals: () => this.#chain.totals(),
      windowSums: (id) => this.body(id)?.body.windowSums ?? null,
      checkpointPath: (root) => this.checkpointPath(root),
      windows: (dvalId) => this.#dvals.windows(dvalId),
      dvalAt: (timestamp, losses) => this.dvalAt(timestamp, losses),
      vote: () => this.dvalVote,
      template: (parent) => this.template(parent),
      evaluate: (header, dvalId) => this.#evaluations.whole(header, dvalId),
      adopt: (path, root, leaves) => this.#checkpoints.adoptFile(path, root, leaves),
      submit: (block, root) => this.#submit(block, root),
      send: (request) => this.#miningThread?.send(request),
      tell: (line) => this.#news({ type: 'miner', line }),
      unixMs: () => this.#clock.unixMs(),
      later: (ms, work) => {
        const timer = setTimeout(work, ms);
        return () => clearTimeout(timer);
      },
    };
  }

  /** Windows of the D_val that the tip was evaluated on. */
  validationWindows(): readonly EvalWindow[] {
    return this.#dvals.windows(toHex(this.#chain.tip().header.dvalId));
  }

  /** All window sums of a block's checkpoint on a D_val: its own, from the body, or computed. */
  async windowSumsOf(id: Hex32, dvalId: Hex32): Promise<EvaluatedSums> {
    const header = this.#chain.header(id);
    if (header === null) return null;
    const own = toHex(header.dvalId) === dvalId ? (this.body(id)?.body.windowSums ?? null) : null;
    return own ?? (await this.#evaluations.whole(header, dvalId));
  }

  /** The D_val of a child of the tip with this timestamp. */
  dvalAt(timestamp: bigint, losses: ParentLosses): Hex32 {
    return this.#chain.dvalAt(timestamp, losses);
  }

  /** What a block on this parent takes from the pool; null if the parent is not the tip any more. */
  template(parent: Hex32): Template | null {
    return this.#chain.tip().id === parent ? this.pool.template(this.#payTo) : null;
  }

  /** Loss of window sums, micro-nats. */
  lossOf(windowSums: readonly number[]): number {
    return aggregateLoss(windowSums, this.config.params.dval.windowSize).valLoss;
  }

  #submit(block: AssembledBlock, root: Hex32): void {
    this.#ownBlocks.add(toHex(blockId(block.header)));
    this.#step({ type: 'local-block', header: block.header, root, body: block.bodyBytes });
  }

  #news(news: NodeNews): void {
    this.#deps.onNews(news);
  }

  /** Port on which peers are served; 0 if none. */
  get listenPort(): number {
    return this.#listenPort;
  }
}

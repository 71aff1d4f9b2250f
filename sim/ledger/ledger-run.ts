// Five nodes that mine, pay, recover and vote, and what befalls them on the way: partitions, crashes, a ledger that is rebuilt, a snapshot, and a
// sixth node that comes late. Blocks are found on a director's command, so that reorganisations have the depth that it wants.

import { assert } from '@resonancenet/bytes/assert';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { SimNode } from '../sim-node.ts';
import { World } from '../world.ts';
import { makeSnapshot, rebuildLedger, takeSnapshot } from './operator.ts';
import { castPlays, type Performance } from './cast.ts';
import { divide, type Division } from './division.ts';
import { StateBook } from './state-book.ts';
import { Ballot, type Fate } from './proposal-plays.ts';
import { type Happening, Replay } from './replay.ts';

export interface LedgerRunOptions {
  readonly seed: number;
  readonly params: NetworkParams;
  readonly blocks: number;
  /** Of the proposals that miners vote for, in turn. */
  readonly fates: readonly Exclude<Fate, 'expired'>[];
}

export interface LedgerReport {
  readonly height: number;
  readonly stateHash: string;
  readonly counts: ReadonlyMap<Happening, number>;
  readonly finalityDepth: number;
  /** Changes of a node's tip that took so many blocks back. */
  readonly reorganisations: ReadonlyMap<number, number>;
  /** Transactions that a pool had again after a reorganisation, and how many of them are in the chain of the end. */
  readonly returnedToPool: number;
  readonly returnedAndConfirmed: number;
  readonly crashes: number;
  readonly partitions: number;
}

/** Milliseconds of the network between two looks at what its people want to do. */
const POLL_S = 0.5;

const LATE = 'late';
const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;

/** Without an index of transactions, which a snapshot does not bring along. */
const UNINDEXED = new Set(['e', LATE]);

export class LedgerRun {
  readonly world: World;
  /** What nodes' pools said of transactions that they did not take or gave up, by node and id; whoever wants to know clears it before. */
  readonly refusals: Map<string, string> = new Map();
  readonly #options: LedgerRunOptions;
  #plays: readonly Performance[];
  readonly #down = new Set<string>([LATE]);
  readonly #states = new StateBook();
  readonly #returned = new Set<string>();
  #crashes = 0;
  #partitions = 0;

  constructor(options: LedgerRunOptions) {
    const { seed, params } = options;
    this.#options = options;
    let ballot: Ballot | null = null;
    this.world = new World({
      seed,
      params,
      names: [...NAMES, LATE],
      miner: () => null,
      addresses: (name) => NAMES.filter((other) => other !== name),
      chain: (name) => ({ transactionIndex: !UNINDEXED.has(name) }),
      vote: () => ballot!.cast(),
      watch: (node, action) => {
        if (action.type === 'tip' && action.to === node.tip) this.#states.moved(node, action.disconnected);
        if (action.type === 'transaction-refused')
          this.#noteRefusal(node, action.txid, `${action.code}: ${action.detail}`);
        if (action.type === 'transaction-removed') this.#noteRefusal(node, action.txid, action.detail);
      },
    });
    ballot = new Ballot(this.world.random);
    this.world.node(LATE).crash();
    this.#plays = castPlays(this.world, ballot, options.fates);
  }

  /** Nodes that run. */
  get up(): SimNode[] {
    return this.world.nodes.filter(({ name }) => !this.#down.has(name));
  }

  /** @throws with the seed */
  run(): LedgerReport {
    try {
      return this.#run();
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new Error(`seed ${this.#options.seed}: ${what}\n${this.world.describe()}`, { cause: error });
    }
  }

  #run(): LedgerReport {
    const { blocks } = this.#options;
    const { random } = this.world;
    this.poll(10);
    let nextDivision = 20;
    let nextCrash = 30;
    const once: [height: number, what: () => void][] = [
      [Math.floor(blocks / 2), () => this.#restart(this.world.node('b'), (node) => rebuildLedger(node, true))],
      [Math.floor((blocks * 5) / 8), () => this.#takeSnapshot()],
      [Math.floor((blocks * 3) / 4), () => this.#startLate()],
    ];
    for (let height = 0; height < blocks; height = this.#height()) {
      this.#findBlock();
      if (height >= nextDivision) {
        this.#divide();
        nextDivision = this.#height() + random.integer(15, 30);
      } else if (height >= nextCrash) {
        this.#restart(random.pick(this.up as [SimNode, ...SimNode[]]), () => undefined);
        nextCrash = this.#height() + random.integer(30, 60);
      } else if (once.length > 0 && height >= once[0]![0]) once.shift()![1]();
    }
    assert(once.length === 0, 'the run was too short for all that befalls the nodes');
    return this.#finish();
  }

  /** Lets the network run, and its people act. */
  poll(times = 1): void {
    for (let time = 0; time < times; time += 1) {
      this.world.run(POLL_S);
      for (const { node, play } of this.#plays) if (!this.#down.has(node.name)) play.next();
    }
  }

  /** Somebody of these finds a block; false if none of them may mine yet. */
  mine(nodes: readonly SimNode[], gain: readonly [low: number, high: number]): boolean {
    const { random } = this.world;
    const first = random.integer(0, nodes.length - 1);
    const order = nodes.map((_, place) => nodes[(first + place) % nodes.length]!);
    return order.some((node) => node.mineOnTip(() => random.integer(...gain)));
  }

  /**
   * Until all that run have one tip. Two blocks that were found at once may each be late at the other's finder (CON-27): as long as none is clearly
   * better, it is the next block that decides.
   */
  settle(): void {
    const { network, random } = this.world;
    for (let block = 0; !network.runUntil(() => this.world.agree(this.up), 8_000, 250); block += 1) {
      assert(block < 20, 'the nodes do not come to one tip');
      this.mine([random.pick(this.up as [SimNode, ...SimNode[]])], [50, 400]);
    }
  }

  #height(): number {
    return Math.max(...this.up.map(({ height }) => height));
  }

  /** One block after the other, now and then two at once. */
  #findBlock(): void {
    const { random } = this.world;
    this.poll(random.integer(1, 4));
    const { up } = this;
    const first = random.pick(up as [SimNode, ...SimNode[]]);
    this.mine([first], [50, 400]);
    if (random.fraction() < 0.1)
      this.mine(
        up.filter((node) => node !== first),
        [50, 400],
      );
  }

  #divide(): void {
    const { random, params } = this.world;
    const depth = this.#partitions === 0 ? params.finalityDepth : random.integer(1, params.finalityDepth);
    const division: Division = divide(this, depth);
    for (const id of division.returned) this.#returned.add(id);
    this.#partitions += 1;
  }

  /** A node stops as in a crash; blocks go on; it starts again on what was stored. */
  #restart(node: SimNode, meanwhile: (node: SimNode) => void): void {
    this.#stop(node);
    for (let block = this.world.random.integer(0, 4); block > 0; block -= 1) this.#findBlock();
    meanwhile(node);
    this.#start(node);
  }

  #stop(node: SimNode): void {
    node.crash();
    this.#down.add(node.name);
    this.#crashes += 1;
  }

  #start(node: SimNode): void {
    node.restart();
    this.#down.delete(node.name);
    this.settle();
    // Out of contact it may not mine, and whom it lost the others miss too.
    this.poll(10);
  }

  /** One node's state is exported at a final block, and another one goes on from it. */
  #takeSnapshot(): void {
    const [from, to] = [this.world.node('a'), this.world.node('e')];
    this.settle();
    // What is final for one that came from a longer branch may not be so yet for another one.
    while (to.chain.finalizedHeight() < from.chain.finalizedHeight()) {
      this.#findBlock();
      this.settle();
    }
    const snapshot = makeSnapshot(from);
    this.#restart(to, (node) => takeSnapshot(node, snapshot));
  }

  #startLate(): void {
    const late = this.world.node(LATE);
    assert(late.height === 0, 'the late node knows nothing');
    this.#start(late);
  }

  #noteRefusal({ name }: SimNode, txid: string | null, why: string): void {
    if (txid !== null) this.refusals.set(`${name} ${txid}`, why);
  }

  /** All pools are emptied into blocks; then everybody must be where a replay from genesis arrives. */
  #finish(): LedgerReport {
    this.#plays = [];
    const isEmpty = (): boolean => this.up.every(({ pool }) => pool.totals().count === 0);
    for (let block = 0; block < 60 && !isEmpty(); block += 1) this.#findBlock();
    this.settle();
    assert(isEmpty(), `transactions are left over: ${this.up.map(({ pool }) => pool.totals().count).join(', ')}`);
    for (const node of this.up) this.#states.compare(node);
    this.world.checkSafety();
    this.world.checkNobodyBlamed();
    for (const { name, gone } of this.up)
      assert(!gone.some(({ code }) => code === 'transaction-invalid'), `${name} blamed somebody for a transaction`);
    const [first] = this.world.nodes as [SimNode, ...SimNode[]];
    const { counts, transactions, hashes } = new Replay(first).run((height) => this.#states.isCompared(height));
    this.#states.checkReplay(hashes);
    return {
      height: first.height,
      stateHash: hashes.get(first.tip)!,
      counts,
      finalityDepth: first.params.finalityDepth,
      reorganisations: this.#states.reorganisations,
      returnedToPool: this.#returned.size,
      returnedAndConfirmed: [...this.#returned].filter((id) => transactions.has(id)).length,
      crashes: this.#crashes,
      partitions: this.#partitions,
    };
  }
}

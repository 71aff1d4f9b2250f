// A chain of headers with nothing but its rotation: blocks are made one by one, and every one can be undone from its journal.

import { assert } from '@resonancenet/bytes/assert';
import { compareBytes, equalBytes } from '@resonancenet/bytes/compare';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { Verdict } from '@resonancenet/consensus/verdict';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { encodeDval } from '@resonancenet/params/dval';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { regtest } from '@resonancenet/params/regtest';
import { keyDestination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE } from '@resonancenet/primitives/dval-vote';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { LedgerTable, LedgerView } from '../../ledger-view.ts';
import { endOfBlock, type RotationEffects } from '../end-of-block.ts';
import { type DecidedDval, decideDval, type LossOf, type Resolution, requiredDval } from '../required-dval.ts';
import { applyPropose, applyReveal, type Proposal, proposalHash, type Reveal } from '../rotation-actions.ts';
import { proposalOf, type ProposalRecord } from '../rotation-records.ts';

/** The refund of all sample proposals. */
export const REFUND: Proposal['refund'] = keyDestination(new Uint8Array(32).fill(9), regtest.recovery);

/** A set of the network whose ids depend on the seed, and its proposal. */
export function sampleSet(seed: number, params: NetworkParams = regtest): Reveal & { readonly proposal: Uint8Array } {
  const count = params.dval.windows * params.dval.windowSize;
  const shard = encodeDval(Uint16Array.from({ length: count }, (_, i) => (seed * 31 + i * 7) % 256));
  const salt = new Uint8Array(32).fill(seed % 256);
  return { salt, shard, proposal: proposalHash({ salt, shard }) };
}

/** A ledger in a map that remembers what was there before. */
class JournaledLedger implements LedgerView {
  readonly #entries = new Map<string, { readonly key: Uint8Array; readonly value: Uint8Array }>();
  #journal = new Map<string, Uint8Array | null>();
  /** Entries read so far. */
  reads = 0;

  get(table: LedgerTable, key: Uint8Array): Uint8Array | null {
    this.reads += 1;
    return this.#entries.get(`${table} ${toHex(key)}`)?.value ?? null;
  }

  *range(table: LedgerTable, from: Uint8Array, to: Uint8Array | null): Generator<readonly [Uint8Array, Uint8Array]> {
    const found = [...this.#entries]
      .filter(([name]) => name.startsWith(`${table} `))
      .map(([, entry]) => entry)
      .filter(({ key }) => compareBytes(key, from) >= 0 && (to === null || compareBytes(key, to) < 0));
    for (const { key, value } of found.sort((a, b) => compareBytes(a.key, b.key))) {
      this.reads += 1;
      yield [key, value];
    }
  }

  put(table: LedgerTable, key: Uint8Array, value: Uint8Array): void {
    this.#remember(table, key);
    this.#entries.set(`${table} ${toHex(key)}`, { key, value });
  }

  delete(table: LedgerTable, key: Uint8Array): void {
    this.#remember(table, key);
    this.#entries.delete(`${table} ${toHex(key)}`);
  }

  /** What the last block changed, and a new journal. */
  takeJournal(): ReadonlyMap<string, Uint8Array | null> {
    const journal = this.#journal;
    this.#journal = new Map();
    return journal;
  }

  undo(journal: ReadonlyMap<string, Uint8Array | null>): void {
    for (const [name, value] of journal) {
      if (value === null) this.#entries.delete(name);
      else this.#entries.set(name, { key: fromHex(name.split(' ')[1]!), value });
    }
    this.#journal = new Map();
  }

  /** All entries as text, in order: two ledgers are equal if these are. */
  dump(): string {
    return [...this.#entries]
      .map(([name, { value }]) => `${name} = ${toHex(value)}`)
      .sort()
      .join('\n');
  }

  get size(): number {
    return this.#entries.size;
  }

  #remember(table: LedgerTable, key: Uint8Array): void {
    const name = `${table} ${toHex(key)}`;
    if (!this.#journal.has(name)) this.#journal.set(name, this.get(table, key));
  }
}

export interface BlockPlan {
  readonly vote?: DvalVote;
  readonly propose?: readonly Uint8Array[];
  readonly reveal?: readonly Reveal[];
  /** After the parent; 1 if left out. */
  readonly seconds?: number;
  /** What the block claims instead of what is right. */
  readonly dvalId?: Uint8Array;
  readonly parentLoss?: number;
}

export interface MadeBlock {
  readonly header: BlockHeader;
  readonly effects: RotationEffects;
  readonly resolution: Resolution | null;
}

export class RotationWorld {
  readonly params: NetworkParams;
  readonly view: JournaledLedger = new JournaledLedger();
  readonly headers: BlockHeader[] = [];
  readonly #journals: ReadonlyMap<string, Uint8Array | null>[] = [];
  readonly #losses = new Map<string, number>();
  /** Bonds of proposals that nothing was decided about. */
  bonds = 0n;
  forfeited = 0n;
  refunded = 0n;

  constructor(params: NetworkParams = regtest) {
    this.params = params;
    this.headers.push(genesisHeader(params));
  }

  get tip(): BlockHeader {
    return this.headers.at(-1)!;
  }

  get height(): number {
    return this.headers.length - 1;
  }

  /** The loss of every checkpoint on a set. */
  setLoss(dvalId: Uint8Array, loss: number): void {
    this.#losses.set(toHex(dvalId), loss);
  }

  readonly lossOf: LossOf = (_, dvalId) => this.#losses.get(toHex(dvalId)) ?? null;

  proposal(proposal: Uint8Array): ProposalRecord {
    const record = proposalOf(this.view, proposal);
    assert(record !== null, 'the proposal is known');
    return record;
  }

  /** The next block's header, and what the rules say about its set. */
  judge(plan: BlockPlan = {}): { readonly header: BlockHeader; readonly verdict: ReturnType<typeof requiredDval> } {
    const header = this.#header(plan);
    return { header, verdict: requiredDval(this.view, header, this.tip, this.params, this.lossOf) };
  }

  /** What a miner is told. */
  decide(seconds = 1): DecidedDval {
    const child = { height: this.height + 1, timestamp: this.tip.timestamp + BigInt(seconds) };
    return decideDval(this.view, child, this.tip, this.params, this.lossOf);
  }

  /** Verdict on an action in the next block, without one. */
  tryReveal(reveal: Reveal): Verdict {
    const verdict = applyReveal(this.view, reveal, this.height + 1, this.params);
    this.view.undo(this.view.takeJournal());
    return verdict;
  }

  /** Connects a block that must be right. */
  block(plan: BlockPlan = {}): MadeBlock {
    const { header, verdict } = this.judge(plan);
    assert(verdict.ok, `block ${header.height} is refused: ${JSON.stringify(verdict)}`);
    for (const proposal of plan.propose ?? []) {
      const accepted = applyPropose(this.view, { proposal, refund: REFUND }, header.height, this.params);
      assert(accepted.ok, `the proposal is refused: ${JSON.stringify(accepted)}`);
      this.bonds += this.params.rotation.bond;
    }
    for (const reveal of plan.reveal ?? []) {
      const accepted = applyReveal(this.view, reveal, header.height, this.params);
      assert(accepted.ok, `the reveal is refused: ${JSON.stringify(accepted)}`);
    }
    const effects = endOfBlock(this.view, header, this.tip, verdict.decision, this.params);
    this.#book(effects);
    this.headers.push(header);
    this.#journals.push(this.view.takeJournal());
    return { header, effects, resolution: verdict.decision.resolution };
  }

  blocks(count: number, plan: BlockPlan = {}): void {
    for (let i = 0; i < count; i += 1) this.block(plan);
  }

  /** Blocks without plan up to this height. */
  growTo(height: number, plan: BlockPlan = {}): void {
    this.blocks(height - this.height, plan);
  }

  /** Takes off the highest block; bonds are not booked back. */
  undo(): void {
    this.headers.pop();
    this.view.undo(this.#journals.pop()!);
  }

  /** Proposes a set, locks it in with every vote from the next block on, and reveals it at once; gives its activation. */
  lockInAndReveal(set: Reveal & { readonly proposal: Uint8Array }): number {
    this.block({ propose: [set.proposal] });
    this.blocks(this.params.rotation.lockIn, { vote: { kind: 'for', proposal: set.proposal } });
    this.block({ reveal: [set] });
    return this.proposal(set.proposal).activation!;
  }

  #book({ refund, forfeited }: RotationEffects): void {
    this.bonds -= forfeited + (refund?.output.amount ?? 0n);
    this.forfeited += forfeited;
    this.refunded += refund?.output.amount ?? 0n;
  }

  #header({ vote = NO_VOTE, seconds = 1, ...claims }: BlockPlan): BlockHeader {
    const { tip } = this;
    const timestamp = tip.timestamp + BigInt(seconds);
    const decided = this.decide(seconds);
    const dvalId = claims.dvalId ?? (decided.ok ? decided.decision.dvalId : decided.needs.dvalId);
    const stays = equalBytes(dvalId, tip.dvalId);
    const parentLoss =
      claims.parentLoss ?? (stays ? tip.valLoss : (this.lossOf(tip.checkpointRoot, dvalId) ?? tip.valLoss));
    const { height, growth } = tip;
    return {
      ...tip,
      height: height + 1,
      growth: growth + 2n,
      timestamp,
      dvalVote: vote,
      dvalId,
      parentLoss,
      valLoss: parentLoss,
    };
  }
}

// A chain of headers with nothing but its rotation: blocks are made one by one, and every one can be undone from its journal.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { toHex } from '@resonancenet/bytes/hex';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { readActions } from '@resonancenet/consensus/read-actions';
import type { Verdict } from '@resonancenet/consensus/verdict';
import { encodeDval } from '@resonancenet/params/dval';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { regtest } from '@resonancenet/params/regtest';
import { type ActionContent, encodeAction } from '@resonancenet/primitives/action-content';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE, proposalHash } from '@resonancenet/primitives/dval-vote';
import type { BlockHeader } from '@resonancenet/primitives/header';
import { NO_LOCK, type Transaction } from '@resonancenet/primitives/transaction';
import type { LedgerContext } from '../../ledger-context.ts';
import type { LedgerTable } from '../../ledger-view.ts';
import { MemoryLedger } from '../../testing/memory-ledger.ts';
import { readTotals, writeTotals } from '../../totals.ts';
import { endOfBlock } from '../end-of-block.ts';
import { type DecidedDval, decideDval, type Resolution, requiredDval } from '../required-dval.ts';
import { applyRotationAction, checkRotationAction } from '../rotation-actions.ts';
import { proposalOf, type ProposalRecord } from '../rotation-records.ts';

/** The refund of all sample proposals. */
export const REFUND: Destination = keyDestination(new Uint8Array(32).fill(9), regtest.recovery);

export interface SampleSet {
  /** 32 bytes. */
  readonly salt: Uint8Array;
  readonly shard: Uint8Array;
  readonly proposal: Uint8Array;
}

export function propose(proposal: Uint8Array, refund: Destination = REFUND): ActionContent {
  return { kind: 'propose', proposal, refund };
}

export function reveal({ salt, shard }: Pick<SampleSet, 'salt' | 'shard'>): ActionContent {
  return { kind: 'reveal', salt, shard };
}

/** A transaction with one action. */
function carrier(content: ActionContent): Transaction {
  const outpoint = { txid: new Uint8Array(32).fill(1), index: 0 };
  const input = { outpoint, sequence: NO_LOCK, witness: new Uint8Array(0) };
  return { version: 1, inputs: [input], outputs: [], actions: [encodeAction(content)], lockTime: NO_LOCK };
}

/** A set of the network whose ids depend on the seed, and its proposal. */
export function sampleSet(seed: number, params: NetworkParams = regtest): SampleSet {
  const count = params.dval.windows * params.dval.windowSize;
  const shard = encodeDval(Uint16Array.from({ length: count }, (_, i) => (seed * 31 + i * 7) % 256));
  const salt = new Uint8Array(32).fill(seed % 256);
  return { salt, shard, proposal: proposalHash(salt, shard) };
}

/** The state, with a count of what is read. */
class CountingLedger extends MemoryLedger {
  /** Entries read so far. */
  reads = 0;

  override get(table: LedgerTable, key: Uint8Array): Uint8Array | null {
    this.reads += 1;
    return super.get(table, key);
  }

  override *range(
    table: LedgerTable,
    from: Uint8Array,
    to: Uint8Array | null,
  ): Iterable<readonly [Uint8Array, Uint8Array]> {
    for (const entry of super.range(table, from, to)) {
      this.reads += 1;
      yield entry;
    }
  }

  /** All entries as text, in order: two ledgers are equal if these are. */
  dump(): string {
    return [...this.entries()].map(([table, key, value]) => `${table} ${toHex(key)} = ${toHex(value)}`).join('\n');
  }
}

export interface BlockPlan {
  readonly vote?: DvalVote;
  readonly propose?: readonly Uint8Array[];
  readonly reveal?: readonly SampleSet[];
  /** After the parent; 1 if left out. */
  readonly seconds?: number;
  /** What the block claims instead of what is right. */
  readonly dvalId?: Uint8Array;
  readonly parentLoss?: number;
}

export interface MadeBlock {
  readonly header: BlockHeader;
  readonly resolution: Resolution | null;
}

export class RotationWorld {
  readonly params: NetworkParams;
  readonly context: LedgerContext;
  readonly view: CountingLedger = new CountingLedger();
  readonly headers: BlockHeader[] = [];
  readonly #journals: ReturnType<MemoryLedger['takeJournal']>[] = [];
  readonly #losses = new Map<string, number>();

  constructor(params: NetworkParams = regtest) {
    this.params = params;
    const lossOf = (_: Uint8Array, dvalId: Uint8Array): number | null => this.#losses.get(toHex(dvalId)) ?? null;
    this.context = { params, genesisId: new Uint8Array(32), lossOf };
    this.headers.push(genesisHeader(params));
  }

  get tip(): BlockHeader {
    return this.headers.at(-1)!;
  }

  get height(): number {
    return this.headers.length - 1;
  }

  /** What bonds hold, what went to the pool and what came back as outputs: all that was ever minted here. */
  get money(): readonly [bonds: bigint, pool: bigint, refunded: bigint] {
    const { bonds, returned, unspent } = readTotals(this.view);
    return [bonds, returned, unspent];
  }

  /** The loss of every checkpoint on a set. */
  setLoss(dvalId: Uint8Array, loss: number): void {
    this.#losses.set(toHex(dvalId), loss);
  }

  proposal(proposal: Uint8Array): ProposalRecord {
    const record = proposalOf(this.view, proposal);
    assert(record !== null, 'the proposal is known');
    return record;
  }

  /** The next block's header, and what the rules say about its set. */
  judge(plan: BlockPlan = {}): { readonly header: BlockHeader; readonly verdict: ReturnType<typeof requiredDval> } {
    const header = this.#header(plan);
    return { header, verdict: requiredDval({ header, parent: this.tip }, this.view, this.context) };
  }

  /** What a miner is told. */
  decide(seconds = 1): DecidedDval {
    const child = { height: this.height + 1, timestamp: this.tip.timestamp + BigInt(seconds) };
    return decideDval(this.view, child, this.tip, this.params, this.context.lossOf);
  }

  /** Verdict on an action of a transaction in a block of this height, the next one if it is left out. */
  check(content: ActionContent, height: number = this.height + 1): Verdict {
    const read = readActions(carrier(content), this.params);
    if (!read.ok) return read;
    const [action] = read.actions;
    return checkRotationAction(carrier(content), 0, action!, height, this.view, this.context);
  }

  /** Connects a block that must be right. */
  block(plan: BlockPlan = {}): MadeBlock {
    const { header, verdict } = this.judge(plan);
    assert(verdict.ok, `block ${header.height} is refused: ${codeOf(verdict)}`);
    const totals = readTotals(this.view);
    totals.height = header.height;
    const actions: ActionContent[] = [
      ...(plan.propose ?? []).map((proposal) => propose(proposal)),
      ...(plan.reveal ?? []).map((set) => reveal(set)),
    ];
    for (const content of actions) {
      const checked = this.check(content);
      assert(checked.ok, `the action is refused: ${codeOf(checked)}`);
      const read = readActions(carrier(content), this.params);
      assert(read.ok, 'it was read before');
      applyRotationAction(read.actions[0]!, header.height, this.view, totals, this.context);
      // The money that its transaction would spend.
      if (content.kind === 'propose') totals.minted += this.params.rotation.bond;
    }
    const block = { id: new Uint8Array(32), header, parent: this.tip, transactions: [] };
    endOfBlock(block, verdict.decision, this.view, totals, this.context);
    writeTotals(this.view, totals);
    this.headers.push(header);
    this.#journals.push(this.view.takeJournal());
    return { header, resolution: verdict.decision.resolution };
  }

  blocks(count: number, plan: BlockPlan = {}): void {
    for (let i = 0; i < count; i += 1) this.block(plan);
  }

  /** Blocks without plan up to this height. */
  growTo(height: number, plan: BlockPlan = {}): void {
    this.blocks(height - this.height, plan);
  }

  /** Takes off the highest block. */
  undo(): void {
    this.headers.pop();
    this.view.undo(this.#journals.pop()!);
  }

  /** Proposes a set, locks it in with every vote from the next block on, and reveals it at once; gives its activation. */
  lockInAndReveal(set: SampleSet): number {
    this.block({ propose: [set.proposal] });
    this.blocks(this.params.rotation.lockIn, { vote: { kind: 'for', proposal: set.proposal } });
    this.block({ reveal: [set] });
    return this.proposal(set.proposal).activation!;
  }

  #header({ vote = NO_VOTE, seconds = 1, ...claims }: BlockPlan): BlockHeader {
    const { tip } = this;
    const timestamp = tip.timestamp + BigInt(seconds);
    const decided = this.decide(seconds);
    const dvalId = claims.dvalId ?? (decided.ok ? decided.decision.dvalId : decided.needs.dvalId);
    const stays = equalBytes(dvalId, tip.dvalId);
    const parentLoss =
      claims.parentLoss ?? (stays ? tip.valLoss : (this.context.lossOf(tip.checkpointRoot, dvalId) ?? tip.valLoss));
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

function codeOf(verdict: { readonly ok: boolean; readonly code?: string | null }): string {
  return verdict.ok ? 'ok' : (verdict.code ?? 'a loss is needed');
}

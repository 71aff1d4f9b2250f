// What happens on the chain of the crash suite beside payments: money under every recovery policy, with signs of life, announcements, claims and
// returns, and validation sets that are proposed, voted about and revealed. It follows from the height and the state, on whatever branch.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { FEE, type SpendingBlock, spend, spendingBlock } from '@resonancenet/chain/testing/spending-blocks';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { MINER_SEED } from '@resonancenet/consensus/testing/sample-chain';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { type Coin, decodeCoin, outpointOfKey } from '@resonancenet/ledger/coin';
import { connectBlock } from '@resonancenet/ledger/connect-block';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { readPolicy } from '@resonancenet/ledger/policy-registry';
import { announcementBond, announcementRefund } from '@resonancenet/ledger/recovery';
import { decideDval } from '@resonancenet/ledger/rotation/required-dval';
import { proposalOf } from '@resonancenet/ledger/rotation/rotation-records';
import { type JournalEntry, MemoryLedger } from '@resonancenet/ledger/testing/memory-ledger';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { RESONANCES_PER_RNT } from '@resonancenet/params/protocol-constants';
import { amount } from '@resonancenet/primitives/amount';
import { type Destination, keyDestination } from '@resonancenet/primitives/destination';
import { type DvalVote, NO_VOTE } from '@resonancenet/primitives/dval-vote';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import {
  type ActionWish,
  byKey,
  type OwnCoin,
  signedTransaction,
  type TransactionWish,
} from '@resonancenet/primitives/testing/signed-transaction';
import type { Transaction } from '@resonancenet/primitives/transaction';
import { type People, peopleOf, type StorySet, storySet } from './story-people.ts';

/** Heights at which a validation set is proposed, and what becomes of it. */
const PROPOSALS: ReadonlyMap<number, 'active' | 'failed' | 'expired' | 'cancelled'> = new Map([
  [4, 'active'],
  [11, 'failed'],
  [17, 'expired'],
  [22, 'cancelled'],
]);

/** Blocks from one beginning of the story to the next, and the height of the first. */
const CHAPTER = 5;
const FIRST = 3;

export interface StoryOptions {
  readonly seed: number;
  /** Micro-nats. */
  readonly gain: number;
  /** Beyond what the coinbase earns. */
  readonly greed?: bigint;
}

/** Makes blocks of which each holds what may happen on its own branch. Losses are the same on all validation sets. */
export class Story {
  readonly #params: NetworkParams;
  readonly #genesisId: Uint8Array;
  readonly #own: Destination;
  readonly #view = new MemoryLedger();
  /** From block 1 up to the block whose state the view holds. */
  readonly #path: { readonly block: SpendingBlock; readonly journal: readonly JournalEntry[] }[] = [];
  readonly #parents = new Map<SpendingBlock, SpendingBlock | null>();

  constructor(params: NetworkParams) {
    this.#params = params;
    this.#genesisId = blockId(genesisHeader(params));
    this.#own = keyDestination(publicKey(MINER_SEED), params.recovery);
  }

  /** A block on another one that this story made, or on genesis. */
  block(parent: SpendingBlock | null, options: StoryOptions): SpendingBlock {
    this.#moveTo(parent);
    const header = parent?.header ?? genesisHeader(this.#params);
    const height = header.height + 1;
    const replaced = { dvalId: this.#dvalOn(header), dvalVote: this.#vote(height) };
    const transactions = this.#transactions(height);
    const block = spendingBlock(parent, { ...options, transactions, replaced }, this.#params);
    this.#parents.set(block, parent);
    return block;
  }

  chain(parent: SpendingBlock | null, count: number, options: StoryOptions): SpendingBlock[] {
    const blocks: SpendingBlock[] = [];
    for (let at = parent; blocks.length < count; at = blocks.at(-1)!) blocks.push(this.block(at, options));
    return blocks;
  }

  /** The state after a block; valid until the next call. */
  stateAfter(block: SpendingBlock): LedgerReader {
    this.#moveTo(block);
    return this.#view;
  }

  #moveTo(block: SpendingBlock | null): void {
    const path: SpendingBlock[] = [];
    for (let at = block; at !== null; at = this.#parents.get(at)!) path.push(at);
    path.reverse();
    while (this.#path.some(({ block: each }, index) => path[index] !== each))
      this.#view.undo(this.#path.pop()!.journal);
    for (const next of path.slice(this.#path.length)) this.#connect(next);
  }

  #connect(block: SpendingBlock): void {
    const parent = this.#path.at(-1)?.block.header ?? genesisHeader(this.#params);
    const context = { params: this.#params, genesisId: this.#genesisId, lossOf: () => parent.valLoss };
    const id = blockId(block.header);
    const result = connectBlock({ ...block, id, parent }, this.#view, context);
    assert(result.ok, `the story's block of height ${block.header.height} is refused: ${result.ok ? '' : result.code}`);
    this.#path.push({ block, journal: this.#view.takeJournal() });
  }

  #dvalOn(parent: BlockHeader): Uint8Array {
    const { height, timestamp } = parent;
    const decided = decideDval(
      this.#view,
      { height: height + 1, timestamp },
      parent,
      this.#params,
      () => parent.valLoss,
    );
    assert(decided.ok, 'all losses are known');
    return decided.decision.dvalId;
  }

  #transactions(height: number): Transaction[] {
    const coins = this.#coins(height);
    const wishes = [...this.#recoveries(height), ...this.#rotation(height)];
    const paid = wishes.flatMap((wish) => this.#pay(wish, coins));
    const rest = coins.splice(0, 2).map(({ outpoint, output }) => ({ ...outpoint, output, ripeAt: height }));
    return rest.length === 0 ? paid : [...paid, spend(rest, 2, true, this.#params)];
  }

  /** The miner's outputs that a block of this height may spend, without those that return in it. */
  #coins(height: number): OwnCoin[] {
    const isRipe = (coin: Coin): boolean =>
      equalBytes(coin.lockId, this.#own.lockId) &&
      (!coin.coinbase || height - coin.height >= this.#params.coinbaseMaturity) &&
      coin.queued > height;
    return [...this.#view.range('coins', new Uint8Array(0), null)]
      .map(([key, value]) => ({ outpoint: outpointOfKey(key), output: decodeCoin(value) }))
      .filter(({ output }) => isRipe(output))
      .sort((a, b) => a.output.height - b.output.height);
  }

  #coinAt({ lockId, policyId }: Destination): OwnCoin | null {
    for (const [key, value] of this.#view.range('coins', new Uint8Array(0), null)) {
      const coin = decodeCoin(value);
      if (equalBytes(coin.lockId, lockId) && equalBytes(coin.policyId, policyId))
        return { outpoint: outpointOfKey(key), output: coin };
    }
    return null;
  }

  /** With an output of the miner for what its outputs, bonds and fee take; as it is if it brings its own. Nothing if there is no money. */
  #pay({ bond, ...wish }: Wish, coins: OwnCoin[]): Transaction[] {
    if (wish.openings.length > 0) return [signedTransaction(this.#genesisId, wish)];
    const needed = wish.outputs.reduce((sum, output) => sum + output.amount, bond + FEE);
    const place = coins.findIndex(({ output }) => output.amount >= needed);
    const [coin] = place < 0 ? [] : coins.splice(place, 1);
    if (coin === undefined) return [];
    const rest = { amount: amount(coin.output.amount - needed), ...this.#own };
    const opening = { coin, leaves: [[byKey(MINER_SEED)]], leaf: 0, keys: [MINER_SEED] };
    const outputs = [...wish.outputs, ...(rest.amount > 0n ? [rest] : [])];
    return [signedTransaction(this.#genesisId, { ...wish, openings: [opening], outputs })];
  }

  /** A chapter: three outputs; signs of life and an announcement; its cancellation; another announcement; the claims, and a return. */
  #recoveries(height: number): Wish[] {
    if (height < FIRST) return [];
    const people = peopleOf(Math.floor((height - FIRST) / CHAPTER));
    const { heartbeat, social, emissionReturn, liveness } = people;
    const alive = (terms: typeof heartbeat.terms): ActionWish => ({ kind: 'heartbeat', terms, key: liveness });
    const places = [heartbeat, social, emissionReturn].map(({ destination }) => destination);
    const page = (height - FIRST) % CHAPTER;
    if (page === 0)
      return [wishFor({ outputs: places.map((place) => ({ amount: amount(RESONANCES_PER_RNT), ...place })) })];
    if (places.some((place) => this.#coinAt(place) === null)) return [];
    const announce: ActionWish = {
      kind: 'announce',
      terms: social.terms,
      destination: this.#own,
      guardians: people.guardians,
    };
    const policy = readPolicy(this.#view, social.destination.policyId);
    const bond = announcementBond(policy);
    if (page === 1)
      return [wishFor({ actions: [alive(heartbeat.terms), alive(emissionReturn.terms), announce], bond })];
    if (page === 2) return [wishFor({ actions: [alive(heartbeat.terms), alive(social.terms)] })];
    if (page === 3) return [wishFor({ actions: [announce], bond })];
    return [
      this.#claim(heartbeat, [people.recovery], 0n),
      ...(policy.announcement === null ? [] : [this.#claim(social, [], announcementRefund(policy))]),
    ];
  }

  #claim({ destination, leaves }: People['heartbeat' | 'social'], keys: readonly Uint8Array[], refund: bigint): Wish {
    const coin = this.#coinAt(destination)!;
    const outputs = [{ amount: amount(coin.output.amount + refund - FEE), ...this.#own }];
    return wishFor({ openings: [{ coin, leaves, leaf: 1, keys }], outputs });
  }

  #rotation(height: number): Wish[] {
    if (PROPOSALS.has(height)) {
      const { proposal } = storySet(height, this.#params);
      return [
        wishFor({ actions: [{ kind: 'propose', proposal, refund: this.#own }], bond: this.#params.rotation.bond }),
      ];
    }
    const { at, set } = this.#latest(height);
    const record = set === null ? null : proposalOf(this.#view, set.proposal);
    if (record?.status !== 'lockedIn' || record.revealedAt !== null || PROPOSALS.get(at) === 'failed') return [];
    const { salt, shard } = set!;
    return [wishFor({ actions: [{ kind: 'reveal', salt, shard }] })];
  }

  #vote(height: number): DvalVote {
    const { at, set } = this.#latest(height);
    const fate = PROPOSALS.get(at);
    if (set === null || fate === 'expired') return NO_VOTE;
    const record = proposalOf(this.#view, set.proposal);
    if (record === null || record.status === 'open') return { kind: 'for', proposal: set.proposal };
    return fate === 'cancelled' && record.revealedAt !== null ? { kind: 'against', proposal: set.proposal } : NO_VOTE;
  }

  /** The last height at which a set is proposed, and that set. */
  #latest(height: number): { readonly at: number; readonly set: StorySet | null } {
    const at = [...PROPOSALS.keys()].filter((each) => each <= height).at(-1);
    return at === undefined ? { at: 0, set: null } : { at, set: storySet(at, this.#params) };
  }
}

/** `bond`: what its actions lock. */
type Wish = TransactionWish & { readonly bond: bigint };

function wishFor(wish: Partial<Wish>): Wish {
  return { openings: [], outputs: [], bond: 0n, ...wish };
}

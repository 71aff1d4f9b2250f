// The active chain of a node once more from genesis, block by block on an empty state: what happened on it is counted, every return is held against
// its height, and the end is what any node must have arrived at by whatever detours.

import { assert } from '@resonancenet/bytes/assert';
import { bigEndian } from '@resonancenet/bytes/big-endian';
import { decode } from '@resonancenet/bytes/decode';
import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { networkLedger, trustedLosses } from '@resonancenet/chain/ledger';
import { MemoryChainStore } from '@resonancenet/chain/memory-store';
import { StoreView } from '@resonancenet/chain/store-view';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import { type Coin, coinKey, decodeCoin } from '@resonancenet/ledger/coin';
import { canSign, policyBlocks } from '@resonancenet/ledger/policy-id';
import { readPolicy } from '@resonancenet/ledger/policy-registry';
import { allProposals, voteAt } from '@resonancenet/ledger/rotation/rotation-records';
import { stateHash } from '@resonancenet/ledger/state-hash';
import { decodeAction } from '@resonancenet/primitives/action-content';
import { bodyCodec } from '@resonancenet/primitives/block';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { type Transaction, txid } from '@resonancenet/primitives/transaction';
import { decodeLockWitness } from '@resonancenet/primitives/witness';
import type { SimNode } from '../sim-node.ts';
import { checkMoney } from './restated-money.ts';

/** Heights between two counts of all money. */
const MONEY_EVERY = 10;

/** What is counted on a chain. */
export const HAPPENINGS = [
  'payments',
  'spends of what the same block created',
  'heartbeats',
  'recoveries after a timeout',
  'announcements',
  'announcements cancelled by their owner',
  'social recoveries',
  'returns to the emission',
  'returns that a sign of life had put off',
  'proposals',
  'votes for a set',
  'votes against a set',
  'lock-ins',
  'reveals',
  'activations',
  'proposals cancelled',
  'proposals void',
  'proposals failed',
  'proposals expired',
  'bonds of announcements forfeited',
] as const;

export type Happening = (typeof HAPPENINGS)[number];

export interface ReplayedChain {
  readonly counts: ReadonlyMap<Happening, number>;
  /** Ids of all transactions but the coinbases. */
  readonly transactions: ReadonlySet<string>;
  /** By block id, of heights that are asked for. */
  readonly hashes: ReadonlyMap<string, string>;
}

interface Due {
  readonly key: Uint8Array;
  readonly coin: Coin;
  /** By the last sign of life of its policy. */
  readonly deadline: number;
}

export class Replay {
  readonly #node: SimNode;
  readonly #store = new MemoryChainStore();
  readonly #view = new StoreView(this.#store);
  readonly #counts = new Map<Happening, number>(HAPPENINGS.map((name) => [name, 0]));
  readonly #transactions = new Set<string>();
  readonly #hashes = new Map<string, string>();

  constructor(node: SimNode) {
    this.#node = node;
  }

  /** From genesis to the tip. `hashAt`: heights at which the state hash is kept; that of the tip always is. */
  run(hashAt: (height: number) => boolean): ReplayedChain {
    const { params, chain, height: tip } = this.#node;
    let parent = genesisHeader(params);
    for (let height = 1; height <= tip; height += 1) {
      const id = chain.activeChainAt(height)!;
      const header = chain.header(id)!;
      this.#connect(id, header, parent);
      if (height % MONEY_EVERY === 0 || height === tip) checkMoney(this.#view, params);
      if (hashAt(height) || height === tip) this.#hashes.set(id, toHex(stateHash(this.#view)));
      this.#store.write(this.#view.take());
      parent = header;
    }
    for (const { record } of allProposals(this.#view)) {
      this.#count('proposals');
      if (record.lockedInAt !== null) this.#count('lock-ins');
      if (record.revealedAt !== null) this.#count('reveals');
      if (record.status === 'active') this.#count('activations');
      if (record.status === 'cancelled') this.#count('proposals cancelled');
      if (record.status === 'void') this.#count('proposals void');
      if (record.status === 'failed') this.#count('proposals failed');
      if (record.status === 'expired') this.#count('proposals expired');
    }
    return { counts: this.#counts, transactions: this.#transactions, hashes: this.#hashes };
  }

  #count(name: Happening): void {
    this.#counts.set(name, this.#counts.get(name)! + 1);
  }

  #connect(id: string, header: BlockHeader, parent: BlockHeader): void {
    const { params } = this.#node;
    const transactions = transactionsOf(this.#node, id);
    for (const transaction of transactions.slice(1)) this.#note(transaction);
    this.#noteRows(transactions.slice(1));
    const due = this.#dueAt(header.height);
    const ledger = networkLedger(params, toHex(blockId(genesisHeader(params))));
    const losses = trustedLosses({ dvalId: toHex(header.dvalId), parentLoss: header.parentLoss });
    const block = { id: fromHex(id), header, parent, transactions };
    const result = ledger.connect(block, this.#view, losses);
    assert(result.ok, `block ${id} of the active chain is refused: ${result.ok ? '' : result.code}`);
    this.#checkReturns(due, transactions, header.height);
    const vote = voteAt(this.#view, header.height);
    if (vote?.kind === 'for') this.#count('votes for a set');
    if (vote?.kind === 'against') this.#count('votes against a set');
  }

  /** On the state before its block. */
  #note(transaction: Transaction): void {
    this.#transactions.add(toHex(txid(transaction)));
    const kinds = new Set(transaction.inputs.flatMap(({ witness }) => conditionsOf(witness)));
    if (transaction.actions.length === 0 && kinds.size === 1 && kinds.has('key')) this.#count('payments');
    if (kinds.has('idle')) this.#count('recoveries after a timeout');
    if (kinds.has('announced')) this.#count('social recoveries');
    for (const action of transaction.actions) {
      const read = decodeAction(action);
      assert(read.ok, 'what is in a block can be read');
      const { content } = read;
      if (content.kind === 'announce') this.#count('announcements');
      if (content.kind !== 'heartbeat') continue;
      this.#count('heartbeats');
      const { announcement } = readPolicy(this.#view, termsPolicyId(content.terms));
      if (announcement === null) continue;
      this.#count('announcements cancelled by their owner');
      if (announcement.bonded) this.#count('bonds of announcements forfeited');
    }
  }

  /** Transactions that were made before what they spend was in a block. */
  #noteRows(transactions: readonly Transaction[]): void {
    const own = new Set(transactions.map((transaction) => toHex(txid(transaction))));
    for (const { inputs } of transactions)
      if (inputs.some(({ outpoint }) => own.has(toHex(outpoint.txid))))
        this.#count('spends of what the same block created');
  }

  /** Outputs that the queue of returns holds for this height or before, with the deadline that their policy's last sign of life gives them. */
  #dueAt(height: number): Due[] {
    return [...this.#view.range('deadlines', new Uint8Array(0), bigEndian(height + 1))].map(([entry]) => {
      const key = entry.slice(4);
      const coin = decodeCoin(this.#view.get('coins', key)!);
      const lastSign = canSign(coin.policyId) ? readPolicy(this.#view, coin.policyId).lastSign : 0;
      return { key, coin, deadline: Math.max(coin.height, lastSign) + policyBlocks(coin.policyId) };
    });
  }

  /** What is due at this height has returned, to the block; what had a sign of life has not, unless this block spent it. */
  #checkReturns(due: readonly Due[], transactions: readonly Transaction[], height: number): void {
    const spent = new Set(
      transactions
        .slice(1)
        .flatMap(({ inputs }) => inputs.map(({ outpoint }) => toHex(coinKey(outpoint.txid, outpoint.index)))),
    );
    for (const { key, coin, deadline } of due) {
      const isThere = this.#view.get('coins', key) !== null;
      assert(deadline >= height, `an output that was due at ${deadline} is still there at ${height}`);
      if (deadline > height)
        assert(isThere || spent.has(toHex(key)), `an output returns at ${height}, before ${deadline}`);
      else {
        assert(!isThere && !spent.has(toHex(key)), `an output that is due at ${height} has not returned`);
        this.#count('returns to the emission');
        if (deadline > coin.height + policyBlocks(coin.policyId))
          this.#count('returns that a sign of life had put off');
      }
    }
  }
}

/** Of a block that the node has; the coinbase first. */
export function transactionsOf(node: SimNode, id: string): readonly Transaction[] {
  const bytes = node.chain.bodyBytes(id);
  assert(bytes !== null, `${node.name} has no body of block ${id}`);
  const body = decode(bodyCodec(node.params), bytes);
  assert(body.ok, `the body of block ${id} cannot be read`);
  return body.value.transactions;
}

function conditionsOf(witness: Uint8Array): string[] {
  const read = decodeLockWitness(witness);
  assert(read.ok, 'what is in a block can be read');
  return read.witness.leaf.map(({ kind }) => kind);
}

// Makes a chain machine from what the store holds; an empty store begins with genesis.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import { equalBytes } from '@resonancenet/bytes/compare';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { blockId } from '@resonancenet/primitives/header';
import { ActiveChain } from './active-chain.ts';
import { BlockIndex } from './block-index.ts';
import type { BlockNode, ContactLog } from './block-node.ts';
import { ChainClock } from './chain-clock.ts';
import { ChainError } from './chain-error.ts';
import { type ChainLimits, chainLimits } from './chain-limits.ts';
import { ChainMachine } from './chain-machine.ts';
import type { Hex32, Now } from './events.ts';
import { type Ledger, networkLedger } from './ledger.ts';
import { encodeLedgerRecord, LEDGER_KEY, readLedgerRecord } from './ledger-record.ts';
import { type ChainOptions, MachineContext } from './machine-context.ts';
import type { ChainStore, CheckpointStore } from './ports.ts';
import {
  ancestorKey,
  type BlockRecord,
  decodeBlockRecord,
  decodeStateRecord,
  encodeHeight,
  NETWORK_KEY,
  type StateRecord,
  STATE_KEY,
} from './records.ts';
import { SignatureCache } from './signature-cache.ts';
import { StoreView } from './store-view.ts';

export interface ChainDependencies {
  readonly params: NetworkParams;
  readonly store: ChainStore;
  /** The genesis checkpoint need not be in it: only a block that changes the D_val on genesis would ask for it, and none may (CON-10). */
  readonly checkpoints: CheckpointStore;
  readonly options?: Partial<ChainOptions>;
  readonly ledger?: Ledger;
  /** What the mempool shares. Without it the chain keeps its own, whose entries others could foresee. */
  readonly signatures?: SignatureCache;
  readonly limits?: Partial<ChainLimits>;
}

/**
 * The machine in the state in which the store was left. Call `step({ type: 'tick' }, now)` at once: its actions complete what a crash cut off.
 * @throws ChainError `chain-network` if the store belongs to another network, `chain-corrupt` if a record cannot be read.
 */
export function createChain(dependencies: ChainDependencies, now: Now): ChainMachine {
  const { params, store, checkpoints } = dependencies;
  const view = new StoreView(store);
  const genesis = genesisHeader(params);
  const genesisId = toHex(blockId(genesis));
  checkNetwork(view, genesisId, params);
  const bytes = view.get('meta', STATE_KEY);
  const state = bytes === null ? null : decodeStateRecord(bytes);
  checkLedger(view, state === null, dependencies.options?.transactionIndex ?? false);
  const clock = new ChainClock(now, state?.clock ?? 0);
  // Before contact is made again, nobody can be late.
  const contact: ContactLog = { outages: openOutages(state) };
  const limits = { ...chainLimits, ...dependencies.limits };
  const index = new BlockIndex(params, limits, view, contact);
  const active =
    state === null ? newChain(index, view, genesisId, genesisRecord(params)) : storedChain(index, view, state);
  const context = new MachineContext({
    params,
    options: {
      archive: false,
      evaluations: 1,
      transactionIndex: false,
      ...dependencies.options,
      keepCheckpoints: keepCount(dependencies),
    },
    limits,
    view,
    checkpoints,
    index,
    active,
    contact,
    clock,
    signatures: dependencies.signatures ?? new SignatureCache(new Uint8Array(32)),
    now,
  });
  const ledger = dependencies.ledger ?? networkLedger(params, genesisId);
  return new ChainMachine(context, ledger, state ?? { prunedHeight: 0, holds: [] });
}

function keepCount({ options }: ChainDependencies): number {
  return Math.max(chainLimits.keepCheckpoints, options?.keepCheckpoints ?? 0);
}

function checkNetwork(view: StoreView, genesisId: Hex32, params: NetworkParams): void {
  const stored = view.get('meta', NETWORK_KEY);
  if (stored === null) view.put('meta', NETWORK_KEY, fromHex(genesisId));
  else if (!equalBytes(stored, fromHex(genesisId))) {
    throw new ChainError(
      'chain-network',
      `The data directory belongs to another network: its genesis is ${toHex(stored)}, that of ${params.name} is ${genesisId}. Choose another data directory.`,
    );
  }
}

/** Whether the ledger's tables are those of the tip, and the index of transactions is what it should be. */
function checkLedger(view: StoreView, isNew: boolean, transactionIndex: boolean): void {
  const record = isNew ? { phase: 'ready' as const, height: 0, transactionIndex } : readLedgerRecord(view);
  if (record === null) throw reindex('the store was written by a version of this program that kept no ledger');
  if (record.phase !== 'ready') throw reindex('rebuilding the ledger began and did not end');
  if (transactionIndex && !record.transactionIndex) throw reindex('the store has no complete index of transactions');
  if (isNew || record.transactionIndex !== transactionIndex)
    view.put('meta', LEDGER_KEY, encodeLedgerRecord({ ...record, transactionIndex }));
}

function reindex(why: string): ChainError {
  return new ChainError(
    'chain-reindex',
    `The state of the ledger has to be rebuilt: ${why}. Start once with --reindex.`,
  );
}

/** The outages as they were, and one that lasts: after what was last written the program may not have been running. */
function openOutages(state: StateRecord | null): StateRecord['outages'] {
  if (state === null) return [{ from: 0, to: null }];
  return state.outages.at(-1)?.to === null
    ? state.outages
    : [...state.outages, { from: state.clock + 1, to: null }].slice(-chainLimits.outages);
}

/** Genesis was always there: its checkpoint follows from the parameters. */
function genesisRecord(params: NetworkParams): BlockRecord {
  return {
    header: genesisHeader(params),
    stage: 'verified',
    ours: true,
    inSync: false,
    forbidden: false,
    excused: false,
    headerSeenAt: 1,
    chunksAt: 1,
    connectedAt: null,
    invalid: null,
  };
}

function newChain(index: BlockIndex, view: StoreView, id: Hex32, record: BlockRecord): ActiveChain {
  const node = index.restore(id, record, null);
  node.stored = false;
  index.touch(node);
  view.put('heights', encodeHeight(0), fromHex(id));
  view.put('roots', ancestorKey(node.root), encodeHeight(0));
  return new ActiveChain(view, [node]);
}

function storedChain(index: BlockIndex, view: StoreView, state: StateRecord): ActiveChain {
  const records: { readonly id: Hex32; readonly record: BlockRecord }[] = [];
  for (const [key] of view.stored('live')) {
    const bytes = view.get('headers', key);
    if (bytes === null) throw corrupt(`block ${toHex(key)} has no record`);
    records.push({ id: toHex(key), record: decodeBlockRecord(bytes) });
  }
  records.sort((a, b) => a.record.header.height - b.record.header.height);
  for (const { id, record } of records) {
    const parent = id === state.finalId ? null : index.get(toHex(record.header.prevHash));
    if (parent === undefined) throw corrupt(`block ${id} has no parent`);
    index.restore(id, record, parent);
  }
  const branch: BlockNode[] = [];
  for (let node = index.get(state.tip) ?? null; node !== null; node = node.parent) branch.push(node);
  branch.reverse();
  if (branch[0]?.id !== state.finalId) throw corrupt(`the tip ${state.tip} does not descend from the final block`);
  return new ActiveChain(view, branch);
}

function corrupt(what: string): ChainError {
  return new ChainError(
    'chain-corrupt',
    `The chain store contradicts itself: ${what}. Move it away and start again: the node downloads and verifies what is missing.`,
  );
}

// A block as a wallet reads it (WAL-30 to WAL-32): what it pays to and takes from the accounts, and what returns. Blocks come in order; what one
// changes is journaled by the view's owner and taken back byte for byte.

import { assert } from '@resonancenet/bytes/assert';
import { equalBytes } from '@resonancenet/bytes/compare';
import { ACTION_KIND, decodeAction } from '@resonancenet/primitives/action-content';
import type { BlockId, TxId } from '@resonancenet/primitives/ids';
import { termsPolicyId } from '@resonancenet/primitives/policy-terms';
import { type Transaction, txid } from '@resonancenet/primitives/transaction';
import { readAccountState, readTip, writeAccountState, writeTip } from './account-state.ts';
import { BRANCHES, type AddressBranch } from './account-branch.ts';
import { addCoin, coinsToReturn, readCoin, takeCoin } from './coin-table.ts';
import { writeConfirmed, writeHistory } from './history-table.ts';
import { settlePending } from './pending-table.ts';
import type { AddressPlace, WalletAccount } from './wallet-account.ts';
import type { WalletAccounts } from './wallet-accounts.ts';
import type { WalletView } from './wallet-view.ts';

/** What of a block a wallet reads. */
export interface WalletBlock {
  readonly height: number;
  readonly id: BlockId;
  /** Id of its parent. */
  readonly previous: BlockId;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** The coinbase first. */
  readonly transactions: readonly Transaction[];
}

/** Keys that the signer must export before further payments can be lost from sight: fewer than the gap limit are left. */
export interface MissingKeys {
  readonly account: number;
  readonly branch: AddressBranch;
  /** Index of the first key that is not known. */
  readonly first: number;
}

export interface ScannedBlock {
  /** Transactions that concern the wallet, in block order. */
  readonly transactions: readonly TxId[];
  readonly missingKeys: readonly MissingKeys[];
}

/** Addresses in a row without a payment after which a wallet gives out no further one, so that a restore finds all of them (BIP 44). */
export const GAP_LIMIT = 20;

/** What a transaction does to one account so far. */
interface Effect {
  credit: bigint;
  debit: bigint;
  heartbeat: boolean;
}

/** Connects a block to what the wallet knows. It must follow the last one; the first may have any height. */
export function scanBlock(block: WalletBlock, view: WalletView, accounts: WalletAccounts): ScannedBlock {
  const tip = readTip(view);
  assert(
    tip === null || (tip.height + 1 === block.height && equalBytes(tip.id, block.previous)),
    `block ${block.height} does not follow the wallet's block ${tip?.height}`,
  );
  for (const account of accounts.all) takeReturns(account, block.height, view);
  const found: TxId[] = [];
  for (const [position, transaction] of block.transactions.entries()) {
    const id = txid(transaction);
    if (scanTransaction(block, position, transaction, id, view, accounts)) found.push(id);
  }
  writeTip(view, { height: block.height, id: block.id });
  return { transactions: found, missingKeys: found.length === 0 ? [] : missingKeys(view, accounts) };
}

/** Branches of which fewer keys than the gap limit are left. */
export function missingKeys(view: WalletView, accounts: WalletAccounts): MissingKeys[] {
  const missing: MissingKeys[] = [];
  for (const account of accounts.all) {
    const { used } = readAccountState(view, account.number);
    for (const branch of BRANCHES) {
      const first = account.windowEnd(branch);
      if (first < used[branch] + GAP_LIMIT) missing.push({ account: account.number, branch, first });
    }
  }
  return missing;
}

/** Before the transactions of a block: coins whose deadline it is leave for ever (LED-20). */
function takeReturns(account: WalletAccount, height: number, view: WalletView): void {
  const { lastSign } = readAccountState(view, account.number);
  const due = coinsToReturn(view, account, lastSign, height);
  if (due.length === 0) return;
  let debit = 0n;
  for (const coin of due) {
    takeCoin(view, coin, account);
    debit += coin.amount;
  }
  const entry = {
    account: account.number,
    height,
    kind: 'returned',
    txid: null,
    credit: 0n,
    debit,
    feeAndBonds: null,
  } as const;
  writeHistory(view, { ...entry, heartbeat: false }, null);
}

function scanTransaction(
  block: WalletBlock,
  position: number,
  transaction: Transaction,
  id: TxId,
  view: WalletView,
  accounts: WalletAccounts,
): boolean {
  const effects = new Map<WalletAccount, Effect>();
  settlePending(view, id, transaction);
  const ownInputs = takeInputs(transaction, view, accounts, effects);
  readHeartbeats(transaction, block.height, view, accounts, effects);
  addOutputs(block.height, position === 0, transaction, id, view, accounts, effects);
  if (effects.size === 0) return false;
  const { height, timestamp } = block;
  const kind = position === 0 ? 'coinbase' : 'transaction';
  const feeAndBonds = ownInputs === transaction.inputs.length ? restOf(transaction, effects) : null;
  writeConfirmed(view, id, { height, position, timestamp, transaction });
  for (const [{ number }, effect] of effects)
    writeHistory(view, { account: number, height, kind, txid: id, feeAndBonds, ...effect }, position);
  return true;
}

function takeInputs(
  transaction: Transaction,
  view: WalletView,
  accounts: WalletAccounts,
  effects: Map<WalletAccount, Effect>,
): number {
  let taken = 0;
  for (const { outpoint } of transaction.inputs) {
    const coin = readCoin(view, outpoint);
    const account = coin === null ? null : accounts.get(coin.account);
    if (coin === null || account === null) continue;
    takeCoin(view, coin, account);
    effectOn(effects, account).debit += coin.amount;
    taken++;
  }
  return taken;
}

function readHeartbeats(
  { actions }: Transaction,
  height: number,
  view: WalletView,
  accounts: WalletAccounts,
  effects: Map<WalletAccount, Effect>,
): void {
  for (const action of actions) {
    if (action.kind !== ACTION_KIND.heartbeat) continue;
    const decoded = decodeAction(action);
    if (!decoded.ok || decoded.content.kind !== 'heartbeat') continue;
    const account = accounts.ofPolicy(termsPolicyId(decoded.content.terms));
    if (account === null) continue;
    writeAccountState(view, account.number, { ...readAccountState(view, account.number), lastSign: height });
    effectOn(effects, account).heartbeat = true;
  }
}

function addOutputs(
  height: number,
  coinbase: boolean,
  { outputs }: Transaction,
  id: TxId,
  view: WalletView,
  accounts: WalletAccounts,
  effects: Map<WalletAccount, Effect>,
): void {
  for (const [index, output] of outputs.entries()) {
    const place = accounts.placeOf(output);
    if (place === null) continue;
    const { amount } = output;
    addCoin(view, place, { txid: id, index }, { height, coinbase, amount });
    effectOn(effects, place.account).credit += amount;
    markUsed(view, place);
  }
}

function markUsed(view: WalletView, { account, branch, index }: AddressPlace): void {
  const state = readAccountState(view, account.number);
  if (state.used[branch] > index) return;
  writeAccountState(view, account.number, { ...state, used: { ...state.used, [branch]: index + 1 } });
}

function effectOn(effects: Map<WalletAccount, Effect>, account: WalletAccount): Effect {
  const known = effects.get(account);
  if (known !== undefined) return known;
  const effect = { credit: 0n, debit: 0n, heartbeat: false };
  effects.set(account, effect);
  return effect;
}

/** What the wallet's inputs hold above the outputs: fee and bonds, or less than nothing where a bond comes back. */
function restOf({ outputs }: Transaction, effects: ReadonlyMap<WalletAccount, Effect>): bigint {
  let rest = 0n;
  for (const { debit } of effects.values()) rest += debit;
  for (const { amount } of outputs) rest -= amount;
  return rest;
}

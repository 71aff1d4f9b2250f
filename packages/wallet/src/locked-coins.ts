// Coins that the user keeps from being spent: table `locked`, key outpoint as in `coins`, with nothing as value.

import { coinKey, outpointOfKey } from '@resonancenet/ledger/coin';
import type { Outpoint } from '@resonancenet/primitives/transaction';
import type { WalletReader, WalletView } from './wallet-view.ts';

const nothing = new Uint8Array(0);

export function lockCoin(view: WalletView, { txid, index }: Outpoint): void {
  view.put('locked', coinKey(txid, index), nothing);
}

export function unlockCoin(view: WalletView, { txid, index }: Outpoint): void {
  view.delete('locked', coinKey(txid, index));
}

export function isLocked(view: WalletReader, { txid, index }: Outpoint): boolean {
  return view.get('locked', coinKey(txid, index)) !== null;
}

export function* lockedCoins(view: WalletReader): Iterable<Outpoint> {
  for (const [key] of view.range('locked', nothing, null)) yield outpointOfKey(key);
}

// Outputs that a key opens alone and that a block on the tip may spend, found by walking through all unspent outputs.

import { equalBytes } from '@resonancenet/bytes/compare';
import { publicKey } from '@resonancenet/crypto/ed25519';
import { decodeCoin, outpointOfKey } from '@resonancenet/ledger/coin';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { keyLockId } from '@resonancenet/primitives/lock';
import type { OwnCoin } from './fund-action.ts';

/** `height`: that of the block that would spend them. `key`: seed of the key. */
export function ownCoins(ledger: LedgerReader, key: Uint8Array, height: number, params: NetworkParams): OwnCoin[] {
  const lock = keyLockId(publicKey(key));
  const coins: OwnCoin[] = [];
  for (const [name, bytes] of ledger.range('coins', new Uint8Array(0), null)) {
    const coin = decodeCoin(bytes);
    const isMature = !coin.coinbase || height - coin.height >= params.coinbaseMaturity;
    // What is about to return to the emission is left alone (LED-20).
    const isDue = coin.queued > 0 && coin.queued <= height + RETURN_MARGIN;
    if (isMature && !isDue && equalBytes(coin.lockId, lock))
      coins.push({ outpoint: outpointOfKey(name), output: coin });
  }
  return coins;
}

/** Blocks that a transaction may take to be mined. */
const RETURN_MARGIN = 6;

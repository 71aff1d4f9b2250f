// The node's chain and pool as wallets follow them.

import { fromHex, toHex } from '@resonancenet/bytes/hex';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { ChainPoint } from '@resonancenet/chain/chain-queries';
import type { Hex32 } from '@resonancenet/chain/events';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { WalletBlock } from '@resonancenet/wallet/scan-block';
import type { NodeBlocks } from '../node-blocks.ts';

export interface WalletChain {
  tip(): ChainPoint;
  /** Id of the active chain's block at a height; null: there is none. */
  idAt(height: number): Hex32 | null;
  /** Height of the last block that is never taken back. */
  finalHeight(): number;
  /** A block of the active chain above genesis; null: its transactions are not here. */
  block(id: Hex32): WalletBlock | null;
}

export interface WalletPool {
  /** Ids of all unconfirmed transactions. */
  ids(): Iterable<Hex32>;
  /** null: it is not in the pool. */
  transaction(txid: Hex32): Transaction | null;
  /** Hands in a transaction of a wallet. */
  submit(transaction: Transaction): Promise<Submission>;
}

/** What the pool said. `unknown`: nothing in time. */
export type Submission =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export function walletChain(chain: ChainMachine, blocks: NodeBlocks): WalletChain {
  return {
    tip: () => chain.tip(),
    idAt: (height) => (height > chain.tip().height ? null : chain.activeChainAt(height)),
    finalHeight: () => chain.finalizedHeight(),
    block: (id) => {
      const header = chain.header(id);
      const stored = header === null ? null : blocks.body(id);
      if (header === null || stored === null) return null;
      const { height, prevHash: previous, timestamp } = header;
      return { height, id: fromHex(id), previous, timestamp, transactions: stored.body.transactions };
    },
  };
}

/** Id of a transaction or a block as the rest of the node writes it. */
export const hexId: (id: Uint8Array) => Hex32 = toHex;

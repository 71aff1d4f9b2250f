// What a payment is asked to be, and what it is built from.

import type { NetworkParams } from '@resonancenet/params/network-params';
import type { ActionContent } from '@resonancenet/primitives/action-content';
import type { Destination } from '@resonancenet/primitives/destination';
import type { BlockId } from '@resonancenet/primitives/ids';
import type { Outpoint, Output } from '@resonancenet/primitives/transaction';
import type { FeeRate } from '@resonancenet/mempool/fee-rate';
import type { RandomBelow } from './coin-selection/single-random-draw.ts';
import type { KeyOrigin, Rntp } from './rntp.ts';
import type { WalletReader } from './wallet-view.ts';

/** At a rate, resonances per 1,000 bytes, or exactly so much. */
export type FeeWish =
  | { readonly kind: 'rate'; readonly rate: FeeRate }
  | { readonly kind: 'fixed'; readonly fee: bigint };

/** An act that the transaction carries beside payments, its signatures still open. */
export interface ActionWish {
  readonly content: Extract<ActionContent, { readonly kind: 'heartbeat' | 'announce' }>;
  /** What it locks (LED-17), resonances. */
  readonly bond: bigint;
  /** Of those who may sign it, as far as they are known. */
  readonly origins: readonly KeyOrigin[];
}

export interface PaymentWish {
  readonly payments: readonly Output[];
  /** Where all that is left goes, instead of change; null: change comes back. */
  readonly sendAll: Destination | null;
  readonly fee: FeeWish;
  /** Exactly these coins; null: the wallet selects. */
  readonly coins: readonly Outpoint[] | null;
  /** Whether change of own unconfirmed transactions may be spent. */
  readonly unconfirmed: boolean;
  readonly actions: readonly ActionWish[];
  /** Whether to add the account's own sign of life; it is left out where one waits already. */
  readonly heartbeat: boolean;
  /** The most that the fee may be. */
  readonly maxFee: bigint;
}

/** What of the world a payment is built with. */
export interface PaymentContext {
  readonly view: WalletReader;
  readonly params: NetworkParams;
  readonly genesisId: BlockId;
  /** The least rate that nodes relay, and the rate that is usual in the long run. */
  readonly relayRate: FeeRate;
  readonly usualRate: FeeRate;
  readonly random: RandomBelow;
}

export interface BuiltPayment {
  readonly ok: true;
  readonly rntp: Rntp;
  /** Resonances. */
  readonly fee: bigint;
  /** What its actions lock. */
  readonly bonds: bigint;
  /** Encoded, once it is signed. */
  readonly bytes: number;
  /** Output that comes back; null: none. */
  readonly change: { readonly output: number; readonly amount: bigint } | null;
}

/** A payment as most are wanted: coins selected, change, a sign of life. */
export function plainPayment(payments: readonly Output[], rate: FeeRate): PaymentWish {
  return {
    payments,
    sendAll: null,
    fee: { kind: 'rate', rate },
    coins: null,
    unconfirmed: false,
    actions: [],
    heartbeat: true,
    maxFee: DEFAULT_MAX_FEE,
  };
}

/** A tenth of an RNT: more is mostly a slip of the keyboard. */
export const DEFAULT_MAX_FEE = 1_000_000_000n;

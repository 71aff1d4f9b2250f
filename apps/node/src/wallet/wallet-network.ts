// What wallets build their transactions by: the network, the ledger's state, and what is paid these days.

import { randomInt } from 'node:crypto';
import type { ChainMachine } from '@resonancenet/chain/chain-machine';
import type { Hex32, Now } from '@resonancenet/chain/events';
import { genesisHeader } from '@resonancenet/consensus/genesis-header';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import { readPolicy, type PolicyRecord } from '@resonancenet/ledger/policy-registry';
import { type FeeRate, feeRatePerByte, greaterRate } from '@resonancenet/mempool/fee-rate';
import type { MempoolMachine } from '@resonancenet/mempool/mempool-machine';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { blockId } from '@resonancenet/primitives/header';
import type { PolicyId } from '@resonancenet/primitives/ids';
import type { PaymentContext } from '@resonancenet/wallet/payment-wish';
import type { WalletReader } from '@resonancenet/wallet/wallet-view';

export interface WalletNetworkParts {
  readonly params: NetworkParams;
  readonly pool: Pick<MempoolMachine, 'get' | 'leastRate' | 'estimateFee'>;
  /** The state at the tip. */
  readonly ledger: LedgerReader;
  readonly chain: Pick<ChainMachine, 'tip' | 'header' | 'activeChainAt'>;
  /** Resonances per byte below which this node relays nothing. */
  readonly minRelayFee: number;
  now(): Now;
}

/** Blocks within which a payment is usually wanted. */
const USUAL_TARGET = 6;
/** And those of a patient one. */
const PATIENT_TARGET = 48;

/** Blocks over which their time is measured. */
const SPACING_BLOCKS = 100;

export class WalletNetwork {
  readonly params: NetworkParams;
  readonly genesisId: Uint8Array;
  readonly #parts: WalletNetworkParts;

  constructor(parts: WalletNetworkParts) {
    this.params = parts.params;
    this.genesisId = blockId(genesisHeader(parts.params));
    this.#parts = parts;
  }

  context(view: WalletReader): PaymentContext {
    const { params, genesisId } = this;
    const relayRate = this.leastRate();
    return {
      view,
      params,
      genesisId,
      relayRate,
      usualRate: this.rateFor(PATIENT_TARGET),
      random: (limit) => randomInt(limit),
    };
  }

  /** The least rate that the pool takes now. */
  leastRate(): FeeRate {
    const { pool, minRelayFee, now } = this.#parts;
    return greaterRate(feeRatePerByte(minRelayFee), pool.leastRate(now()));
  }

  /** The rate for confirmation within so many blocks; where too little was seen, twice the least. */
  rateFor(blocks: number = USUAL_TARGET): FeeRate {
    const estimate = this.#parts.pool.estimateFee({ blocks });
    return estimate.ok ? greaterRate(estimate.rate, this.leastRate()) : 2n * this.leastRate();
  }

  /** Fees of the pool's transactions that spend outputs of this one. */
  descendantFees(txid: Hex32): bigint {
    const entry = this.#parts.pool.get(txid);
    return entry === null ? 0n : entry.descendants.fee - entry.fee;
  }

  isInPool(txid: Hex32): boolean {
    return this.#parts.pool.get(txid) !== null;
  }

  policy(id: PolicyId): PolicyRecord {
    return readPolicy(this.#parts.ledger, id);
  }

  /** Seconds that a block took lately; 0: not known. */
  spacing(): number {
    const { chain } = this.#parts;
    const { height, header } = chain.tip();
    const from = Math.max(1, height - SPACING_BLOCKS);
    const id = from < height ? chain.activeChainAt(from) : null;
    const first = id === null ? null : chain.header(id);
    return first === null ? 0 : Number(header.timestamp - first.timestamp) / (height - from);
  }
}

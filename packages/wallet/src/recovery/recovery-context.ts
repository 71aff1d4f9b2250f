// What the recovery of somebody else's account is built from.

import type { FeeRate } from '@resonancenet/mempool/fee-rate';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { PolicyRecord } from '@resonancenet/ledger/policy-registry';
import type { BlockId } from '@resonancenet/primitives/ids';
import type { KeyOrigin, Rntp } from '../rntp.ts';
import type { WalletReader } from '../wallet-view.ts';

export interface RecoveryContext {
  /** Tables of a wallet that watches the lost account by its key windows. */
  readonly view: WalletReader;
  readonly params: NetworkParams;
  readonly genesisId: BlockId;
  /** What the ledger knows of the account's policy. */
  readonly record: PolicyRecord;
  readonly rate: FeeRate;
  /** The key of the destination, if it is an address of who claims: so that his signer can see that. */
  readonly destinationKey?: KeyOrigin;
}

/** A transaction that takes what can be taken now. Amounts in resonances. */
export interface BuiltRecovery {
  readonly ok: true;
  readonly rntp: Rntp;
  readonly fee: bigint;
  /** Encoded, once it is signed. */
  readonly bytes: number;
  /** What arrives. */
  readonly amount: bigint;
  /** Coins that could be taken too, in further transactions: no more fit into this one. */
  readonly left: number;
  /** Coins that open later, and the first height at which one does; null: there are none. */
  readonly later: { readonly amount: bigint; readonly opens: number } | null;
}

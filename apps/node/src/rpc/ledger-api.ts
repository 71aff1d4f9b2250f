// What RPC methods about money ask of the node. The composition root implements it; tests stand a chain in memory beneath it.

import type { TransactionRecord } from '@resonancenet/chain/chain-queries';
import type { Hex32, Now } from '@resonancenet/chain/events';
import type { SnapshotHeader } from '@resonancenet/chain/snapshot-format';
import type { SnapshotRefusal } from '@resonancenet/chain/snapshot-reader';
import type { LedgerReader } from '@resonancenet/ledger/ledger-view';
import type { SignatureCheck } from '@resonancenet/ledger/connect-result';
import type { Template } from '@resonancenet/mempool/block-template';
import type { StrictOutcome } from '@resonancenet/mempool/mempool-events';
import type { MempoolMachine } from '@resonancenet/mempool/mempool-machine';
import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { Transaction } from '@resonancenet/primitives/transaction';
import type { StateAtTip } from '../ledger/ledger-files.ts';
import type { NextBlock } from '../mining/next-block.ts';
import type { TicketAnswer } from '../pool/pool-tickets.ts';

export interface LedgerApi {
  readonly params: NetworkParams;
  /** Id of block 0, 32 bytes. */
  readonly genesisId: Uint8Array;
  /** Whether transactions of the chain are found by their ids alone. */
  readonly hasTransactionIndex: boolean;
  readonly maxPoolBytes: number;
  /** Resonances per byte. */
  readonly minRelayFee: number;
  /** The unconfirmed transactions. */
  readonly pool: Pick<
    MempoolMachine,
    'get' | 'entries' | 'claimant' | 'totals' | 'leastRate' | 'estimateFee' | 'preview'
  >;
  /** The state at the tip. */
  readonly ledger: LedgerReader;
  now(): Now;
  tip(): { readonly id: Hex32; readonly height: number; readonly header: BlockHeader };
  /** A block's place; null if it is not known. `confirmations` as Bitcoin Core counts them, -1 off the active chain. */
  block(id: Hex32): { readonly height: number; readonly timestamp: number; readonly confirmations: number } | null;
  /** Its transactions, the coinbase first; null if its body is not here. */
  transactionsOf(id: Hex32): readonly Transaction[] | null;
  /** By the index of transactions. */
  confirmedTransaction(id: Hex32): TransactionRecord | null;
  /** Hands in, in the operator's name, one transaction or a package, its child last. */
  submit(encoded: readonly Uint8Array[]): Promise<TicketAnswer>;
  /** In the strict sense in which transactions are relayed. */
  checkSignatures(checks: readonly SignatureCheck[]): Promise<StrictOutcome>;
  /** What the next block takes, and what it must be. */
  template(): { readonly template: Template; readonly next: NextBlock };
  hashState(): Promise<StateAtTip>;
  /** Writes the state after the last final block. @throws StorageError */
  writeSnapshot(path: string): Promise<SnapshotHeader>;
  /** Reads all of a snapshot; nothing changes. @throws StorageError */
  checkSnapshot(
    path: string,
    stateHash: Uint8Array,
  ): Promise<{ readonly ok: true; readonly header: SnapshotHeader } | SnapshotRefusal>;
  /** Where a file name without a folder leads. */
  pathOf(name: string): string;
  savePool(): void;
}

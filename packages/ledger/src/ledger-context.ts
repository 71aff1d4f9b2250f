// What the rules are told beside the state.

import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { BlockId } from '@resonancenet/primitives/ids';
import type { Transaction } from '@resonancenet/primitives/transaction';

export interface LedgerContext {
  readonly params: NetworkParams;
  /** Id of block 0, which signatures cover (LED-4). */
  readonly genesisId: BlockId;
  /** Loss of a checkpoint on a D_val, micro-nats, if it has been computed; ids are 32 bytes (LED-27). */
  lossOf(checkpointRoot: Uint8Array, dvalId: Uint8Array): number | null;
}

/** A block whose header and body have passed their own checks (CON-3 to CON-20). */
export interface LedgerBlock {
  readonly id: BlockId;
  readonly header: BlockHeader;
  /** Of its parent's header. */
  readonly parent: Pick<BlockHeader, 'valLoss' | 'checkpointRoot' | 'dvalId' | 'growth' | 'timestamp'>;
  /** The coinbase first. */
  readonly transactions: readonly Transaction[];
}

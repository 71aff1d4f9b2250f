// What the rules are told beside the state.

import type { NetworkParams } from '@resonancenet/params/network-params';
import type { BlockHeader } from '@resonancenet/primitives/header';
import type { BlockId } from '@resonancenet/primitives/ids';
import type { Transaction } from '@resonancenet/primitives/transaction';

export interface LedgerContext {
  readonly params: NetworkParams;
  /** Id of block 0, which signatures cover (LED-4). */
  readonly genesisId: BlockId;
  /**
   * Exact loss of a checkpoint on a D_val, micro-nats; null if it has not been computed; infinite if there is none because a value is not finite
   * (EVAL-3), and for a block that is connected on trust, which is taken at its word (LED-27). Ids are 32 bytes.
   */
  lossOf(checkpointRoot: Uint8Array, dvalId: Uint8Array): number | null;
}

/** A block whose header and body have passed their own checks (CON-3 to CON-20). */
export interface LedgerBlock {
  readonly id: BlockId;
  readonly header: BlockHeader;
  /** Of its parent's header. */
  readonly parent: Pick<BlockHeader, 'valLoss' | 'checkpointRoot' | 'dvalId' | 'growth' | 'timestamp'>;
  /** The coinbase first. They are walked more than once. */
  readonly transactions: Iterable<Transaction>;
}

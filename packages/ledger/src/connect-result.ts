// What connecting a block to the state of its parent can end with.

import type { Rejection } from '@resonancenet/consensus/verdict';

/** A signature that must be valid for the block or transaction to be (LED-6). The ledger names them; whoever has threads and a cache checks them. */
export interface SignatureCheck {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** What is signed, 32 bytes. */
  readonly message: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** A loss that a rule depends on and that nobody has computed yet (LED-27). Ids are 32 bytes. */
export interface NeededLoss {
  readonly checkpointRoot: Uint8Array;
  readonly dvalId: Uint8Array;
}

export type ConnectResult =
  /** Everything holds, if the signatures do. Amounts in resonances. */
  | {
      readonly ok: true;
      readonly signatures: readonly SignatureCheck[];
      readonly reward: bigint;
      readonly fees: bigint;
    }
  | Rejection
  | { readonly ok: false; readonly code: null; readonly needs: NeededLoss };

// What synchronisation asks of the chain machine. ChainMachine is one; tests use a small one of their own.

import type { BlockHeader } from '@resonancenet/primitives/header';
import type { Standing } from '@resonancenet/chain/chain-queries';
import type { ChainAction, ChainEvent, Hex32, Now } from '@resonancenet/chain/events';

export interface ChainView {
  step(event: ChainEvent, now: Now): readonly ChainAction[];
  tip(): { readonly id: Hex32; readonly height: number };
  /** Null for an id that is not known. */
  header(id: Hex32): BlockHeader | null;
  heightOf(id: Hex32): number | null;
  /** Id of the active chain's block at a height; null above the tip. */
  activeChainAt(height: number): Hex32 | null;
  /** Ids of the active chain from the tip down, ever farther apart, at most 64, block 0 last. */
  locator(): readonly Hex32[];
  /** Headers of the active chain after the first id of the locator that lies on it (or after block 0), lowest first. */
  headersAfter(locator: readonly Hex32[], max: number): readonly BlockHeader[];
  isActive(id: Hex32): boolean;
  /** Encoded body; null if it is not here. */
  bodyBytes(id: Hex32): Uint8Array | null;
  /** `foreign`: it leaves our chain below finality. */
  status(id: Hex32): { readonly status: string } | null;
  /** What is decided about a block; null if it is not known. */
  statusOf(id: Hex32): Standing | null;
  finalizedHeight(): number;
  /** Whether all chunks are here and a block with this root was fully verified. */
  canOffer(root: Hex32): boolean;
}

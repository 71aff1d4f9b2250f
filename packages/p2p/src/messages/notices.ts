// `ping`, `pong` and `reject` (P2P-14, P2P-21).

import { type Codec, struct, u64 } from '@resonancenet/bytes/codec';
import type { Hex32 } from '@resonancenet/chain/events';
import { printable } from './ascii.ts';
import { hex32 } from './ids.ts';

export const MAX_REJECT_CODE = 32;
export const MAX_REJECT_DETAIL = 256;

export interface PingMessage {
  readonly nonce: bigint;
}

/** Why the sender did not accept something, for the receiver's log. Nothing may depend on it. */
export interface RejectMessage {
  readonly code: string;
  /** What it is about: a block id, or zeros. */
  readonly id: Hex32;
  /** Both numbers of the refused comparison, where there are two. */
  readonly detail: string;
}

export const pingCodec: Codec<PingMessage> = struct<PingMessage>({ nonce: u64 });

export const rejectCodec: Codec<RejectMessage> = struct<RejectMessage>({
  code: printable({ min: 1, max: MAX_REJECT_CODE }),
  id: hex32,
  detail: printable({ max: MAX_REJECT_DETAIL }),
});

export const MAX_REJECT_SIZE: number = 1 + MAX_REJECT_CODE + 32 + 3 + MAX_REJECT_DETAIL;

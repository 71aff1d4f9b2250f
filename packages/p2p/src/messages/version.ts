// `version` and `verack` (P2P-12, P2P-13): the first message of each side, and its answer.

import { type Codec, struct, u16, u32, u64 } from '@resonancenet/bytes/codec';
import type { Hex32 } from '@resonancenet/chain/events';
import { printable } from './ascii.ts';
import { hex32 } from './ids.ts';

/** Longest user agent, bytes. */
export const MAX_USER_AGENT = 64;

/** Bits of `services`. Unknown bits are ignored. */
export const SERVICES = {
  /** Keeps all bodies and at least the checkpoints of the last 12 blocks, and serves them. */
  full: 1n,
  /** Keeps every checkpoint. */
  archive: 2n,
} as const;

export interface VersionMessage {
  /** Version of the messages that the sender speaks; both sides use the lower one. */
  readonly protocol: number;
  /** NET-4. */
  readonly network: Hex32;
  readonly services: bigint;
  /** Height of the sender's tip, informational. */
  readonly tipHeight: number;
  /** The sender's last final block: what a new node asks others about (P2P-31). */
  readonly finalizedHeight: number;
  readonly finalizedId: Hex32;
  /** Random per process: a node that meets its own has connected to itself. */
  readonly nonce: bigint;
  readonly userAgent: string;
  /** Port on which the sender accepts connections, 0 if it does not. */
  readonly listenPort: number;
}

export const versionCodec: Codec<VersionMessage> = struct<VersionMessage>({
  protocol: u32,
  network: hex32,
  services: u64,
  tipHeight: u32,
  finalizedHeight: u32,
  finalizedId: hex32,
  nonce: u64,
  userAgent: printable({ max: MAX_USER_AGENT }),
  listenPort: u16,
});

/** Bytes of the longest version message. */
export const MAX_VERSION_SIZE: number = versionCodec.minSize + MAX_USER_AGENT;

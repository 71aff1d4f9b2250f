// The numbers of a connection (P2P-11, P2P-22). All durations in milliseconds of the monotonic clock.

/** Rate limits as bucket size and tokens per second. */
export interface Rate {
  readonly capacity: number;
  readonly perSecond: number;
}

export interface PeerLimits {
  /** From the connection to the end of the version exchange. */
  readonly handshakeMs: number;
  /** Nothing received for this long: ping. */
  readonly pingAfterMs: number;
  /** Nothing received for this long: close. */
  readonly silentMs: number;
  /** Messages of any kind. */
  readonly messages: Rate;
  /** Announced headers beyond the host's rate (host-limits.ts) that are dropped unread before the connection is closed. */
  readonly dropped: Rate;
  /** Pings that are answered. */
  readonly pings: Rate;
}

export const peerLimits: PeerLimits = {
  handshakeMs: 10_000,
  pingAfterMs: 15_000,
  silentMs: 45_000,
  messages: { capacity: 4000, perSecond: 400 },
  dropped: { capacity: 1024, perSecond: 16 },
  pings: { capacity: 16, perSecond: 1 },
};

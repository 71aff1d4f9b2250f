// Whether this node may mine, and whether it is in sync (P2P-29, P2P-30). A node that mined on while it was cut off would, on a quick
// network, be on a fork of its own for good after a few blocks.

/** A peer's headers may be this many ahead while they are being decided on: the time that a new block takes to arrive. */
export const RELAY_LAG = 2;

/** After a start a node with known peers waits this long for the first of them. */
export const FIRST_PEER_MS = 10_000;

/** What is known of one ready peer. */
export interface PeerStanding {
  /** Headers ahead of us that are not decided; null if unknown or if its chain differs from ours below finality. */
  readonly lag: number | null;
  readonly isDiverged: boolean;
}

export interface GateFacts {
  readonly startedMs: number;
  /** The operator gave addresses of peers. */
  readonly hasKnownPeers: boolean;
  /** Since the start, a peer has told its headers. */
  readonly everHadPeer: boolean;
  /** The operator allows mining without peers. */
  readonly mineAlone: boolean;
  /** The operator has reconsidered a branch a short while ago: all peers count, not just the nearest. */
  readonly isSettling: boolean;
  /** A new node has not found out yet whom to follow (P2P-31). */
  readonly isChoosing: boolean;
  readonly standings: readonly PeerStanding[];
}

/** After the operator reconsidered, all peers' headers are decided on first, for at most so long. */
export const SETTLE_MS = 120_000;

export type GateCode =
  | 'in-sync'
  | 'alone'
  | 'no-answer'
  | 'mine-alone'
  | 'waiting'
  | 'asking'
  | 'behind'
  | 'diverged'
  | 'settling'
  | 'first-sync'
  | 'lost';

export interface GateVerdict {
  readonly mayMine: boolean;
  readonly code: GateCode;
  /** For people. */
  readonly reason: string;
}

/** The verdict at a moment; `nextMs` tells when time alone may change it. */
export function gateVerdict(facts: GateFacts, nowMs: number): GateVerdict {
  const lags = facts.standings.flatMap(({ lag }) => (lag === null ? [] : [lag]));
  const least = lags.length === 0 ? null : Math.min(...lags);
  if (facts.isChoosing) return mayNot('first-sync', 'a new node: asking outbound peers which chain most of them hold');
  if (facts.isSettling && facts.standings.some(({ lag }) => lag === null || lag > RELAY_LAG))
    return mayNot('settling', 'the operator reconsidered a branch: the headers of all peers are decided on first');
  if (least !== null && least <= RELAY_LAG)
    return may(
      'in-sync',
      lags.length === 1 ? 'the peer agrees or is behind' : `${lags.length} peers agree or are behind`,
    );
  if (!facts.everHadPeer && !facts.hasKnownPeers) return may('alone', 'no peer is known: this node starts the network');
  if (facts.mineAlone) return may('mine-alone', 'the operator allows mining without peers');
  if (!facts.everHadPeer) {
    const leftMs = facts.startedMs + FIRST_PEER_MS - nowMs;
    if (leftMs <= 0) return may('no-answer', `no known peer answered within ${FIRST_PEER_MS / 1000} s of the start`);
    return mayNot('waiting', `waiting up to ${Math.ceil(leftMs / 1000)} s more for the first peer`);
  }
  if (least !== null)
    return mayNot('behind', `the nearest peer is ${least} headers ahead, at most ${RELAY_LAG} are allowed`);
  if (facts.standings.some(({ isDiverged }) => isDiverged))
    return mayNot(
      'diverged',
      'the chains of all peers differ from ours below finality; the operator must decide between them',
    );
  if (facts.standings.length > 0) return mayNot('asking', 'no connected peer has told its headers yet');
  return mayNot('lost', 'the last peer is gone; mining alone would fork: waiting for a connection');
}

/** When the verdict may change by itself; null if it cannot. */
export function gateNextMs(
  facts: Pick<GateFacts, 'startedMs' | 'hasKnownPeers' | 'everHadPeer'>,
  nowMs: number,
): number | null {
  const at = facts.startedMs + FIRST_PEER_MS;
  return !facts.everHadPeer && facts.hasKnownPeers && at > nowMs ? at : null;
}

function may(code: GateCode, reason: string): GateVerdict {
  return { mayMine: true, code, reason };
}

function mayNot(code: GateCode, reason: string): GateVerdict {
  return { mayMine: false, code, reason };
}

// Two sessions joined by a wire that a test can look into and tamper with.

import { PeerSession, type SessionAction, type SessionNetwork } from '../peer-session.ts';
import type { PeerLimits } from '../peer-limits.ts';
import { hostBudget, hostRates } from '../host-limits.ts';
import type { VersionMessage } from '../messages/version.ts';

export const testNetwork: SessionNetwork = {
  id: 'ab'.repeat(32),
  magic: 'XNET',
  maxBlockBytes: 2_000_000,
  maxTransactionBytes: 400_000,
};

export function testVersion(nonce: bigint): VersionMessage {
  return {
    protocol: 1,
    network: testNetwork.id,
    services: 1n,
    tipHeight: 0,
    finalizedHeight: 0,
    finalizedId: '00'.repeat(32),
    nonce,
    userAgent: '/test:1/',
    listenPort: 39555,
  };
}

export interface Side {
  readonly session: PeerSession;
  /** All actions but `send`, in order. */
  readonly seen: SessionAction[];
}

export type SideName = 'initiator' | 'responder';

/** Changes what goes over the wire; null takes it away. */
export type Tamper = (bytes: Uint8Array, from: SideName) => Uint8Array | null;

export class SessionPair {
  readonly initiator: Side;
  readonly responder: Side;
  tamper: Tamper = (bytes) => bytes;
  /** Bytes that arrive at once. */
  pieceLength: number = Number.MAX_SAFE_INTEGER;
  nowMs = 0;

  constructor(
    overrides: {
      readonly initiator?: Partial<VersionMessage>;
      readonly responder?: Partial<VersionMessage>;
      readonly responderNetwork?: SessionNetwork;
      readonly limits?: PeerLimits;
    } = {},
  ) {
    const limits = overrides.limits === undefined ? {} : { limits: overrides.limits };
    const make = (initiator: boolean): Side => ({
      session: new PeerSession({
        initiator,
        network: initiator ? testNetwork : (overrides.responderNetwork ?? testNetwork),
        staticSecret: new Uint8Array(32).fill(initiator ? 1 : 2),
        ephemeralSecret: new Uint8Array(32).fill(initiator ? 3 : 4),
        version: {
          ...testVersion(initiator ? 1n : 2n),
          ...(initiator ? overrides.initiator : overrides.responder),
        },
        announced: hostBudget(hostRates, 0).announced,
        nowMs: 0,
        ...limits,
      }),
      seen: [],
    });
    this.initiator = make(true);
    this.responder = make(false);
  }

  /** Runs the handshake and the version exchange. */
  open(): this {
    this.deliver('initiator', this.initiator.session.step({ type: 'bytes', bytes: new Uint8Array(0) }, this.nowMs));
    return this;
  }

  /** Carries a side's actions over the wire in order, and what they cause, until all is quiet. */
  deliver(from: SideName, actions: readonly SessionAction[]): void {
    const queue = actions.map((action) => ({ from, action }));
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      if (item.action.type !== 'send') {
        this[item.from].seen.push(item.action);
        continue;
      }
      const bytes = this.tamper(item.action.bytes, item.from);
      if (bytes === null) continue;
      const to = item.from === 'initiator' ? 'responder' : 'initiator';
      for (let at = 0; at < bytes.length; at += this.pieceLength) {
        const piece = bytes.subarray(at, Math.min(bytes.length, at + this.pieceLength));
        const caused = this[to].session.step({ type: 'bytes', bytes: piece }, this.nowMs);
        for (const next of caused) queue.push({ from: to, action: next });
      }
    }
  }

  tick(atMs: number): void {
    this.nowMs = atMs;
    for (const side of ['initiator', 'responder'] as const)
      this.deliver(side, this[side].session.step({ type: 'tick' }, atMs));
  }

  /** Code with which a side closed the connection; null if it did not. */
  closeCode(side: SideName): string | null {
    const last = this[side].seen.at(-1);
    return last?.type === 'close' ? last.reason.code : null;
  }
}

// The node between sockets and disk: connections, synchronisation and chain joined (P2P-24; protocol section 8). Sans-IO: the real node and
// the simulation drive the same machine. Times and random bytes are arguments.

import { assert } from '@resonancenet/bytes/assert';
import { toHex } from '@resonancenet/bytes/hex';
import type { ChainEvent, Hex32, Now } from '@resonancenet/chain/events';
import type { ChainStore, CheckpointStore } from '@resonancenet/chain/ports';
import type { MempoolEvent } from '@resonancenet/mempool/mempool-events';
import { type BlockHeader, blockId } from '@resonancenet/primitives/header';
import type { ChainView } from './chain-view.ts';
import { type CloseReason, isFault } from './close-code.ts';
import { Discouragement } from './discouragement.ts';
import { type Quorum, singleQuorum } from './first-sync.ts';
import { HostLimits } from './host-limits.ts';
import { NO_ID } from './messages/ids.ts';
import type { VersionMessage } from './messages/version.ts';
import type { GateVerdict } from './mining-gate.ts';
import { networkGroup } from './network-group.ts';
import { OutboundTargets } from './outbound-targets.ts';
import type { PeerLimits } from './peer-limits.ts';
import {
  PeerSession,
  PROTOCOL_VERSION,
  type SessionAction,
  type SessionEvent,
  type SessionNetwork,
} from './peer-session.ts';
import { type ForwardedAction, type SyncAction, SyncMachine } from './sync-machine.ts';
import { transportSuite } from './transport-suite.ts';
import type { ForwardedPoolAction, RelayOptions } from './transaction-relay.ts';
import { type UploadLimits, uploadLimits } from './upload-queue.ts';

/** Connections that others may open to us. */
const MAX_INBOUND = 64;

/** Bytes for one peer that may wait to be sent. */
const MAX_UNSENT_BYTES: number = 16 * 2 ** 20;

export interface NodeOptions {
  readonly chain: ChainView;
  readonly store: Pick<ChainStore, 'write'>;
  readonly checkpoints: Pick<CheckpointStore, 'getChunk' | 'delete'>;
  readonly network: SessionNetwork;
  /** X25519 secret of the node, 32 bytes; kept between runs. */
  readonly staticSecret: Uint8Array;
  /** Random u64 of this process. */
  readonly nonce: bigint;
  /** Random u32 of this node. */
  readonly salt: number;
  readonly userAgent: string;
  readonly services: bigint;
  /** Port on which connections are accepted, 0 if none are. */
  readonly listenPort: number;
  /** Peers that the operator gave, `host:port`. */
  readonly addresses: readonly string[];
  /** Mine on without peers. */
  readonly mineAlone?: boolean;
  /** Whom a new node follows: how many outbound peers are asked, and how many must agree (P2P-31). */
  readonly quorum?: Quorum;
  readonly uploads?: UploadLimits;
  readonly limits?: PeerLimits;
  /** The pool of unconfirmed transactions; without it they are neither kept nor passed on. */
  readonly relay?: Omit<RelayOptions, 'maxTransactionBytes'>;
  readonly now: Now;
}

export type NodeEvent =
  /** Opens the first connections. */
  | { readonly type: 'start' }
  | {
      readonly type: 'peer-connected';
      /** Unique for the life of the process. */
      readonly peer: string;
      readonly address: string;
      /** What is discouraged after a fault: the address without its port. */
      readonly host: string;
      /** We opened it. */
      readonly outbound: boolean;
      /** Never discouraged (given by the operator, or this machine itself). */
      readonly trusted: boolean;
      /** 32 fresh random bytes. */
      readonly entropy: Uint8Array;
    }
  | { readonly type: 'connect-failed'; readonly address: string }
  | { readonly type: 'bytes'; readonly peer: string; readonly bytes: Uint8Array }
  /** So many of the bytes of `send` actions have left. */
  | { readonly type: 'written'; readonly peer: string; readonly bytes: number }
  | { readonly type: 'peer-closed'; readonly peer: string; readonly code: 'remote-closed' | 'connection-lost' }
  /**
   * Our miner's block; its checkpoint already lies in the checkpoint store under the header's root. `evaluation`: all its window sums,
   * computed by our own exact evaluator.
   */
  | {
      readonly type: 'local-block';
      readonly header: BlockHeader;
      readonly root: Hex32;
      readonly body: Uint8Array;
      readonly evaluation?: Extract<ChainEvent, { readonly type: 'checkpoint-stored' }>['evaluation'];
    }
  | { readonly type: 'add-address'; readonly address: string }
  | { readonly type: 'remove-address'; readonly address: string }
  | { readonly type: 'disconnect'; readonly peer: string; readonly detail: string }
  /** Closes all connections. */
  | { readonly type: 'stop' }
  | { readonly type: 'tick' }
  | Extract<ChainEvent, { readonly type: 'evaluated' | 'signatures' | 'invalidate' | 'reconsider' }>
  | PoolEvent;

/** What goes to the pool: transactions that the operator hands in (`peer` null), checked signatures, what an earlier run left. */
export type PoolEvent = Extract<
  MempoolEvent,
  { readonly type: 'transactions' | 'transaction-signatures' | 'load-transactions' }
>;

export type NodeAction =
  | { readonly type: 'send'; readonly peer: string; readonly bytes: Uint8Array }
  /** Close the connection once what was sent before has left, or after a second. */
  | { readonly type: 'close'; readonly peer: string; readonly reason: CloseReason }
  | { readonly type: 'connect'; readonly address: string }
  | { readonly type: 'peer-ready'; readonly peer: string; readonly address: string; readonly version: VersionMessage }
  /** A connection ended; the reason is for the log. */
  | { readonly type: 'peer-gone'; readonly peer: string; readonly address: string; readonly reason: CloseReason }
  /** Step with `tick` no later than this. Replaces the wake before it. */
  | { readonly type: 'wake'; readonly atMonotonicMs: number }
  | Exclude<SyncAction, { readonly type: 'send' | 'disconnect' }>
  | ForwardedAction
  | ForwardedPoolAction;

/** What is known of a connection, for `getpeerinfo`. */
export interface PeerInfo {
  readonly peer: string;
  readonly address: string;
  readonly outbound: boolean;
  readonly connectedMs: number;
  /** null until the version exchange is done. */
  readonly version: VersionMessage | null;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly roundTripMs: number | null;
  /** Headers ahead of ours that are not decided; null if unknown. */
  readonly lag: number | null;
  readonly bestHeader: Hex32 | null;
}

interface Peer {
  readonly address: string;
  readonly host: string;
  readonly outbound: boolean;
  readonly trusted: boolean;
  readonly connectedMs: number;
  readonly session: PeerSession;
  version: VersionMessage | null;
  bytesSent: number;
  bytesReceived: number;
  unsentBytes: number;
}

export class NodeMachine {
  readonly #options: NodeOptions;
  readonly #sync: SyncMachine;
  readonly #targets = new OutboundTargets();
  readonly #discouraged = new Discouragement();
  readonly #hosts = new HostLimits();
  readonly #peers = new Map<string, Peer>();
  readonly #localStatic: Hex32;
  #actions: NodeAction[] = [];
  #wakeMs: number | null = null;
  #isStopped = false;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#localStatic = toHex(transportSuite.dh.publicKey(options.staticSecret));
    this.#sync = new SyncMachine({
      chain: options.chain,
      store: options.store,
      checkpoints: options.checkpoints,
      relay:
        options.relay === undefined
          ? null
          : { ...options.relay, maxTransactionBytes: options.network.maxTransactionBytes },
      uploads: options.uploads ?? uploadLimits,
      salt: options.salt,
      standing: {
        hasKnownPeers: options.addresses.length > 0,
        mineAlone: options.mineAlone ?? false,
        quorum: options.quorum ?? singleQuorum,
        contacts: () => this.#targets.contacts(),
        heardMs: (peer) => this.#peers.get(peer)?.session.heardMs ?? Number.NEGATIVE_INFINITY,
      },
      now: options.now,
    });
    for (const address of options.addresses) this.#targets.add(address, options.now.monotonicMs);
  }

  /** Whether mining is allowed now, and why (P2P-30). */
  mayMine(now: Now): GateVerdict {
    return this.#sync.mayMine(now);
  }

  peers(): PeerInfo[] {
    return [...this.#peers].map(([peer, state]) => ({
      peer,
      address: state.address,
      outbound: state.outbound,
      connectedMs: state.connectedMs,
      version: state.version,
      bytesSent: state.bytesSent,
      bytesReceived: state.bytesReceived,
      roundTripMs: state.session.roundTripMs,
      lag: this.#sync.lag(peer),
      bestHeader: this.#sync.bestHeader(peer),
    }));
  }

  step(event: NodeEvent, at: Now): NodeAction[] {
    // Whole milliseconds: sums and differences of times are exact, so that what is due is found due.
    const now: Now = { unixMs: at.unixMs, monotonicMs: Math.floor(at.monotonicMs) };
    this.#handle(event, now);
    this.#connectDue(now);
    this.#updateWake(now);
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #handle(event: NodeEvent, now: Now): void {
    switch (event.type) {
      case 'start':
        this.#apply(this.#sync.chainEvent({ type: 'tick' }, now), now);
        break;
      case 'peer-connected':
        this.#connected(event, now);
        break;
      case 'connect-failed':
        this.#targets.failed(event.address, false, now.monotonicMs);
        break;
      case 'bytes': {
        const peer = this.#peers.get(event.peer);
        if (peer === undefined) break;
        peer.bytesReceived += event.bytes.length;
        this.#stepSession(event.peer, peer, { type: 'bytes', bytes: event.bytes }, now);
        break;
      }
      case 'written': {
        const peer = this.#peers.get(event.peer);
        if (peer === undefined) break;
        peer.unsentBytes = Math.max(0, peer.unsentBytes - event.bytes);
        this.#apply(this.#sync.unsent(event.peer, peer.unsentBytes, now), now);
        break;
      }
      case 'peer-closed':
        this.#gone(event.peer, { code: event.code, detail: 'the other side ended it, or the network did' }, now);
        break;
      case 'local-block':
        this.#localBlock(event, now);
        break;
      case 'add-address':
        this.#targets.add(event.address, now.monotonicMs);
        this.#sync.setHasKnownPeers(true);
        break;
      case 'remove-address':
        this.#targets.remove(event.address);
        this.#sync.setHasKnownPeers(this.#targets.size > 0);
        break;
      case 'disconnect':
        this.#close(event.peer, { code: 'operator', detail: event.detail }, now);
        break;
      case 'stop':
        this.#isStopped = true;
        for (const peer of [...this.#peers.keys()]) this.#close(peer, { code: 'shutdown', detail: 'stopping' }, now);
        break;
      case 'tick':
        // The wake is used up: the next one is told even if it is due at the same time.
        this.#wakeMs = null;
        for (const [name, peer] of [...this.#peers])
          if (peer.session.nextTickMs <= now.monotonicMs) this.#stepSession(name, peer, { type: 'tick' }, now);
        this.#apply(this.#sync.tick(now), now);
        break;
      case 'evaluated':
      case 'signatures':
      case 'invalidate':
      case 'reconsider':
        this.#apply(this.#sync.chainEvent(event, now), now);
        break;
      case 'transactions':
      case 'transaction-signatures':
      case 'load-transactions':
        this.#apply(this.#sync.poolEvent(event, now), now);
        break;
      default:
        event satisfies never;
    }
  }

  #localBlock(event: Extract<NodeEvent, { readonly type: 'local-block' }>, now: Now): void {
    const id = toHex(blockId(event.header));
    const { root, evaluation } = event;
    const stored = evaluation === undefined ? { root } : { root, evaluation };
    this.#apply(this.#sync.chainEvent({ type: 'checkpoint-stored', ...stored }, now), now);
    this.#apply(this.#sync.chainEvent({ type: 'header', header: event.header, peer: null }, now), now);
    this.#apply(this.#sync.chainEvent({ type: 'body', blockId: id, bytes: event.body, peer: null }, now), now);
  }

  #connected(event: Extract<NodeEvent, { readonly type: 'peer-connected' }>, now: Now): void {
    assert(!this.#peers.has(event.peer), `connection ${event.peer} is named twice`);
    const refusal = this.#refusal(event, now);
    if (refusal !== null) {
      this.#actions.push({ type: 'close', peer: event.peer, reason: refusal });
      if (event.outbound) this.#targets.failed(event.address, false, now.monotonicMs);
      return;
    }
    const { chain } = this.#options;
    const finalizedHeight = chain.finalizedHeight();
    const session = new PeerSession({
      initiator: event.outbound,
      network: this.#options.network,
      staticSecret: this.#options.staticSecret,
      ephemeralSecret: event.entropy,
      version: {
        protocol: PROTOCOL_VERSION,
        network: this.#options.network.id,
        services: this.#options.services,
        tipHeight: chain.tip().height,
        finalizedHeight,
        finalizedId: chain.activeChainAt(finalizedHeight) ?? NO_ID,
        nonce: this.#options.nonce,
        userAgent: this.#options.userAgent,
        listenPort: this.#options.listenPort,
      },
      announced: this.#hosts.budget(event.host, now.monotonicMs).announced,
      nowMs: now.monotonicMs,
      ...(this.#options.limits === undefined ? {} : { limits: this.#options.limits }),
    });
    const peer: Peer = {
      address: event.address,
      host: event.host,
      outbound: event.outbound,
      trusted: event.trusted,
      connectedMs: now.monotonicMs,
      session,
      version: null,
      bytesSent: 0,
      bytesReceived: 0,
      unsentBytes: 0,
    };
    this.#peers.set(event.peer, peer);
    this.#stepSession(event.peer, peer, { type: 'bytes', bytes: new Uint8Array(0) }, now);
  }

  #refusal(event: Extract<NodeEvent, { readonly type: 'peer-connected' }>, now: Now): CloseReason | null {
    if (this.#isStopped) return { code: 'shutdown', detail: 'stopping' };
    if (event.outbound) return null;
    if (!this.#hosts.budget(event.host, now.monotonicMs).connections.take(1, now.monotonicMs))
      return { code: 'connection-rate', detail: `${event.host} opens connections faster than an honest peer` };
    if (!event.trusted && this.#discouraged.has(event.host, now.monotonicMs))
      return { code: 'discouraged', detail: `${event.host} broke a rule within the last ten minutes` };
    const inbound = [...this.#peers.values()].filter(({ outbound }) => !outbound).length;
    return inbound < MAX_INBOUND
      ? null
      : { code: 'too-many-peers', detail: `${inbound} of ${MAX_INBOUND} places are taken` };
  }

  #stepSession(name: string, peer: Peer, event: SessionEvent, now: Now): void {
    for (const action of peer.session.step(event, now.monotonicMs)) this.#applySession(name, peer, action, now);
  }

  #applySession(name: string, peer: Peer, action: SessionAction, now: Now): void {
    switch (action.type) {
      case 'send':
        this.#sendBytes(name, peer, action.bytes, now);
        break;
      case 'ready':
        this.#ready(name, peer, action.version, action.remoteStatic, now);
        break;
      case 'message':
        this.#apply(this.#sync.message(name, action.message, now), now);
        break;
      case 'dropped':
        this.#apply(this.#sync.announcementsDropped(name, now), now);
        break;
      case 'close':
        this.#actions.push({ type: 'close', peer: name, reason: action.reason });
        this.#gone(name, action.reason, now);
        break;
      default:
        action satisfies never;
    }
  }

  #sendBytes(name: string, peer: Peer, bytes: Uint8Array, now: Now): void {
    if (!this.#peers.has(name)) return;
    peer.bytesSent += bytes.length;
    peer.unsentBytes += bytes.length;
    this.#actions.push({ type: 'send', peer: name, bytes });
    if (peer.unsentBytes > MAX_UNSENT_BYTES && !peer.session.isClosed)
      this.#close(name, { code: 'not-reading', detail: `${peer.unsentBytes} bytes have not been taken` }, now);
  }

  #ready(name: string, peer: Peer, version: VersionMessage, remoteStatic: Hex32, now: Now): void {
    peer.version = version;
    const double = this.#duplicateOf(name, peer, remoteStatic);
    if (double !== null)
      this.#close(double, { code: 'duplicate-peer', detail: `two connections to ${remoteStatic}` }, now);
    if (!this.#peers.has(name)) return;
    if (peer.outbound) this.#targets.ready(peer.address, name);
    this.#actions.push({ type: 'peer-ready', peer: name, address: peer.address, version });
    const { answered } = this.#hosts.budget(peer.host, now.monotonicMs);
    const facts = {
      outbound: peer.outbound,
      group: networkGroup(peer.host),
      final: { height: version.finalizedHeight, id: version.finalizedId },
      budget: answered,
    };
    this.#apply(this.#sync.peerReady(name, facts, now), now);
  }

  /** Which of two ready connections to the same node is to be closed (P2P-13): both sides choose the same one. */
  #duplicateOf(name: string, peer: Peer, remoteStatic: Hex32): string | null {
    const other = this.#otherConnection(name, remoteStatic);
    if (other === null) return null;
    const [otherName, { outbound }] = other;
    if (outbound === peer.outbound) return otherName;
    const keepsOurs = this.#localStatic < remoteStatic;
    return peer.outbound === keepsOurs ? otherName : name;
  }

  /** Another ready connection to the node with this static key. */
  #otherConnection(name: string, remoteStatic: Hex32): readonly [string, Peer] | null {
    for (const [other, state] of this.#peers)
      if (other !== name && state.version !== null && state.session.remoteStatic === remoteStatic)
        return [other, state];
    return null;
  }

  #apply(actions: readonly SyncAction[], now: Now): void {
    for (const action of actions) {
      if (action.type === 'send') {
        const peer = this.#peers.get(action.peer);
        if (peer !== undefined) this.#stepSession(action.peer, peer, { type: 'send', message: action.message }, now);
      } else if (action.type === 'disconnect') this.#close(action.peer, action.reason, now);
      else this.#actions.push(action);
    }
  }

  #close(name: string, reason: CloseReason, now: Now): void {
    const peer = this.#peers.get(name);
    if (peer !== undefined) this.#stepSession(name, peer, { type: 'close', reason }, now);
  }

  #gone(name: string, reason: CloseReason, now: Now): void {
    const peer = this.#peers.get(name);
    if (peer === undefined) return;
    this.#peers.delete(name);
    const wasFault = isFault(reason.code);
    const nowMs = now.monotonicMs;
    if (wasFault && !peer.trusted) this.#discouraged.add(peer.host, nowMs);
    this.#targets.lost(name, wasFault, peer.session.heardMs, nowMs);
    if (peer.outbound) {
      // The other side may have opened a connection as well: then the address is served by that one.
      const other = this.#otherConnection(name, peer.session.remoteStatic);
      if (other !== null) this.#targets.ready(peer.address, other[0]);
      else if (peer.version === null) this.#targets.failed(peer.address, wasFault, nowMs);
    }
    this.#actions.push({ type: 'peer-gone', peer: name, address: peer.address, reason });
    this.#apply(this.#sync.peerGone(name, now), now);
  }

  #connectDue(now: Now): void {
    if (this.#isStopped) return;
    for (const address of this.#targets.due(now.monotonicMs)) this.#actions.push({ type: 'connect', address });
  }

  #updateWake(now: Now): void {
    const times = [this.#sync.nextTickMs(now), this.#isStopped ? null : this.#targets.nextMs()];
    for (const { session } of this.#peers.values()) times.push(session.nextTickMs);
    const due = times.filter((time) => time !== null);
    const wakeMs = due.length === 0 ? null : Math.max(now.monotonicMs, Math.min(...due));
    if (wakeMs === null || wakeMs === this.#wakeMs) return;
    this.#wakeMs = wakeMs;
    this.#actions.push({ type: 'wake', atMonotonicMs: wakeMs });
  }
}

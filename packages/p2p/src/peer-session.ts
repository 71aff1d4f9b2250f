// One connection, from the first byte to the last: handshake, version exchange, pings, limits (P2P-11 to P2P-14, P2P-22, P2P-23).
// Sans-IO: events and times go in, actions come out. What messages mean for the chain is the sync machine's.

import type { Hex32 } from '@resonancenet/chain/events';
import { type CloseReason, isFault } from './close-code.ts';
import { encodeFrame, FrameDecoder, magicBytes } from './frame.ts';
import { ANNOUNCEMENT, type HeadersMessage, MAX_ANNOUNCED } from './messages/headers.ts';
import { MessageCodec, type PeerMessage } from './messages/message.ts';
import { toPrintable } from './messages/ascii.ts';
import { NO_ID } from './messages/ids.ts';
import { MAX_REJECT_DETAIL } from './messages/notices.ts';
import type { VersionMessage } from './messages/version.ts';
import { type PeerLimits, peerLimits } from './peer-limits.ts';
import { OpenRequests } from './open-requests.ts';
import { SecureStream } from './secure-stream.ts';
import { TokenBucket } from './token-bucket.ts';

/** The version of the messages that this code speaks, and the oldest that it understands. */
export const PROTOCOL_VERSION = 1;
export const MIN_PROTOCOL_VERSION = 1;

/** What a session needs to know of the network. */
export interface SessionNetwork {
  /** NET-4. */
  readonly id: Hex32;
  /** Four ASCII characters. */
  readonly magic: string;
  readonly maxBlockBytes: number;
  readonly maxTransactionBytes: number;
}

export interface SessionOptions {
  readonly initiator: boolean;
  readonly network: SessionNetwork;
  readonly staticSecret: Uint8Array;
  /** 32 fresh random bytes for this connection alone. */
  readonly ephemeralSecret: Uint8Array;
  /** What we tell about ourselves. */
  readonly version: VersionMessage;
  /** Announced headers that the peer's host may still have looked at. */
  readonly announced: TokenBucket;
  readonly nowMs: number;
  readonly limits?: PeerLimits;
}

export type SessionEvent =
  /** Bytes have come; with none it asks for what is to be done first. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'tick' }
  | { readonly type: 'send'; readonly message: PeerMessage }
  /** We end it. */
  | { readonly type: 'close'; readonly reason: CloseReason };

export type SessionAction =
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  /** Handshake and version exchange are done. */
  | { readonly type: 'ready'; readonly version: VersionMessage; readonly remoteStatic: Hex32 }
  /** A message for the sync machine; only after `ready`, never version, verack, ping or pong. */
  | { readonly type: 'message'; readonly message: PeerMessage }
  /** Announcements above the rate were not looked at; the headers should be asked for later. */
  | { readonly type: 'dropped' }
  /** The last action of a session. */
  | { readonly type: 'close'; readonly reason: CloseReason };

type Stage = 'handshake' | 'version' | 'ready' | 'closed';

export class PeerSession {
  readonly #options: SessionOptions;
  readonly #limits: PeerLimits;
  readonly #stream: SecureStream;
  readonly #frames: FrameDecoder;
  readonly #codec: MessageCodec;
  readonly #magic: Uint8Array;
  readonly #requests = new OpenRequests();
  readonly #buckets: { readonly [K in 'messages' | 'dropped' | 'pings']: TokenBucket };
  readonly #startedMs: number;
  #stage: Stage = 'handshake';
  #remoteStatic: Hex32 = '';
  #remoteVersion: VersionMessage | null = null;
  #isAcknowledged = false;
  #heardMs: number;
  #pingSent: { readonly nonce: bigint; readonly atMs: number } | null = null;
  #pings = 0n;
  #roundTripMs: number | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#limits = options.limits ?? peerLimits;
    this.#stream = new SecureStream({
      initiator: options.initiator,
      network: options.network.id,
      staticSecret: options.staticSecret,
      ephemeralSecret: options.ephemeralSecret,
    });
    this.#codec = new MessageCodec(options.network);
    this.#magic = magicBytes(options.network.magic);
    this.#frames = new FrameDecoder(this.#magic, (command, length) => this.#admit(command, length));
    const bucket = (name: 'messages' | 'dropped' | 'pings'): TokenBucket =>
      new TokenBucket(this.#limits[name].capacity, this.#limits[name].perSecond, options.nowMs);
    this.#buckets = {
      messages: bucket('messages'),
      dropped: bucket('dropped'),
      pings: bucket('pings'),
    };
    this.#startedMs = options.nowMs;
    this.#heardMs = options.nowMs;
  }

  get isReady(): boolean {
    return this.#stage === 'ready';
  }

  get isClosed(): boolean {
    return this.#stage === 'closed';
  }

  /** Last measured time from ping to pong; null before the first. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** When something last came. */
  get heardMs(): number {
    return this.#heardMs;
  }

  /** The other side's static key once the handshake is done; empty before. */
  get remoteStatic(): Hex32 {
    return this.#remoteStatic;
  }

  /** When `tick` is due. */
  get nextTickMs(): number {
    if (this.#stage === 'closed') return Number.MAX_SAFE_INTEGER;
    if (this.#stage !== 'ready') return this.#startedMs + this.#limits.handshakeMs;
    return this.#heardMs + (this.#pingSent === null ? this.#limits.pingAfterMs : this.#limits.silentMs);
  }

  step(event: SessionEvent, nowMs: number): SessionAction[] {
    if (this.#stage === 'closed') return [];
    const actions: SessionAction[] = [];
    switch (event.type) {
      case 'bytes':
        if (event.bytes.length > 0) this.#heardMs = nowMs;
        this.#stream.push(event.bytes);
        this.#drain(actions, nowMs);
        break;
      case 'tick':
        this.#tick(actions, nowMs);
        break;
      case 'send':
        if (this.#stage === 'ready') this.#send(event.message, actions);
        break;
      case 'close':
        this.#close(event.reason, actions);
        break;
      default:
        event satisfies never;
    }
    return actions;
  }

  #drain(actions: SessionAction[], nowMs: number): void {
    while (this.#stage !== 'closed') {
      const event = this.#stream.next();
      if (event === null) return;
      switch (event.type) {
        case 'send':
          actions.push(event);
          break;
        case 'established':
          this.#remoteStatic = event.remoteStatic;
          this.#stage = 'version';
          this.#send({ command: 'version', body: this.#options.version }, actions);
          break;
        case 'content':
          this.#frames.push(event.bytes);
          this.#drainFrames(actions, nowMs);
          break;
        case 'failed':
          this.#close(event.reason, actions);
          break;
        default:
          event satisfies never;
      }
    }
  }

  #drainFrames(actions: SessionAction[], nowMs: number): void {
    while (this.#stage !== 'closed') {
      const read = this.#frames.next();
      if (read === null) return;
      const reason = read.ok ? this.#receive(read.command, read.payload, actions, nowMs) : read.reason;
      if (reason !== null) this.#close(reason, actions);
    }
  }

  /** Looks at a frame before its payload is awaited. */
  #admit(command: string, length: number): CloseReason | null {
    const max = this.#codec.maxSize(command);
    if (length > max)
      return { code: 'frame-length', detail: `a '${command}' of ${length} bytes, at most ${max} are allowed` };
    if (this.#stage !== 'ready' && command !== 'version' && command !== 'verack')
      return { code: 'message-early', detail: `'${command}' before the version exchange was finished` };
    if (!this.#requests.mayAnswer(command))
      return { code: 'unrequested', detail: `'${command}' answers no open request` };
    return null;
  }

  #receive(command: string, payload: Uint8Array, actions: SessionAction[], nowMs: number): CloseReason | null {
    if (!this.#buckets.messages.take(1, nowMs)) {
      const { capacity, perSecond } = this.#limits.messages;
      return { code: 'request-rate', detail: `more than ${capacity} messages and ${perSecond} a second` };
    }
    if (!this.#codec.isKnown(command)) return null;
    const read = this.#codec.decode(command, payload);
    if (!read.ok) return { code: 'message-malformed', detail: read.detail };
    return this.#handle(read.message, actions, nowMs);
  }

  #handle(message: PeerMessage, actions: SessionAction[], nowMs: number): CloseReason | null {
    switch (message.command) {
      case 'version':
        return this.#handleVersion(message.body, actions);
      case 'verack':
        if (this.#isAcknowledged) return { code: 'version-duplicate', detail: 'a second verack' };
        this.#isAcknowledged = true;
        this.#becomeReady(actions);
        return null;
      case 'ping':
        if (!this.#buckets.pings.take(1, nowMs)) return { code: 'request-rate', detail: 'too many pings' };
        this.#send({ command: 'pong', body: message.body }, actions);
        return null;
      case 'pong':
        if (this.#pingSent?.nonce !== message.body.nonce)
          return { code: 'unrequested', detail: `a pong with nonce ${message.body.nonce} answers no open ping` };
        this.#roundTripMs = nowMs - this.#pingSent.atMs;
        this.#pingSent = null;
        return null;
      case 'headers':
        return this.#handleHeaders(message.body, actions, nowMs);
      default: {
        const detail = this.#requests.settle(message);
        if (detail !== null) return { code: 'unrequested', detail };
        actions.push({ type: 'message', message });
        return null;
      }
    }
  }

  #handleVersion(version: VersionMessage, actions: SessionAction[]): CloseReason | null {
    const ours = this.#options.version;
    if (this.#remoteVersion !== null) return { code: 'version-duplicate', detail: 'a second version' };
    if (version.network !== ours.network)
      return { code: 'version-network', detail: `network ${version.network}, ours is ${ours.network}` };
    if (version.nonce === ours.nonce) return { code: 'version-self', detail: `nonce ${version.nonce} is our own` };
    if (version.protocol < MIN_PROTOCOL_VERSION)
      return {
        code: 'version-old',
        detail: `protocol ${version.protocol}, at least ${MIN_PROTOCOL_VERSION} is needed`,
      };
    this.#remoteVersion = version;
    this.#send({ command: 'verack', body: {} }, actions);
    this.#becomeReady(actions);
    return null;
  }

  #becomeReady(actions: SessionAction[]): void {
    if (this.#remoteVersion === null || !this.#isAcknowledged) return;
    this.#stage = 'ready';
    actions.push({ type: 'ready', version: this.#remoteVersion, remoteStatic: this.#remoteStatic });
  }

  #handleHeaders(body: HeadersMessage, actions: SessionAction[], nowMs: number): CloseReason | null {
    const count = body.headers.length;
    if (body.request === ANNOUNCEMENT) {
      if (count > MAX_ANNOUNCED)
        return {
          code: 'headers-rate',
          detail: `${count} headers announced at once, at most ${MAX_ANNOUNCED} are allowed`,
        };
      if (!this.#options.announced.take(count, nowMs)) {
        if (!this.#buckets.dropped.take(count, nowMs)) {
          const { capacity, perSecond } = this.#limits.dropped;
          return {
            code: 'headers-rate',
            detail: `more than ${capacity} announcements and ${perSecond} a second beyond the rate`,
          };
        }
        actions.push({ type: 'dropped' });
        return null;
      }
    }
    const message: PeerMessage = { command: 'headers', body };
    const detail = this.#requests.settle(message);
    if (detail !== null) return { code: 'unrequested', detail };
    actions.push({ type: 'message', message });
    return null;
  }

  #tick(actions: SessionAction[], nowMs: number): void {
    if (this.#stage !== 'ready') {
      if (nowMs - this.#startedMs >= this.#limits.handshakeMs)
        this.#close({ code: 'handshake-timeout', detail: `not finished after ${nowMs - this.#startedMs} ms` }, actions);
      return;
    }
    const silentMs = nowMs - this.#heardMs;
    if (silentMs >= this.#limits.silentMs) {
      this.#close({ code: 'silent', detail: `nothing received for ${silentMs} ms` }, actions);
    } else if (silentMs >= this.#limits.pingAfterMs && this.#pingSent === null) {
      this.#pings += 1n;
      this.#pingSent = { nonce: this.#pings, atMs: nowMs };
      this.#send({ command: 'ping', body: { nonce: this.#pings } }, actions);
    }
  }

  #send(message: PeerMessage, actions: SessionAction[]): void {
    this.#requests.open(message);
    const frame = encodeFrame(this.#magic, message.command, this.#codec.encode(message));
    actions.push({ type: 'send', bytes: this.#stream.write(frame) });
  }

  #close(reason: CloseReason, actions: SessionAction[]): void {
    if (this.#stage === 'ready' && isFault(reason.code)) this.#sayWhy(reason, actions);
    this.#stage = 'closed';
    actions.push({ type: 'close', reason });
  }

  #sayWhy(reason: CloseReason, actions: SessionAction[]): void {
    const detail = toPrintable(reason.detail, MAX_REJECT_DETAIL);
    this.#send({ command: 'reject', body: { code: reason.code, id: reason.blockId ?? NO_ID, detail } }, actions);
  }
}

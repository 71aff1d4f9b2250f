// Sockets for the node machine: bytes and connections as events, sends and closes as calls. No knowledge of what the bytes mean.

import { randomBytes } from 'node:crypto';
import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import type { NodeEvent } from '@resonancenet/p2p/node-machine';
import { PeerInbox } from './peer-inbox.ts';

export class ListenError extends Error {
  readonly code = 'p2p-listen';
}

export interface TcpOptions {
  readonly onEvent: (event: NodeEvent) => void;
  /** Peers that are never discouraged: those the operator gave, and this machine itself. */
  readonly isTrusted: (address: string, host: string) => boolean;
}

/** A close waits this long for what was sent before to leave. */
const lingerMs = 1000;
const connectTimeoutMs = 10_000;

export class Tcp {
  readonly #options: TcpOptions;
  readonly #sockets = new Map<string, Socket>();
  readonly #inbox: PeerInbox;
  /** Sockets whose bytes are gathered until the turn of the event loop ends, so that they go in one call of the system. */
  readonly #corked = new Set<Socket>();
  /** Bytes that have left in this turn, by peer. */
  readonly #written = new Map<string, number>();
  #isFlushAwaited = false;
  #server: Server | null = null;
  #nextPeer = 1;
  #isClosed = false;

  constructor(options: TcpOptions) {
    this.#options = options;
    this.#inbox = new PeerInbox({
      deliver: (event) => this.#emit(event),
      setReading: (peer, isReading) => {
        const socket = this.#sockets.get(peer);
        if (isReading) socket?.resume();
        else socket?.pause();
      },
      later: (work) => void setImmediate(work),
      nowMs: () => performance.now(),
    });
  }

  /** Listens; gives the port in use. */
  async listen(host: string, port: number): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) =>
        reject(
          new ListenError(
            `Peers cannot be served on ${host}:${port} (${error.message}). Stop what uses that port, or give another --port, --bind or --instance.`,
            { cause: error },
          ),
        ),
      );
      server.listen(port, host, resolve);
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Opens a connection; the result comes as `peer-connected` or `connect-failed`. */
  connect(address: string): void {
    const at = address.lastIndexOf(':');
    const host = address.slice(0, at).replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(address.slice(at + 1)), noDelay: true, timeout: connectTimeoutMs });
    const failed = (): void => {
      socket.destroy();
      this.#emit({ type: 'connect-failed', address });
    };
    socket.once('error', failed);
    socket.once('timeout', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      socket.off('timeout', failed);
      socket.setTimeout(0);
      // What this node chose itself is counted for itself: others on the same host must not use up its share (P2P-22).
      this.#register(socket, address, address, true);
    });
  }

  send(peer: string, bytes: Uint8Array): void {
    const socket = this.#sockets.get(peer);
    if (socket === undefined) return;
    if (!this.#corked.has(socket)) {
      this.#corked.add(socket);
      socket.cork();
    }
    this.#awaitFlush();
    socket.write(bytes, (error) => {
      if (error !== undefined && error !== null) return;
      this.#written.set(peer, (this.#written.get(peer) ?? 0) + bytes.length);
      this.#awaitFlush();
    });
  }

  /** Ends a connection once what was sent before has left, or after a second. */
  close(peer: string): void {
    const socket = this.#sockets.get(peer);
    if (socket === undefined) return;
    this.#sockets.delete(peer);
    this.#inbox.drop(peer);
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  async shutdown(): Promise<void> {
    this.#isClosed = true;
    for (const peer of [...this.#sockets.keys()]) this.close(peer);
    const server = this.#server;
    if (server === null) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  }

  #awaitFlush(): void {
    if (this.#isFlushAwaited) return;
    this.#isFlushAwaited = true;
    setImmediate(() => {
      this.#isFlushAwaited = false;
      this.#flush();
    });
  }

  #flush(): void {
    for (const socket of this.#corked) socket.uncork();
    this.#corked.clear();
    const written = [...this.#written];
    this.#written.clear();
    for (const [peer, bytes] of written) this.#emit({ type: 'written', peer, bytes });
  }

  #accept(socket: Socket): void {
    const host = socket.remoteAddress ?? 'unknown';
    const shown = isIP(host) === 6 ? `[${host}]` : host;
    this.#register(socket, `${shown}:${socket.remotePort ?? 0}`, host, false);
  }

  #register(socket: Socket, address: string, host: string, outbound: boolean): void {
    if (this.#isClosed) {
      socket.destroy();
      return;
    }
    const peer = String(this.#nextPeer);
    this.#nextPeer += 1;
    this.#sockets.set(peer, socket);
    const gone = (code: 'remote-closed' | 'connection-lost'): void => {
      if (this.#sockets.get(peer) !== socket) return;
      this.#sockets.delete(peer);
      this.#inbox.end(peer, code);
    };
    socket.on('data', (bytes: Buffer) => {
      if (this.#sockets.get(peer) === socket) this.#inbox.push(peer, bytes);
    });
    socket.once('end', () => {
      gone('remote-closed');
      socket.end();
    });
    socket.once('error', () => gone('connection-lost'));
    socket.once('close', () => gone('connection-lost'));
    const trusted = this.#options.isTrusted(address, host);
    this.#emit({ type: 'peer-connected', peer, address, host, outbound, trusted, entropy: randomBytes(32) });
  }

  #emit(event: NodeEvent): void {
    if (!this.#isClosed) this.#options.onEvent(event);
  }
}

// A peer over a real socket that obeys the transport and nothing else: the test decides what it says, message by message or byte by byte.

import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after } from 'node:test';
import { encodeFrame, FrameDecoder, magicBytes } from '@resonancenet/p2p/frame';
import { type MessageBodies, MessageCodec, type PeerMessage } from '@resonancenet/p2p/messages/message';
import type { VersionMessage } from '@resonancenet/p2p/messages/version';
import { SecureStream } from '@resonancenet/p2p/secure-stream';
import { toHex } from '@resonancenet/bytes/hex';
import { networkId } from '@resonancenet/params/network-id';
import type { NetworkParams } from '@resonancenet/params/network-params';
import { waitFor } from './wait.ts';

/** What the peer does with a message of the node. */
export type Mind = (message: PeerMessage, peer: ScriptedPeer) => void;

export interface ScriptedPeerOptions {
  readonly params: NetworkParams;
  readonly mind?: Mind;
  /** Fields of its version message that are not as an honest node would set them. */
  readonly version?: Partial<VersionMessage>;
}

const sockets = new Set<Socket>();
const servers = new Set<Server>();

after(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

export class ScriptedPeer {
  /** Messages of the node, oldest first. */
  readonly received: PeerMessage[] = [];
  mind: Mind;
  /** Its own address as the node sees it. */
  readonly address: string;
  readonly #options: ScriptedPeerOptions;
  readonly #socket: Socket;
  readonly #stream: SecureStream;
  readonly #codec: MessageCodec;
  readonly #magic: Uint8Array;
  readonly #frames: FrameDecoder;
  #established = false;
  #isReady = false;
  #isClosed = false;

  constructor(socket: Socket, initiator: boolean, options: ScriptedPeerOptions) {
    const { params, mind = () => {} } = options;
    this.#options = options;
    this.mind = mind;
    this.#socket = socket;
    this.address = `${socket.localAddress}:${socket.localPort}`;
    this.#codec = new MessageCodec(params);
    this.#magic = magicBytes(params.magic);
    this.#frames = new FrameDecoder(this.#magic, () => null);
    this.#stream = new SecureStream({
      initiator,
      network: toHex(networkId(params)),
      staticSecret: randomBytes(32),
      ephemeralSecret: randomBytes(32),
    });
    sockets.add(socket);
    socket.on('data', (bytes: Buffer) => {
      this.#stream.push(bytes);
      this.#drain();
    });
    // The node may end the connection while something is on its way to it; that it is closed is what tests look at.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isClosed = true;
      sockets.delete(socket);
    });
    this.#drain();
  }

  /** Connects to a node, if asked so from another address of the loopback network: to the node that is another host. */
  static async connect(port: number, options: ScriptedPeerOptions, localAddress = '127.0.0.1'): Promise<ScriptedPeer> {
    const socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new ScriptedPeer(socket, true, options);
  }

  /** As `connect`, and waits until handshake and version exchange are done. */
  static async join(port: number, options: ScriptedPeerOptions, localAddress?: string): Promise<ScriptedPeer> {
    const peer = await ScriptedPeer.connect(port, options, localAddress);
    await waitFor(() => peer.isReady || peer.isClosed, { what: 'the version exchange' });
    return peer;
  }

  /** Both sides have acknowledged the other's version. */
  get isReady(): boolean {
    return this.#isReady;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes handed over and not yet taken by the system. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  send(...messages: readonly PeerMessage[]): void {
    for (const message of messages) this.sendFrame(message.command, this.#codec.encode(message));
  }

  /** A frame with any content. */
  sendFrame(command: string, payload: Uint8Array): void {
    this.sendBytes(this.#stream.write(encodeFrame(this.#magic, command, payload)));
  }

  /** Bytes as they are, encrypted by nobody. */
  sendBytes(bytes: Uint8Array): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Messages of one kind. */
  heard<C extends PeerMessage['command']>(command: C): MessageBodies[C][] {
    return this.received
      .filter((message) => message.command === command)
      .map((message) => message.body as MessageBodies[C]);
  }

  #drain(): void {
    for (let event = this.#stream.next(); event !== null; event = this.#stream.next()) {
      if (event.type === 'send') this.sendBytes(event.bytes);
      else if (event.type === 'established') this.#introduce();
      else if (event.type === 'content') this.#frames.push(event.bytes);
      else this.#socket.destroy();
    }
    if (!this.#established) return;
    for (let frame = this.#frames.next(); frame !== null; frame = this.#frames.next()) {
      if (!frame.ok) throw new Error(`The node sent a bad frame: ${frame.reason.code}, ${frame.reason.detail}`);
      if (!this.#codec.isKnown(frame.command)) throw new Error(`The node sent a '${frame.command}'.`);
      const read = this.#codec.decode(frame.command, frame.payload);
      if (!read.ok) throw new Error(`The node sent a malformed message: ${read.detail}`);
      this.#receive(read.message);
    }
  }

  #introduce(): void {
    this.#established = true;
    const { params, version } = this.#options;
    this.send({
      command: 'version',
      body: {
        protocol: 1,
        network: toHex(networkId(params)),
        services: 1n,
        tipHeight: 0,
        finalizedHeight: 0,
        finalizedId: '00'.repeat(32),
        nonce: randomBytes(8).readBigUInt64LE(),
        userAgent: '/scripted:1/',
        listenPort: 0,
        ...version,
      },
    });
  }

  #receive(message: PeerMessage): void {
    this.received.push(message);
    if (message.command === 'version') this.send({ command: 'verack', body: {} });
    else if (message.command === 'verack') this.#isReady = true;
    else if (message.command === 'ping') this.send({ command: 'pong', body: message.body });
    else this.mind(message, this);
  }
}

/** Listens for connections of a node and makes each a scripted peer; the newest is `peer()`. */
export async function listenForNode(
  port: number,
  options: ScriptedPeerOptions,
): Promise<{ readonly peer: () => ScriptedPeer | undefined; readonly close: () => void }> {
  let newest: ScriptedPeer | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    newest = new ScriptedPeer(socket, false, options);
  });
  servers.add(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { peer: () => newest, close: () => server.close() };
}

// What peers have sent and the node has not looked at yet. It is looked at in short turns, a piece of each peer after the other; between two turns the
// event loop comes round, so that whoever sends much keeps neither RPC nor other peers waiting.

import type { NodeEvent } from '@resonancenet/p2p/node-machine';

/** A turn ends with the piece during which this time is up, milliseconds. */
const TURN_MS = 1;

/** Longest piece. A peer's small messages come dozens at once, and each takes a fraction of a millisecond. */
const PIECE_BYTES: number = 8 * 1024;

/** A peer of which more waits is not read from until half of it is done. */
const HELD_BYTES: number = 128 * 1024;
const HELD_PIECES = 64;

export type PeerEvent = Extract<NodeEvent, { readonly type: 'bytes' | 'peer-closed' }>;

type CloseCode = Extract<PeerEvent, { readonly type: 'peer-closed' }>['code'];

export interface InboxPorts {
  deliver(event: PeerEvent): void;
  /** Reads on from a peer, or not for now. */
  setReading(peer: string, isReading: boolean): void;
  /** Does the work when the event loop has come round. */
  later(work: () => void): void;
  nowMs(): number;
}

interface Room {
  readonly pieces: Uint8Array[];
  bytes: number;
  isReading: boolean;
  /** It is gone once the pieces are looked at. */
  closed: CloseCode | null;
}

export class PeerInbox {
  readonly #ports: InboxPorts;
  /** In the order of their turns. */
  readonly #rooms = new Map<string, Room>();
  #isAwaited = false;

  constructor(ports: InboxPorts) {
    this.#ports = ports;
  }

  /** The peer sent this; the bytes are kept as they are. */
  push(peer: string, bytes: Uint8Array): void {
    const room = this.#room(peer);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) room.pieces.push(bytes.subarray(at, at + PIECE_BYTES));
    room.bytes += bytes.length;
    if (room.isReading && (room.bytes > HELD_BYTES || room.pieces.length > HELD_PIECES)) this.#read(peer, room, false);
  }

  /** The connection has ended; told after what came over it. */
  end(peer: string, code: CloseCode): void {
    this.#room(peer).closed = code;
  }

  /** The connection is ended by us: what waits is not looked at. */
  drop(peer: string): void {
    this.#rooms.delete(peer);
  }

  #room(peer: string): Room {
    const known = this.#rooms.get(peer);
    if (known !== undefined) return known;
    const room: Room = { pieces: [], bytes: 0, isReading: true, closed: null };
    this.#rooms.set(peer, room);
    this.#await();
    return room;
  }

  #await(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#ports.later(() => this.#turn());
  }

  #turn(): void {
    this.#isAwaited = false;
    const untilMs = this.#ports.nowMs() + TURN_MS;
    for (const [peer, room] of this.#rooms) {
      this.#rooms.delete(peer);
      const event = this.#take(peer, room);
      // To the end of the line; who is dropped meanwhile is taken out of it.
      if (room.pieces.length > 0 || room.closed !== null) this.#rooms.set(peer, room);
      this.#ports.deliver(event);
      if (this.#ports.nowMs() >= untilMs) break;
    }
    if (this.#rooms.size > 0) this.#await();
  }

  #take(peer: string, room: Room): PeerEvent {
    const bytes = room.pieces.shift();
    if (bytes === undefined) {
      const code = room.closed ?? 'connection-lost';
      room.closed = null;
      return { type: 'peer-closed', peer, code };
    }
    room.bytes -= bytes.length;
    const isLight = 2 * room.bytes <= HELD_BYTES && 2 * room.pieces.length <= HELD_PIECES;
    if (!room.isReading && isLight) this.#read(peer, room, true);
    return { type: 'bytes', peer, bytes };
  }

  #read(peer: string, room: Room, isReading: boolean): void {
    room.isReading = isReading;
    this.#ports.setReading(peer, isReading);
  }
}

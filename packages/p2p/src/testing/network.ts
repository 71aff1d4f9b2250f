// A network of node machines in simulated time: latency, bandwidth, lost connections, partitions. It runs the same NodeMachine as the node;
// only sockets, clocks and random bytes are made up, all from one seed.

import type { Now } from '@resonancenet/chain/events';
import type { NodeAction, NodeEvent } from '../node-machine.ts';
import { EventQueue } from './event-queue.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What takes part: a node, or a hostile program that obeys nothing. */
export interface Participant {
  step(event: NodeEvent, now: Now): readonly NodeAction[];
}

export interface LinkModel {
  /** One way, milliseconds: uniform between the two. */
  readonly latencyMs: readonly [low: number, high: number];
  /** Bytes per millisecond and direction. */
  readonly bytesPerMs: number;
}

export const quickLink: LinkModel = { latencyMs: [5, 40], bytesPerMs: 5_000 };

/** Milliseconds of wall time at simulated time 0. */
export const START_UNIX_MS = 1_800_000_000_000;

interface Member {
  readonly name: string;
  readonly participant: Participant;
  readonly onAction: (action: NodeAction, now: Now) => void;
  readonly skewMs: number;
  isUp: boolean;
  wakeOrder: number;
  group: number;
}

interface End {
  readonly member: Member;
  readonly peer: string;
}

interface Parcel {
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

interface Connection {
  readonly ends: readonly [End, End];
  readonly latencyMs: number;
  /** When the direction away from each end is free again. */
  readonly freeMs: [number, number];
  /** What is on its way from each end, in order, and when it arrives; a partition holds it back. */
  readonly onTheWay: readonly [Parcel[], Parcel[]];
  isOpen: boolean;
}

export class Network {
  readonly queue: EventQueue = new EventQueue();
  readonly #random: SeededRandom;
  readonly #link: LinkModel;
  readonly #members = new Map<string, Member>();
  readonly #connections = new Map<string, { readonly connection: Connection; readonly side: 0 | 1 }>();
  #names = 0;
  /** Bytes that were put on the wire. */
  bytesSent = 0;
  /** Hosts that are never discouraged. */
  isTrusted: (host: string) => boolean = () => false;

  constructor(random: SeededRandom, link: LinkModel = quickLink) {
    this.#random = random;
    this.#link = link;
  }

  get nowMs(): number {
    return this.queue.nowMs;
  }

  /** Adds a participant under its address and starts it. */
  add(
    name: string,
    participant: Participant,
    onAction: (action: NodeAction, now: Now) => void = () => undefined,
    skewMs = 0,
  ): void {
    const member: Member = { name, participant, onAction, skewMs, isUp: true, wakeOrder: 0, group: 0 };
    this.#members.set(name, member);
    this.step(name, { type: 'start' });
  }

  now(name: string): Now {
    const skewMs = this.#members.get(name)?.skewMs ?? 0;
    return { unixMs: START_UNIX_MS + this.nowMs + skewMs, monotonicMs: this.nowMs };
  }

  /** Gives an event to a participant and carries out what it wants. */
  step(name: string, event: NodeEvent): void {
    const member = this.#members.get(name);
    if (member?.isUp !== true) return;
    const now = this.now(name);
    for (const action of member.participant.step(event, now)) this.#carryOut(member, action, now);
  }

  /** Carries out actions that a participant thought of by itself. */
  perform(name: string, actions: readonly NodeAction[]): void {
    const member = this.#members.get(name);
    if (member !== undefined) for (const action of actions) this.#carryOut(member, action, this.now(name));
  }

  run(durationMs: number): void {
    this.queue.runUntil(this.nowMs + durationMs);
  }

  /** Runs until a condition holds, at most so long; whether it came to hold. */
  runUntil(condition: () => boolean, maxMs: number, stepMs = 50): boolean {
    const endMs = this.nowMs + maxMs;
    while (!condition() && this.nowMs < endMs) this.run(Math.min(stepMs, endMs - this.nowMs));
    return condition();
  }

  /** Splits the network: bytes between different groups wait until `heal`. Members that are not named form group 0. */
  partition(groups: readonly (readonly string[])[]): void {
    for (const member of this.#members.values()) member.group = 0;
    for (const [index, names] of groups.entries())
      for (const name of names) {
        const member = this.#members.get(name);
        if (member !== undefined) member.group = index + 1;
      }
  }

  heal(): void {
    for (const member of this.#members.values()) member.group = 0;
    for (const { connection, side } of this.#connections.values())
      this.queue.after(connection.latencyMs, () => this.#deliver(connection, side));
  }

  /** Breaks every connection between different groups, as routers that notice a partition do. */
  resetAcrossGroups(): void {
    for (const { connection } of [...this.#connections.values()])
      if (connection.ends[0].member.group !== connection.ends[1].member.group) this.#reset(connection);
  }

  /** Breaks one random connection. */
  resetOne(): void {
    const open = [...this.#connections.values()];
    if (open.length > 0) this.#reset(open[this.#random.integer(0, open.length - 1)]!.connection);
  }

  /** Stops a participant as a crash does: its connections break, it hears nothing more. */
  crash(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    member.isUp = false;
    for (const { connection } of [...this.#connections.values()])
      if (connection.ends.some((end) => end.member === member)) this.#reset(connection);
    this.#members.delete(name);
  }

  #carryOut(member: Member, action: NodeAction, now: Now): void {
    switch (action.type) {
      case 'connect':
        this.#connect(member, action.address);
        return;
      case 'send': {
        const open = this.#connections.get(action.peer);
        if (open !== undefined) this.#send(open.connection, open.side, action.bytes);
        return;
      }
      case 'close': {
        const open = this.#connections.get(action.peer);
        if (open !== undefined) this.#closeAfterFlush(open.connection, open.side);
        break;
      }
      case 'wake': {
        member.wakeOrder += 1;
        const order = member.wakeOrder;
        this.queue.at(action.atMonotonicMs, () => {
          if (member.wakeOrder === order) this.step(member.name, { type: 'tick' });
        });
        return;
      }
      default:
        break;
    }
    member.onAction(action, now);
  }

  #connect(from: Member, address: string): void {
    const latencyMs = this.#random.integer(...this.#link.latencyMs);
    this.queue.after(2 * latencyMs, () => {
      const to = this.#members.get(address);
      if (to?.isUp !== true || !from.isUp || to.group !== from.group) {
        this.step(from.name, { type: 'connect-failed', address });
        return;
      }
      this.#names += 1;
      const ends: [End, End] = [
        { member: from, peer: `${this.#names}:${from.name}>${to.name}` },
        { member: to, peer: `${this.#names}:${to.name}<${from.name}` },
      ];
      const connection: Connection = { ends, latencyMs, freeMs: [0, 0], onTheWay: [[], []], isOpen: true };
      for (const side of [0, 1] as const) this.#connections.set(ends[side].peer, { connection, side });
      for (const side of [1, 0] as const) {
        const other = ends[side === 0 ? 1 : 0].member.name;
        this.step(ends[side].member.name, {
          type: 'peer-connected',
          peer: ends[side].peer,
          address: other,
          host: other,
          outbound: side === 0,
          trusted: this.isTrusted(other),
          entropy: this.#random.bytes(32),
        });
      }
    });
  }

  #send(connection: Connection, side: 0 | 1, bytes: Uint8Array): void {
    this.bytesSent += bytes.length;
    const startMs = Math.max(this.nowMs, connection.freeMs[side]);
    const endMs = startMs + bytes.length / this.#link.bytesPerMs;
    connection.freeMs[side] = endMs;
    this.queue.at(endMs, () => {
      if (connection.isOpen)
        this.step(connection.ends[side].member.name, {
          type: 'written',
          peer: connection.ends[side].peer,
          bytes: bytes.length,
        });
    });
    connection.onTheWay[side].push({ bytes, atMs: endMs + connection.latencyMs });
    this.queue.at(endMs + connection.latencyMs, () => this.#deliver(connection, side));
  }

  /** Hands over what has arrived from one end. */
  #deliver(connection: Connection, side: 0 | 1): void {
    const [from, to] = side === 0 ? connection.ends : [connection.ends[1], connection.ends[0]];
    const parcels = connection.onTheWay[side];
    while (connection.isOpen && from.member.group === to.member.group) {
      const [first] = parcels;
      if (first === undefined || first.atMs > this.nowMs) return;
      parcels.shift();
      this.step(to.member.name, { type: 'bytes', peer: to.peer, bytes: first.bytes });
    }
  }

  /** The closing side hears nothing more; the other one gets what was sent before, then the end. */
  #closeAfterFlush(connection: Connection, side: 0 | 1): void {
    this.#connections.delete(connection.ends[side].peer);
    const waitMs = Math.max(0, connection.freeMs[side] - this.nowMs) + connection.latencyMs;
    this.queue.after(waitMs, () => {
      if (!connection.isOpen) return;
      connection.isOpen = false;
      const other = connection.ends[side === 0 ? 1 : 0];
      this.#connections.delete(other.peer);
      this.step(other.member.name, { type: 'peer-closed', peer: other.peer, code: 'remote-closed' });
    });
  }

  #reset(connection: Connection): void {
    if (!connection.isOpen) return;
    connection.isOpen = false;
    for (const { member, peer } of connection.ends) {
      this.#connections.delete(peer);
      this.step(member.name, { type: 'peer-closed', peer, code: 'connection-lost' });
    }
  }
}

// What waits for its signatures to be checked. Checking runs elsewhere, a few jobs at a time; senders take turns and each has a room of its
// own, so that nobody who floods keeps others waiting.

/** A candidate's cost while it waits. */
export interface Waiting {
  /** Null is this node itself. */
  readonly peer: string | null;
  readonly bytes: number;
  readonly signatures: number;
}

export interface VerificationLimits {
  /** Jobs that run at a time; no further one begins while they have so many signatures. */
  readonly jobs: number;
  readonly runningSignatures: number;
  readonly bytesPerPeer: number;
  readonly signaturesPerPeer: number;
  /** Of all peers together. */
  readonly bytes: number;
  readonly signatures: number;
}

interface Room<T> {
  readonly queue: T[];
  bytes: number;
  signatures: number;
}

export class VerificationQueue<T extends Waiting> {
  readonly #limits: VerificationLimits;
  /** In the order of their turns. */
  readonly #rooms = new Map<string | null, Room<T>>();
  readonly #running = new Map<number, T>();
  #bytes = 0;
  #signatures = 0;
  #jobs = 0;
  #runningSignatures = 0;

  constructor(limits: VerificationLimits) {
    this.#limits = limits;
  }

  /** Waiting and running. */
  get size(): number {
    let size = this.#running.size;
    for (const { queue } of this.#rooms.values()) size += queue.length;
    return size;
  }

  /** Whether there is room for one more of this sender. This node itself always has some. */
  hasRoom({ peer, bytes, signatures }: Waiting): boolean {
    if (peer === null) return true;
    const room = this.#rooms.get(peer) ?? { bytes: 0, signatures: 0 };
    const limits = this.#limits;
    return (
      room.bytes + bytes <= limits.bytesPerPeer &&
      room.signatures + signatures <= limits.signaturesPerPeer &&
      this.#bytes + bytes <= limits.bytes &&
      this.#signatures + signatures <= limits.signatures
    );
  }

  /** Whether a sender should be asked for more: less than half of its room is taken. */
  isIdle(peer: string): boolean {
    const room = this.#rooms.get(peer);
    const { bytesPerPeer, signaturesPerPeer } = this.#limits;
    return room === undefined || (2 * room.bytes <= bytesPerPeer && 2 * room.signatures <= signaturesPerPeer);
  }

  push(item: T): void {
    const room = this.#rooms.get(item.peer) ?? { queue: [], bytes: 0, signatures: 0 };
    room.queue.push(item);
    this.#rooms.set(item.peer, room);
    this.#charge(room, item, 1);
  }

  /** The next one to be checked, with the number of its job; null if none waits or enough are running. */
  next(): { readonly job: number; readonly item: T } | null {
    const { jobs, runningSignatures } = this.#limits;
    if (this.#running.size >= jobs || this.#runningSignatures >= runningSignatures) return null;
    for (const [peer, room] of this.#rooms) {
      const item = room.queue.shift();
      if (item === undefined) continue;
      // To the end of the line.
      this.#rooms.delete(peer);
      this.#rooms.set(peer, room);
      this.#jobs += 1;
      this.#running.set(this.#jobs, item);
      this.#runningSignatures += item.signatures;
      return { job: this.#jobs, item };
    }
    return null;
  }

  /** Ends a job; null if there is no such job. */
  finish(job: number): T | null {
    const item = this.#running.get(job);
    if (item === undefined) return null;
    this.#running.delete(job);
    this.#runningSignatures -= item.signatures;
    this.#release(item);
    return item;
  }

  /** Takes out what a sender has waiting, not what is running; the caller forgets it. */
  dropWaiting(peer: string): T[] {
    const room = this.#rooms.get(peer);
    if (room === undefined) return [];
    const dropped = room.queue.splice(0);
    for (const item of dropped) this.#release(item);
    return dropped;
  }

  #release(item: T): void {
    const room = this.#rooms.get(item.peer)!;
    this.#charge(room, item, -1);
    if (room.bytes === 0 && room.queue.length === 0) this.#rooms.delete(item.peer);
  }

  #charge(room: Room<T>, { peer, bytes, signatures }: T, sign: 1 | -1): void {
    room.bytes += sign * bytes;
    room.signatures += sign * signatures;
    if (peer === null) return;
    this.#bytes += sign * bytes;
    this.#signatures += sign * signatures;
  }
}
